package io.conshelf.streams.value;

import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Values and rows as bytes: in the states of operators, and between the tasks of a job. The same build writes and reads them, but for the states that a
/// checkpoint keeps: [#VERSION] is written there.
public final class BinaryValues {
    public static final int VERSION = 1;

    private static final byte NULL = 0;
    private static final byte BIGINT = 1;
    private static final byte FLOAT = 2;
    private static final byte TEXT = 3;
    private static final byte DATETIME = 4;
    private static final byte FALSE = 5;
    private static final byte TRUE = 6;
    private static final byte RECORD = 7;
    private static final byte ARRAY = 8;
    private static final byte RECORD_WITH_METADATA = 9;

    private BinaryValues() {}

    public static void write(Row row, DataOutput out) throws IOException {
        out.writeLong(row.ticks());
        writeAll(row.slots(), out);
    }

    public static Row readRow(DataInput in) throws IOException {
        long ticks = in.readLong();
        return new Row(ticks, readAll(in));
    }

    public static void writeAll(Value[] values, DataOutput out) throws IOException {
        writeCount(values.length, out);
        for (Value value : values) {
            write(value, out);
        }
    }

    public static Value[] readAll(DataInput in) throws IOException {
        Value[] values = new Value[readCount(in)];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(in);
        }
        return values;
    }

    public static void write(Value value, DataOutput out) throws IOException {
        switch (value) {
            case Null _ -> out.writeByte(NULL);
            case BigInt(long number) -> {
                out.writeByte(BIGINT);
                out.writeLong(number);
            }
            case FloatingPoint(double number) -> {
                out.writeByte(FLOAT);
                out.writeDouble(number);
            }
            case Text(String text) -> {
                out.writeByte(TEXT);
                writeText(text, out);
            }
            case DateTime(long ticks) -> {
                out.writeByte(DATETIME);
                out.writeLong(ticks);
            }
            case Bit(boolean bit) -> out.writeByte(bit ? TRUE : FALSE);
            case Record(Shape shape, Value[] values, Value metadata) -> {
                if (metadata instanceof Null) {
                    out.writeByte(RECORD);
                } else {
                    out.writeByte(RECORD_WITH_METADATA);
                    write(metadata, out);
                }
                Shapes.write(shape, out);
                for (Value field : values) {
                    write(field, out);
                }
            }
            case Array(List<Value> elements) -> {
                out.writeByte(ARRAY);
                writeCount(elements.size(), out);
                for (Value element : elements) {
                    write(element, out);
                }
            }
        }
    }

    public static Value read(DataInput in) throws IOException {
        byte type = in.readByte();
        return switch (type) {
            case NULL -> Null.NULL;
            case BIGINT -> BigInt.of(in.readLong());
            case FLOAT -> new FloatingPoint(in.readDouble());
            case TEXT -> new Text(readText(in));
            case DATETIME -> new DateTime(in.readLong());
            case FALSE -> Bit.FALSE;
            case TRUE -> Bit.TRUE;
            case RECORD -> readRecord(in, Null.NULL);
            case RECORD_WITH_METADATA -> readRecord(in, read(in));
            case ARRAY -> {
                int count = readCount(in);
                List<Value> elements = new ArrayList<>(Math.min(count, 1024));
                for (int i = 0; i < count; i++) {
                    elements.add(read(in));
                }
                yield new Array(elements);
            }
            default -> throw new IOException("no type of value has the number " + type);
        };
    }

    private static Record readRecord(DataInput in, Value metadata) throws IOException {
        Shape shape = Shapes.read(in);
        Value[] values = new Value[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(in);
        }
        return new Record(shape, values, metadata);
    }

    /// Small numbers take one byte.
    public static void writeCount(int count, DataOutput out) throws IOException {
        int rest = count;
        while ((rest & ~0x7F) != 0) {
            out.writeByte(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    public static int readCount(DataInput in) throws IOException {
        int count = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            byte part = in.readByte();
            count |= (part & 0x7F) << shift;
            if (part >= 0) {
                return count;
            }
        }
        throw new IOException("a count of more than 32 bits");
    }

    public static void writeText(String text, DataOutput out) throws IOException {
        byte[] bytes = bytes(text);
        writeCount(bytes.length, out);
        out.write(bytes);
    }

    public static String readText(DataInput in) throws IOException {
        byte[] bytes = new byte[readCount(in)];
        in.readFully(bytes);
        return text(bytes);
    }

    /// The text in UTF-8. Half a surrogate pair, which events may hold and functions may leave, is three bytes like any other character beyond the first
    /// ones: a key must read back as what it was.
    static byte[] bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return bytesWithHalves(text);
                }
                i++;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytesWithHalves(String text) {
        var bytes = new ByteArrayOutputStream(text.length() * 3);
        text.codePoints().forEach(point -> {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                bytes.write(0xE0 | point >> 12);
                bytes.write(0x80 | point >> 6 & 0x3F);
                bytes.write(0x80 | point & 0x3F);
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // Halves of pairs are read as this.
        return text.indexOf('\uFFFD') < 0 ? text : textWithHalves(bytes);
    }

    private static String textWithHalves(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        int from = 0;
        for (int i = 0; i + 2 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) {
                text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8))
                        .append((char) (0xD000 | (bytes[i + 1] & 0x3F) << 6 | bytes[i + 2] & 0x3F));
                i += 2;
                from = i + 1;
            }
        }
        return text.append(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8)).toString();
    }
}
