package io.conshelf.processor.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// JSON: one value a payload, or several of them, with or without line ends between.
public final class JsonFormat implements MessageFormat {
    private static final int NUMBER_LENGTH_MAX = 1_000;
    /// In bytes. Names up to so many are remembered from one message to the next, some thousands of them; what a stranger makes longer is not kept.
    private static final int KEPT_NAME_MAX = 256;
    /// For nearly all.
    private static final JsonFactory JSON = new JsonFactoryBuilder().streamReadConstraints(constraints().maxNameLength(KEPT_NAME_MAX).build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW).build();
    private static final JsonFactory LONG_NAMES = new JsonFactoryBuilder().streamReadConstraints(constraints().build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

    private static final Frame ARRAY = new Frame(new byte[] {'['}, new byte[] {','}, new byte[] {']'});

    private final Documents documents;

    public enum Documents {
        /// The payload is that value; a batch is an array.
        ONE,
        /// The payload is an array of them; a batch has a line for each.
        STREAM
    }

    public JsonFormat(Documents documents) {
        this.documents = documents;
    }

    static StreamReadConstraints.Builder constraints() {
        return StreamReadConstraints.builder().maxNestingDepth(FormatLimits.DEPTH_MAX).maxNumberLength(NUMBER_LENGTH_MAX)
                .maxTokenCount(FormatLimits.VALUES_MAX).maxStringLength(FormatLimits.BYTES_MAX).maxNameLength(FormatLimits.BYTES_MAX);
    }

    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        try {
            return decode(JSON, payload);
        } catch (StreamConstraintsException perhapsOfName) {
            return decodeSlowly(payload);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Value decodeSlowly(byte[] payload) throws FormatException {
        try {
            return decode(LONG_NAMES, payload);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Value decode(JsonFactory factory, byte[] payload) throws IOException, FormatException {
        try (JsonParser parser = factory.createParser(payload)) {
            return switch (documents) {
                case ONE -> one(parser);
                case STREAM -> all(parser);
            };
        }
    }

    private static FormatException failure(IOException failed) {
        if (failed instanceof JsonProcessingException e) {
            return new FormatException("no JSON: " + e.getOriginalMessage() + (e.getLocation() == null ? ""
                    : " (line %d, column %d)".formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr())));
        }
        return new FormatException("no JSON: " + failed.getMessage());
    }

    private static Value one(JsonParser parser) throws IOException, FormatException {
        if (parser.nextToken() == null) {
            throw new FormatException("no JSON: there is no value");
        }
        Value value = JsonText.value(parser);
        if (parser.nextToken() != null) {
            throw new FormatException("no JSON: something follows the value (line %d, column %d)".formatted(parser.currentTokenLocation().getLineNr(),
                    parser.currentTokenLocation().getColumnNr()));
        }
        return value;
    }

    private static Value all(JsonParser parser) throws IOException {
        List<Value> values = new ArrayList<>();
        while (parser.nextToken() != null) {
            values.add(JsonText.value(parser));
        }
        return Value.items(values);
    }

    @Override
    public byte[] encode(Value record) {
        return switch (documents) {
            case ONE -> JsonText.bytes(record);
            case STREAM -> lines(record instanceof Value.Items(List<Value> items) ? items : List.of(record));
        };
    }

    @Override
    public byte[] part(Value record) {
        return switch (documents) {
            case ONE -> JsonText.bytes(record);
            case STREAM -> lines(List.of(record));
        };
    }

    @Override
    public Frame frame(int parts) {
        return switch (documents) {
            case ONE -> ARRAY;
            case STREAM -> Frame.NONE;
        };
    }

    private static byte[] lines(List<Value> values) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Value value : values) {
            lines.writeBytes(JsonText.bytes(value));
            lines.write('\n');
        }
        return lines.toByteArray();
    }
}
