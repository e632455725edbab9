package io.conshelf.engine;

import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.LogEntry;
import io.conshelf.engine.store.LogEntry.Kind;
import io.conshelf.engine.store.LogHome;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.StreamingBucket.Failure;
import io.conshelf.engine.StreamingBucket.Key;
import io.conshelf.engine.StreamingBucket.Measure;
import io.conshelf.kql.value.Ticks;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Counts streaming ingestion by the minute. A request costs an update of its bucket in memory; buckets are written to the log of
/// their database when their minute is over, failures with the next flush.
final class StreamingWatch implements StreamingRecords, AutoCloseable {
    private static final long MINUTE = 60 * Ticks.SECOND;
    // Tables that do not exist can be named without end.
    private static final int BUCKETS_MAX = 10_000;

    private final Storage storage;
    private final InstantSource clock;
    private final Map<Key, StreamingBucket> statistics = new ConcurrentHashMap<>();
    private final Map<Key, StreamingBucket> failures = new ConcurrentHashMap<>();

    StreamingWatch(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
        storage.log().beforeFlush(() -> write(now() / MINUTE));
    }

    private long now() {
        return Moments.ticks(clock.instant());
    }

    StreamingIngestion.Result watched(Request request, StreamingIngestion stream, Supplier<StreamingIngestion.Result> work) {
        long started = System.nanoTime();
        try {
            var result = work.get();
            count(request, stream, "Success", started, result.bytes(), result.rows());
            return result;
        } catch (KustoException e) {
            countFailed(request, stream, started, e.error());
            throw e;
        }
    }

    private void count(Request request, StreamingIngestion stream, String status, long started, long bytes, long rows) {
        long now = now();
        add(statistics, new StreamingBucket(
                key(now, request, stream, status, ""), now, now, 1, Measure.of((System.nanoTime() - started) / 100), Measure.of(bytes),
                Measure.of(rows), Failure.NONE));
    }

    private void countFailed(Request request, StreamingIngestion stream, long started, ServiceError error) {
        var status = error.httpStatus() == 429 ? "FailureThrottled" : error.httpStatus() < 500 ? "FailureBadRequest" : "FailureInternalError";
        count(request, stream, status, started, 0, 0);
        long now = now();
        add(failures, new StreamingBucket(
                key(now, request, stream, status, error.code()), now, now, 1, Measure.of(0), Measure.of(0), Measure.of(0),
                new Failure(error.isPermanent(), ObfuscatedText.ofRequest(error.message()), request.activityId())));
    }

    private static void add(Map<Key, StreamingBucket> buckets, StreamingBucket one) {
        if (buckets.size() < BUCKETS_MAX || buckets.containsKey(one.key())) {
            buckets.merge(one.key(), one, StreamingBucket::plus);
        }
    }

    private Key key(long now, Request request, StreamingIngestion stream, String status, String code) {
        var database = storage.snapshot().database(stream.database()).map(Database::name).orElse(stream.database());
        return new Key(
                now / MINUTE, database, stream.table(), request.principal().fullyQualifiedName(), status,
                StreamingBucket.format(stream.format()), stream.mappingName().orElse(""), code);
    }

    /// @param minute that is not over yet
    private synchronized void write(long minute) {
        for (Key key : failures.keySet()) {
            write(Kind.STREAMING_FAILURE, failures.remove(key));
        }
        for (Key key : statistics.keySet()) {
            if (key.minute() < minute) {
                write(Kind.STREAMING_STATISTICS, statistics.remove(key));
            }
        }
    }

    private void write(Kind kind, StreamingBucket bucket) {
        var log = storage.log();
        var home = storage.snapshot().database(bucket.key().database()).map(LogHome::of).orElse(LogHome.CLUSTER);
        log.add(home, List.of(log.entry(kind, "", true, bucket.toJson())));
    }

    @Override
    public List<StreamingBucket> statistics() {
        return all(Kind.STREAMING_STATISTICS, statistics);
    }

    @Override
    public List<StreamingBucket> failures() {
        return all(Kind.STREAMING_FAILURE, failures);
    }

    private synchronized List<StreamingBucket> all(Kind kind, Map<Key, StreamingBucket> waiting) {
        var found = new LinkedHashMap<Key, StreamingBucket>();
        var log = storage.log();
        for (LogEntry entry : log.read(log.homes(), kind)) {
            var bucket = StreamingBucket.parse(entry.json());
            found.merge(bucket.key(), bucket, StreamingBucket::plus);
        }
        waiting.values().forEach(bucket -> found.merge(bucket.key(), bucket, StreamingBucket::plus));
        return new ArrayList<>(found.values()).reversed();
    }

    /// Writes down what there is, for the last time.
    @Override
    public void close() {
        write(Long.MAX_VALUE);
    }
}
