package io.conshelf.streams.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.file.StoredFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is remembered of files that have been read.
class FilesReadTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    /// One a minute.
    private static StoredFile file(int number) {
        return new StoredFile("f" + number, 1, BEGIN.plusSeconds(60L * number));
    }

    private static byte[] written(FilesRead read) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        read.remembered().write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static FilesRead again(FilesRead read, FilesRead.Times times, int namesMax) throws IOException {
        FilesRead again = new FilesRead(times, namesMax);
        again.read(new DataInputStream(new ByteArrayInputStream(written(read))));
        return again;
    }

    @Test
    void filesOfAnyNumberAreReadOnceAndTheirNamesAreNotAllKept() throws Exception {
        FilesRead read = new FilesRead(FilesRead.Times.OF_STORE, 100);
        for (int i = 0; i < 5_000; i++) {
            assertThat(read.has(file(i))).as("file %d", i).isFalse();
            read.add(file(i), List.of());
            if (i % 997 == 0) {
                read = again(read, FilesRead.Times.OF_STORE, 100);
            }
        }
        assertThat(IntStream.range(0, 5_000).mapToObj(FilesReadTest::file)).allMatch(read::has);
        assertThat(read.has(file(5_000))).isFalse();
        assertThat(read.has(new StoredFile("late", 1, file(4_995).lastModified()))).as("it was not listed yet").isFalse();
        assertThat(written(read).length).isLessThan(110 * 20);
    }

    @Test
    void whatWaitsIsNeverTakenForRead() {
        FilesRead read = new FilesRead(FilesRead.Times.OF_STORE, 10);
        StoredFile waiting = file(5);
        for (int i = 20; i < 200; i++) {
            read.add(file(i), List.of(waiting));
        }
        assertThat(read.has(waiting)).isFalse();
        assertThat(IntStream.range(20, 200).mapToObj(FilesReadTest::file)).allMatch(read::has);
    }

    @Test
    void namesOfFilesThatAreGoneAreForgotten() throws Exception {
        FilesRead read = new FilesRead(FilesRead.Times.OF_WRITERS, 100);
        IntStream.range(0, 1_000).forEach(i -> read.add(file(i), List.of()));
        assertThat(IntStream.range(0, 1_000).mapToObj(FilesReadTest::file)).as("those that are there are not forgotten").allMatch(read::has);
        read.keep(Set.of("f1", "f2"));
        FilesRead again = again(read, FilesRead.Times.OF_WRITERS, 100);
        assertThat(IntStream.range(0, 1_000).mapToObj(FilesReadTest::file).filter(again::has)).containsExactly(file(1), file(2));
    }

    /// A position is taken with each poll, also where nothing was read.
    @Test
    void aPositionIsNoCopyOfTheNamesAndStaysAsItWas() throws Exception {
        FilesRead read = new FilesRead(FilesRead.Times.OF_STORE, 100);
        IntStream.range(0, 50).forEach(i -> read.add(file(i), List.of()));
        FilesRead.Remembered before = read.remembered();
        assertThat(read.remembered().names()).isSameAs(before.names());
        IntStream.range(50, 500).forEach(i -> read.add(file(i), List.of()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        before.write(new DataOutputStream(bytes));
        FilesRead again = new FilesRead(FilesRead.Times.OF_STORE, 100);
        again.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertThat(IntStream.range(0, 500).filter(i -> again.has(file(i)))).hasSize(50);
        assertThat(read.has(file(499))).isTrue();
    }
}
