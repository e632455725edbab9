package io.conshelf.streams.flink;

import java.util.OptionalInt;
import org.apache.flink.configuration.MemorySize;

/// How many tasks the steps of a job are spread over in this process, and the buffers that rows take from one step to the next.
final class Tasks {
    /// What a hint leads to at most: buffers grow with the square.
    static final int HINTED_MAX = 8;
    /// What settings may state.
    static final int STATED_MAX = 16;
    /// One of the newer units, which a step that is not partitioned uses at most.
    private static final int UNITS_FOR_A_TASK = 6;
    /// Of all jobs in this process together.
    static final int SLOTS = 256;
    /// From steps to steps, in all jobs together.
    static final int EXCHANGES = 100;
    /// Flink's own default.
    private static final long BUFFER_BYTES = 32 << 10;
    private static final long NETWORK_MIN = 64 << 20;

    private Tasks() {}

    /// @param least as settings state it
    static int of(int least, int units, int processors) {
        return Math.max(least, Math.min(units / UNITS_FOR_A_TASK, Math.min(processors, HINTED_MAX)));
    }

    /// As many of them as there is room for, since more than the least are a hint.
    ///
    /// @param free slots of the cluster
    /// @return empty where there is no room for the least
    static OptionalInt within(int wanted, int least, int free) {
        return free < least ? OptionalInt.empty() : OptionalInt.of(Math.min(wanted, free));
    }

    /// For a job with any number of units.
    static int max(int least, int processors) {
        return of(least, Integer.MAX_VALUE, processors);
    }

    /// What an exchange between so many tasks and as many others needs before it starts: each that gives, one for each that takes and one more; each that takes,
    /// one.
    static long buffers(int tasks) {
        return (long) tasks * (tasks + 2);
    }

    static MemorySize network(int tasks) {
        return new MemorySize(Math.max(NETWORK_MIN, EXCHANGES * buffers(tasks) * BUFFER_BYTES));
    }
}
