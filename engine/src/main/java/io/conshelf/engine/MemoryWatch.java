package io.conshelf.engine;

import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.KernelCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Ends the query that took most before the machine ends the process, and before DuckDB has nothing left: its own limit does
/// not see all that its functions make, and a Java function that asks for memory when there is none ends the process. And where
/// DuckDB has nothing left, in memory and on disk, for one that wants next to nothing.
final class MemoryWatch {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;

    /// A query can take two gigabytes a second.
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    /// Of DuckDB's memory, what cannot be written to disk: from here the largest query ends …
    private static final double PINNED_PART_MAX = 0.6;

    /// … and from here Java functions write nothing.
    private static final double PINNED_PART_SHORT = 0.75;

    /// Of DuckDB's memory, with what tables keep there: below this others are not to blame for one that finds none.
    private static final double PART_FULL = 0.8;

    private static final long SLACK_BYTES = 64L << 20;

    private final Limits limits;
    private final KernelCalls kernels;
    private final Supplier<DuckInstance.Held> memory;
    private final Supplier<Collection<ActiveRequest>> active;
    private final LongSupplier nanos;
    private final MemoryShares shares = new MemoryShares();
    private long toleratedBytes;
    private volatile boolean isFull;

    /// @param memory what DuckDB holds
    /// @param active in the order in which they began
    MemoryWatch(Limits limits, KernelCalls kernels, Supplier<DuckInstance.Held> memory, Supplier<Collection<ActiveRequest>> active) {
        this(limits, kernels, memory, active, System::nanoTime);
    }

    /// @param nanos the time, as of [System#nanoTime]
    MemoryWatch(Limits limits, KernelCalls kernels, Supplier<DuckInstance.Held> memory, Supplier<Collection<ActiveRequest>> active,
            LongSupplier nanos) {
        this.limits = limits;
        this.kernels = kernels;
        this.memory = memory;
        this.active = active;
        this.nanos = nanos;
    }

    /// Looks until the executor ends.
    void start(ScheduledExecutorService executor) {
        Repeated.start(executor, LOOK_EVERY, "The memory watch", this::look);
    }

    /// Whether next to all of DuckDB's memory was in use at the last look.
    boolean isFull() {
        return isFull;
    }

    void look() {
        Collection<ActiveRequest> running = active.get();
        if (running.isEmpty()) {
            if (shares.isEnding()) {
                tolerate(resident().orElse(0));
            }
            shares.forget();
            isFull = false;
            kernels.tellOfMemory(() -> false);
            return;
        }
        OptionalLong resident = resident();
        long residentBytes = resident.orElse(0);
        boolean isWaitedFor = running.stream().anyMatch(ActiveRequest::hasWaitedLongForMemory);
        // Without much in use nothing can be short, and the question would cost more than the answer.
        boolean mayBeShort = resident.isEmpty() || residentBytes > limits.memoryBytes() / 4 || isWaitedFor;
        var held = mayBeShort ? memory.get() : DuckInstance.Held.NOTHING;
        // Where it is not known it is all that DuckDB may have, and no more.
        long pinnedBytes = Math.min(held.pinnedBytes(), limits.memoryBytes());
        boolean isShort = pinnedBytes > limits.memoryBytes() * PINNED_PART_SHORT;
        isFull = isShort || held.allBytes() >= limits.memoryBytes() * PART_FULL;
        shares.look(running, new MemoryShares.Memory(residentBytes, held.bytes(), NativeThread.all().pagesTouched()), nanos.getAsLong());
        // Who had the memory may have ended since, and the next one has found it free.
        kernels.tellOfMemory(() -> isShort && active.get().stream().anyMatch(running::contains));
        shares.overTheirBudget().forEach((request, budget) -> request.stop(Errors.runaway(budget.bytesMax())));
        if (shares.hasJustEnded()) {
            tolerate(residentBytes);
        }
        toleratedBytes = Math.min(toleratedBytes, residentBytes);
        long excess = Math.max(residentBytes - Math.max(limits.processMemoryBytesMax(), toleratedBytes + SLACK_BYTES),
                (long) (pinnedBytes - limits.memoryBytes() * PINNED_PART_MAX));
        // One that finds none while there is enough wants what no other's end would give it.
        if (excess > 0 || isWaitedFor && isFull) {
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
}
