package io.conshelf.engine.orc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Small files that claim to be large are refused before what they claim is allocated.
@Timeout(60)
class HostileOrcTest {
    private static final int LONG = 4;
    private static final int STRING = 7;
    private static final int BYTE = 1;
    private static final int LIST = 10;
    private static final int MAP = 11;
    private static final int STRUCT = 12;
    private static final int PRESENT = 0;
    private static final int DATA = 1;
    private static final int LENGTH = 2;
    private static final int CHUNK_BYTES = 8 << 20;

    @TempDir
    private Path folder;

    @Test
    void aTypeIsTheChildOfOneOther() throws IOException {
        var types = new ArrayList<byte[]>();
        for (int i = 0; i < 60; i++) {
            types.add(all(number(1, MAP), number(2, i + 1), number(2, i + 1)));
        }
        types.add(number(1, LONG));
        var file = new HostileFile(types, false).write();
        assertThat(Files.size(file)).isLessThan(1_000);
        assertThatThrownBy(() -> OrcFile.open(file)).isInstanceOf(OrcException.class).hasMessageContaining("types are broken");
    }

    @Test
    void everyTypeHasAPlaceInTheTree() throws IOException {
        var file = new HostileFile(List.of(number(1, LONG), number(1, LONG)), false).write();
        assertThatThrownBy(() -> OrcFile.open(file)).isInstanceOf(OrcException.class).hasMessageContaining("types are broken");
    }

    @Test
    void theListsOfAllColumnsTogetherHaveALimit() throws IOException {
        int elements = 16 << 20;
        var types = new ArrayList<byte[]>();
        types.add(struct(10, 2));
        for (int i = 0; i < 10; i++) {
            types.add(all(number(1, LIST), number(2, 2 * i + 2)));
            types.add(number(1, LONG));
        }
        var hostile = new HostileFile(types, false);
        byte[] nulls = repeated(new byte[] {127, 0}, elements / 8 / 130 + 1);
        for (int i = 0; i < 10; i++) {
            hostile.stream(LENGTH, 2 * i + 1, all(new byte[] {-1}, varint(elements)));
            hostile.stream(PRESENT, 2 * i + 2, nulls);
        }
        refuses(hostile.write(), "what is read at once takes more than");
    }

    @Test
    void theDictionariesOfAllColumnsTogetherHaveALimit() throws IOException {
        int columns = 6;
        int words = 5_000_000;
        var types = new ArrayList<byte[]>();
        types.add(struct(columns, 1));
        types.addAll(java.util.Collections.nCopies(columns, number(1, STRING)));
        var hostile = new HostileFile(types, false);
        for (int i = 1; i <= columns; i++) {
            hostile.dictionary(i, words);
            hostile.stream(LENGTH, i, repeated(new byte[] {127, 0, 0}, words / 130 + 1));
            hostile.stream(DATA, i, new byte[] {-1, 0});
        }
        refuses(hostile.write(), "a stripe takes more than");
    }

    @Test
    void theChunksOfAllColumnsTogetherHaveALimit() throws IOException {
        int columns = 80;
        var types = new ArrayList<byte[]>();
        types.add(struct(columns, 1));
        types.addAll(java.util.Collections.nCopies(columns, number(1, BYTE)));
        var hostile = new HostileFile(types, true);
        byte[] zeros = compressed(new byte[CHUNK_BYTES]);
        for (int i = 1; i <= columns; i++) {
            hostile.stream(DATA, i, zeros);
        }
        refuses(hostile.write(), "a stripe takes more than");
    }

    @Test
    void theFooterHasALimitDecompressed() throws IOException {
        var hostile = new HostileFile(List.of(number(1, LONG)), true);
        hostile.footerMore = repeated(compressed(new byte[CHUNK_BYTES]), 3);
        var file = hostile.write();
        assertThat(Files.size(file)).isLessThan(50_000);
        assertThatThrownBy(() -> OrcFile.open(file)).isInstanceOf(OrcException.class).hasMessageContaining("more than 16777216 bytes");
    }

