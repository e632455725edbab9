package io.conshelf.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// How much of the memory each running request took, as far as can be told: nobody counts it by query. What was taken between
/// two looks is shared out among the requests that were at work.
///
/// The pages that a request's own thread touched first are its own. For the others, which DuckDB's workers touched, and for
/// memory that was there already, freed by somebody before, those who took some lately are taken to go on at their pace. What
/// is taken beyond that is the likelier of a request the more its own thread touched lately, and the more it took in the time
/// that it has been running: where nothing was taken before a request came, it is the one.
/// One that finds nothing in its way takes what it wants within a few looks, so the sums tell the large from the small.
final class MemoryShares {
    /// Below this nobody is to blame; so much each request is taken to have had when it began.
    private static final long SHARE_BYTES_MIN = 16L << 20;

    /// How long a request that was told to end may take before the next one is told, and how long memory is short before
    /// somebody ends whose share does not explain it.
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    /// How long it may take where its end is enough and it gets no worse: it sees that it is to end only now and then, and to free
    /// what it has takes time.
    private static final long LEAVING_NANOS = 10_000_000_000L;

    /// What a request took in a moment of its beginning tells nothing of how fast it takes memory.
    private static final double MOMENT_NANOS = 50e6;

    /// What a request's own thread touched counts for less with each look, for next to nothing after two seconds …
    private static final double KEPT_OF_RECENT = 0.9;

    /// … as does its pace, once nothing is taken. Who takes faster than before, up to so much, goes on as it did. One that
    /// stops taking just when another begins to is told from one that goes on only once the other touches more, or takes faster.
    private static final double OF_PACE_MAX = 1.6;

    /// Below this all requests together are told apart by how fast each took memory.
    private static final double RECENT_BYTES_MIN = 4L << 20;

    /// Shares are an estimate: of those that took about as much the youngest ends, as the least work is lost.
    private static final double ABOUT_AS_MUCH = 0.75;

    // In the order in which they began.
    private final Map<ActiveRequest, Share> shares = new LinkedHashMap<>();
    private Memory before = Memory.UNKNOWN;
    private double aheadBytes;
    private long now;
    private long endedAt;
    // While the request that was told to end was waited for in any case.
    private long worstExcessBytes;
    private Optional<ActiveRequest> ending = Optional.empty();
    private boolean hasJustEnded;
    private OptionalLong shortSince = OptionalLong.empty();

    /// What is seen at one look; 0 where it is not known.
    ///
    /// @param residentBytes of the process
    /// @param heldBytes     what DuckDB holds for queries, whether the process grew for it or not
    /// @param pagesTouched  by all threads, ever
    record Memory(long residentBytes, long heldBytes, long pagesTouched) {
        static final Memory UNKNOWN = new Memory(0, 0, 0);

        static long grown(long before, long now) {
            return before == 0 || now == 0 ? 0 : Math.max(0, now - before);
        }
    }

    private static final class Share {
        final long since;
        double bytes;
        long pagesBefore;
        long pages;
        double recentBytes;
        double paceBytes;
        boolean isBusy;
        // What a later one allows lifts none of those before.
        final List<Allowed> allowed = new ArrayList<>();

        Share(long since, long pagesBefore) {
            this.since = since;
            this.pagesBefore = pagesBefore;
        }

        /// By the nanosecond, which tells the requests at work from each other.
        double rate(long now) {
            return isBusy ? (bytes + SHARE_BYTES_MIN) / (now - since + MOMENT_NANOS) : 0;
        }

        /// What it took until the look that sees a later budget first counts for what it did before.
        void allow(MemoryBudget budget) {
            if (allowed.isEmpty() || !allowed.getLast().budget().equals(budget)) {
                allowed.add(new Allowed(budget, budget.resultsBefore() == 0 ? 0 : bytes));
            }
        }

        Optional<MemoryBudget> exceeded() {
            return allowed.stream().filter(each -> bytes - each.bytesBefore() > each.budget().bytesMax()).map(Allowed::budget).findFirst();
        }
    }

