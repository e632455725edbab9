package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.type.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// One streaming request as it stands in the log: its rows, and the client's id of it if it gave one.
record RowRecord(
        String tableId,
        String storage,
        List<Rows> parts,
        long originalBytes,
        long ingestedTicks,
        long commit,
        String sourceId) {
    /// What [#mayStart] looks at.
    static final int START_BYTES = 1 + Long.BYTES + Integer.BYTES;

    private static final int FORMAT = 1;
    private static final int ID_BYTES_MAX = 64;

    RowRecord {
        parts = List.copyOf(parts);
    }

    List<RowBatch> batches() {
        var batches = new ArrayList<RowBatch>();
        long bytes = originalBytes;
        for (Rows rows : parts) {
            batches.add(new RowBatch(tableId, storage, rows, bytes, ingestedTicks, commit));
            bytes = 0;
        }
        return batches;
    }

    /// A batch without the id of its source.
    static RowRecord of(RowBatch batch) {
        return new RowRecord(
                batch.tableId(), batch.storage(), List.of(batch.rows()), batch.originalBytes(), batch.ingestedTicks(), batch.commit(), "");
    }

    /// The record with the commit it was given when its place in the log was known.
    RowRecord withCommit(long given) {
        return new RowRecord(tableId, storage, parts, originalBytes, ingestedTicks, given, sourceId);
    }

    /// Writes a commit into the bytes of a record.
    static void setCommit(byte[] bytes, long commit) {
        ByteBuffer.wrap(bytes).putLong(1, commit);
    }

    /// Whether the bytes of a record may begin at a place.
    static boolean mayStart(ByteBuffer bytes, int at) {
        int idBytes = bytes.getInt(at + 1 + Long.BYTES);
        return bytes.get(at) == FORMAT && idBytes > 0 && idBytes <= ID_BYTES_MAX;
    }

    byte[] toBytes() {
        byte[] table = tableId.getBytes(StandardCharsets.UTF_8);
        byte[] rowsOf = storage.getBytes(StandardCharsets.UTF_8);
        byte[] source = sourceId.getBytes(StandardCharsets.UTF_8);
        byte[] columns = columns();
        long length = 1 + Long.BYTES + 3 * Integer.BYTES + table.length + rowsOf.length + source.length + 2 * Long.BYTES
                + columns.length + Integer.BYTES;
        for (Rows rows : parts) {
            length += Integer.BYTES;
            for (RowColumn column : rows.columns()) {
                length += length(column, rows.count());
            }
        }
        if (length > RowLogSegment.RECORD_BYTES_MAX) {
            throw new KustoException(StorageErrors.streamTooLarge(RowLogSegment.RECORD_BYTES_MAX));
        }
        var out = ByteBuffer.allocate((int) length);
        out.put((byte) FORMAT).putLong(commit);
        out.putInt(table.length).put(table).putInt(rowsOf.length).put(rowsOf).putInt(source.length).put(source);
        out.putLong(originalBytes).putLong(ingestedTicks).put(columns).putInt(parts.size());
        for (Rows rows : parts) {
            out.putInt(rows.count());
            for (RowColumn column : rows.columns()) {
                write(out, column, rows.count());
            }
        }
        return out.array();
    }

    /// The columns' ids and types.
    private byte[] columns() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            RowLayout layout = parts.getFirst().layout();
            out.writeInt(layout.columnIds().size());
            for (int i = 0; i < layout.columnIds().size(); i++) {
                text(out, layout.columnIds().get(i));
                text(out, layout.types().get(i).kustoName());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static RowRecord of(byte[] bytes) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IOException("a record of the row log has the format " + format + ", this release reads " + FORMAT);
            }
            long commit = in.readLong();
            String tableId = text(in);
            String storage = text(in);
            String sourceId = text(in);
            long originalBytes = in.readLong();
            long ingestedTicks = in.readLong();
            var ids = new ArrayList<String>();
            var types = new ArrayList<Type>();
            int columnCount = in.readInt();
            for (int i = 0; i < columnCount; i++) {
                ids.add(text(in));
                types.add(Type.named(text(in)).orElseThrow());
            }
            var layout = new RowLayout(ids, types);
            var parts = new ArrayList<Rows>();
            int partCount = in.readInt();
            for (int part = 0; part < partCount; part++) {
                int rowCount = in.readInt();
                var columns = new ArrayList<RowColumn>();
                for (Type type : types) {
                    columns.add(column(in, type, rowCount));
                }
                parts.add(new Rows(layout, columns, rowCount));
            }
            return new RowRecord(tableId, storage, parts, originalBytes, ingestedTicks, commit, sourceId);
        }
    }

    private static long length(RowColumn column, int rows) {
        long length = Integer.BYTES + (column.nulls().length() + 7) / 8;
        switch (column.type()) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN, REAL -> length += (long) rows * Long.BYTES;
            case STRING, DYNAMIC, GUID -> {
                for (int row = 0; row < rows; row++) {
                    length += column.isNull(row) ? 0 : Integer.BYTES + column.lengthAt(row);
                }
            }
            case DECIMAL -> {
                for (int row = 0; row < rows; row++) {
                    length += column.isNull(row) ? 0 : 2 + column.decimalAt(row).unscaledValue().bitLength() / 8 + 1;
                }
            }
        }
        return length;
    }

    private static void write(ByteBuffer out, RowColumn column, int rows) {
        byte[] nulls = column.nulls().toByteArray();
        out.putInt(nulls.length).put(nulls);
        switch (column.type()) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> {
                for (int row = 0; row < rows; row++) {
                    out.putLong(column.isNull(row) ? 0 : column.longAt(row));
                }
            }
            case REAL -> {
                for (int row = 0; row < rows; row++) {
                    out.putDouble(column.isNull(row) ? 0 : column.doubleAt(row));
                }
            }
            case STRING, DYNAMIC, GUID -> {
                for (int row = 0; row < rows; row++) {
                    if (!column.isNull(row)) {
                        out.putInt(column.lengthAt(row)).put(column.texts(), column.startAt(row), column.lengthAt(row));
                    }
                }
            }
            case DECIMAL -> {
                for (int row = 0; row < rows; row++) {
                    if (!column.isNull(row)) {
                        byte[] unscaled = column.decimalAt(row).unscaledValue().toByteArray();
                        out.put((byte) column.decimalAt(row).scale()).put((byte) unscaled.length).put(unscaled);
                    }
                }
            }
        }
    }

    private static RowColumn column(DataInputStream in, Type type, int rows) throws IOException {
        var nulls = BitSet.valueOf(in.readNBytes(in.readInt()));
        var column = new RowColumn(type);
        for (int row = 0; row < rows; row++) {
            boolean isNull = nulls.get(row);
            switch (type) {
                case BOOL, INT, LONG, DATETIME, TIMESPAN -> {
                    long value = in.readLong();
                    if (!isNull) {
                        column.int64(row, value);
                    }
                }
                case REAL -> {
                    double value = in.readDouble();
                    if (!isNull) {
                        column.float64(row, value);
                    }
                }
                case STRING, DYNAMIC, GUID -> {
                    if (!isNull) {
                        byte[] text = in.readNBytes(in.readInt());
                        column.utf8(row, text, 0, text.length);
                    }
                }
                case DECIMAL -> {
                    if (!isNull) {
                        int scale = in.readByte();
                        column.decimal(row, new BigDecimal(new BigInteger(in.readNBytes(in.readByte())), scale));
                    }
                }
            }
            if (isNull) {
                column.setNull(row);
            }
        }
        return column;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
