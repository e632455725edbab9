package io.conshelf.server.page;

import java.util.Optional;
import java.util.Set;

/// Which pages are this server's own: those of the origin that a request came in on, and those that were named, as behind a proxy, where the
/// browser and the server see different ones.
///
/// @param named beside the request's own
public record OwnPages(Set<WebOrigin> named) {
    /// Those of the request's own origin alone.
    public static final OwnPages OF_THE_REQUEST = new OwnPages(Set.of());

    public OwnPages {
        named = Set.copyOf(named);
    }

    /// @param origin    the `Origin` header
    /// @param isSecure  whether the request came by https
    /// @param authority the `Host` header, which is one of ours
    public boolean have(String origin, boolean isSecure, String authority) {
        Optional<WebOrigin> page = WebOrigin.read(origin);
        return page.isPresent() && (named.contains(page.get()) || page.equals(WebOrigin.of(isSecure, authority)));
    }
}