    @Test
    void theFooterHasALimitOfParts() throws IOException {
        var hostile = new HostileFile(List.of(number(1, LONG)), true);
        hostile.footerMore = compressed(repeated(number(9, 1), 1_000_000));
        var file = hostile.write();
        assertThatThrownBy(() -> OrcFile.open(file)).isInstanceOf(OrcException.class).hasMessageContaining("more than 300000 parts");
    }

    private static void refuses(Path file, String message) throws IOException {
        assertThat(Files.size(file)).isLessThan(2_000_000);
        try (var orc = OrcFile.open(file)) {
            assertThatThrownBy(() -> orc.next(1_024, _ -> true)).isInstanceOf(OrcException.class).hasMessageContaining(message);
        }
    }

    /// A file of one row.
    private final class HostileFile {
        private final List<byte[]> types;
        private final boolean isCompressed;
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private final ByteArrayOutputStream streams = new ByteArrayOutputStream();
        private final byte[][] encodings;
        private byte[] footerMore = {};

        HostileFile(List<byte[]> types, boolean isCompressed) {
            this.types = types;
            this.isCompressed = isCompressed;
            encodings = new byte[types.size()][];
            Arrays.fill(encodings, number(1, 0));
        }

        void stream(int kind, int column, byte[] bytes) {
            streams.writeBytes(text(1, all(number(1, kind), number(2, column), number(3, bytes.length))));
            data.writeBytes(bytes);
        }

        void dictionary(int column, int words) {
            encodings[column] = all(number(1, 1), number(2, words));
        }

        Path write() throws IOException {
            var stripeFooter = new ByteArrayOutputStream();
            stripeFooter.writeBytes(streams.toByteArray());
            for (byte[] encoding : encodings) {
                stripeFooter.writeBytes(text(2, encoding));
            }
            byte[] stripeEnd = part(stripeFooter.toByteArray());
            var footer = new ByteArrayOutputStream();
            footer.writeBytes(text(3, all(
                    number(1, 3), number(2, 0), number(3, data.size()), number(4, stripeEnd.length), number(5, 1))));
            types.forEach(type -> footer.writeBytes(text(4, type)));
            byte[] end = all(part(footer.toByteArray()), footerMore);
            byte[] postscript = all(
                    number(1, end.length), number(2, isCompressed ? 1 : 0), number(3, isCompressed ? CHUNK_BYTES : 0),
                    text(8000, "ORC".getBytes(StandardCharsets.US_ASCII)));
            return Files.write(folder.resolve("hostile.orc"), all(
                    "ORC".getBytes(StandardCharsets.US_ASCII), data.toByteArray(), stripeEnd, end, postscript,
                    new byte[] {(byte) postscript.length}));
        }

        private byte[] part(byte[] bytes) {
            return isCompressed ? compressed(bytes) : bytes;
        }
    }

    /// The columns `a`, each of so many types.
    private static byte[] struct(int columns, int typesEach) {
        var struct = new ByteArrayOutputStream();
        struct.writeBytes(number(1, STRUCT));
        for (int i = 0; i < columns; i++) {
            struct.writeBytes(number(2, 1 + i * typesEach));
            struct.writeBytes(text(3, new byte[] {'a'}));
        }
        return struct.toByteArray();
    }

    private static byte[] compressed(byte[] bytes) {
        try (var deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] packed = new byte[bytes.length + 100];
            int length = deflater.deflate(packed);
            int header = length << 1;
            return all(new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)}, Arrays.copyOf(packed, length));
        }
    }

    private static byte[] number(int field, long value) {
        return all(varint((long) field << 3), varint(value));
    }

    private static byte[] text(int field, byte[] bytes) {
        return all(varint((long) field << 3 | 2), varint(bytes.length), bytes);
    }

    private static byte[] varint(long value) {
        var bytes = new ByteArrayOutputStream();
        long left = value;
        for (; left >>> 7 != 0; left >>>= 7) {
            bytes.write((int) (left & 0x7F | 0x80));
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private static byte[] repeated(byte[] bytes, int times) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static byte[] all(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
