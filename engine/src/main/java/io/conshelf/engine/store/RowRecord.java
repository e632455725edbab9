package io.conshelf.engine.store;

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
    private static final int FORMAT = 1;

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

    /// The record with the commit it was given when its place in the log was known.
    RowRecord withCommit(long given) {
        return new RowRecord(tableId, storage, parts, originalBytes, ingestedTicks, given, sourceId);
    }

    /// Writes a commit into the bytes of a record.
    static void setCommit(byte[] bytes, long commit) {
        ByteBuffer.wrap(bytes).putLong(1, commit);
    }

    byte[] toBytes() {
        var bytes = new ByteArrayOutputStream((int) Math.min(1 << 20, 256 + originalBytes * 2));
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(commit);
            text(out, tableId);
            text(out, storage);
            text(out, sourceId);
            out.writeLong(originalBytes);
            out.writeLong(ingestedTicks);
            RowLayout layout = parts.getFirst().layout();
            out.writeInt(layout.columnIds().size());
            for (int i = 0; i < layout.columnIds().size(); i++) {
                text(out, layout.columnIds().get(i));
                text(out, layout.types().get(i).kustoName());
            }
            out.writeInt(parts.size());
            for (Rows rows : parts) {
                out.writeInt(rows.count());
                for (RowColumn column : rows.columns()) {
                    column(out, column, rows.count());
                }
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

    private static void column(DataOutputStream out, RowColumn column, int rows) throws IOException {
        byte[] nulls = column.nulls().toByteArray();
        out.writeInt(nulls.length);
        out.write(nulls);
        switch (column.type()) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> {
                var buffer = ByteBuffer.allocate(rows * Long.BYTES);
                for (int row = 0; row < rows; row++) {
                    buffer.putLong(column.isNull(row) ? 0 : column.longAt(row));
                }
                out.write(buffer.array());
            }
            case REAL -> {
                var buffer = ByteBuffer.allocate(rows * Double.BYTES);
                for (int row = 0; row < rows; row++) {
                    buffer.putDouble(column.isNull(row) ? 0 : column.doubleAt(row));
                }
                out.write(buffer.array());
            }
            case STRING, DYNAMIC, GUID -> {
                for (int row = 0; row < rows; row++) {
                    if (!column.isNull(row)) {
                        text(out, (String) column.objectAt(row));
                    }
                }
            }
            case DECIMAL -> {
                for (int row = 0; row < rows; row++) {
                    if (!column.isNull(row)) {
                        var value = (BigDecimal) column.objectAt(row);
                        byte[] unscaled = value.unscaledValue().toByteArray();
                        out.writeByte(value.scale());
                        out.writeByte(unscaled.length);
                        out.write(unscaled);
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
                        column.text(row, text(in));
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
