package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.ChangeOrigin;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Mapping;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/// The two ways for data into tables: requests that stream a few rows, and batches of files.
public final class Ingestion implements AutoCloseable {
    // A request takes several times its size while it is parsed.
    private static final int STREAMS_AT_ONCE = 6 * Runtime.getRuntime().availableProcessors();
    private static final int STREAM_WAIT_SECONDS = 2;
    /// A few bytes of text may become many rows of many columns.
    private static final long ROWS_BYTES_MAX = 64L << 20;
    /// Queries of update policies recurse in the binder and in DuckDB.
    private static final long STACK_BYTES = 64L << 20;

    private final EngineConfig config;
    private final Storage storage;
    private final Semaphore streams = new Semaphore(STREAMS_AT_ONCE);
    private final StreamTargets targets;
    private final BatchLoader batches;

    // Native calls pin virtual threads, and two loads keep every core busy.
    private final ExecutorService loads =
            Executors.newFixedThreadPool(2, threads("conshelf-load-"));

    private final ExecutorService derived = Executors.newFixedThreadPool(2, threads("conshelf-derive-"));

    private Ingestion(EngineConfig config, Storage storage, BatchLoader batches) {
        this.config = config;
        this.storage = storage;
        this.batches = batches;
        this.targets = new StreamTargets(storage);
    }

    private static ThreadFactory threads(String name) {
        return Thread.ofPlatform().daemon().name(name, 0).stackSize(STACK_BYTES).factory();
    }

    public static Ingestion open(EngineConfig config, DuckInstance duck, Storage storage) {
        AvroSchemas.boundValues();
        try (var connection = duck.connect()) {
            FieldSql.register(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("The conversions of ingestion cannot be registered: " + e.getMessage(), e);
        }
        return new Ingestion(config, storage, new BatchLoader(config, storage, threads("conshelf-look-")));
    }

    /// Appends the rows of a request; they are durable and visible when this returns. All of them, or none when it fails.
    public StreamingIngestion.Result stream(Principal principal, StreamingIngestion request) {
        Database database = database(request.database());
        Table table = table(database, request.table());
        Authorization.require(principal, database, table, Role.INGESTOR);
        if (!StreamingPolicy.isEnabled(storage.clusterPolicies(), database, table)) {
            throw new KustoException(IngestionErrors.streamingDisabled(database.name(), table.name()));
        }
        var target = targets.of(database, table, request);
        if (!acquired()) {
            throw new KustoException(IngestionErrors.streamingThrottled(database.name(), table.name(), STREAMS_AT_ONCE));
        }
        try {
            return stream(target, request);
        } finally {
            streams.release();
        }
    }

    private boolean acquired() {
        try {
            return streams.tryAcquire() || streams.tryAcquire(STREAM_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private StreamingIngestion.Result stream(StreamTargets.Target target, StreamingIngestion request) {
        long bytesMax = config.limits().streamingRequestBytesMax();
        try {
            var source = new SourceStream(
                    Sources.inflated(request.content()), bytesMax, () -> IngestionErrors.requestTooLarge(bytesMax));
            var feed = Sources.feed(source, target.format(), target.mapping(), new ReadOptions("", false, true));
            var parts = new ArrayList<Rows>();
            long memory = 0;
            for (Optional<Rows> next = feed.next(); next.isPresent(); next = feed.next()) {
                if (next.get().count() > 0) {
                    parts.add(next.get());
                    memory += next.get().memoryBytes();
                }
                if (memory > ROWS_BYTES_MAX) {
                    throw new KustoException(StorageErrors.streamTooLarge(ROWS_BYTES_MAX));
                }
            }
            if (parts.isEmpty()) {
                throw new KustoException(source.bytes() == 0
                        ? IngestionErrors.emptyBlob()
                        : IngestionErrors.noRecords(request.format(), feed.skipped()));
            }
            WriteStop.current().check();
            if (target.isSource()) {
                commit(target.database(), target.table(), parts, source.bytes(), request.sourceId());
            } else {
                storage.stream(target.table(), parts, source.bytes(), request.sourceId().orElse(""));
            }
            return new StreamingIngestion.Result(feed.rows(), source.bytes());
        } catch (IOException e) {
            throw new KustoException(IngestionErrors.invalidBlob("the request broke off: " + e.getMessage()), e);
        }
    }

    /// Where update policies follow, a request's rows are committed at once together with what follows: when it is answered all
    /// of it is there, and a transactional policy that fails refuses the request. Sealing would find out too late.
    private void commit(Database database, Table table, List<Rows> parts, long bytes, Optional<String> sourceId) {
        await(derived.submit(ChangeOrigin.carried(WriteStop.carried(() -> storage.writer(database.name()).load(table.id(), tx -> {
            if (sourceId.isPresent() && tx.extents().ofSource(table, sourceId.get()).isPresent()) {
                return table;
            }
            var extent = tx.extents().open(table, Set.of(), tx.now());
            var rest = parts.iterator();
            extent.append(() -> rest.hasNext() ? Optional.of(rest.next()) : Optional.empty(), () -> bytes);
            if (sourceId.isPresent()) {
                tx.extents().recordSource(table, sourceId.get(), Optional.of(extent.extent()));
            }
            return table;
        })))));
    }

    /// Loads files into a table in one commit.
    public BatchIngestion.Result batch(Principal principal, BatchIngestion request) {
        Database database = database(request.database());
        Optional<Table> table = database.table(request.table());
        if (table.isPresent()) {
            Authorization.require(principal, database, table.get(), Role.INGESTOR);
        } else {
            Authorization.require(principal, database, Role.INGESTOR);
        }
        return await(loads.submit(ChangeOrigin.carried(WriteStop.carried(() -> batches.load(database, request)))));
    }

    /// Begins what can be done of a batch that waits for others.
    public void lookAhead(BatchIngestion request) {
        storage.snapshot().database(request.database()).ifPresent(database -> batches.lookAhead(database, request));
    }

    private static <R> R await(Future<R> work) {
        try {
            return work.get();
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case KustoException known -> new KustoException(known.error(), known);
                case RuntimeException other -> other;
                case Throwable other -> new IllegalStateException(other);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(StorageErrors.internal("The load was interrupted"), e);
        }
    }

    static Mapping named(Database database, Table table, Format format, String name) {
        return table.mapping(format.mappingKind(), name)
                .or(() -> database.mapping(format.mappingKind(), name))
                .orElseThrow(() -> new KustoException(IngestionErrors.mappingNotFound(
                        name, format.mappingKind().kustoName(), table.name())));
    }

    private Database database(String name) {
        return storage.snapshot().existing(name);
    }

    static Table table(Database database, String name) {
        return database.table(name).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(name)));
    }

    @Override
    public void close() {
        loads.close();
        batches.close();
        derived.close();
    }
}
