package io.conshelf.streams.format;

import io.conshelf.streams.input.DataError;
import java.nio.charset.StandardCharsets;

/// What can be wrong with the bytes of an input, in the service's names and words.
record Broken(String input, String format) {
    private static final int EXAMPLE_BYTES = 1000;

    static Broken of(InputFormat format) {
        return new Broken(format.input(), switch (format.type()) {
            case JSON -> "Json";
            case CSV -> "Csv";
            case AVRO -> "Avro";
            case PARQUET -> "Parquet";
        });
    }

    DataError data(String resource, String reason, String example) {
        return error("InvalidData", "Could not deserialize the input event(s) from resource '" + resource + "' as " + format
                + ". Some possible reasons: 1) Malformed events 2) Input source configured with incorrect serialization format. " + reason, example);
    }

    DataError notObjects(String found, String example) {
        return error("InvalidData", "Json input stream should either be an array of objects or line separated objects. Found token type: " + found, example);
    }

    DataError compression(String resource) {
        return error("InvalidCompressionType", "Unable to decompress events from resource '" + resource
                + "'. Please ensure compression setting fits the data being processed.", "");
    }

    DataError header(String resource, String name, String example) {
        return error("InvalidHeader", "Invalid CSV Header for resource '" + resource
                + "'. Please make sure there are no duplicate field names. '" + name + "' is there twice.", example);
    }

    private DataError error(String type, String message, String example) {
        return new DataError(input, "InputDeserializerError." + type, message, example);
    }

    static String example(byte[] bytes, int from, int to) {
        int start = Math.clamp(from, 0, bytes.length);
        return new String(bytes, start, Math.clamp((long) to - start, 0, Math.min(EXAMPLE_BYTES, bytes.length - start)), StandardCharsets.UTF_8);
    }
}
