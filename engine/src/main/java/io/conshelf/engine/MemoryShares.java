package io.conshelf.engine;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// How much of the process's memory each running request took, as far as can be told: nobody counts it by query. What the
/// process grew by between two looks is shared out among the requests that were at work, by the pages that each one's own
/// thread touched first, and by time where the system counts none. One that finds nothing in its way takes what it wants
/// within a few looks, so the sums tell the large from the small.
final class MemoryShares {
    /// Below this nobody is to blame.
    private static final long SHARE_BYTES_MIN = 16L << 20;

    /// How long a request that was told to end may take before the next one is told, and how long memory is short before
    /// somebody ends whose share does not explain it.
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final Map<ActiveRequest, Share> shares = new HashMap<>();
    private long residentBefore;
    private long endedAt;
    private Optional<ActiveRequest> ending = Optional.empty();
    private boolean hasJustEnded;
    private OptionalLong shortSince = OptionalLong.empty();

    private static final class Share {
        final long since = System.nanoTime();
        long bytes;
        long pagesBefore;
        long pages;
        long busyNanos;
    }

    void forget() {
        shares.clear();
        ending = Optional.empty();
        hasJustEnded = false;
        shortSince = OptionalLong.empty();
        residentBefore = 0;
    }

    /// @param residentBytes of the process, 0 where it is not known
    void look(Collection<ActiveRequest> running, long residentBytes) {
        shares.keySet().retainAll(running);
        boolean wasEnding = ending.isPresent();
        ending = ending.filter(running::contains);
        hasJustEnded = wasEnding && ending.isEmpty();
        long grown = residentBefore == 0 ? 0 : Math.max(0, residentBytes - residentBefore);
        residentBefore = residentBytes;
        long pages = 0;
        long nanos = 0;
        for (ActiveRequest request : running) {
            Share share = shares.get(request);
            long now = request.pagesTouched();
            if (share == null) {
                share = new Share();
                share.pagesBefore = now;
                shares.put(request, share);
            }
            share.pages = Math.max(0, now - share.pagesBefore);
            share.pagesBefore = now;
            share.busyNanos = request.busyNanos();
            pages += share.pages;
            nanos += share.busyNanos;
        }
        if (grown > 0) {
            for (Share share : shares.values()) {
                double part = pages > 0 ? (double) share.pages / pages : nanos > 0 ? (double) share.busyNanos / nanos : 0;
                share.bytes += (long) (grown * part);
            }
            shares.forEach((request, share) -> request.tookMemory(share.bytes));
        }
    }

    /// Whether the request that was told to end had done so by the last look.
    boolean hasJustEnded() {
        return hasJustEnded;
    }

    /// Whether the request that was told to end had not done so by the last look.
    boolean isEnding() {
        return ending.isPresent();
    }

    /// Those that took more than they asked to be allowed.
    List<ActiveRequest> overTheirBudget() {
        return shares.entrySet().stream()
                .filter(entry -> !entry.getKey().isStopped())
                .filter(entry -> entry.getKey().memoryBytesMax().isPresent()
                        && entry.getValue().bytes > entry.getKey().memoryBytesMax().getAsLong())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// There is enough.
    void isEnough() {
        shortSince = OptionalLong.empty();
    }

    /// Who is to end so that there is enough again; nobody while the last one is still on its way out, and nobody whose end
    /// would not help, unless it stays short: shares are an estimate, and none are known where the system counts nothing.
    Optional<ActiveRequest> largest(long excessBytes) {
        long now = System.nanoTime();
        if (shortSince.isEmpty()) {
            shortSince = OptionalLong.of(now);
        }
        boolean isWaiting = ending.isPresent() && now - endedAt < PATIENCE_NANOS;
        if (isWaiting) {
            return Optional.empty();
        }
        long worthwhile = Math.max(SHARE_BYTES_MIN, Math.min(excessBytes / 8, 1L << 30));
        Optional<ActiveRequest> largest = shares.entrySet().stream()
                .filter(entry -> !entry.getKey().isStopped() && entry.getValue().bytes >= worthwhile)
                .max(Comparator.comparingLong(entry -> entry.getValue().bytes))
                .map(Map.Entry::getKey)
                .or(() -> now - shortSince.getAsLong() < PATIENCE_NANOS ? Optional.empty() : largestOfTheOld(now));
        if (largest.isPresent()) {
            ending = largest;
            endedAt = now;
        }
        return largest;
    }

    // The young are not to blame for what was there before them; and who is on its way out is waited for.
    private Optional<ActiveRequest> largestOfTheOld(long now) {
        if (shares.keySet().stream().anyMatch(ActiveRequest::isStopped)) {
            return Optional.empty();
        }
        return shares.entrySet().stream()
                .filter(entry -> now - entry.getValue().since >= PATIENCE_NANOS)
                .max(Comparator.comparingLong((Map.Entry<ActiveRequest, Share> entry) -> entry.getValue().bytes)
                        .thenComparingLong(entry -> now - entry.getValue().since))
                .map(Map.Entry::getKey);
    }
}
