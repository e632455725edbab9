package io.conshelf.server.ingest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Collects sources into batches by the batching policy. Time comes from the caller; one thread uses it.
final class Batcher {
    private final Map<Source.Key, Open> open = new LinkedHashMap<>();

    private static final class Open {
        final Source.Key key;
        final List<Source> sources = new ArrayList<>();
        final Instant since;
        BatchingPolicy policy;
        long rawBytes;

        Open(Source.Key key, Instant since, BatchingPolicy policy) {
            this.key = key;
            this.since = since;
            this.policy = policy;
        }

        Instant due() {
            return since.plus(policy.timeMax());
        }

        Batch close(Batch.Reason reason) {
            return new Batch(key, sources, reason);
        }
    }

    /// Takes a source.
    ///
    /// @return the batches that are closed by that, in the order in which they are to be ingested
    List<Batch> add(Source source, BatchingPolicy policy, Instant now) {
        Optional<Batch.Reason> alone = source.alone();
        if (alone.isPresent()) {
            List<Batch> closed = new ArrayList<>();
            // What came before is not overtaken.
            closeTable(source, closed);
            closed.add(new Batch(source.key(), List.of(source), alone.get()));
            return closed;
        }
        Open batch = open.computeIfAbsent(source.key(), key -> new Open(key, now, policy));
        batch.policy = policy;
        batch.sources.add(source);
        batch.rawBytes += source.rawBytes();
        Optional<Batch.Reason> full = batch.rawBytes >= policy.rawBytesMax()
                ? Optional.of(Batch.Reason.SIZE)
                : batch.sources.size() >= policy.itemsMax() ? Optional.of(Batch.Reason.COUNT) : Optional.empty();
        if (full.isEmpty()) {
            return List.of();
        }
        open.remove(source.key());
        return List.of(batch.close(full.get()));
    }

    /// Whether the blob waits in the batch that the source would join.
    boolean hasBlob(Source source) {
        Open batch = open.get(source.key());
        return batch != null
                && batch.sources.stream().anyMatch(other -> other.path().equals(source.path()));
    }

    /// Closes what has waited long enough.
    List<Batch> due(Instant now) {
        List<Batch> due = new ArrayList<>();
        for (Iterator<Open> batches = open.values().iterator(); batches.hasNext(); ) {
            Open batch = batches.next();
            if (!now.isBefore(batch.due())) {
                batches.remove();
                due.add(batch.close(Batch.Reason.TIME));
            }
        }
        return due;
    }

    /// How long until something is due, at most `max`.
    Duration untilDue(Instant now, Duration max) {
        Duration shortest = max;
        for (Open batch : open.values()) {
            Duration left = Duration.between(now, batch.due());
            shortest = left.compareTo(shortest) < 0 ? left : shortest;
        }
        return shortest.isNegative() ? Duration.ZERO : shortest;
    }

    int waiting() {
        return open.values().stream().mapToInt(batch -> batch.sources.size()).sum();
    }

    private void closeTable(Source source, List<Batch> closed) {
        for (Iterator<Open> batches = open.values().iterator(); batches.hasNext(); ) {
            Open batch = batches.next();
            if (batch.key.isSameTable(source.key())) {
                batches.remove();
                closed.add(batch.close(Batch.Reason.SYSTEM));
            }
        }
    }
}
