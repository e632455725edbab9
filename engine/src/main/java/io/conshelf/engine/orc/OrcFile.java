package io.conshelf.engine.orc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// An ORC file, read some rows at a time.
///
/// ```
/// try (OrcFile file = OrcFile.open(path)) {
///     for (var rows = file.next(1024, name -> true); rows.isPresent(); rows = file.next(1024, name -> true)) { … }
/// }
/// ```
public final class OrcFile implements AutoCloseable {
    private static final byte[] MAGIC = {'O', 'R', 'C'};
    private static final int POSTSCRIPT_BYTES_MAX = 256;
    /// What is read of it takes some times as much.
    static final int FOOTER_BYTES_MAX = 16 << 20;
    private static final int CHUNK_BYTES_MAX = 1 << 23;
    /// Rows read at once take about this part of what they may, going by the size of their stripe.
    private static final int ROWS_SHARE = 8;
    private static final int TYPES_MAX = 20_000;
    /// A run of 512 values takes a few bytes, and what is all alike is compressed a thousandfold.
    private static final long ROWS_PER_BYTE_MAX = 512 * 1_024;

    /// Consecutive rows.
    ///
    /// @param values of the type that [#schema] gives
    public record Rows(int count, OrcVector values) {}

    private final FileChannel file;
    private final Stripe.Source source;
    private final OrcType schema;
    private final List<Message> stripes;
    private int stripe;
    private long rowsLeft;
    private long rowBytes;
    private Optional<ColumnReader> rows = Optional.empty();

    private OrcFile(FileChannel file, Stripe.Source source, OrcType schema, List<Message> stripes) {
        this.file = file;
        this.source = source;
        this.schema = schema;
        this.stripes = stripes;
    }

    /// @throws OrcException when it is no ORC file that can be read
    public static OrcFile open(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        boolean isOpen = false;
        try {
            OrcFile orc = open(file);
            isOpen = true;
            return orc;
        } finally {
            if (!isOpen) {
                file.close();
            }
        }
    }

    private static OrcFile open(FileChannel file) throws IOException {
        long size = file.size();
        var tail = ByteBuffer.allocate((int) Math.min(size, POSTSCRIPT_BYTES_MAX));
        while (tail.hasRemaining() && file.read(tail, size - tail.remaining()) >= 0) {
            // until all of it is there
        }
        byte[] bytes = tail.array();
        int length = bytes.length == 0 ? 0 : bytes[bytes.length - 1] & 0xFF;
        if (length < MAGIC.length + 1 || length >= bytes.length
                || !Arrays.equals(MAGIC, Arrays.copyOfRange(bytes, bytes.length - 1 - MAGIC.length, bytes.length - 1))) {
            throw new OrcException("it does not end as an ORC file does");
        }
        var postscript = Message.parse(Arrays.copyOfRange(bytes, bytes.length - 1 - length, bytes.length - 1));
        int compression = (int) postscript.number(2);
        if (compression < 0 || compression >= Compression.values().length) {
            throw new OrcException("its compression has the unknown number " + compression);
        }
        long chunk = postscript.number(3);
        if (compression != 0 && (chunk <= 0 || chunk > CHUNK_BYTES_MAX)) {
            throw new OrcException("its chunks have " + chunk + " bytes");
        }
        var version = postscript.numbers(4);
        if (version.size() == 2 && (version.get(0) > 0 || version.get(1) > 12)) {
            throw new OrcException("it is of version " + version.get(0) + "." + version.get(1) + ", known are 0.11 and 0.12");
        }
        long footerLength = postscript.number(1);
        if (footerLength < 0 || footerLength > size - length - 1) {
            throw new OrcException("its footer is longer than the file");
        }
        var source = Stripe.Source.of(file, Compression.values()[compression], (int) chunk);
        var footer = Message.parse(source.open(size - 1 - length - footerLength, footerLength).readAll(FOOTER_BYTES_MAX));
        if (!footer.messages(10).isEmpty()) {
            throw new OrcException("it is encrypted, which is not supported");
        }
        source.bytesRead().set(0);
        var types = footer.messages(4);
        if (types.isEmpty() || types.size() > TYPES_MAX) {
            throw new OrcException("it has " + types.size() + " types, there must be 1 to " + TYPES_MAX);
        }
        return new OrcFile(file, source, TypeTree.read(types), footer.messages(3));
    }

    /// Usually a struct, whose fields are the columns.
    public OrcType schema() {
        return schema;
    }

    /// Decompressed bytes read so far.
    public long bytesRead() {
        return source.bytesRead().get();
    }

    /// The next rows, at most so many; nothing at the end.
    ///
    /// @param isNeeded of the columns, by name; others are not read. To be the same in every call
    public Optional<Rows> next(int rowsMax, Predicate<String> isNeeded) throws IOException {
        while (rowsLeft == 0) {
            if (stripe == stripes.size()) {
                return Optional.empty();
            }
            Message information = stripes.get(stripe++);
            rowsLeft = Math.max(0, information.number(5));
            long bytes = information.number(2) + information.number(3) + information.number(4);
            if (rowsLeft / ROWS_PER_BYTE_MAX > bytes) {
                throw new OrcException("a stripe of " + bytes + " bytes claims " + rowsLeft + " rows");
            }
            rowBytes = bytes / Math.max(1, rowsLeft);
            // The readers of the stripe before give their room to these.
            rows = Optional.empty();
            source.stripe().reset();
            rows = Optional.of(reader(Stripe.open(source, information), isNeeded));
        }
        // Fewer of long rows: what they take when they are decompressed is known only then.
        long fitting = Math.max(1, Budget.BYTES_MAX / ROWS_SHARE / Math.max(1, rowBytes));
        int count = (int) Math.min(Math.min(rowsLeft, rowsMax), fitting);
        rowsLeft -= count;
        source.rows().reset();
        ColumnReader reader = rows.orElseThrow();
        return Optional.of(new Rows(count, reader.read(count, new BitSet())));
    }

    private ColumnReader reader(Stripe opened, Predicate<String> isNeeded) throws IOException {
        if (schema.kind() != OrcType.Kind.STRUCT) {
            return ColumnReader.of(opened, schema);
        }
        var fields = new ArrayList<Optional<ColumnReader>>();
        for (int i = 0; i < schema.children().size(); i++) {
            fields.add(isNeeded.test(schema.names().get(i))
                    ? Optional.of(ColumnReader.of(opened, schema.children().get(i)))
                    : Optional.empty());
        }
        return new ColumnReader.Structs(opened, schema, fields);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
