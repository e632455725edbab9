package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Outcome;
import io.conshelf.engine.BatchIngestion.Source;
import io.conshelf.engine.BatchIngestion.Status;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.DatabaseWriter;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.ExtentWriter;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.type.ColumnSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Loads batches of files. All sources of a batch that can be read are committed together; one that can't fails by itself.
///
/// A failing statement ends DuckDB's transaction, so the load begins again without the source that failed. Sources not proven
/// good yet are tried first then, so that each good one is read at most twice.
final class BatchLoader implements AutoCloseable {
    private static final String INGEST_BY = "ingest-by:";
    private static final long SOURCE_BYTES_MAX = 6L << 30;
    private static final int LOCKS = 64;

    private final EngineConfig config;
    private final Storage storage;
    private final LooksAhead looks;
    // Batches that look for a tag or message id before they write must not pass one another on the same table.
    private final Lock[] onceLocks = Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(Lock[]::new);

    /// @param lookers make the thread that looks at files ahead
    BatchLoader(EngineConfig config, Storage storage, ThreadFactory lookers) {
        this.config = config;
        this.storage = storage;
        this.looks = new LooksAhead(SOURCE_BYTES_MAX, lookers);
    }

    /// Begins what can be done of a batch that is to be loaded later, and tells nothing of it.
    void lookAhead(Database database, BatchIngestion request) {
        Optional<Table> table = database.table(request.table());
        if (table.isEmpty()) {
            return;
        }
        try {
            Format format = Format.named(request.format());
            RecordMapping mapping = mapping(database, table.get(), format, request);
            for (Source source : request.sources()) {
                ReadOptions options = ReadOptions.of(source.id(), request);
                // Such a load takes its rows another way.
                if (!options.requiresTypes()) {
                    looks.begin(allowed(source), format, mapping, options);
                }
            }
        } catch (KustoException _) {
            // The load will fail in the same way, or what it needs comes in between.
        }
    }

    @Override
    public void close() {
        looks.close();
    }

    BatchIngestion.Result load(Database database, BatchIngestion request) {
        Format format = Format.named(request.format());
        Table table = prepared(database, format, request);
        RecordMapping mapping = mapping(storage.snapshot().database(database.name()).orElse(database), table, format, request);
        Lock lock = onceLocks[Math.floorMod(table.id().tableId().hashCode(), LOCKS)];
        boolean isOnce = request.messageId().isPresent() || !request.ingestIfNotExists().isEmpty();
        if (isOnce) {
            lock.lock();
        }
        try {
            List<Attempt> attempts = request.sources().stream()
                    .map(source -> new Attempt(source, format, mapping))
                    .toList();
            return loadUntilAllIsKnown(storage.writer(database.name()), table, attempts, request);
        } finally {
            if (isOnce) {
                lock.unlock();
            }
        }
    }

    private BatchIngestion.Result loadUntilAllIsKnown(
            DatabaseWriter writer, Table table, List<Attempt> attempts, BatchIngestion request) {
        while (true) {
            try {
                boolean isTagged = writer.load(table.id(), tx -> load(tx, table, request, attempts));
                return new BatchIngestion.Result(
                        attempts.stream().map(attempt -> attempt.outcome(isTagged)).toList());
            } catch (SourceFailed _) {
                // The attempt knows what it is to do differently.
            }
        }
    }

    /// @return whether nothing was done because the table has one of the tags
    private boolean load(Transaction tx, Table table, BatchIngestion request, List<Attempt> attempts)
            throws SQLException {
        // Asked before the tags, which may be there because this very batch brought them.
        if (!findDone(tx, table, request, attempts)) {
            for (String tag : request.ingestIfNotExists()) {
                if (tx.extents().hasTag(table, INGEST_BY + tag)) {
                    return true;
                }
            }
        }
        var order = new ArrayList<>(attempts.stream().filter(attempt -> attempt.doneIn.isEmpty()).toList());
        // Where nothing is left to load nothing is committed either, so that nothing says that something was.
        if (order.stream().allMatch(attempt -> attempt.error.isPresent())) {
            return false;
        }
        Instant createdOn = request.creationTime().orElse(tx.now());
        request.creationTime().ifPresent(time -> CreationTimes.check(tx, table, time));
        ExtentWriter extent = tx.extents().open(table, request.tags(), createdOn);
        order.sort((a, b) -> Boolean.compare(a.isProven, b.isProven));
        for (Attempt attempt : order) {
            if (attempt.error.isEmpty()) {
                attempt.run(tx, extent, request);
            }
        }
        Extent made = extent.extent();
        if (made.rowCount() == 0) {
            return false;
        }
        order.forEach(attempt -> attempt.extentId = made.id().toString());
        if (request.messageId().isPresent()) {
            // One that failed is not remembered: when the batch comes again it fails again, and says why.
            List<String> ingested = order.stream()
                    .filter(attempt -> attempt.error.isEmpty())
                    .map(attempt -> key(request.messageId().get(), attempt.source))
                    .toList();
            tx.extents().recordSources(table, ingested, Optional.of(made));
        }
        return false;
    }

