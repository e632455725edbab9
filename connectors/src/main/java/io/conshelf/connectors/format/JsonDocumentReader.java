package io.conshelf.connectors.format;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.DefinitionText;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Reads JSON objects that stand alone, one a line, one after another, or in an array; which of these is found out while reading.
public final class JsonDocumentReader implements AutoCloseable {
    // Numbers keep their digits: a decimal must not become a double on its way.
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final String name;
    private final JsonParser parser;
    private boolean isInArray;
    private int beginsAtLine;

    /// @param name what error messages call the text
    public JsonDocumentReader(String name, InputStream bytes) throws StoreException {
        this.name = name;
        try {
            this.parser = JSON.createParser(bytes);
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    public Optional<ObjectNode> next() throws StoreException {
        try {
            while (true) {
                JsonToken token = parser.nextToken();
                if (token == null) {
                    return Optional.empty();
                }
                if (token == JsonToken.START_OBJECT) {
                    beginsAtLine = parser.currentTokenLocation().getLineNr();
                    return Optional.of(JSON.readTree(parser));
                }
                if (token == JsonToken.START_ARRAY && !isInArray) {
                    isInArray = true;
                } else if (token == JsonToken.END_ARRAY && isInArray) {
                    isInArray = false;
                } else {
                    throw StoreException.user("UserErrorJsonNotObject", "'" + name + "' holds " + token + " at line "
                            + parser.currentLocation().getLineNr() + " where a JSON object is expected");
                }
            }
        } catch (NumberFormatException beyond) {
            throw failed(new JsonParseException(parser, DefinitionText.BEYOND_NUMBERS));
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    @Override
    public void close() throws StoreException {
        try {
            parser.close();
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    private StoreException failed(IOException failure) {
        if (failure instanceof JsonProcessingException notJson) {
            String at = notJson.getLocation() == null ? "" : " at line " + notJson.getLocation().getLineNr() + ", column "
                    + notJson.getLocation().getColumnNr();
            // What is left open is noticed further on, at the end at the latest.
            if (notJson.getLocation() != null && beginsAtLine > 0 && beginsAtLine < notJson.getLocation().getLineNr()) {
                at += " (the object begins at line " + beginsAtLine + ")";
            }
            return StoreException.user("UserErrorJsonMalformed", "'" + name + "' is not JSON" + at + ": " + notJson.getOriginalMessage());
        }
        return StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
    }
}
