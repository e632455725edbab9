package io.conshelf.engine;

import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.RunningQuery.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// The requests that run now and the last ones that ended.
final class RequestLog {
    private final Map<Long, Entry> running = new ConcurrentHashMap<>();
    private final ArrayDeque<RunningQuery> ended = new ArrayDeque<>();
    private final AtomicLong ids = new AtomicLong();
    private final Limits limits;

    RequestLog(Limits limits) {
        this.limits = limits;
    }

    /// @param stop called at most once from any thread
    Entry begin(Request request, Kind kind, String text, String workloadGroup, Runnable stop) {
        var entry = new Entry(ids.incrementAndGet(), request, kind, workloadGroup, ObfuscatedText.ofRequest(text, limits.finishedQueryTextChars()), stop);
        running.put(entry.id, entry);
        return entry;
    }

    int cancel(Principal principal, String clientRequestId) {
        List<Entry> matching = running.values().stream()
                .filter(entry -> entry.request.clientRequestId().equals(clientRequestId))
                .filter(entry -> principal.isAdministrator() || entry.request.principal().isSameAs(principal))
                .toList();
        matching.forEach(entry -> entry.stop.run());
        return matching.size();
    }

    void abandon(UUID activityId) {
        running.values().stream()
                .filter(entry -> entry.request.activityId().equals(activityId))
                .forEach(entry -> entry.stop.run());
    }

    List<RunningQuery> running() {
        return running.values().stream()
                .sorted(Comparator.comparingLong(entry -> entry.id))
                .map(Entry::snapshot)
                .toList();
    }

    /// The last requests that ended, the latest first.
    List<RunningQuery> ended() {
        synchronized (ended) {
            return new ArrayList<>(ended);
        }
    }

    private void remember(RunningQuery query) {
        synchronized (ended) {
            ended.addFirst(query);
            if (ended.size() > limits.finishedQueriesKept()) {
                ended.removeLast();
            }
        }
    }

    final class Entry {
        private final long id;
        private final Request request;
        private final Kind kind;
        private final String workloadGroup;
        private final String text;
        private final Runnable stop;
        private final long startedNanos = System.nanoTime();
        private volatile State state = State.WAITING;
        private volatile Supplier<Answer.Usage> usage = () -> Answer.Usage.NONE;

        private Entry(long id, Request request, Kind kind, String workloadGroup, String text, Runnable stop) {
            this.id = id;
            this.request = request;
            this.kind = kind;
            this.workloadGroup = workloadGroup;
            this.text = text;
            this.stop = stop;
        }

        void isRunning(Supplier<Answer.Usage> usageNow) {
            usage = usageNow;
            state = State.RUNNING;
        }

        /// What it took, once it has ended.
        void used(RequestRates rates) {
            rates.used(workloadGroup, request, Duration.ofNanos(System.nanoTime() - startedNanos), usage.get().cpuMicros());
        }

        /// Only the first end counts.
        void end(State how, String reason) {
            if (running.remove(id) != null) {
                state = how;
                remember(snapshot(reason));
            }
        }

        RunningQuery snapshot() {
            return snapshot("");
        }

        private RunningQuery snapshot(String reason) {
            Instant startedOn = request.now();
            return new RunningQuery(request.clientRequestId(), request.activityId().toString(), kind, text,
                    request.database(), request.principal(), request.application(), request.user(), state, startedOn,
                    Duration.ofNanos(System.nanoTime() - startedNanos), usage.get(), reason, request.options(), workloadGroup);
        }
    }
}
