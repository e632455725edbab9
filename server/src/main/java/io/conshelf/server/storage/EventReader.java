package io.conshelf.server.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads what [EventWriter] wrote. The journal's checksum has vouched for the bytes.
final class EventReader {
    private final ByteBuffer bytes;

    EventReader(byte[] event) {
        this.bytes = ByteBuffer.wrap(event);
    }

    char kind() {
        return (char) bytes.get();
    }

    String text() {
        byte[] utf8 = new byte[bytes.getInt()];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    long number() {
        return bytes.getLong();
    }

    Instant instant() {
        return Instant.ofEpochSecond(number(), number());
    }

    Map<String, String> map() {
        Map<String, String> map = new LinkedHashMap<>();
        for (long left = number(); left > 0; left--) {
            map.put(text(), text());
        }
        return map;
    }
}
