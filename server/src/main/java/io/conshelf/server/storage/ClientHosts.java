package io.conshelf.server.storage;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The host names under which clients may know this server. A SAS URI carries the host its client came in on, so a forged
/// `Host` header must not decide where the client's next request, with its signature, goes.
///
/// @param names lower-case names without port; an IPv6 address in brackets
public record ClientHosts(Set<String> names) {
    /// What clients prefix to the engine's name to reach data management.
    private static final String INGEST_PREFIX = "ingest-";
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9A-Za-z._-]+)(?::(\\d{1,5}))?");

    public ClientHosts {
        names = Set.copyOf(names);
    }

    public static ClientHosts loopback() {
        return new ClientHosts(Set.of("localhost", "127.0.0.1", "[::1]"));
    }

    /// The base URI that resources named to this client should have, when its `Host` header is one of ours.
    public Optional<URI> base(String scheme, String authority) {
        Matcher matcher = AUTHORITY.matcher(authority);
        if (!matcher.matches() || !knows(matcher.group(1))) {
            return Optional.empty();
        }
        return Optional.of(URI.create(scheme + "://" + authority));
    }

    public boolean knows(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return names.contains(name) || name.startsWith(INGEST_PREFIX) && names.contains(name.substring(INGEST_PREFIX.length()));
    }
}
