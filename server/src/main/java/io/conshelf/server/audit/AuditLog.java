package io.conshelf.server.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was done (`commands.jsonl`) and what was refused (`denials.jsonl`): apart, so that strangers who are refused often enough do not
/// push out what was done. A line is in the file before the request is answered, and on the disk within a second.
///
/// Where a line cannot be written the request goes on: the cluster's log tells it once, and a metric counts the lines that are missing.
public final class AuditLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final Duration FORCE_EVERY = Duration.ofSeconds(1);

    private final Lines commands;
    private final Lines denials;
    private final RepeatedDenials repeated = new RepeatedDenials();
    private final InstantSource clock;
    private final AtomicLong missing = new AtomicLong();
    private final ScheduledExecutorService forcing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-audit").factory());

    /// How much is kept.
    ///
    /// @param fileBytesMax of one file
    /// @param filesMax     of each kind; when the last is full the oldest goes
    public record Limits(long fileBytesMax, int filesMax) {
        public static final Limits DEFAULT = new Limits(16 << 20, 8);
    }

    private AuditLog(Path folder, Limits limits, InstantSource clock) {
        this.clock = clock;
        this.commands = new Lines(folder, "commands", limits);
        this.denials = new Lines(folder, "denials", limits);
        forcing.scheduleWithFixedDelay(this::force, FORCE_EVERY.toMillis(), FORCE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// @param clock by which events have their times
    public static AuditLog open(Path folder, Limits limits, InstantSource clock) throws IOException {
        Files.createDirectories(folder);
        return new AuditLog(folder, limits, clock);
    }

    /// One kind of lines, and whether it was told that they cannot be written or forced: each is told once, until it is possible again.
    private final class Lines {
        private final RotatingFile file;
        private volatile boolean isNotWritten;
        private volatile boolean isNotForced;

        Lines(Path folder, String name, Limits limits) {
            this.file = new RotatingFile(folder, name, limits.fileBytesMax(), limits.filesMax());
        }

        void append(byte[] line) {
            try {
                file.append(line);
                isNotWritten = false;
            } catch (IOException e) {
                missing.incrementAndGet();
                if (!isNotWritten) {
                    isNotWritten = true;
                    LOG.warn("the audit log cannot be written: {}", e.toString());
                }
            }
        }

        void force() {
            try {
                file.force();
                isNotForced = false;
            } catch (IOException e) {
                if (!isNotForced) {
                    isNotForced = true;
                    LOG.warn("the audit log is written, but not forced to the disk: {}", e.toString());
                }
            }
        }

        void close() {
            try {
                file.close();
            } catch (IOException e) {
                if (!isNotForced) {
                    LOG.warn("the audit log could not be forced to the disk when it was closed: {}", e.toString());
                }
            }
        }
    }

    public void done(AuditEvent event) {
        commands.append(event.line());
    }

    /// Of somebody who is known.
    public void denied(AuditEvent event) {
        denials.append(event.line());
    }

    /// Of somebody who is not: many of the same are summed up.
    ///
    /// @param network what is one client as far as its address tells
    public void deniedToStranger(AuditEvent event, String network) {
        if (repeated.isWritten(event, network)) {
            denials.append(event.line());
        }
    }

    private void tell(List<RepeatedDenials.Sum> sums) {
        sums.forEach(sum -> denials.append(sum.last().line(sum.times(), sum.first())));
    }

    /// Lines that could not be written.
    public long missing() {
        return missing.get();
    }

    void force() {
        tell(repeated.due(clock.instant()));
        commands.force();
        denials.force();
    }

    @Override
    public void close() {
        forcing.shutdownNow();
        tell(repeated.due(Instant.MAX));
        commands.close();
        denials.close();
    }
}
