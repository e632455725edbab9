package io.conshelf.processor.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// JSON: one value a payload, or several of them, with or without line ends between.
public final class JsonFormat implements MessageFormat {
    private static final int NUMBER_LENGTH_MAX = 1_000;
    private static final JsonFactory JSON = new JsonFactoryBuilder().streamReadConstraints(constraints())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

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

    static StreamReadConstraints constraints() {
        return StreamReadConstraints.builder().maxNestingDepth(FormatLimits.DEPTH_MAX).maxNumberLength(NUMBER_LENGTH_MAX)
                .maxTokenCount(FormatLimits.VALUES_MAX).maxStringLength(FormatLimits.BYTES_MAX).maxNameLength(FormatLimits.BYTES_MAX).build();
    }

    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        try (JsonParser parser = JSON.createParser(payload)) {
            return switch (documents) {
                case ONE -> one(parser);
                case STREAM -> all(parser);
            };
        } catch (JsonProcessingException e) {
            throw new FormatException("no JSON: " + e.getOriginalMessage() + (e.getLocation() == null ? ""
                    : " (line %d, column %d)".formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr())));
        } catch (IOException e) {
            throw new FormatException("no JSON: " + e.getMessage());
        }
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
    public byte[] encode(List<Value> records) {
        return switch (documents) {
            case ONE -> JsonText.bytes(Value.items(records));
            case STREAM -> lines(records);
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
