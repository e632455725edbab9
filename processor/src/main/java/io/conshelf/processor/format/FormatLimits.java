package io.conshelf.processor.format;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;

/// What a payload may be at most.
public final class FormatLimits {
    public static final int BYTES_MAX = 32 << 20;
    /// Protocol Buffers: their packed numbers are larger in memory than in the payload, and there before they are counted.
    public static final int PROTOBUF_BYTES_MAX = 8 << 20;
    /// Values in one another and beside one another, names of members too.
    public static final int VALUES_MAX = 4_000_000;
    public static final int DEPTH_MAX = JsonText.DEPTH_MAX;

    private FormatLimits() {}

    static void checkSize(byte[] payload, int bytesMax) throws FormatException {
        if (payload.length > bytesMax) {
            throw new FormatException("the payload has %d bytes; %d are the most that are read".formatted(payload.length, bytesMax));
        }
    }

    static FormatException tooDeep() {
        return new FormatException("values lie more than %d deep in one another".formatted(DEPTH_MAX));
    }

    static FormatException tooMany() {
        return new FormatException("the payload holds more than %d values".formatted(VALUES_MAX));
    }

    /// As a message calls it.
    static String kind(Value value) {
        return switch (value) {
            case Value.Null _ -> "null";
            case Value.Truth _ -> "a boolean";
            case Value.Whole _, Value.Large _ -> "an integer";
            case Value.Real _ -> "a float";
            case Value.Text _ -> "a string";
            case Value.Binary _ -> "bytes";
            case Value.Items _ -> "an array";
            case Value.Members _ -> "a map";
        };
    }
}
