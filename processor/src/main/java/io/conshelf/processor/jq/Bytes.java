package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Bytes in one of the three forms that the module `binary` takes: a binary value, an array of numbers, or base64. What is written keeps the form
/// of what it is written into, so that `.data |= binary::write_int8(1)` leaves an array an array.
final class Bytes {
    enum Form { BINARY, ARRAY, BASE64 }

    /// A number of a fixed width.
    enum Fixed {
        INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE;

        int width() {
            return switch (this) {
                case INT8, UINT8 -> 1;
                case INT16, UINT16 -> 2;
                case INT32, UINT32, FLOAT -> 4;
                case INT64, UINT64, DOUBLE -> 8;
            };
        }

        String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        private boolean isSigned() {
            return switch (this) {
                case INT8, INT16, INT32, INT64 -> true;
                case UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE -> false;
            };
        }
    }

    private Bytes() {}

    static Optional<Form> form(Value value) {
        return switch (value) {
            case Value.Binary _ -> Optional.of(Form.BINARY);
            case Value.Items(List<Value> items) -> items.stream().allMatch(Bytes::isByte) ? Optional.of(Form.ARRAY) : Optional.empty();
            case Value.Text(String text) -> decoded(text).isPresent() ? Optional.of(Form.BASE64) : Optional.empty();
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Members _ -> Optional.empty();
        };
    }

    private static boolean isByte(Value value) {
        return Numbers.isNumber(value) && Numbers.real(value) >= 0 && Numbers.real(value) <= 255 && Numbers.real(value) == Math.rint(Numbers.real(value));
    }

    private static Optional<byte[]> decoded(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    /// The bytes of any form; shared with the value, never to be changed.
    static byte[] of(Value value) {
        return switch (value) {
            case Value.Binary(byte[] bytes) -> bytes;
            case Value.Items(List<Value> items) -> {
                byte[] bytes = new byte[items.size()];
                for (int i = 0; i < bytes.length; i++) {
                    if (!isByte(items.get(i))) {
                        throw new JqException("element " + i + " of the array is no byte: " + JqException.shown(items.get(i)));
                    }
                    bytes[i] = (byte) Numbers.index(items.get(i));
                }
                yield bytes;
            }
            case Value.Text(String text) -> decoded(text).orElseThrow(() -> new JqException(JqException.shown(value) + " is no base64"));
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Members _ ->
                throw new JqException(JqException.shown(value) + " is neither binary, an array of bytes nor base64");
        };
    }

    static Value binary(Value value) {
        return value instanceof Value.Binary ? value : new Value.Binary(of(value));
    }

    static Value array(Run run, Value value) {
        byte[] bytes = of(value);
        run.makes(16L * bytes.length);
        List<Value> items = new ArrayList<>(bytes.length);
        for (byte one : bytes) {
            items.add(Value.of((long) (one & 0xff)));
        }
        return new Value.Items(items);
    }

    static Value base64(Value value) {
        return value instanceof Value.Text && form(value).isPresent() ? value : Value.of(Base64.getEncoder().encodeToString(of(value)));
    }

    private static Value inForm(Run run, Value of, byte[] bytes) {
        Value binary = new Value.Binary(bytes);
        return switch (of) {
            case Value.Items _ -> array(run, binary);
            case Value.Text _ -> base64(binary);
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _, Value.Members _ -> binary;
        };
    }

    /// A place for `length` bytes within `bytes`.
    private static int offset(byte[] bytes, Value offset, int length) {
        int at = whole(offset, "offset");
        if (at < 0 || (long) at + length > bytes.length) {
            throw new JqException("offset " + at + " and " + length + (length == 1 ? " byte" : " bytes") + " are beyond the " + bytes.length
                    + " bytes that there are");
        }
        return at;
    }

    private static int whole(Value number, String what) {
        if (!Numbers.isNumber(number) || Numbers.real(number) != Math.rint(Numbers.real(number))) {
            throw new JqException("the " + what + " is no whole number: " + JqException.shown(number));
        }
        return Numbers.index(number);
    }

    private static int bit(Value number) {
        int bit = whole(number, "bit");
        if (bit < 0 || bit > 7) {
            throw new JqException("the bit is " + bit + "; it is one of 0 to 7");
        }
        return bit;
    }

    static Value read(Value input, Fixed type, ByteOrder order, Value offset) {
        byte[] bytes = of(input);
        int at = offset(bytes, offset, type.width());
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        return switch (type) {
            case INT8 -> Value.of((long) buffer.get(at));
            case UINT8 -> Value.of((long) (buffer.get(at) & 0xff));
            case INT16 -> Value.of((long) buffer.getShort(at));
            case UINT16 -> Value.of((long) (buffer.getShort(at) & 0xffff));
            case INT32 -> Value.of((long) buffer.getInt(at));
            case UINT32 -> Value.of(buffer.getInt(at) & 0xffff_ffffL);
            case INT64 -> Value.of(buffer.getLong(at));
            case UINT64 -> Numbers.of(new BigInteger(Long.toUnsignedString(buffer.getLong(at))));
            case FLOAT -> Value.of((double) buffer.getFloat(at));
            case DOUBLE -> Value.of(buffer.getDouble(at));
        };
    }

    static Value readBit(Value input, Value offset, Value bit) {
        byte[] bytes = of(input);
        return Value.of((long) (bytes[offset(bytes, offset, 1)] >> bit(bit) & 1));
    }

    static Value readBool(Value input, Value offset, Value bit) {
        return Value.of(readBit(input, offset, bit) instanceof Value.Whole(long set) && set == 1);
    }

    /// @param length null: all that is left
    static Value readText(Value input, Value offset, Value length) {
        byte[] bytes = of(input);
        int at = offset(bytes, offset, 0);
        int count = length instanceof Value.Null ? bytes.length - at : whole(length, "length");
        if (count < 0) {
            throw new JqException("the length is " + count);
        }
        offset(bytes, offset, count);
        return Value.of(new String(bytes, at, count, StandardCharsets.UTF_8));
    }

    private static byte[] encoded(Fixed type, ByteOrder order, Value value) {
        if (!Numbers.isNumber(value)) {
            throw new JqException(JqException.shown(value) + " is no " + type.text());
        }
        ByteBuffer buffer = ByteBuffer.allocate(type.width()).order(order);
        return switch (type) {
            case FLOAT -> buffer.putFloat((float) Numbers.real(value)).array();
            case DOUBLE -> buffer.putDouble(Numbers.real(value)).array();
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> {
                BigInteger whole = exact(type, value);
                int bits = 8 * type.width();
                BigInteger least = type.isSigned() ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
                BigInteger beyond = BigInteger.ONE.shiftLeft(type.isSigned() ? bits - 1 : bits);
                if (whole.compareTo(least) < 0 || whole.compareTo(beyond) >= 0) {
                    throw new JqException(JqException.shown(value) + " is no " + type.text());
                }
                byte[] wide = ByteBuffer.allocate(8).order(order).putLong(whole.longValue()).array();
                yield order == ByteOrder.BIG_ENDIAN ? Arrays.copyOfRange(wide, 8 - type.width(), 8) : Arrays.copyOf(wide, type.width());
            }
        };
    }

    private static BigInteger exact(Fixed type, Value number) {
        return switch (number) {
            case Value.Whole(long whole) -> BigInteger.valueOf(whole);
            case Value.Large(BigInteger large) -> large;
            case Value.Real(double real) when real == Math.rint(real) && Math.abs(real) < 0x1p65 -> new java.math.BigDecimal(real).toBigIntegerExact();
            case Value.Real _, Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new JqException(JqException.shown(number) + " is no " + type.text());
        };
    }

    private static Value put(Run run, Value input, Value offset, byte[] part) {
        byte[] bytes = of(input);
        int at = offset(bytes, offset, part.length);
        run.makes(bytes.length);
        byte[] changed = bytes.clone();
        System.arraycopy(part, 0, changed, at, part.length);
        return inForm(run, input, changed);
    }

    private static Value append(Run run, Value input, byte[] part) {
        byte[] bytes = of(input);
        run.makes((long) bytes.length + part.length);
        ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length + part.length);
        all.writeBytes(bytes);
        all.writeBytes(part);
        return inForm(run, input, all.toByteArray());
    }

