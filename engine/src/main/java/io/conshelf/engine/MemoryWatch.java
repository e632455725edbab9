package io.conshelf.engine;

import io.conshelf.engine.duck.DuckInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/// Ends the query that took most before the machine ends the process, and before DuckDB has nothing left: its own limit does
/// not see all that its functions make, and a Java function that asks for memory when there is none ends the process. And where
/// DuckDB has nothing left, in memory and on disk, for one that wants next to nothing.
final class MemoryWatch implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;

    /// A query can take two gigabytes a second.
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    /// Of DuckDB's memory, what cannot be written to disk: from here the largest query ends …
    private static final double PINNED_PART_MAX = 0.6;

    /// … and from here Java functions write nothing.
    private static final double PINNED_PART_SHORT = 0.75;

    private static final long SLACK_BYTES = 64L << 20;

    private final Limits limits;
    private final DuckInstance duck;
    private final DuckInstance.Memory memory;
    private final Supplier<Collection<ActiveRequest>> active;
    private final MemoryShares shares = new MemoryShares();
    private long toleratedBytes;

    private MemoryWatch(Limits limits, DuckInstance duck, Supplier<Collection<ActiveRequest>> active) {
        this.limits = limits;
        this.duck = duck;
        this.memory = duck.memory();
        this.active = active;
    }

    /// Looks until the executor ends.
    static MemoryWatch start(
            ScheduledExecutorService executor, Limits limits, DuckInstance duck, Supplier<Collection<ActiveRequest>> active) {
        var watch = new MemoryWatch(limits, duck, active);
        Repeated.start(executor, LOOK_EVERY, "The memory watch", watch::look);
        return watch;
    }

    private void look() {
        Collection<ActiveRequest> running = active.get();
        if (running.isEmpty()) {
            if (shares.isEnding()) {
                tolerate(resident().orElse(0));
            }
            shares.forget();
            duck.kernelCalls().memoryIsShort(false);
            return;
        }
        OptionalLong resident = resident();
        long residentBytes = resident.orElse(0);
        // Without much in use nothing can be short, and the question would cost more than the answer.
        boolean mayBeShort = resident.isEmpty() || residentBytes > limits.memoryBytes() / 4;
        var held = mayBeShort ? memory.held() : DuckInstance.Held.NOTHING;
        long pinnedBytes = held.pinnedBytes();
        shares.look(running, new MemoryShares.Memory(residentBytes, held.bytes(), NativeThread.all().pagesTouched()), System.nanoTime());
        duck.kernelCalls().memoryIsShort(pinnedBytes > limits.memoryBytes() * PINNED_PART_SHORT);
        shares.overTheirBudget().forEach(request -> request.stop(Errors.runaway(request.memoryBytesMax().orElseThrow())));
        if (shares.hasJustEnded()) {
            tolerate(residentBytes);
        }
        toleratedBytes = Math.min(toleratedBytes, residentBytes);
        long excess = Math.max(residentBytes - Math.max(limits.processMemoryBytesMax(), toleratedBytes + SLACK_BYTES),
                (long) (pinnedBytes - limits.memoryBytes() * PINNED_PART_MAX));
        if (excess > 0 || running.stream().anyMatch(ActiveRequest::hasWaitedLongForMemory)) {
            shares.largest(excess).ifPresent(request -> request.stop(Errors.lowMemory()));
        } else {
            shares.isEnough();
        }
    }

    // What an ended query leaves is given back to the system late, and nobody else is to blame for it.
    private void tolerate(long residentBytes) {
        toleratedBytes = residentBytes;
    }

    // Empty where the system does not tell.
    static OptionalLong resident() {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(STATUS).split(" ")[1]) * PAGE_BYTES);
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
