package io.conshelf.server.storage;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Tables held in memory, every change of which is in a journal first.
final class JournaledEntityStore implements EntityStore, AutoCloseable {
    private static final int ENTITY_OVERHEAD_BYTES = 200;
    private static final int PROPERTY_OVERHEAD_BYTES = 80;
    private static final int TICK_NANOS = 100;

    /// The tables by lower-case name.
    private static final class Tables {
        private final TreeMap<String, Table> byName = new TreeMap<>();
        private Instant lastWrite = Instant.EPOCH;
        private long bytes;
    }

    private record Table(String name, TreeMap<EntityKey, Entity> entities) {}

    private final Tables tables;
    private final StorageLimits limits;
    private final InstantSource clock;
    private final StoreLog log;

    private JournaledEntityStore(Journal journal, Tables tables, StorageLimits limits, InstantSource clock) {
        this.tables = tables;
        this.limits = limits;
        this.clock = clock;
        this.log = new StoreLog("table", journal, () -> tables.bytes, this::snapshot);
    }

    static JournaledEntityStore open(JournalSource source, StorageLimits limits, InstantSource clock) throws IOException {
        Tables tables = new Tables();
        Journal journal = source.open(event -> apply(tables, EntityEvent.read(event)));
        return new JournaledEntityStore(journal, tables, limits, clock);
    }

    @Override public boolean createTable(String table) {
        Names.requireTable(table);
        return log.change(() -> {
            if (tables.byName.containsKey(folded(table))) {
                return false;
            }
            if (tables.byName.size() >= limits.containersMax()) {
                throw new StorageException(StorageCode.SERVER_BUSY,
                        "There are %d tables, as many as this server keeps.".formatted(tables.byName.size()));
            }
            record(new EntityEvent.Created(table));
            return true;
        });
    }

    @Override public boolean dropTable(String table) {
        return log.change(() -> {
            if (!tables.byName.containsKey(folded(table))) {
                return false;
            }
            record(new EntityEvent.Dropped(table));
            return true;
        });
    }

    @Override public List<String> tables() {
        return log.locked(() -> tables.byName.values().stream().map(Table::name).toList());
    }

    @Override public Optional<Entity> find(String table, EntityKey key) {
        return log.locked(() -> Optional.ofNullable(existing(table).entities().get(key)));
    }

    @Override public Entity insert(String table, EntityKey key, Map<String, EdmValue> properties) {
        return log.change(() -> {
            if (existing(table).entities().containsKey(key)) {
                throw new StorageException(StorageCode.ENTITY_ALREADY_EXISTS,
                        "Table '%s' already has an entity with PartitionKey '%s' and RowKey '%s'."
                                .formatted(table, key.partitionKey(), key.rowKey()));
            }
            return store(table, key, properties);
        });
    }

    @Override public Entity insertOrMerge(String table, EntityKey key, Map<String, EdmValue> properties) {
        return log.change(() -> store(table, key, merged(existing(table).entities().get(key), properties)));
    }

    @Override public Entity merge(String table, EntityKey key, Map<String, EdmValue> properties, String ifMatch) {
        return log.change(() -> store(table, key, merged(matching(table, key, ifMatch), properties)));
    }

    @Override public Entity insertOrReplace(String table, EntityKey key, Map<String, EdmValue> properties) {
        return log.change(() -> {
            existing(table);
            return store(table, key, properties);
        });
    }

    @Override public Entity replace(String table, EntityKey key, Map<String, EdmValue> properties, String ifMatch) {
        return log.change(() -> {
            matching(table, key, ifMatch);
            return store(table, key, properties);
        });
    }

    @Override public void delete(String table, EntityKey key, String ifMatch) {
        log.change(() -> {
            matching(table, key, ifMatch);
            return record(new EntityEvent.Deleted(table, key));
        });
    }

    @Override public Page query(String table, EntityKey from, Predicate<Entity> filter, int max) {
        return log.locked(() -> {
            List<Entity> page = new ArrayList<>();
            long bytes = 0;
            for (Entity entity : existing(table).entities().tailMap(from).values()) {
                if (!filter.test(entity)) {
                    continue;
                }
                bytes += bytes(entity);
                if (page.size() == max || !page.isEmpty() && bytes > limits.pageBytesMax()) {
                    return new Page(page, Optional.of(entity.key()));
                }
                page.add(entity);
            }
            return new Page(page, Optional.empty());
        });
    }

    @Override public void close() throws IOException {
        log.close();
    }

    private static String folded(String table) {
        return table.toLowerCase(Locale.ROOT);
    }

    private Table existing(String name) {
        Table table = tables.byName.get(folded(name));
        if (table == null) {
            throw StorageException.noTable(name);
        }
        return table;
    }

