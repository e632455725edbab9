package io.conshelf.server.service;

import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.server.identity.Audience;
import java.io.IOException;
import java.net.URI;
import java.util.List;
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

    /// Whether a path of this service is a secret by itself: whoever knows it may ask, without a token.
    default boolean isOpen(String rawPath) {
        return false;
    }

    /// What a token must be for, where the cluster asks for one.
    default Audience audience() {
        return Audience.MANAGEMENT;
    }

    /// Requests are answered from now on.
    void started(Cluster cluster);

    /// What it counts, in the text format of Prometheus, for `/metrics`.
    default String metrics() {
        return "";
    }

    /// A blob of the cluster's storage was made or deleted; whoever did so has no answer yet.
    default void blobChanged(BlobChanged change) {}

    /// The cluster as a service finds it.
    ///
    /// @param uri              from this machine
    /// @param identityEndpoint where tokens for the identity of this machine come from; empty where nobody needs one
    /// @param identityHeader   what whoever asks there must know
    /// @param identities       of what runs in services
    record Cluster(URI uri, String identityEndpoint, String identityHeader, Identities identities) {
        @Override
        public String toString() {
            return "Cluster[" + uri + "]";
        }
    }

    /// Managed identities of what a service runs, such as a job. Who asks the service has been found to be an administrator.
    interface Identities {
        /// The identity of a name, made where there is none.
        Identity identity(String name);

        /// Gives it roles on a database, as Kusto calls them (`ingestors`, `monitors`).
        ///
        /// @return false where there is no such database
        boolean grant(Identity identity, String database, List<String> roles);

        void remove(Identity identity);
    }

    /// @param clientId by which its tokens are asked for
    /// @param objectId its principal in the directory
    record Identity(String clientId, String objectId, String tenant) {
        /// As Kusto writes it.
        public String principal() {
            return "aadapp=" + clientId + ";" + tenant;
        }
    }

    /// @param account the storage account
    record BlobChanged(String account, String container, String path, What what, long bytes) {
        public enum What { CREATED, DELETED }
    }

    /// Ends what runs. Called while requests are still answered, and may be called again.
    @Override
    void close();

    /// How a service is opened: when its store is there, before the first request.
    ///
    /// @param store the name under which it keeps what it knows
    record Opening(String store, Function<ServiceDocuments, HostedService> how) {}

    /// Commands of the cluster that a request brings about: who asks is their author, in the journal and in the audit log.
    @FunctionalInterface
    interface Commands {
        /// @param database in which it is given; empty for what concerns the cluster
        /// @throws io.conshelf.engine.KustoException as the command fails
        void run(String database, String text);
    }

    /// @param query    each parameter's first value, decoded
    /// @param headers  each header's first value, by its name in lower case
    /// @param body     uncompressed
    /// @param origin   `http://host:port`, under which the client sees this server
    /// @param commands as who asks
    record Request(
            String method, String rawPath, Map<String, String> query, Map<String, String> headers, byte[] body, String origin, Commands commands) {
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
