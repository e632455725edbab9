package io.conshelf.server;

import io.conshelf.server.page.ContentPolicy;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Tells browsers, with every answer, to do nothing with it but what it is for. What answers may say otherwise, as pages do that are to be seen.
final class BrowserHeaders implements Filter {
    static final List<Header> ALL = List.of(
            header("Content-Security-Policy", ContentPolicy.NONE),
            header("X-Content-Type-Options", "nosniff"),
            // What browsers without frame-ancestors go by.
            header("X-Frame-Options", "DENY"),
            // Addresses have signatures in them.
            header("Referrer-Policy", "no-referrer"),
            // No page of another origin embeds what is told here.
            header("Cross-Origin-Resource-Policy", "same-origin"));
    private static final Header HTTPS_ALONE = header("Strict-Transport-Security", "max-age=86400");
    private static final Pattern ADDRESS = Pattern.compile("\\[.*]|\\d+(\\.\\d+){3}");

    private static Header header(String name, String value) {
        return HeaderValues.createCached(HeaderNames.create(name), value);
    }

    /// The same as lines of an answer that is written by hand.
    static String lines() {
        return ALL.stream().map(header -> header.name() + ": " + header.get() + "\r\n").collect(Collectors.joining());
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        ALL.forEach(response::header);
        if (request.isSecure() && isName(Origins.name(request.authority()))) {
            response.header(HTTPS_ALONE);
        }
        chain.proceed();
    }

    // Browsers hold to it on every port of the name: by that of loopback they would reach no http service of this machine any more, this one's included.
    private static boolean isName(String host) {
        return !host.isEmpty() && !host.equals("localhost") && !host.endsWith(".localhost") && !ADDRESS.matcher(host).matches();
    }
}