    private record Allowed(MemoryBudget budget, double bytesBefore) {}

    void forget() {
        shares.clear();
        ending = Optional.empty();
        hasJustEnded = false;
        shortSince = OptionalLong.empty();
        before = Memory.UNKNOWN;
        aheadBytes = 0;
    }

    /// @param running in the order in which they began
    /// @param nanos   a point in time, as of [System#nanoTime]
    void look(Collection<ActiveRequest> running, Memory memory, long nanos) {
        now = nanos;
        shares.keySet().retainAll(running);
        boolean wasEnding = ending.isPresent();
        ending = ending.filter(running::contains);
        hasJustEnded = wasEnding && ending.isEmpty();
        for (ActiveRequest request : running) {
            long touched = request.pagesTouched();
            Share share = shares.computeIfAbsent(request, _ -> new Share(nanos, touched));
            share.pages = Math.max(0, touched - share.pagesBefore);
            share.pagesBefore = touched;
            share.isBusy = request.busyNanos() > 0;
        }
        long grown = Memory.grown(before.residentBytes(), memory.residentBytes());
        long held = Memory.grown(before.heldBytes(), memory.heldBytes());
        shareOut(grown, taken(grown, held), Memory.grown(before.pagesTouched(), memory.pagesTouched()));
        before = memory;
        shares.forEach((request, share) -> request.memoryBudget().ifPresent(share::allow));
        if (grown > 0 || held > 0) {
            shares.forEach((request, share) -> request.tookMemory((long) share.bytes));
        }
    }

    /// What DuckDB holds may have been there already, or may be there only once it is touched, and is not counted again then.
    private double taken(long grown, long held) {
        double countedBefore = Math.min(aheadBytes, Math.max(0, grown - held));
        aheadBytes = (aheadBytes - countedBefore) * KEPT_OF_RECENT + Math.max(0, held - grown);
        return Math.max(grown, held) - countedBefore;
    }

    /// @param grown      what the process grew by, page by page
    /// @param taken      with what was there already, and without what was counted before
    /// @param pagesOfAll that were touched first between the looks, by any thread
    private void shareOut(long grown, double taken, long pagesOfAll) {
        long pagesOwn = shares.values().stream().mapToLong(share -> share.pages).sum();
        double bytesPerPage = pagesOwn == 0 ? 0 : Math.min(grown, taken) / Math.max(pagesOfAll, pagesOwn);
        for (Share share : shares.values()) {
            double own = share.pages * bytesPerPage;
            share.bytes += own;
            share.recentBytes = share.recentBytes * KEPT_OF_RECENT + own;
        }
        double nobodysOwn = taken - pagesOwn * bytesPerPage;
        double paces = shares.values().stream().mapToDouble(share -> share.isBusy ? share.paceBytes : 0).sum();
        double asBefore = Math.min(nobodysOwn, paces * OF_PACE_MAX);
        double more = nobodysOwn - asBefore;
        Map<Share, Double> weights = weights();
        double all = weights.values().stream().mapToDouble(weight -> weight).sum();
        weights.forEach((share, weight) -> {
            double part = (paces > 0 && share.isBusy ? asBefore * share.paceBytes / paces : 0) + (all > 0 ? more * weight / all : 0);
            share.bytes += part;
            share.paceBytes = share.paceBytes * KEPT_OF_RECENT + part * (1 - KEPT_OF_RECENT);
        });
    }

    private Map<Share, Double> weights() {
        double rates = shares.values().stream().mapToDouble(share -> share.rate(now)).sum();
        Map<Share, Double> weights = new HashMap<>();
        for (Share share : shares.values()) {
            weights.put(share, share.recentBytes + (rates == 0 ? 0 : RECENT_BYTES_MIN * share.rate(now) / rates));
        }
        return weights;
    }