    private Entity matching(String table, EntityKey key, String ifMatch) {
        Entity entity = existing(table).entities().get(key);
        if (entity == null) {
            throw StorageException.noEntity(table, key);
        }
        if (!ifMatch.equals(ANY) && !ifMatch.equals(entity.etag())) {
            throw new StorageException(StorageCode.UPDATE_CONDITION_NOT_SATISFIED,
                    "The entity was changed since it was read: its ETag is %s, If-Match is %s.".formatted(entity.etag(), ifMatch));
        }
        return entity;
    }

    /// `former` is null when there is none: it comes straight out of a map.
    private static Map<String, EdmValue> merged(Entity former, Map<String, EdmValue> properties) {
        Map<String, EdmValue> merged = new LinkedHashMap<>();
        if (former != null) {
            merged.putAll(former.properties());
        }
        merged.putAll(properties);
        return merged;
    }

    private Entity store(String table, EntityKey key, Map<String, EdmValue> properties) {
        Names.requireKeys(key);
        Entity entity = new Entity(key, nextTimestamp(), properties);
        if (properties.size() > limits.entityPropertiesMax()) {
            throw new StorageException(StorageCode.TOO_MANY_PROPERTIES,
                    "The entity has %d properties; up to %d are allowed.".formatted(properties.size(), limits.entityPropertiesMax()));
        }
        long bytes = bytes(entity);
        if (bytes > limits.entityBytesMax()) {
            throw new StorageException(StorageCode.ENTITY_TOO_LARGE,
                    "The entity has about %d bytes; up to %d are allowed.".formatted(bytes, limits.entityBytesMax()));
        }
        if (tables.bytes + bytes > limits.tableBytesMax()) {
            throw new StorageException(StorageCode.SERVER_BUSY,
                    "The tables hold %d bytes, as much as this server keeps; delete entities to make room.".formatted(tables.bytes));
        }
        record(new EntityEvent.Stored(table, entity));
        return entity;
    }

    /// The clock in the service's ticks, and later than every write before: it is also the ETag.
    private Instant nextTimestamp() {
        Instant now = clock.instant();
        Instant ticks = now.truncatedTo(ChronoUnit.SECONDS).plusNanos(now.getNano() / TICK_NANOS * TICK_NANOS);
        return ticks.isAfter(tables.lastWrite) ? ticks : tables.lastWrite.plusNanos(TICK_NANOS);
    }

    private static long bytes(Entity entity) {
        long bytes = ENTITY_OVERHEAD_BYTES + entity.key().partitionKey().length() + entity.key().rowKey().length();
        for (Map.Entry<String, EdmValue> property : entity.properties().entrySet()) {
            bytes += PROPERTY_OVERHEAD_BYTES + property.getKey().length() + switch (property.getValue()) {
                case EdmValue.Text(String text) -> 2L * text.length();
                case EdmValue.Binary(String base64) -> base64.length();
                case EdmValue.Int32 _, EdmValue.Int64 _, EdmValue.Real _, EdmValue.Bool _, EdmValue.DateTime _, EdmValue.Guid _ -> 16L;
            };
        }
        return bytes;
    }

    private boolean record(EntityEvent event) {
        log.append(event.bytes());
        apply(tables, event);
        return true;
    }

    StoreLog log() {
        return log;
    }

    private void snapshot(Consumer<byte[]> events) {
        for (Table table : tables.byName.values()) {
            events.accept(new EntityEvent.Created(table.name()).bytes());
            for (Entity entity : table.entities().values()) {
                events.accept(new EntityEvent.Stored(table.name(), entity).bytes());
            }
        }
    }

    private static void apply(Tables tables, EntityEvent event) {
        String name = folded(event.table());
        switch (event) {
            case EntityEvent.Created(String table) -> tables.byName.put(name, new Table(table, new TreeMap<>()));
            case EntityEvent.Dropped _ -> {
                for (Entity entity : tables.byName.remove(name).entities().values()) {
                    tables.bytes -= bytes(entity);
                }
            }
            case EntityEvent.Stored(_, Entity entity) -> {
                replace(tables, name, entity.key(), entity);
                tables.lastWrite = entity.timestamp().isAfter(tables.lastWrite) ? entity.timestamp() : tables.lastWrite;
            }
            case EntityEvent.Deleted(_, EntityKey key) -> {
                Entity former = tables.byName.get(name).entities().remove(key);
                tables.bytes -= former == null ? 0 : bytes(former);
            }
        }
    }

    private static void replace(Tables tables, String name, EntityKey key, Entity entity) {
        Entity former = tables.byName.get(name).entities().put(key, entity);
        tables.bytes += bytes(entity) - (former == null ? 0 : bytes(former));
    }
}
