package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Mapping;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two ways for data into tables: requests that stream a few rows, and batches of files.
public final class Ingestion {
    private final EngineConfig config;
    private final Storage storage;
    private final BatchLoader batches;

    private Ingestion(EngineConfig config, Storage storage, BatchLoader batches) {
        this.config = config;
        this.storage = storage;
        this.batches = batches;
    }

    public static Ingestion open(EngineConfig config, Storage storage) {
        return new Ingestion(config, storage, new BatchLoader(config, storage));
    }

    /// Appends the rows of a request; they are durable and visible when this returns. All of them, or none when it fails.
    public StreamingIngestion.Result stream(Principal principal, StreamingIngestion request) {
        Database database = database(request.database());
        Table table = table(database, request.table());
        Authorization.require(principal, database, table, Role.INGESTOR);
        if (!StreamingPolicy.isEnabled(database, table)) {
            throw new KustoException(IngestionErrors.streamingDisabled(database.name(), table.name()));
        }
        Format format = Format.named(request.format());
        if (format.kind() == Format.Kind.PARQUET) {
            throw new KustoException(IngestionErrors.badStreaming(database.name(), table.name(),
                    "the format '" + request.format() + "' cannot be streamed, use queued ingestion"));
        }
        RecordMapping mapping = request.mappingName()
                .map(name -> RecordMapping.of(table, MappingText.parse(
                        format.mappingKind(), named(database, table, format, name).json())))
                .orElseGet(() -> RecordMapping.identity(table, format));
        long bytesMax = config.limits().streamingRequestBytesMax();
        var tooLarge = new KustoException(IngestionErrors.requestTooLarge(bytesMax));
        try {
            var source = new SourceStream(Sources.inflated(request.content()), bytesMax, tooLarge);
            var feed = Sources.feed(source, format, mapping, new ReadOptions("", false, true));
            var parts = new ArrayList<Rows>();
            for (Optional<Rows> next = feed.next(); next.isPresent(); next = feed.next()) {
                if (next.get().count() > 0) {
                    parts.add(next.get());
                }
            }
            if (parts.isEmpty()) {
                throw new KustoException(source.bytes() == 0
                        ? IngestionErrors.emptyBlob()
                        : IngestionErrors.noRecords(request.format(), feed.skipped()));
            }
            storage.stream(table, parts, source.bytes());
            return new StreamingIngestion.Result(feed.rows(), source.bytes());
        } catch (IOException e) {
            throw new KustoException(IngestionErrors.invalidBlob("the request broke off: " + e.getMessage()), e);
        }
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
        return batches.load(database, request);
    }

    /// Loads one text into a table, as `.ingest inline` does. The request's one source stands for it.
    public BatchIngestion.Result inline(Principal principal, BatchIngestion request, String text) {
        Database database = database(request.database());
        Authorization.require(principal, database, table(database, request.table()), Role.INGESTOR);
        return batches.load(
                database, request, _ -> () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Mapping named(Database database, Table table, Format format, String name) {
        return table.mapping(format.mappingKind(), name)
                .or(() -> database.mapping(format.mappingKind(), name))
                .orElseThrow(() -> new KustoException(IngestionErrors.mappingNotFound(
                        name, format.mappingKind().kustoName(), table.name())));
    }

    private Database database(String name) {
        return storage.snapshot()
                .database(name)
                .orElseThrow(() -> new KustoException(StorageErrors.databaseNotFound(name)));
    }

    static Table table(Database database, String name) {
        return database.table(name).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(name)));
    }
}
