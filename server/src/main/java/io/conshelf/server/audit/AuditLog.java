package io.conshelf.server.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    private final RotatingFile commands;
    private final RotatingFile denials;
    private final AtomicLong missing = new AtomicLong();
    private volatile boolean isFailing;
    private final ScheduledExecutorService forcing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-audit").factory());

    /// How much is kept.
    ///
    /// @param fileBytesMax of one file
    /// @param filesMax     of each kind; when the last is full the oldest goes
    public record Limits(long fileBytesMax, int filesMax) {
        public static final Limits DEFAULT = new Limits(16 << 20, 8);
    }

    private AuditLog(Path folder, Limits limits) {
        this.commands = new RotatingFile(folder, "commands", limits.fileBytesMax(), limits.filesMax());
        this.denials = new RotatingFile(folder, "denials", limits.fileBytesMax(), limits.filesMax());
        forcing.scheduleWithFixedDelay(this::force, FORCE_EVERY.toMillis(), FORCE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    public static AuditLog open(Path folder, Limits limits) throws IOException {
        Files.createDirectories(folder);
        return new AuditLog(folder, limits);
    }

    public void done(AuditEvent event) {
        append(commands, event);
    }

    public void denied(AuditEvent event) {
        append(denials, event);
    }

    /// Lines that could not be written.
    public long missing() {
        return missing.get();
    }

    private void append(RotatingFile file, AuditEvent event) {
        try {
            file.append(event.line());
            isFailing = false;
        } catch (IOException e) {
            fails(e);
            missing.incrementAndGet();
        }
    }

    private void force() {
        try {
            commands.force();
            denials.force();
        } catch (IOException e) {
            fails(e);
        }
    }

    private void fails(IOException e) {
        if (!isFailing) {
            isFailing = true;
            LOG.warn("the audit log cannot be written: {}", e.toString());
        }
    }

    @Override
    public void close() {
        forcing.shutdownNow();
        try (commands; denials) {
            // closing is all
        } catch (IOException e) {
            fails(e);
        }
    }
}
