package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What streaming requests of one kind need to know, worked out once for as long as the database's schema stays as it is:
/// requests are small and many. Their rows share one layout then, which readers work out once as well.
final class StreamTargets {
    private static final int REMEMBERED_MAX = 1_000;

    private final Storage storage;
    private final Map<Key, Target> targets = new ConcurrentHashMap<>();

    private record Key(String database, String table, String format, Optional<String> mapping) {}

    /// @param database   the version of it that all this holds for
    /// @param isSource   whether rows of other tables follow from its rows
    record Target(Database database, Table table, boolean isSource, Format format, RecordMapping mapping) {}

    StreamTargets(Storage storage) {
        this.storage = storage;
    }

    Target of(Database database, Table table, StreamingIngestion request) {
        var key = new Key(database.id(), table.name(), request.format(), request.mappingName());
        Target known = targets.get(key);
        if (known != null && known.database() == database) {
            return known;
        }
        Target target = worked(database, table, request);
        if (targets.size() >= REMEMBERED_MAX) {
            targets.clear();
        }
        targets.put(key, target);
        return target;
    }

    private Target worked(Database database, Table table, StreamingIngestion request) {
        Format format = Format.named(request.format());
        if (format.kind().needsFile()) {
            throw new KustoException(IngestionErrors.badStreaming(database.name(), table.name(),
                    "the format '" + request.format() + "' cannot be streamed, use queued ingestion"));
        }
        RecordMapping mapping = request.mappingName()
                .map(name -> RecordMapping.of(database, table, MappingText.parse(
                        format.mappingKind(), Ingestion.named(database, table, format, name).json())))
                .orElseGet(() -> RecordMapping.identity(database, table, format));
        return new Target(database, table, storage.isSource(database, table), format, mapping);
    }
}
