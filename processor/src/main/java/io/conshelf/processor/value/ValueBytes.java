package io.conshelf.processor.value;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Values as checkpoints and datasets hold them: what is read is exactly what was written, bytes and whole numbers too.
public final class ValueBytes {
    private static final int DEPTH_MAX = 20_000;
    private static final byte NULL = 0;
    private static final byte TRUE = 1;
    private static final byte FALSE = 2;
    private static final byte WHOLE = 3;
    private static final byte LARGE = 4;
    private static final byte REAL = 5;
    private static final byte TEXT = 6;
    private static final byte BINARY = 7;
    private static final byte ITEMS = 8;
    private static final byte MEMBERS = 9;

    private ValueBytes() {}

    public static void write(Value value, DataOutputStream out) throws IOException {
        switch (value) {
            case Value.Null _ -> out.writeByte(NULL);
            case Value.Truth(boolean truth) -> out.writeByte(truth ? TRUE : FALSE);
            case Value.Whole(long number) -> {
                out.writeByte(WHOLE);
                out.writeLong(number);
            }
            case Value.Large(BigInteger number) -> {
                out.writeByte(LARGE);
                writeBytes(number.toByteArray(), out);
            }
            case Value.Real(double number) -> {
                out.writeByte(REAL);
                out.writeDouble(number);
            }
            case Value.Text(String text) -> {
                out.writeByte(TEXT);
                writeText(text, out);
            }
            case Value.Binary(byte[] bytes) -> {
                out.writeByte(BINARY);
                writeBytes(bytes, out);
            }
            case Value.Items(List<Value> items) -> {
                out.writeByte(ITEMS);
                out.writeInt(items.size());
                for (Value item : items) {
                    write(item, out);
                }
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                out.writeByte(MEMBERS);
                out.writeInt(members.size());
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    writeText(member.getKey(), out);
                    write(member.getValue(), out);
                }
            }
        }
    }

    public static void writeText(String text, DataOutputStream out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    public static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static Value read(DataInputStream in) throws IOException {
        return read(in, 0);
    }

    private static Value read(DataInputStream in, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("a value is nested deeper than " + DEPTH_MAX);
        }
        byte kind = in.readByte();
        return switch (kind) {
            case NULL -> Value.NULL;
            case TRUE -> Value.TRUE;
            case FALSE -> Value.FALSE;
            case WHOLE -> Value.of(in.readLong());
            case LARGE -> new Value.Large(new BigInteger(readBytes(in)));
            case REAL -> Value.of(in.readDouble());
            case TEXT -> Value.of(readText(in));
            case BINARY -> new Value.Binary(readBytes(in));
            case ITEMS -> {
                List<Value> items = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    items.add(read(in, depth + 1));
                }
                yield Value.items(items);
            }
            case MEMBERS -> {
                MembersBuilder members = new MembersBuilder();
                for (int left = in.readInt(); left > 0; left--) {
                    members.put(readText(in), read(in, depth + 1));
                }
                yield members.build();
            }
            default -> throw new IOException("there is no kind " + kind + " of value");
        };
    }

    public static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    public static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("it ends early");
        }
        return bytes;
    }
}
