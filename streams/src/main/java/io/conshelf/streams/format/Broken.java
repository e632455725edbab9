package io.conshelf.streams.format;

import io.conshelf.streams.input.DataError;
import java.nio.charset.StandardCharsets;

/// What can be wrong with the bytes of an input, in the service's names and words.
record Broken(String input, String format) {
    private static final int EXAMPLE_BYTES = 1000;

    static Broken of(InputFormat format) {
        return new Broken(format.input(), format.type().title());
    }

    DataError data(String resource, String reason, String example) {
        return error(resource, "InvalidData", new DataError.Origin(resource, format).undeserialized() + ". " + reason, example);
    }

    DataError notObjects(String resource, String found, String example) {
        return error(resource, "InvalidData", "Json input stream should either be an array of objects or line separated objects. Found token type: " + found, example);
    }

    DataError compression(String resource) {
        return error(resource, "InvalidCompressionType", "Unable to decompress events from resource '" + resource
                + "'. Please ensure compression setting fits the data being processed.", "");
    }

    DataError header(String resource, String name, String example) {
        return error(resource, "InvalidHeader", "Invalid CSV Header for resource '" + resource
                + "'. Please make sure there are no duplicate field names. '" + name + "' is there twice.", example);
    }

    private DataError error(String resource, String type, String message, String example) {
        return new DataError(input, "InputDeserializerError." + type, message, example, new DataError.Origin(resource, format));
    }

    static String example(byte[] bytes, int from, int to) {
        int start = Math.clamp(from, 0, bytes.length);
        return new String(bytes, start, Math.clamp((long) to - start, 0, Math.min(EXAMPLE_BYTES, bytes.length - start)), StandardCharsets.UTF_8);
    }
}
