package io.conshelf.processor.format;

import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Writes values as MessagePack, each in its shortest form.
final class MessagePackWriting {
    private static final BigInteger UNSIGNED_MAX = BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
        return out.toByteArray();
    }

    void write(Value value) throws FormatException {
        switch (value) {
            case Value.Null _ -> out.write(0xC0);
            case Value.Truth(boolean is) -> out.write(is ? 0xC3 : 0xC2);
            case Value.Whole(long number) -> whole(number);
            case Value.Large(BigInteger number) -> large(number);
            case Value.Real(double number) -> number(0xCB, ByteBuffer.allocate(Double.BYTES).putDouble(number));
            case Value.Text(String text) -> text(text);
            case Value.Binary(byte[] bytes) -> {
                length(bytes.length, 0xC4);
                out.writeBytes(bytes);
            }
            case Value.Items(List<Value> items) -> {
                count(items.size(), 0x90, 0xDC);
                for (Value item : items) {
                    write(item);
                }
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                count(members.size(), 0x80, 0xDE);
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    text(member.getKey());
                    write(member.getValue());
                }
            }
        }
    }

    /// What stands before the elements of an array.
    static byte[] array(int count) {
        MessagePackWriting head = new MessagePackWriting();
        head.count(count, 0x90, 0xDC);
        return head.bytes();
    }

    private void whole(long number) {
        if (number >= -32 && number <= 127) {
            out.write((int) number);
        } else if (number > 0) {
            if (number <= 0xFF) {
                number(0xCC, ByteBuffer.allocate(1).put((byte) number));
            } else if (number <= 0xFFFF) {
                number(0xCD, ByteBuffer.allocate(Short.BYTES).putShort((short) number));
            } else if (number <= 0xFFFF_FFFFL) {
                number(0xCE, ByteBuffer.allocate(Integer.BYTES).putInt((int) number));
            } else {
                number(0xCF, ByteBuffer.allocate(Long.BYTES).putLong(number));
            }
        } else if (number >= Byte.MIN_VALUE) {
            number(0xD0, ByteBuffer.allocate(1).put((byte) number));
        } else if (number >= Short.MIN_VALUE) {
            number(0xD1, ByteBuffer.allocate(Short.BYTES).putShort((short) number));
        } else if (number >= Integer.MIN_VALUE) {
            number(0xD2, ByteBuffer.allocate(Integer.BYTES).putInt((int) number));
        } else {
            number(0xD3, ByteBuffer.allocate(Long.BYTES).putLong(number));
        }
    }

    private void large(BigInteger number) throws FormatException {
        if (number.signum() < 0 || number.compareTo(UNSIGNED_MAX) > 0) {
            throw new FormatException("MessagePack has integers of 64 bits, found " + number);
        }
        number(0xCF, ByteBuffer.allocate(Long.BYTES).putLong(number.longValue()));
    }

    private void number(int type, ByteBuffer bytes) {
        out.write(type);
        out.writeBytes(bytes.array());
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 32) {
            out.write(0xA0 | bytes.length);
        } else {
            length(bytes.length, 0xD9);
        }
        out.writeBytes(bytes);
    }

    private void length(int length, int type) {
        if (length <= 0xFF) {
            number(type, ByteBuffer.allocate(1).put((byte) length));
        } else {
            wide(length, type + 1);
        }
    }

    private void count(int count, int few, int many) {
        if (count < 16) {
            out.write(few | count);
        } else {
            wide(count, many);
        }
    }

    private void wide(int length, int type) {
        if (length <= 0xFFFF) {
            number(type, ByteBuffer.allocate(Short.BYTES).putShort((short) length));
        } else {
            number(type + 1, ByteBuffer.allocate(Integer.BYTES).putInt(length));
        }
    }
}
