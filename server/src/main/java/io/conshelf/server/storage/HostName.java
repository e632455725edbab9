package io.conshelf.server.storage;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The host that an address names. Services of containers may have an underscore in their names, of which [URI] makes no host.
public final class HostName {
    private static final Pattern AUTHORITY = Pattern.compile("([A-Za-z0-9._-]+)(?::[0-9]*)?");

    private HostName() {}

    public static Optional<String> of(URI uri) {
        if (uri.getHost() != null) {
            return Optional.of(uri.getHost());
        }
        Matcher authority = AUTHORITY.matcher(String.valueOf(uri.getRawAuthority()));
        return uri.getRawAuthority() != null && authority.matches() ? Optional.of(authority.group(1)) : Optional.empty();
    }
}
