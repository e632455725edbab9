package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/// A running `conshelf up`, asked through its management interface.
final class RunningServer {
    private static final Set<String> MISSING = Set.of("ResourceNotFound", "EntityNotFound", "NotFound");

    @Option(names = {"--cluster", "--server"}, paramLabel = "URL", description = "where it is up (default: ${DEFAULT-VALUE})", defaultValue = "http://localhost:8080")
    private String cluster;

    @Option(names = "--subscription", description = "default: ${DEFAULT-VALUE}", defaultValue = "00000000-0000-0000-0000-000000000000")
    private String subscription;

    private Optional<ClusterRest> connected = Optional.empty();

    String cluster() {
        return cluster;
    }

    /// The path of the subscription.
    String subscription() {
        return "/subscriptions/" + segment(subscription);
    }

    /// All of a list, page by page.
    ///
    /// @param version such as `api-version=2018-06-01`
    List<JsonNode> all(String path, String version) {
        List<JsonNode> found = new ArrayList<>();
        Optional<String> next = Optional.of(path + "?" + version);
        while (next.isPresent()) {
            JsonNode page = ask("GET", next.get(), "");
            page.path("value").forEach(found::add);
            // Only its path: the server may know itself by another name.
            next = Optional.of(page.path("nextLink").asText("")).filter(link -> !link.isEmpty()).map(URI::create)
                    .map(link -> link.getRawPath() + "?" + link.getRawQuery());
        }
        return found;
    }

    Optional<JsonNode> ifThere(String path) {
        try {
            return Optional.of(rest().ask("GET", path, ""));
        } catch (StoreException answer) {
            if (MISSING.contains(answer.code())) {
                return Optional.empty();
            }
            throw failure(answer);
        }
    }

    JsonNode ask(String method, String path, String body) {
        try {
            return rest().ask(method, path, body);
        } catch (StoreException refused) {
            throw failure(refused);
        }
    }

    private CommandFailure failure(StoreException refused) {
        return new CommandFailure(ClusterClient.explanation(refused, cluster), refused);
    }

    private ClusterRest rest() throws StoreException {
        if (connected.isEmpty()) {
            try {
                connected = Optional.of(ClusterRest.ofResources(Endpoints.replacedBy(URI.create(cluster)).resolve(cluster), KustoCredential.of(System.getenv())));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure("'" + cluster + "' is not the address of a cluster: " + e.getMessage(), e);
            }
        }
        return connected.get();
    }

    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