    static Value write(Run run, Value input, Fixed type, ByteOrder order, Value value, Value offset) {
        return put(run, input, offset, encoded(type, order, value));
    }

    static Value append(Run run, Value input, Fixed type, ByteOrder order, Value value) {
        return append(run, input, encoded(type, order, value));
    }

    private static byte[] text(Value value) {
        if (value instanceof Value.Text(String text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        throw new JqException(JqException.shown(value) + " is no string");
    }

    static Value writeText(Run run, Value input, Value value, Value offset) {
        return put(run, input, offset, text(value));
    }

    static Value appendText(Run run, Value input, Value value) {
        return append(run, input, text(value));
    }

    private static boolean isSet(Value value) {
        return switch (value) {
            case Value.Truth(boolean is) -> is;
            case Value.Whole(long bit) when bit == 0 || bit == 1 -> bit == 1;
            case Value.Null _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new JqException(JqException.shown(value) + " is no boolean");
        };
    }

    private static byte[] flag(Value value, Value bit) {
        return new byte[] {(byte) (isSet(value) ? 1 << bit(bit) : 0 << bit(bit))};
    }

    /// The whole byte: its other bits become 0.
    static Value writeBool(Run run, Value input, Value value, Value offset, Value bit) {
        return put(run, input, offset, flag(value, bit));
    }

    static Value appendBool(Run run, Value input, Value value, Value bit) {
        return append(run, input, flag(value, bit));
    }

    /// One bit; the others of its byte stay.
    static Value writeBit(Run run, Value input, Value value, Value offset, Value bit) {
        byte[] bytes = of(input);
        int before = bytes[offset(bytes, offset, 1)];
        int mask = 1 << bit(bit);
        return put(run, input, offset, new byte[] {(byte) (isSet(value) ? before | mask : before & ~mask)});
    }
}
