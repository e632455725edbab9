package io.conshelf.engine.orc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A protocol buffer message: numbers and byte strings by field number.
final class Message {
    /// A field takes two bytes in the file and many more here.
    private static final int FIELDS_MAX = 300_000;

    private final Map<Integer, List<Long>> numbers = new HashMap<>();
    private final Map<Integer, List<byte[]>> texts = new HashMap<>();

    private final byte[] bytes;
    private int at;

    private Message(byte[] bytes) {
        this.bytes = bytes;
    }

    static Message parse(byte[] bytes) throws OrcException {
        var message = new Message(bytes);
        message.read();
        return message;
    }

    private void read() throws OrcException {
        for (int fields = 0; at < bytes.length; fields++) {
            if (fields == FIELDS_MAX) {
                throw new OrcException("its description has more than " + FIELDS_MAX + " parts");
            }
            long key = varint();
            int field = (int) (key >>> 3);
            switch ((int) key & 7) {
                case 0 -> numbers.computeIfAbsent(field, _ -> new ArrayList<>()).add(varint());
                case 1 -> skip(8);
                case 2 -> texts.computeIfAbsent(field, _ -> new ArrayList<>()).add(text());
                case 5 -> skip(4);
                default -> throw new OrcException("its description is broken");
            }
        }
    }

    private byte[] text() throws OrcException {
        long length = varint();
        int start = at;
        skip(length);
        return Arrays.copyOfRange(bytes, start, at);
    }

    private void skip(long length) throws OrcException {
        if (length < 0 || length > bytes.length - at) {
            throw new OrcException("its description ends too early");
        }
        at += (int) length;
    }

    private long varint() throws OrcException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == bytes.length) {
                throw new OrcException("its description ends too early");
            }
            byte b = bytes[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new OrcException("its description is broken");
    }

    /// A field's number, or 0.
    long number(int field) {
        List<Long> found = numbers.getOrDefault(field, List.of());
        return found.isEmpty() ? 0 : found.getLast();
    }

    /// A repeated field's numbers, packed or not.
    List<Long> numbers(int field) throws OrcException {
        var all = new ArrayList<>(numbers.getOrDefault(field, List.of()));
        for (byte[] packed : texts.getOrDefault(field, List.of())) {
            var reader = new Message(packed);
            while (reader.at < packed.length) {
                all.add(reader.varint());
            }
        }
        return all;
    }

    List<String> strings(int field) {
        return texts.getOrDefault(field, List.of()).stream().map(b -> new String(b, StandardCharsets.UTF_8)).toList();
    }

    List<Message> messages(int field) throws OrcException {
        var all = new ArrayList<Message>();
        for (byte[] text : texts.getOrDefault(field, List.of())) {
            all.add(parse(text));
        }
        return all;
    }
}
