package io.conshelf.streams.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
            Path next = folder.resolve(FILE + ".next");
            Files.writeString(next, Long.toString(ticks));
            Files.move(next, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // an earlier one stays: rows may be given twice, and none is lost
            LOG.warn("the time of the last output is not kept: {}", e.getMessage());
        }
    }

    static Optional<Long> read(Path folder) {
        try {
            Path file = folder.resolve(FILE);
            return Files.exists(file) ? Optional.of(Long.parseLong(Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
