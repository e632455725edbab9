package io.conshelf.server.page;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a page comes from, as browsers tell one site from another: scheme, host and port, and not the host alone.
///
/// @param scheme `http` or `https`
/// @param host   in lower case; an IPv6 address in brackets
/// @param port   the scheme's own where none was written
public record WebOrigin(String scheme, String host, int port) {
    private static final Pattern WRITTEN = Pattern.compile("(https?)://(\\[[0-9a-f:.]+]|[0-9a-z._-]+)(?::(\\d{1,5}))?");

    /// As it stands in an `Origin` header and in settings: `https://lab.example:8443`. Empty where it is none: a path, `null`, another scheme.
    public static Optional<WebOrigin> read(String text) {
        Matcher written = WRITTEN.matcher(text.toLowerCase(Locale.ROOT));
        if (!written.matches()) {
            return Optional.empty();
        }
        String scheme = written.group(1);
        int port = written.group(3) == null ? standardPort(scheme) : Integer.parseInt(written.group(3));
        return Optional.of(new WebOrigin(scheme, written.group(2), port));
    }

    /// Where a request came in.
    ///
    /// @param authority the `Host` header
    public static Optional<WebOrigin> of(boolean isSecure, String authority) {
        return read((isSecure ? "https" : "http") + "://" + authority);
    }

    private static int standardPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    @Override
    public String toString() {
        return scheme + "://" + host + (port == standardPort(scheme) ? "" : ":" + port);
    }
}
