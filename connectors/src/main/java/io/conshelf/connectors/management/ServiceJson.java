package io.conshelf.connectors.management;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.DefinitionText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// JSON as definitions need it: numbers keep their digits, a key stands once, nesting has a bound.
public final class ServiceJson {
    private static final int NESTING_MAX = 200;

    public static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).maxStringLength(Integer.MAX_VALUE).build()).build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ServiceJson() {}

    /// A body that is to be an object.
    public static ObjectNode object(byte[] body) {
        JsonNode json = read(body);
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw Refusal.notJson("the body is to be a JSON object, found " + json.getNodeType().name().toLowerCase(Locale.ROOT));
    }

    /// A body that may be absent.
    public static ObjectNode objectOrEmpty(byte[] body) {
        boolean isBlank = new String(body, StandardCharsets.UTF_8).isBlank();
        return isBlank || read(body).isNull() ? MAPPER.createObjectNode() : object(body);
    }

    private static JsonNode read(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException broken) {
            String at = broken.getLocation() == null ? "" : " at line " + broken.getLocation().getLineNr() + ", column " + broken.getLocation().getColumnNr();
            throw Refusal.notJson("not JSON" + at + ": " + DefinitionText.reason(broken));
        } catch (NumberFormatException beyond) {
            throw Refusal.notJson("not JSON: " + DefinitionText.BEYOND_NUMBERS);
        } catch (IOException impossible) {
            throw new AssertionError("bytes can be read", impossible);
        }
    }
}
