package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RowLogTest {
    @TempDir
    private Path folder;

    private final AtomicInteger durable = new AtomicInteger();

    @Test
    void theCopyOfADamagedSegmentGoesWithTheLog() throws Exception {
        var aside = Files.createFile(folder.resolve("d1.rows.7.damaged"));
        var other = Files.createFile(folder.resolve("d11.rows.7.damaged"));
        try (var log = RowLog.open(folder, "d1.rows", 1, _ -> {})) {
            log.delete();
        }
        assertThat(aside).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void anErrorInOneAppendFailsItAndHoldsNobodyUp() throws Exception {
        try (var log = open()) {
            assertThatThrownBy(() -> log.append(record(10, () -> {
                        throw new OutOfMemoryError("on purpose");
                    })))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(OutOfMemoryError.class);
            log.append(record(10, () -> new byte[10]));
        }
        assertThat(durable).hasValue(1);
        assertThat(size()).isEqualTo(8 + 10);
    }

    @Test
    void aRecordThatCouldNotBeReadAgainIsRefused() throws Exception {
        try (var log = open()) {
            assertThatThrownBy(() -> log.append(record(RowLogSegment.RECORD_BYTES_MAX + 1, () -> new byte[0])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("too long");
            log.append(record(1, () -> new byte[1]));
        }
        assertThat(durable).hasValue(1);
    }

    @Test
    void concurrentAppendsAreAllWritten() throws Exception {
        // Together more than one group and longer than the buffer.
        byte[] bytes = new byte[3 << 20];
        try (var log = open(); var threads = Executors.newFixedThreadPool(16)) {
            var appends = new ArrayList<Future<?>>();
            for (int i = 0; i < 40; i++) {
                appends.add(threads.submit(() -> {
                    log.append(record(bytes.length, () -> bytes));
                    return null;
                }));
            }
            for (Future<?> append : appends) {
                append.get();
            }
        }
        assertThat(durable).hasValue(40);
        assertThat(size()).isEqualTo(40L * (8 + bytes.length));
    }

    private RowLog open() throws IOException {
        return RowLog.open(folder, "lab.rows", 0, _ -> {});
    }

    private long size() throws IOException {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private RowLog.Appendix record(int length, Supplier<byte[]> bytes) {
        return new RowLog.Appendix() {
            @Override
            public int length() {
                return length;
            }

            @Override
            public byte[] bytes() {
                return bytes.get();
            }

            @Override
            public void isDurable() {
                durable.incrementAndGet();
            }
        };
    }
}
