package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever reads gzip reads back what was written.
class StoredGzipTest {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private static byte[] some(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private byte[] read() throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 16_383, 16_384, 16_385, 32_768, 1_000_000})
    void whatIsWrittenIsReadBackWhereverABlockEnds(int length) throws IOException {
        byte[] bytes = some(length);
        try (var gzip = new StoredGzip(sent)) {
            gzip.write(bytes, 0, length / 3);
            gzip.write(bytes, length / 3, length - length / 3);
        }
        assertThat(read()).isEqualTo(bytes);
    }

    @Test
    void aFlushSendsWhatIsThereAndTheEndIsWrittenOnce() throws IOException {
        var gzip = new StoredGzip(sent);
        gzip.flush();
        assertThat(sent.size()).isZero();
        gzip.write(some(10));
        gzip.write(7);
        gzip.flush();
        int flushed = sent.size();
        assertThat(flushed).isGreaterThan(11);
        gzip.flush();
        assertThat(sent.size()).isEqualTo(flushed);
        gzip.close();
        gzip.close();
        byte[] expected = Arrays.copyOf(some(10), 11);
        expected[10] = 7;
        assertThat(read()).isEqualTo(expected);
    }
}
