package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.KustoException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Small Parquet files that claim to be large, or are nested without end, are refused before they are read.
@Timeout(120)
class HostileParquetTest {
    private static final int LONG = 2;
    private static final int TEXT = 6;
    private static final int UNPACKED = 0;
    private static final int GZIP = 2;
    private static final int PLAIN = 0;
    private static final int DICTIONARY = 8;

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    @BeforeEach
    void tables() {
        cluster.create("Longs", "a:long");
        cluster.create("Texts", "a:string");
    }

    private BatchIngestion.Outcome load(String table, byte[] file) {
        return cluster.load(TestCluster.batch(table, "parquet", new BatchIngestion.Mapping.Identity(), cluster.source("s", file))).outcomes().getFirst();
    }

    private void refuses(byte[] file, String code, String message) {
        assertThat(load("Longs", file).error().orElseThrow()).satisfies(error -> {
            assertThat(error.code()).isEqualTo(code);
            assertThat(error.message()).contains(message);
        });
        assertThat(cluster.rows("Longs")).isEmpty();
    }

    @Test
    void whatIsWrittenHereIsParquet() throws IOException {
        assertThat(load("Longs", longs(3)).error()).isEmpty();
        assertThat(cluster.rows("Longs")).containsExactly("0", "0", "0");
        assertThat(load("Texts", texts(5, 2)).error()).isEmpty();
        assertThat(cluster.rows("Texts")).containsExactly("xxxxx", "xxxxx");
        assertThat(load("Longs", nested(400)).error().orElseThrow().code()).as("it has no rows").isEqualTo("BadRequest_EmptyBlob");
    }

    /// The end of the stack in a native library is the end of the process.
    @Test
    void aDeepSchemaIsRefused() throws IOException {
        for (int depth : List.of(1_000, 200_000)) {
            refuses(nested(depth), "BadRequest_InvalidBlob", "nested more than 500 levels deep");
        }
        var file = cluster.stage("x.parquet", nested(10_000));
        assertThatThrownBy(() -> SchemaInference.infer(cluster.duck, file, "parquet")).isInstanceOf(KustoException.class).hasMessageContaining("cannot be inferred");
    }

    @Test
    void whatDescribesTheFileIsNestedABitOnly() {
        byte[] footer = footer(column(LONG), 0, List.of());
        byte[] deep = new byte[100_000];
        Arrays.fill(deep, (byte) (1 << 4 | 12));
        // A field that nobody knows, of number 100.
        byte[] file = file(new byte[0], all(Arrays.copyOf(footer, footer.length - 1), new byte[] {12}, varint(200), deep, new byte[deep.length + 2]));
        refuses(file, "BadRequest_InvalidBlob", "it is no Parquet file");
    }

    @Test
    void rowsAreCountedBeforeTheyAreRead() throws IOException {
        refuses(longs(1L << 40), "BadRequest_FileTooLarge", "more than 6442450944 bytes");
        refuses(longs(-1), "BadRequest_InvalidBlob", "negative number of rows");
    }

    @Test
    void aPageThatClaimsGigabytesIsRefused() throws IOException {
        byte[] packed = gzip(new byte[100]);
        byte[] page = all(page(Integer.MAX_VALUE - 10, packed.length, 10, PLAIN), packed);
        refuses(file(page, footer(column(LONG), 10, List.of(group(10, chunk(LONG, GZIP, 10, page.length, 4))))), "BadRequest_InvalidBlob", "");
    }

    /// A column of one number, again and again.
    private static byte[] longs(long rows) {
        int values = Math.clamp(rows, 0, Integer.MAX_VALUE);
        byte[] run = all(new byte[] {1}, varint((long) values << 1), new byte[] {0});
        byte[] dictionary = all(dictionary(8, 8, 1), new byte[8]);
        byte[] data = all(dictionary, page(run.length, run.length, values, DICTIONARY), run);
        return file(data, footer(column(LONG), rows, List.of(group(rows, chunk(LONG, UNPACKED, rows, data.length, 4 + dictionary.length).number64(11, 4)))));
    }