    /// Whether the request that was told to end had done so by the last look.
    boolean hasJustEnded() {
        return hasJustEnded;
    }

    /// Whether the request that was told to end had not done so by the last look.
    boolean isEnding() {
        return ending.isPresent();
    }

    /// Those that took more than they asked to be allowed, and what that is.
    Map<ActiveRequest, MemoryBudget> overTheirBudget() {
        var over = new HashMap<ActiveRequest, MemoryBudget>();
        shares.forEach((request, share) -> share.exceeded().filter(_ -> !request.isStopped()).ifPresent(budget -> over.put(request, budget)));
        return over;
    }

    /// There is enough.
    void isEnough() {
        shortSince = OptionalLong.empty();
    }

    /// Who is to end so that there is enough again; nobody while the last one is still on its way out, and nobody whose end
    /// would not help, unless it stays short: shares are an estimate, and none are known where the system counts nothing.
    Optional<ActiveRequest> largest(long excessBytes) {
        if (shortSince.isEmpty()) {
            shortSince = OptionalLong.of(now);
        }
        if (isWaitedFor(Math.max(0, excessBytes))) {
            return Optional.empty();
        }
        long worthwhile = Math.max(SHARE_BYTES_MIN, Math.min(excessBytes / 8, 1L << 30));
        Optional<ActiveRequest> largest = largestShare(worthwhile)
                .or(() -> now - shortSince.getAsLong() < PATIENCE_NANOS ? Optional.empty() : largestOfTheOld());
        if (largest.isPresent()) {
            ending = largest;
            endedAt = now;
            worstExcessBytes = Math.max(0, excessBytes);
        }
        return largest;
    }

    private boolean isWaitedFor(long excessBytes) {
        if (ending.isEmpty()) {
            return false;
        }
        if (now - endedAt < PATIENCE_NANOS) {
            worstExcessBytes = Math.max(worstExcessBytes, excessBytes);
            return true;
        }
        return now - endedAt < LEAVING_NANOS && excessBytes <= worstExcessBytes + SHARE_BYTES_MIN
                && shares.get(ending.get()).bytes >= excessBytes;
    }

    private Optional<ActiveRequest> largestShare(long worthwhile) {
        Optional<Share> most = shares.entrySet().stream()
                .filter(entry -> mayEnd(entry.getKey()))
                .map(Map.Entry::getValue)
                .max(Comparator.comparingDouble(share -> share.bytes));
        if (most.isEmpty() || most.get().bytes < worthwhile || isFirstSeen(most.get())) {
            return Optional.empty();
        }
        double bytesMin = most.get().bytes * ABOUT_AS_MUCH;
        return shares.entrySet().stream()
                .filter(entry -> mayEnd(entry.getKey()) && entry.getValue().bytes >= bytesMin && !isFirstSeen(entry.getValue()))
                .map(Map.Entry::getKey)
                .reduce((_, younger) -> younger);
    }

    // Who waits for memory has none.
    private static boolean mayEnd(ActiveRequest request) {
        return !request.isStopped() && !request.hasWaitedLongForMemory();
    }

    // What was taken until this look is put down to who is first seen in it for no better reason than that it came, beside others: the next look
    // tells whether it goes on, and most are done by then.
    private boolean isFirstSeen(Share share) {
        return share.since == now && shares.size() > 1;
    }

    // The young are not to blame for what was there before them; and who is on its way out is waited for.
    private Optional<ActiveRequest> largestOfTheOld() {
        if (shares.keySet().stream().anyMatch(ActiveRequest::isStopped)) {
            return Optional.empty();
        }
        return shares.entrySet().stream()
                .filter(entry -> mayEnd(entry.getKey()) && now - entry.getValue().since >= PATIENCE_NANOS)
                .max(Comparator.comparingDouble((Map.Entry<ActiveRequest, Share> entry) -> entry.getValue().bytes)
                        .thenComparingLong(entry -> now - entry.getValue().since))
                .map(Map.Entry::getKey);
    }
}