    /// Finds out which sources an earlier run of the same batch has ingested.
    ///
    /// @return whether there are any
    private static boolean findDone(Transaction tx, Table table, BatchIngestion request, List<Attempt> attempts)
            throws SQLException {
        if (request.messageId().isEmpty()) {
            return false;
        }
        String batch = request.messageId().get();
        var extents = tx.extents().ofSources(
                table, attempts.stream().map(attempt -> key(batch, attempt.source)).toList());
        attempts.forEach(attempt -> attempt.doneIn =
                Optional.ofNullable(extents.get(key(batch, attempt.source))).map(UUID::toString));
        return !extents.isEmpty();
    }

    private static String key(String batch, Source source) {
        return source.messageId().orElse(batch) + '\n' + source.id();
    }

    // A mapping that gives types creates what is missing in queued ingestion, whose work has message ids; a command that
    // ingests never changes a schema.
    private Table prepared(Database database, Format format, BatchIngestion request) {
        if (request.messageId().isEmpty()) {
            return Ingestion.table(database, request.table());
        }
        List<ColumnSchema> mapped = switch (request.mapping()) {
            case BatchIngestion.Mapping.Inline(String json) -> typed(format, json);
            case BatchIngestion.Mapping.Named(String name) -> database.table(request.table())
                    .map(table -> typed(format, Ingestion.named(database, table, format, name).json()))
                    .orElse(List.of());
            case BatchIngestion.Mapping.Identity _ -> List.of();
        };
        Optional<Table> present = database.table(request.table());
        if (present.isEmpty()) {
            boolean isComplete = request.mapping() instanceof BatchIngestion.Mapping.Inline(String json)
                    && MappingText.parse(format.mappingKind(), json).size() == mapped.size();
            if (!isComplete) {
                throw new KustoException(noTable(database, format, request));
            }
            return storage.writer(database.name()).change(tx -> {
                Optional<Table> created = tx.database().table(request.table());
                return created.isPresent() ? created.get() : tx.createTable(request.table(), mapped, "", "");
            });
        }
        Table table = present.get();
        List<ColumnSchema> missing =
                mapped.stream().filter(c -> table.column(c.name()).isEmpty()).toList();
        if (missing.isEmpty()) {
            return table;
        }
        return storage.writer(database.name())
                .reshape(table.id(), tx -> tx.addColumns(tx.table(table.name()), missing));
    }

    // The service looks for the mapping first.
    private static ServiceError noTable(Database database, Format format, BatchIngestion request) {
        return request.mapping() instanceof BatchIngestion.Mapping.Named(String name) && database.mapping(format.mappingKind(), name).isEmpty()
                ? IngestionErrors.mappingNotFound(name, format.mappingKind().kustoName(), request.table())
                : IngestionErrors.tableNotExist(request.table());
    }

    private static List<ColumnSchema> typed(Format format, String mapping) {
        return MappingText.parse(format.mappingKind(), mapping).stream()
                .flatMap(f -> f.type().map(type -> new ColumnSchema(f.column(), type)).stream())
                .toList();
    }

    private static RecordMapping mapping(Database database, Table table, Format format, BatchIngestion request) {
        return switch (request.mapping()) {
            case BatchIngestion.Mapping.Identity _ -> RecordMapping.identity(database, table, format);
            case BatchIngestion.Mapping.Inline(String json) ->
                RecordMapping.of(database, table, MappingText.parse(format.mappingKind(), json));
            case BatchIngestion.Mapping.Named(String name) ->
                RecordMapping.of(database, table, MappingText.parse(
                        format.mappingKind(), Ingestion.named(database, table, format, name).json()));
        };
    }

    /// What is known of one source while its batch is being loaded.
    private final class Attempt {
        private final Source source;
        private final Format format;
        private final RecordMapping mapping;
        private boolean isCareful;
        private boolean isProven;
        private Optional<ServiceError> error = Optional.empty();
        private Optional<String> doneIn = Optional.empty();
        private String extentId = "";
        private long rows;
        private long bytes;
        private long skipped;

        Attempt(Source source, Format format, RecordMapping mapping) {
            this.source = source;
            this.format = format;
            this.mapping = mapping;
        }

        void run(Transaction tx, ExtentWriter extent, BatchIngestion request) throws SQLException {
            var options = ReadOptions.of(source.id(), request);
            try {
                Path file = allowed(source);
                checkArchive(file);
                if (format.kind() == Format.Kind.PARQUET) {
                    var parquet = ParquetFile.open(tx.connection(), file);
                    bytes = parquet.rawBytes();
                    parquet.requireFewValues(mapping, SOURCE_BYTES_MAX);
                    rows = parquet.load(extent, mapping, options);
                } else if (format.kind() == Format.Kind.ORC) {
                    loadOrc(file, extent, options);
                } else if (isCareful || options.requiresTypes() || !loadFast(file, extent, options)) {
                    parse(file, request.zipPattern(), extent, options);
                }
                if (rows == 0) {
                    throw new KustoException(bytes == 0
                            ? IngestionErrors.emptyBlob()
                            : IngestionErrors.noRecords(request.format(), skipped));
                }
                isProven = true;
            } catch (KustoException e) {
                if (!e.error().isPermanent()) {
                    // Not for anything the source has in it: all of them are tried again.
                    throw e;
                }
                error = Optional.of(e.error());
                throw new SourceFailed();
            }
        }

