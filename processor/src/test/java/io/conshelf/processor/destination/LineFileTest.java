package io.conshelf.processor.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file that grows by lines has whole ones, whatever the disk does.
class LineFileTest {
    @TempDir
    private Path folder;

    /// A disk that is full at times, and takes a part of what it is given then.
    private static final class SmallDisk implements LineFile.Space {
        private final Random random;
        private byte[] content = new byte[0];

        SmallDisk(long seed) {
            random = new Random(seed);
        }

        @Override
        public int write(ByteBuffer bytes, long at) throws IOException {
            boolean isFull = random.nextInt(3) == 0;
            int now = isFull ? random.nextInt(bytes.remaining()) : 1 + random.nextInt(bytes.remaining());
            byte[] grown = java.util.Arrays.copyOf(content, Math.max(content.length, (int) at + now));
            bytes.get(grown, (int) at, now);
            content = grown;
            if (isFull) {
                throw new IOException("No space left on device");
            }
            return now;
        }

        @Override
        public void truncate(long size) {
            content = java.util.Arrays.copyOf(content, (int) size);
        }

        @Override
        public void force() {}

        @Override
        public void close() {}
    }

    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }

    private static void untilItWorks(Step step) {
        for (int tries = 0; tries < 1_000; tries++) {
            try {
                step.take();
                return;
            } catch (IOException full) {
                assertThat(full).hasMessage("No space left on device");
            }
        }
        throw new AssertionError("it never works");
    }

    @Test
    void aLineThatIsTriedAgainAfterAFullDiskStandsThereOnceAndWhole() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            SmallDisk disk = new SmallDisk(seed);
            LineFile file = new LineFile(disk, 0);
            Random random = new Random(seed);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            for (int number = 0; number < 60; number++) {
                byte[] line = (number + "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 200_000 : 9_000)) + "\n").getBytes(StandardCharsets.UTF_8);
                expected.write(line);
                untilItWorks(() -> file.add(line));
                if (random.nextInt(10) == 0) {
                    untilItWorks(file::force);
                    assertThat(disk.content).as("seed %d", seed).isEqualTo(expected.toByteArray());
                }
                assertThat(file.bytes()).isEqualTo(expected.size());
            }
            untilItWorks(file::force);
            assertThat(disk.content).as("seed %d", seed).isEqualTo(expected.toByteArray());
        }
    }

    @Test
    void aFileGoesOnBehindWhatIsKeptOfIt() throws Exception {
        Path path = folder.resolve("lines");
        Files.writeString(path, "one\ntwo\nhalf a l");
        try (LineFile file = LineFile.open(path, 8)) {
            file.add("three\n".getBytes(StandardCharsets.UTF_8));
            file.force();
        }
        assertThat(path).hasContent("one\ntwo\nthree\n");
        assertThatThrownBy(() -> LineFile.open(folder.resolve("nowhere").resolve("lines"), 0)).isInstanceOf(IOException.class);
    }
}
