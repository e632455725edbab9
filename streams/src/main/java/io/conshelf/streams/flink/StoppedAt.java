package io.conshelf.streams.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The time of the last row that a job gave before it was stopped, in ticks: a job whose query was changed since begins there.
final class StoppedAt {
    private static final String FILE = "last-output";

    private StoppedAt() {}

    static void write(Path folder, long ticks) {
        try {
            Files.writeString(folder.resolve(FILE), Long.toString(ticks));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