    /// A column of one text, again and again.
    private static byte[] texts(int bytes, int rows) throws IOException {
        byte[] text = new byte[bytes];
        Arrays.fill(text, (byte) 'x');
        byte[] word = all(little(bytes), text);
        byte[] packed = gzip(word);
        byte[] dictionary = all(dictionary(word.length, packed.length, 1), packed);
        byte[] run = all(new byte[] {1}, varint((long) rows << 1), new byte[] {0});
        byte[] packedRun = gzip(run);
        byte[] data = all(dictionary, page(run.length, packedRun.length, rows, DICTIONARY), packedRun);
        return file(data, footer(column(TEXT), rows, List.of(group(rows, chunk(TEXT, GZIP, rows, data.length, 4 + dictionary.length).number64(11, 4)))));
    }

    /// Groups in groups, and a column in the last.
    private static byte[] nested(int depth) {
        var elements = new ArrayList<byte[]>(List.of(element("schema", -1, 1)));
        elements.addAll(Collections.nCopies(depth, element("g", -1, 1)));
        elements.add(element("a", LONG, 0));
        return file(new byte[0], footer(elements, 0, List.of()));
    }

    private static List<byte[]> column(int type) {
        return List.of(element("schema", -1, 1), element("a", type, 0));
    }

    private static byte[] element(String name, int type, int children) {
        var element = new Structure();
        if (type >= 0) {
            element.number(1, type);
        }
        element.number(3, 0).text(4, name);
        if (children > 0) {
            element.number(5, children);
        }
        return element.bytes();
    }

    private static byte[] page(int bytes, int packedBytes, int values, int encoding) {
        return new Structure().number(1, 0).number(2, bytes).number(3, packedBytes)
                .structure(5, new Structure().number(1, values).number(2, encoding).number(3, 3).number(4, 3)).bytes();
    }

    private static byte[] dictionary(int bytes, int packedBytes, int values) {
        return new Structure().number(1, 2).number(2, bytes).number(3, packedBytes).structure(7, new Structure().number(1, values).number(2, PLAIN)).bytes();
    }

    private static Structure chunk(int type, int packing, long values, int bytes, int dataAt) {
        return new Structure().number(1, type).list(2, 5, List.of(varint(2 * PLAIN), varint(2 * DICTIONARY))).list(3, 8, List.of(all(varint(1), new byte[] {'a'})))
                .number(4, packing).number64(5, values).number64(6, bytes).number64(7, bytes).number64(9, dataAt);
    }

    private static byte[] group(long rows, Structure chunk) {
        return new Structure().list(1, 12, List.of(new Structure().number64(2, 4).structure(3, chunk).bytes())).number64(2, 100).number64(3, rows).bytes();
    }

    private static byte[] footer(List<byte[]> schema, long rows, List<byte[]> groups) {
        return new Structure().number(1, 1).list(2, 12, schema).number64(3, rows).list(4, 12, groups).bytes();
    }

    private static byte[] file(byte[] data, byte[] footer) {
        byte[] magic = {'P', 'A', 'R', '1'};
        return all(magic, data, footer, little(footer.length), magic);
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    /// Of Thrift, in its compact protocol.
    private static final class Structure {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int last;

        private Structure field(int id, int type) {
            bytes.write(id - last << 4 | type);
            last = id;
            return this;
        }

        Structure number(int id, int value) {
            field(id, 5).bytes.writeBytes(varint((long) value << 1 ^ value >> 31));
            return this;
        }

        Structure number64(int id, long value) {
            field(id, 6).bytes.writeBytes(varint(value << 1 ^ value >> 63));
            return this;
        }

        Structure text(int id, String text) {
            byte[] content = text.getBytes(StandardCharsets.UTF_8);
            field(id, 8).bytes.writeBytes(all(varint(content.length), content));
            return this;
        }

        Structure structure(int id, Structure part) {
            field(id, 12).bytes.writeBytes(part.bytes());
            return this;
        }

        Structure list(int id, int type, List<byte[]> elements) {
            field(id, 9).bytes.writeBytes(all(new byte[] {(byte) (0xF0 | type)}, varint(elements.size())));
            elements.forEach(bytes::writeBytes);
            return this;
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes.toByteArray(), bytes.size() + 1);
        }
    }

    private static byte[] varint(long value) {
        var bytes = new ByteArrayOutputStream();
        long left = value;
        for (; (left & ~0x7FL) != 0; left >>>= 7) {
            bytes.write((int) (left & 0x7F | 0x80));
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private static byte[] all(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
