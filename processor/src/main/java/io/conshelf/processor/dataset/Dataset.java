package io.conshelf.processor.dataset;

import io.conshelf.processor.dataset.RecordJournal.Batch;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.DatasetDefinition.Key;
import io.conshelf.processor.definition.DatasetDefinition.Role;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/// The records of a dataset, found by their keys and their time. Safe for use by several threads: many look up, and one writes at a time.
public final class Dataset implements AutoCloseable {
    /// So that a stream that is taken for reference data does not fill the memory.
    static final int RECORDS_MAX = 2_000_000;
    private static final int WRITERS_MAX = 10_000;
    private static final String PAYLOAD = "payload";

    /// @param sequence grows with every record
    /// @param time     the record's own, or that of its arrival
    /// @param source   what the record and its keys are taken from
    private record Entry(long sequence, Instant time, Instant arrived, Value source, Value record, List<String> keys) {}

    /// Records that have something in common, in the order of their arrival and in that of their times.
    private static final class Shelf {
        private static final Comparator<Entry> BY_TIME = Comparator.comparing(Entry::time).thenComparing(Entry::sequence);

        private final NavigableMap<Long, Entry> arrivals = new TreeMap<>();
        private final NavigableMap<Entry, Entry> times = new TreeMap<>(BY_TIME);

        void add(Entry entry) {
            arrivals.put(entry.sequence(), entry);
            times.put(entry, entry);
        }

        void remove(Entry entry) {
            arrivals.remove(entry.sequence());
            times.remove(entry);
        }
    }

    /// What a lookup asks for.
    ///
    /// @param keys    by their names: all have to match
    /// @param nearest empty, or one
    public record Lookup(Map<String, String> keys, List<Nearest> nearest, int limit) {
        public Lookup {
            keys = Map.copyOf(keys);
            nearest = List.copyOf(nearest);
        }
    }

    /// The record with the closest time, on one side.
    public sealed interface Nearest {
        Instant time();

        /// Of that time, or before it.
        record Past(Instant time) implements Nearest {}

        /// After that time.
        record Future(Instant time) implements Nearest {}
    }

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final RecordJournal journal;
    /// The numbers of their last batches, the latest writer at the end; those of long ago write no more.
    private final LinkedHashMap<String, Long> writers = new LinkedHashMap<>(16, 0.75f, true);
    private DatasetDefinition definition;
    private Shelf all = new Shelf();
    /// By the key's name and its value.
    private List<Map<String, Shelf>> byKey = List.of();
    private long sequence;

    Dataset(DatasetDefinition definition, RecordJournal journal) throws IOException {
        this.definition = definition;
        this.journal = journal;
        byKey = definition.keys().stream().<Map<String, Shelf>>map(_ -> new HashMap<>()).toList();
        journal.read(batch -> {
            wrote(batch.writer(), batch.number());
            put(batch.records(), batch.arrived());
        });
    }

    /// A key's value as records and messages are compared by it: numbers and others by their JSON.
    public static String keyText(Value value) {
        return value instanceof Value.Text(String text) ? text : JsonText.write(value);
    }

    public DatasetDefinition definition() {
        lock.readLock().lock();
        try {
            return definition;
        } finally {
            lock.readLock().unlock();
        }
    }

