package io.conshelf.connectors.kusto;

import java.net.URI;

/// A cluster that may be reached.
///
/// @param isEmbedded whether it is the cluster of this process, where databases are made as they are named
public record KustoEndpoint(URI uri, boolean isEmbedded) {
    /// True for an address of this machine, whose engine and data management share one port.
    boolean isLoopback() {
        return uri.getHost().equals("127.0.0.1") || uri.getHost().equals("localhost") || uri.getHost().equals("[::1]");
    }
}
