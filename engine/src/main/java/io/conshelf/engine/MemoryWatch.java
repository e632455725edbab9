package io.conshelf.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;

/// Ends queries before the machine ends the process: DuckDB's own limit does not see what its functions gather in lists
/// and texts.
final class MemoryWatch {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final long PAGE_BYTES = 4096;

    private final long bytesMax;
    private final Runnable tooMuch;

    private MemoryWatch(long bytesMax, Runnable tooMuch) {
        this.bytesMax = bytesMax;
        this.tooMuch = tooMuch;
    }

    /// Calls `tooMuch` at each look that finds the process above the limit, until the executor ends.
    static void start(ScheduledExecutorService executor, long bytesMax, Runnable tooMuch) {
        var watch = new MemoryWatch(bytesMax, tooMuch);
        if (resident().isPresent()) {
            Repeated.start(executor, LOOK_EVERY, "The memory watch", watch::look);
        }
    }

    private void look() {
        OptionalLong resident = resident();
        if (resident.isPresent() && resident.getAsLong() > bytesMax) {
            tooMuch.run();
        }
    }

    // Empty where the system does not tell.
    private static OptionalLong resident() {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(STATUS).split(" ")[1]) * PAGE_BYTES);
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return OptionalLong.empty();
        }
    }
}
