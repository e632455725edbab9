package io.conshelf.server.storage;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/// Writes an event of a journal: a kind, then fields in a fixed order.
final class EventWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    EventWriter(char kind) {
        try {
            out.writeByte(kind);
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    EventWriter text(String text) {
        try {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(utf8.length);
            out.write(utf8);
            return this;
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    EventWriter number(long number) {
        try {
            out.writeLong(number);
            return this;
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    EventWriter instant(Instant instant) {
        return number(instant.getEpochSecond()).number(instant.getNano());
    }

    EventWriter map(Map<String, String> map) {
        number(map.size());
        map.forEach((name, value) -> text(name).text(value));
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private static AssertionError inMemory(IOException e) {
        return new AssertionError("writing to memory does not fail", e);
    }
}
