package io.conshelf.streams.flink;

import io.conshelf.connectors.file.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time of the last rows that a job showed, in ticks, however it ended: a job whose query was changed since begins there.
final class StoppedAt {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedAt.class);
    private static final String FILE = "last-output";

    private StoppedAt() {}

    static void write(Path folder, long ticks) {
        try {
            DurableFile.write(folder.resolve(FILE), Long.toString(ticks).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // an earlier one stays: rows may be given twice, and none is lost
            LOG.warn("the time of the last output is not kept: {}", e.getMessage());
        }
    }

    static Optional<Long> read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.exists(file) ? Optional.of(Long.parseLong(Files.readString(file))) : Optional.empty();
        } catch (NumberFormatException noTime) {
            throw new IllegalStateException("'%s' does not tell the time of the job's last output, so it cannot go on; start it now or at a time".formatted(file), noTime);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
