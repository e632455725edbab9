package io.conshelf.engine.fuzz;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ends the process as soon as it holds more memory than queries over a few rows have any use for, and names the query that runs: where the system ends
/// a process that outgrows its machine, nobody learns why. Watches nothing where the system does not tell what a process holds.
final class MemoryBound implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;
    private static final long BYTES_MAX = Math.min(8L << 30,
            ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize() / 2);
    private static final int EXIT_CODE = 70;

    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String running = "";

    MemoryBound() {
        if (Files.isReadable(STATUS)) {
            Thread.ofPlatform().daemon().name("memory-bound").start(this::watch);
        }
    }

    void running(String query) {
        running = query;
    }

    private void watch() {
        try {
            while (!closed.await(50, TimeUnit.MILLISECONDS)) {
                long held = Long.parseLong(Files.readString(STATUS).split(" ")[1]) * PAGE_BYTES;
                if (held > BYTES_MAX) {
                    System.out.println("The process holds " + (held >> 20) + " MB, of at most " + (BYTES_MAX >> 20) + ", while this query runs:\n" + running);
                    System.out.flush();
                    Runtime.getRuntime().halt(EXIT_CODE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