        // Text it is not, whatever can be made of its bytes.
        private void checkArchive(Path file) {
            if (!source.id().replaceFirst("[?;].*$", "").toLowerCase(Locale.ROOT).endsWith(".zip")) {
                return;
            }
            try {
                if (Files.size(file) > 0 && !Sources.isZip(file) && !Sources.isGzip(file)) {
                    throw new KustoException(IngestionErrors.invalidArchive("it is named '.zip' and is no zip archive"));
                }
            } catch (IOException e) {
                throw new KustoException(
                        IngestionErrors.sourceUnreadable(file.getFileName().toString(), IngestionErrors.reason(e)), e);
            }
        }

        /// @return whether it was a file for DuckDB's own reader
        private boolean loadFast(Path file, ExtentWriter extent, ReadOptions options) {
            try {
                var delimited = looks.delimited(file, format, mapping, options);
                if (delimited.isPresent()) {
                    rows = delimited.get().load(extent, mapping, options);
                    bytes = delimited.get().rawBytes();
                }
                return delimited.isPresent();
            } catch (IOException e) {
                return false;
            } catch (SQLException _) {
                // The transaction is over; the next one parses the file here, which tells what is wrong if something is.
                isCareful = true;
                throw new SourceFailed();
            }
        }

        private void loadOrc(Path file, ExtentWriter extent, ReadOptions options) throws SQLException {
            try (var feed = OrcFeed.open(file, mapping, options)) {
                try {
                    rows = extent.append(feed, feed::bytes);
                } catch (SQLException e) {
                    throw feed.failure().orElseThrow(() -> e);
                }
                bytes = feed.bytes();
            } catch (IOException e) {
                throw new KustoException(
                        IngestionErrors.sourceUnreadable(file.getFileName().toString(), IngestionErrors.reason(e)), e);
            }
        }

        private void parse(Path file, Optional<String> zipPattern, ExtentWriter extent, ReadOptions options) throws SQLException {
            rows = 0;
            bytes = 0;
            skipped = 0;
            try {
                if (Sources.isZip(file)) {
                    Archive.read(file, zipPattern, content ->
                            parse(Sources.stream(content, SOURCE_BYTES_MAX - bytes), extent, options));
                    return;
                }
                try (var content = Files.newInputStream(file)) {
                    parse(Sources.stream(content, SOURCE_BYTES_MAX), extent, options);
                }
            } catch (IOException e) {
                throw new KustoException(
                        IngestionErrors.sourceUnreadable(file.getFileName().toString(), IngestionErrors.reason(e)), e);
            }
        }

        private void parse(SourceStream stream, ExtentWriter extent, ReadOptions options)
                throws IOException, SQLException {
            Optional<SourceFeed> fast = isCareful ? Optional.empty() : Sources.fastFeed(stream, format, mapping, options);
            SourceFeed feed = fast.isPresent() ? fast.get() : Sources.feed(stream, format, mapping, options);
            try {
                rows += extent.append(feed, stream::bytes);
            } catch (SQLException e) {
                if (fast.isPresent() && feed.failure().isPresent()) {
                    isCareful = true;
                    throw new SourceFailed();
                }
                throw feed.failure().orElseThrow(() -> e);
            }
            bytes += stream.bytes();
            skipped += feed.skipped();
        }

        Outcome outcome(boolean isTagged) {
            if (isTagged || doneIn.isPresent()) {
                return new Outcome(source.id(), Status.SKIPPED, doneIn, 0, 0, 0, Optional.empty());
            }
            if (error.isPresent()) {
                return new Outcome(source.id(), Status.FAILED, Optional.empty(), 0, bytes, skipped, error);
            }
            return new Outcome(
                    source.id(), Status.SUCCEEDED, Optional.of(extentId), rows, bytes, skipped, Optional.empty());
        }
    }

    /// The file itself, where links lead, if it lies where ingestion may read.
    private Path allowed(Source source) {
        try {
            Path real = source.file().toRealPath();
            var folders = new ArrayList<>(config.allowedFolders());
            folders.add(config.stagingFolder());
            for (Path folder : folders) {
                if (Files.isDirectory(folder) && real.startsWith(folder.toRealPath())) {
                    return real;
                }
            }
        } catch (IOException _) {
            throw new KustoException(IngestionErrors.sourceNotFound(source.id().replaceFirst("[?;].*$", "")));
        }
        throw new KustoException(IngestionErrors.sourceUnreadable(source.file().getFileName().toString(),
                "it is in none of the folders that may be read ('allowedFolders' of the configuration)"));
    }

    /// Begins the load again; the attempt has kept why.
    private static final class SourceFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        SourceFailed() {
            super("a source failed", null, false, false);
        }
    }
}
