package io.conshelf.server;

import io.conshelf.server.page.OwnPages;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names under which clients may come in. A web page anywhere can make a browser send requests to this machine;
/// that they carry one of our names, and come from no foreign page, is what keeps such pages out while nobody has to
/// sign in.
final class Origins {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Set<String> OF_OTHERS = Set.of("cross-site", "same-site");
    private static final String INGESTION_PREFIX = "ingest-";
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9A-Za-z._-]+)(?::\\d{1,5})?");

    private final Set<String> names;
    private final OwnPages pages;

    Origins(Set<String> hostNames, OwnPages pages) {
        var all = new HashSet<>(LOOPBACK);
        hostNames.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
        this.names = Set.copyOf(all);
        this.pages = pages;
    }

    Set<String> names() {
        return names;
    }

    OwnPages pages() {
        return pages;
    }

    /// `http://host:port` as the client wrote it.
    ///
    /// @throws io.conshelf.engine.KustoException when the name is not one of ours
    String checked(String scheme, String authority) {
        Matcher matcher = AUTHORITY.matcher(authority);
        if (!matcher.matches() || !knows(matcher.group(1))) {
            throw Refusals.foreignHost(HeaderText.printable(authority));
        }
        return scheme + "://" + authority;
    }

    /// The host of an authority, as the cluster it means: without port and without `ingest-`.
    static String name(String authority) {
        Matcher matcher = AUTHORITY.matcher(authority);
        String host = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
        return host.startsWith(INGESTION_PREFIX) ? host.substring(INGESTION_PREFIX.length()) : host;
    }

    static boolean isIngestion(String authority) {
        return authority.toLowerCase(Locale.ROOT).startsWith(INGESTION_PREFIX);
    }

    /// Whether a request was sent on this machine.
    static boolean isFromHere(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer && peer.getAddress().isLoopbackAddress();
    }

    /// Refuses what a browser sends for a page that is not ours: of another name, port or scheme.
    ///
    /// @param authority the `Host` header, once its name is known for one of ours
    void checkPage(Optional<String> originHeader, boolean isSecure, String authority) {
        if (originHeader.isPresent() && !pages.have(originHeader.get(), isSecure, authority)) {
            throw Refusals.foreignOrigin(HeaderText.printable(originHeader.get()));
        }
    }

    /// Whether a browser asks for a page of another origin without telling which, as it does for what the page embeds and for links. Another port of
    /// this machine is the same site to browsers, and another page all the same.
    static boolean isForAnotherPage(ServerRequest request) {
        return !request.headers().contains(HeaderNames.ORIGIN)
                && request.headers().value(Headers.FETCH_SITE).filter(site -> OF_OTHERS.contains(site.toLowerCase(Locale.ROOT))).isPresent();
    }

    /// Whether a host is one of ours.
    boolean knows(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return names.contains(name)
                || name.startsWith(INGESTION_PREFIX) && names.contains(name.substring(INGESTION_PREFIX.length()));
    }
}
