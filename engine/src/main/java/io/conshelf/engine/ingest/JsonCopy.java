package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.io.StringWriter;

/// JSON as ingestion reads it, and the copying of parts of it into dynamic values.
final class JsonCopy {
    private static final int NESTING_MAX = 1_000;
    private static final int STRING_CHARS_MAX = 64 << 20;

    /// What Kusto lets pass in records: comments, single quotes, NaN.
    static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    .maxStringLength(STRING_CHARS_MAX)
                    .build())
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .disable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private JsonCopy() {}

    /// How real numbers come out.
    enum Reals {
        /// As [DynamicText] writes them.
        AS_HELD {
            @Override
            String of(String json) {
                return DynamicText.ofRealNumber(json);
            }
        },
        /// For columns that keep what they are given: texts as it is spelled, decimals with all digits.
        AS_SPELLED {
            @Override
            String of(String json) {
                return json;
            }
        };

        abstract String of(String json);
    }

    /// What was copied as it is spelled, as [DynamicText] writes it.
    static String held(String spelled) throws IOException {
        var out = new StringWriter(spelled.length());
        try (JsonParser parser = JSON.createParser(spelled);
                JsonGenerator generator = JSON.createGenerator(out)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
                    generator.writeNumber(DynamicText.ofRealNumber(parser.getText()));
                } else if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                    generator.writeNumber(parser.getText());
                } else {
                    generator.copyCurrentEvent(parser);
                }
            }
        }
        return out.toString();
    }

    /// The object or array the parser stands at, as [DynamicText]; the parser then stands at its end.
    static String structure(JsonParser parser, Reals reals) throws IOException {
        var out = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(out)) {
            int depth = 0;
            JsonToken token = parser.currentToken();
            while (true) {
                switch (token) {
                    case START_OBJECT -> {
                        depth++;
                        generator.writeStartObject();
                    }
                    case START_ARRAY -> {
                        depth++;
                        generator.writeStartArray();
                    }
                    case END_OBJECT -> {
                        depth--;
                        generator.writeEndObject();
                    }
                    case END_ARRAY -> {
                        depth--;
                        generator.writeEndArray();
                    }
                    case FIELD_NAME -> generator.writeFieldName(parser.currentName());
                    case VALUE_STRING -> string(generator, parser.getText());
                    case VALUE_NUMBER_INT -> generator.writeNumber(parser.getText());
                    case VALUE_NUMBER_FLOAT -> {
                        if (parser.isNaN()) {
                            generator.writeNull();
                        } else {
                            generator.writeNumber(reals.of(parser.getText()));
                        }
                    }
                    case VALUE_TRUE -> generator.writeBoolean(true);
                    case VALUE_FALSE -> generator.writeBoolean(false);
                    case VALUE_NULL -> generator.writeNull();
                    case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                        throw new AssertionError("a text parser gives no " + token);
                }
                if (depth == 0) {
                    break;
                }
                token = parser.nextToken();
                if (token == null) {
                    throw new IOException("the text ends inside a value");
                }
            }
        }
        return out.toString();
    }

    private static void string(JsonGenerator generator, String text) throws IOException {
        boolean isMarked = !text.isEmpty() && text.charAt(0) == DynamicText.MARK;
        generator.writeString(isMarked ? DynamicText.MARK + text : text);
    }
}
