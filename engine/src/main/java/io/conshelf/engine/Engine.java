package io.conshelf.engine;

import io.conshelf.engine.duck.DuckInstance;
import java.util.List;

/// The cluster without its network: databases, queries, commands and ingestion behind one door.
public final class Engine implements AutoCloseable {
    private final EngineConfig config;
    private final DuckInstance duck;

    private Engine(EngineConfig config, DuckInstance duck) {
        this.config = config;
        this.duck = duck;
    }

    public static Engine open(EngineConfig config) {
        return new Engine(config, DuckInstance.open(config));
    }

    /// Runs a query. Its rows are produced while the answer is read.
    ///
    /// @throws KustoException when the text has errors, or something fails before the first row
    public Answer query(Request request, String csl) {
        throw notBuilt("Queries");
    }

    /// Runs a management command, or a query that is the first part of one (`.show tables | count`).
    public Answer command(Request request, String csl) {
        throw notBuilt("Management commands");
    }

    /// Appends rows to a table; they are durable and visible when this returns.
    public StreamingIngestion.Result ingestStream(Request request, StreamingIngestion ingestion) {
        throw notBuilt("Streaming ingestion");
    }

    /// Ingests local files in one commit.
    public BatchIngestion.Result ingestBatch(Request request, BatchIngestion ingestion) {
        throw notBuilt("Batch ingestion");
    }

    /// Stops the queries and commands with this client request id.
    ///
    /// @return how many there were
    public int cancel(Principal principal, String clientRequestId) {
        return 0;
    }

    public List<RunningQuery> runningQueries() {
        return List.of();
    }

    public Limits limits() {
        return config.limits();
    }

    @Override
    public void close() {
        duck.close();
    }

    private static KustoException notBuilt(String what) {
        return new KustoException(Errors.notSupported(what + " are not built yet"));
    }
}
