package io.conshelf.server.service;

import io.conshelf.engine.store.ServiceDocuments;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.function.Function;

/// A service beside the cluster that answers behind the same door and keeps what it knows in the same store, such as Data Factory.
///
/// The door checks hosts, pages and who asks, and bounds the body; errors have the service's own shape.
public interface HostedService extends AutoCloseable {
    /// In metrics and in the log.
    String name();

    /// @param rawPath still percent-encoded, without query string
    boolean answers(String rawPath);

    Answer answer(Request request) throws IOException;

    /// Requests are answered from now on.
    ///
    /// @param cluster where this cluster is found from this machine
    void started(URI cluster);

    /// Ends what runs. Called while requests are still answered, and may be called again.
    @Override
    void close();

    /// How a service is opened: when its store is there, before the first request.
    ///
    /// @param store the name under which it keeps what it knows
    record Opening(String store, Function<ServiceDocuments, HostedService> how) {}

    /// @param query   each parameter's first value, decoded
    /// @param headers each header's first value, by its name in lower case
    /// @param body    uncompressed
    /// @param origin  `http://host:port`, under which the client sees this server
    record Request(String method, String rawPath, Map<String, String> query, Map<String, String> headers, byte[] body, String origin) {
        public Request {
            query = Map.copyOf(query);
            headers = Map.copyOf(headers);
        }
    }

    /// @param body JSON; empty where the status has no body
    record Answer(int status, Map<String, String> headers, byte[] body) {
        public Answer {
            headers = Map.copyOf(headers);
        }
    }
}
