package io.conshelf.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;
import java.util.Set;

/// The pages of the Azure Data Explorer web application, which people open against a cluster of their own. A browser lets them ask, and read the answer, where
/// the cluster says so (CORS); all other pages stay strangers.
final class ExplorerPages {
    /// Of the public cloud, of China's and of the US government's.
    private static final Set<String> ORIGINS = Set.of("https://dataexplorer.azure.com", "https://dataexplorer.azure.cn", "https://dataexplorer.azure.us");
    private static final HeaderName ASKED_METHOD = HeaderNames.create("Access-Control-Request-Method");
    private static final HeaderName ASKED_HEADERS = HeaderNames.create("Access-Control-Request-Headers");
    private static final HeaderName ASKED_LOCAL = HeaderNames.create("Access-Control-Request-Private-Network");

    private final ServerConfig.Explorer access;
    private final boolean isOpen;

    /// @param isOpen whether nobody signs in
    ExplorerPages(ServerConfig.Explorer access, boolean isOpen) {
        this.access = access;
        this.isOpen = isOpen;
    }

    /// The page that a request comes from, where it is one of them and they are let in.
    Optional<String> asking(ServerRequest request) {
        return access == ServerConfig.Explorer.NONE ? Optional.empty() : request.headers().value(HeaderNames.ORIGIN).filter(ORIGINS::contains);
    }

    /// Whether what they ask may change nothing: a link to a page can have it ask anything, and without tokens nobody tells whose link it was.
    boolean mayOnlyRead() {
        return isOpen && access == ServerConfig.Explorer.READ;
    }

    /// What queries and commands need; storage, sign-in and the services beside the cluster are none of theirs.
    static boolean mayAsk(Route route) {
        return switch (route) {
            case Route.Query _, Route.Command _, Route.AuthMetadata _, Route.Ping _ -> true;
            case Route.StreamingIngest _, Route.IngestionConfiguration _, Route.QueuedIngest _, Route.QueuedStatus _, Route.Backup _, Route.Hosted _, Route.Ready _,
                    Route.Live _, Route.Metrics _, Route.Home _, Route.Identity _ -> false;
        };
    }

    /// Has the browser show the page the answer, an error too.
    static void admit(String page, ServerResponse response) {
        response.header("Access-Control-Allow-Origin", page);
        response.header("Access-Control-Expose-Headers", "x-ms-client-request-id, x-ms-activity-id, Retry-After, WWW-Authenticate");
        response.header("Vary", "Origin");
    }

    /// Whether the browser asks on its own whether the page may.
    static boolean isQuestion(ServerRequest request) {
        return request.prologue().method().text().equals("OPTIONS") && request.headers().contains(ASKED_METHOD);
    }

    static void answer(ServerRequest request, ServerResponse response) {
        response.header("Access-Control-Allow-Methods", "GET, POST");
        // Whichever they are: a name allows nothing, and versions of the page send others.
        request.headers().value(ASKED_HEADERS).ifPresent(names -> response.header("Access-Control-Allow-Headers", HeaderText.printable(names)));
        if (request.headers().contains(ASKED_LOCAL)) {
            response.header("Access-Control-Allow-Private-Network", "true");
        }
        response.header("Access-Control-Max-Age", "600");
    }
}
