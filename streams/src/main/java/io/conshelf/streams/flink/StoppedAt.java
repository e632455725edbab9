package io.conshelf.streams.flink;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.file.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time of the last rows that a job showed, in ticks, however it ended: a job whose query was changed since begins there.
final class StoppedAt {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedAt.class);
    private static final String FILE = "last-output";
    private static final String OVER = "outputs-over";
    private static final String LOST = "rows-lost";
    private static final ObjectMapper JSON = new ObjectMapper();

    private StoppedAt() {}

    static void write(Path folder, long ticks) {
        try {
            DurableFile.write(folder.resolve(FILE), Long.toString(ticks).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // an earlier one stays: rows may be given twice, and none is lost
            LOG.warn("the time of the last output is not kept: {}", e.getMessage());
        }
    }

    /// Keeps which outputs have all their rows.
    static void over(Path folder, List<String> outputs) {
        try {
            DurableFile.write(folder.resolve(OVER), JSON.writeValueAsBytes(outputs));
        } catch (IOException e) {
            // the time of the last output stands still then once the job goes on, and no row is lost
            LOG.warn("that outputs are over is not kept: {}", e.getMessage());
        }
    }

    /// Outputs that had all their rows when the job was ended.
    static List<String> over(Path folder) {
        Path file = folder.resolve(OVER);
        try {
            return Files.exists(file) ? List.of(JSON.readValue(Files.readAllBytes(file), String[].class)) : List.of();
        } catch (IOException unreadable) {
            LOG.warn("which outputs are over is not known: {}", unreadable.getMessage());
            return List.of();
        }
    }

    /// Keeps that what checkpoints hold of rows that were not shown yet is of no use any more.
    ///
    /// @return whether it is kept
    static boolean lost(Path folder) {
        try {
            DurableFile.write(folder.resolve(LOST), new byte[0]);
            return true;
        } catch (IOException e) {
            LOG.warn("that rows are lost is not kept: {}", e.getMessage());
            return false;
        }
    }

    static boolean isLost(Path folder) {
        return Files.exists(folder.resolve(LOST));
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
