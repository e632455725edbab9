package io.conshelf.connectors.kusto;

import java.net.URI;

/// A cluster that may be reached.
///
/// @param isEmbedded whether it is the cluster of this process, where databases are made as they are named
/// @param identity   where managed identities get their tokens, when it is a cluster on this machine
public record KustoEndpoint(URI uri, boolean isEmbedded, IdentityEndpoint identity) {
    /// With the managed identities that the environment tells of.
    public KustoEndpoint(URI uri, boolean isEmbedded) {
        this(uri, isEmbedded, IdentityEndpoint.of(System.getenv()));
    }

    /// True for an address of this machine, whose engine and data management share one port.
    public boolean isLoopback() {
        return uri.getHost().equals("127.0.0.1") || uri.getHost().equals("localhost") || uri.getHost().equals("[::1]");
    }
}
