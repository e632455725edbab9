package io.conshelf.processor.format;

import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Reads one payload of MessagePack.
final class MessagePackReading {
    private static final int TIMESTAMP = -1;
    private static final int SECONDS_BITS = 34;

    private final ByteBuffer in;
    private int values;

    MessagePackReading(byte[] payload) {
        this.in = ByteBuffer.wrap(payload);
    }

    Value whole() throws FormatException {
        Value value = value(0);
        if (in.hasRemaining()) {
            throw wrong("something follows the value");
        }
        return value;
    }

    private Value value(int depth) throws FormatException {
        if (depth > FormatLimits.DEPTH_MAX) {
            throw FormatLimits.tooDeep();
        }
        if (++values > FormatLimits.VALUES_MAX) {
            throw FormatLimits.tooMany();
        }
        int first = need(1).get() & 0xFF;
        if (first <= 0x7F || first >= 0xE0) {
            return Value.of((long) (byte) first);
        }
        if (first <= 0x8F) {
            return map(first & 0x0F, depth);
        }
        if (first <= 0x9F) {
            return array(first & 0x0F, depth);
        }
        if (first <= 0xBF) {
            return new Value.Text(text(first & 0x1F));
        }
        return switch (first) {
            case 0xC0 -> Value.NULL;
            case 0xC2 -> Value.FALSE;
            case 0xC3 -> Value.TRUE;
            case 0xC4, 0xC5, 0xC6 -> new Value.Binary(bytes(length(first - 0xC4)));
            case 0xC7, 0xC8, 0xC9 -> extension(length(first - 0xC7));
            case 0xCA -> Value.of((double) need(Float.BYTES).getFloat());
            case 0xCB -> Value.of(need(Double.BYTES).getDouble());
            case 0xCC -> Value.of((long) (need(1).get() & 0xFF));
            case 0xCD -> Value.of((long) (need(Short.BYTES).getShort() & 0xFFFF));
            case 0xCE -> Value.of(need(Integer.BYTES).getInt() & 0xFFFF_FFFFL);
            case 0xCF -> unsigned(need(Long.BYTES).getLong());
            case 0xD0 -> Value.of((long) need(1).get());
            case 0xD1 -> Value.of((long) need(Short.BYTES).getShort());
            case 0xD2 -> Value.of((long) need(Integer.BYTES).getInt());
            case 0xD3 -> Value.of(need(Long.BYTES).getLong());
            case 0xD4, 0xD5, 0xD6, 0xD7, 0xD8 -> extension(1L << first - 0xD4);
            case 0xD9, 0xDA, 0xDB -> new Value.Text(text(length(first - 0xD9)));
            case 0xDC, 0xDD -> array(length(first - 0xDC + 1), depth);
            case 0xDE, 0xDF -> map(length(first - 0xDE + 1), depth);
            default -> throw wrong("the byte 0x%02x begins no value".formatted(first));
        };
    }

    private static Value unsigned(long bits) {
        return bits >= 0 ? Value.of(bits) : new Value.Large(new BigInteger(Long.toUnsignedString(bits)));
    }

    /// A length of 1, 2 or 4 bytes.
    private long length(int power) throws FormatException {
        return switch (power) {
            case 0 -> need(1).get() & 0xFF;
            case 1 -> need(Short.BYTES).getShort() & 0xFFFF;
            default -> need(Integer.BYTES).getInt() & 0xFFFF_FFFFL;
        };
    }

    private ByteBuffer need(long count) throws FormatException {
        if (count > in.remaining()) {
            throw wrong("%d bytes are announced, and %d are left".formatted(count, in.remaining()));
        }
        return in;
    }

    private byte[] bytes(long count) throws FormatException {
        need(count);
        byte[] bytes = new byte[(int) count];
        in.get(bytes);
        return bytes;
    }

    private String text(long count) throws FormatException {
        need(count);
        try {
            ByteBuffer slice = in.slice(in.position(), (int) count);
            String text = StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
            in.position(in.position() + (int) count);
            return text;
        } catch (CharacterCodingException e) {
            throw wrong("a string is not UTF-8");
        }
    }

    private Value array(long count, int depth) throws FormatException {
        // an element has at least one byte
        need(count);
        List<Value> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.add(value(depth + 1));
        }
        return Value.items(items);
    }

    private Value map(long count, int depth) throws FormatException {
        need(2 * count);
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            String name = name(value(depth + 1));
            members.put(name, value(depth + 1));
        }
        return new Value.Members(members);
    }

    private String name(Value key) throws FormatException {
        return switch (key) {
            case Value.Text(String text) -> text;
            case Value.Whole(long number) -> Long.toString(number);
            case Value.Large(BigInteger number) -> number.toString();
            case Value.Null _, Value.Truth _, Value.Real _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw wrong("the key of a map is a string or an integer, found " + FormatLimits.kind(key));
        };
    }

    private Value extension(long count) throws FormatException {
        int type = need(1 + count).get();
        if (type != TIMESTAMP) {
            throw wrong("the extension type " + type + " is not known");
        }
        try {
            Instant time = switch ((int) count) {
                case 4 -> Instant.ofEpochSecond(in.getInt() & 0xFFFF_FFFFL);
                case 8 -> {
                    long both = in.getLong();
                    yield Instant.ofEpochSecond(both & (1L << SECONDS_BITS) - 1, both >>> SECONDS_BITS);
                }
                case 12 -> {
                    int nanos = in.getInt();
                    yield Instant.ofEpochSecond(in.getLong(), nanos & 0xFFFF_FFFFL);
                }
                default -> throw wrong("a timestamp has 4, 8 or 12 bytes, found " + count);
            };
            return Value.of(time.toString());
        } catch (DateTimeException | ArithmeticException e) {
            throw wrong("a timestamp is beyond what can be told");
        }
    }

    private FormatException wrong(String problem) {
        return new FormatException("no MessagePack: %s (byte %d)".formatted(problem, in.position()));
    }
}