    /// Finds its records by other keys from now on.
    void define(DatasetDefinition changed) {
        lock.writeLock().lock();
        try {
            List<Entry> entries = List.copyOf(all.arrivals.values());
            definition = changed;
            all = new Shelf();
            byKey = changed.keys().stream().<Map<String, Shelf>>map(_ -> new HashMap<>()).toList();
            entries.forEach(entry -> put(List.of(entry.source()), entry.arrived()));
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// What a message adds: a source for its payload part, or for each of the items of that. Empty where the message has no such part. A source is the record, or where
    /// the payload has more than the record that at its place: keys and time may stand beside it.
    public List<Value> records(Value message) {
        DatasetDefinition now = definition();
        List<Value> records = switch (now.payload().read(message).orElse(Value.items(List.of()))) {
            case Value.Items(List<Value> items) -> items;
            case Value record -> List.of(record);
        };
        if (now.payload().below(PAYLOAD).isWhole()) {
            return records;
        }
        Value payload = message instanceof Value.Members whole ? whole.member(PAYLOAD) : Value.NULL;
        return records.stream().map(record -> source(now, payload, record)).toList();
    }

    /// Of what stands beside the record only what keys and time are read from: the rest may be large, and would be kept with each of many records.
    private static Value source(DatasetDefinition definition, Value payload, Value record) {
        Path part = definition.payload().below(PAYLOAD);
        List<Path> read = Stream.concat(definition.keys().stream().map(Key::path), definition.timestamp().stream()).toList();
        Value whole = part.write(payload, record);
        Value less = Value.members(Map.of());
        for (Path path : read) {
            Optional<Value> found = path.read(whole);
            less = found.isPresent() ? path.write(less, found.get()) : less;
        }
        Value source = part.write(less, record);
        // places that are counted from the end may be others in less
        return Stream.concat(read.stream(), Stream.of(part)).allMatch(path -> path.read(source).equals(path.read(whole))) ? source : whole;
    }

    /// The record of a source; of what was kept as another definition had it, all of it.
    private Value record(Value source) {
        return definition.payload().below(PAYLOAD).read(source).orElse(source);
    }

    /// In the record, or beside it.
    private static Optional<Value> found(Path path, Value source, Value record) {
        return path.read(source).or(() -> path.read(record));
    }

    /// Adds [#records], which are durable when it returns. A writer whose numbers begin anew is another writer.
    ///
    /// @param writer who writes them
    /// @param number grows with the batches of a writer: one that was added before is not added again
    public void add(String writer, long number, List<Value> records, Instant arrived) throws IOException {
        lock.writeLock().lock();
        try {
            if (writers.getOrDefault(writer, Long.MIN_VALUE) >= number) {
                return;
            }
            expire(arrived);
            if (all.arrivals.size() + records.stream().filter(this::isNew).count() > RECORDS_MAX) {
                throw new IOException("the dataset '" + definition.name() + "' would hold more than " + RECORDS_MAX + " records, the most there may be; a primary key lets new ones replace "
                        + "old ones, and a shorter ttl lets them go");
            }
            journal.append(new Batch(writer, number, arrived, records));
            wrote(writer, number);
            put(records, arrived);
            if (journal.isWorthRewriting(all.arrivals.size())) {
                journal.rewrite(writers, all.arrivals.values().stream().map(entry -> new Batch("", 0, entry.arrived(), List.of(entry.source()))).iterator());
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void wrote(String writer, long number) {
        if (!writer.isEmpty()) {
            writers.merge(writer, number, Math::max);
            if (writers.size() > WRITERS_MAX) {
                writers.pollFirstEntry();
            }
        }
    }

    private boolean isNew(Value source) {
        return definition.primaryKey().flatMap(key -> Optional.ofNullable(shelf(key.name(), of(source, record(source), key)))).isEmpty();
    }

    /// An empty text is a key too, so what has none is empty and others are marked.
    private static String of(Value source, Value record, Key key) {
        return found(key.path(), source, record).filter(value -> !(value instanceof Value.Null)).map(value -> "=" + keyText(value)).orElse("");
    }

    private void put(List<Value> sources, Instant arrived) {
        for (Value source : sources) {
            Value record = record(source);
            List<String> keys = definition.keys().stream().map(key -> of(source, record, key)).toList();
            Instant time = definition.timestamp().stream().findFirst().flatMap(path -> found(path, source, record)).flatMap(Timestamps::parse).orElse(arrived);
            Entry entry = new Entry(sequence++, time, arrived, source, record, keys);
            replaced(entry).ifPresent(this::remove);
            all.add(entry);
            for (int i = 0; i < byKey.size(); i++) {
                if (!keys.get(i).isEmpty()) {
                    byKey.get(i).computeIfAbsent(keys.get(i), _ -> new Shelf()).add(entry);
                }
            }
        }
    }

    private Optional<Entry> replaced(Entry entry) {
        for (int i = 0; i < byKey.size(); i++) {
            if (definition.keys().get(i).role() == Role.PRIMARY && !entry.keys().get(i).isEmpty()) {
                Shelf shelf = byKey.get(i).get(entry.keys().get(i));
                return shelf == null ? Optional.empty() : Optional.of(shelf.arrivals.firstEntry().getValue());
            }
        }
        return Optional.empty();
    }

    private void remove(Entry entry) {
        all.remove(entry);
        for (int i = 0; i < byKey.size(); i++) {
            Map<String, Shelf> shelves = byKey.get(i);
            Shelf shelf = shelves.get(entry.keys().get(i));
            if (shelf != null) {
                shelf.remove(entry);
                if (shelf.arrivals.isEmpty()) {
                    shelves.remove(entry.keys().get(i));
                }
            }
        }
    }

    private void expire(Instant now) {
        Instant oldest = oldest(now);
        while (!all.arrivals.isEmpty() && all.arrivals.firstEntry().getValue().arrived().isBefore(oldest)) {
            remove(all.arrivals.firstEntry().getValue());
        }
    }

    private Instant oldest(Instant now) {
        Duration ttl = definition.ttl();
        return ttl.compareTo(Duration.between(Instant.MIN, now)) > 0 ? Instant.MIN : now.minus(ttl);
    }

    /// The records that match and have not expired, in the order of their arrival.
    public List<Value> find(Lookup lookup, Instant now) {
        lock.readLock().lock();
        try {
            Shelf shelf = all;
            for (Map.Entry<String, String> key : lookup.keys().entrySet()) {
                Shelf narrower = shelf(key.getKey(), "=" + key.getValue());
                if (narrower == null) {
                    return List.of();
                }
                shelf = narrower.arrivals.size() < shelf.arrivals.size() ? narrower : shelf;
            }
            return lookup.nearest().isEmpty() ? matching(shelf.arrivals.values(), lookup, now, lookup.limit()) : nearest(shelf, lookup, now);
        } finally {
            lock.readLock().unlock();
        }
    }

    /// No shelf where no record has the key.
    ///
    /// @param value marked
    private Shelf shelf(String key, String value) {
        int at = position(key);
        return at < 0 ? null : byKey.get(at).get(value);
    }

    private int position(String key) {
        for (int i = 0; i < definition.keys().size(); i++) {
            if (definition.keys().get(i).name().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private List<Value> nearest(Shelf shelf, Lookup lookup, Instant now) {
        Instant time = lookup.nearest().getFirst().time();
        Collection<Entry> candidates = switch (lookup.nearest().getFirst()) {
            case Nearest.Past _ -> shelf.times.headMap(at(time, Long.MAX_VALUE), true).descendingMap().values();
            case Nearest.Future _ -> shelf.times.tailMap(at(time, Long.MAX_VALUE), false).values();
        };
        Optional<Entry> found = first(candidates, lookup, now);
        if (found.isPresent() && lookup.nearest().getFirst() instanceof Nearest.Past) {
            // of several with one time the first that came
            found = first(shelf.times.tailMap(at(found.get().time(), Long.MIN_VALUE), true).values(), lookup, now);
        }
        return found.map(Entry::record).stream().toList();
    }

    private static Entry at(Instant time, long sequence) {
        return new Entry(sequence, time, time, Value.NULL, Value.NULL, List.of());
    }

    private Optional<Entry> first(Collection<Entry> entries, Lookup lookup, Instant now) {
        Instant oldest = oldest(now);
        for (Entry entry : entries) {
            if (isMatch(entry, lookup) && !entry.arrived().isBefore(oldest)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    private List<Value> matching(Collection<Entry> entries, Lookup lookup, Instant now, int limit) {
        Instant oldest = oldest(now);
        List<Value> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (found.size() == limit) {
                break;
            }
            if (isMatch(entry, lookup) && !entry.arrived().isBefore(oldest)) {
                found.add(entry.record());
            }
        }
        return found;
    }

    private boolean isMatch(Entry entry, Lookup lookup) {
        for (Map.Entry<String, String> key : lookup.keys().entrySet()) {
            int at = position(key.getKey());
            String has = at < 0 ? "" : entry.keys().get(at);
            if (has.isEmpty() || !has.substring(1).equals(key.getValue())) {
                return false;
            }
        }
        return true;
    }

    /// All that has not expired, in the order of its arrival.
    public List<Value> all(Instant now) {
        return find(new Lookup(Map.of(), List.of(), Integer.MAX_VALUE), now);
    }

    public int size() {
        lock.readLock().lock();
        try {
            return all.arrivals.size();
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            journal.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
