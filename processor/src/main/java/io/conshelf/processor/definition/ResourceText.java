package io.conshelf.processor.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The text of definitions: JSON with comments and trailing commas, as the documentation prints it, or YAML.
final class ResourceText {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private ResourceText() {}

    /// @return the documents in it
    static List<Located> read(String file, String text) throws InvalidDefinitionException {
        String name = file.toLowerCase(Locale.ROOT);
        try {
            if (!name.endsWith(".yaml") && !name.endsWith(".yml")) {
                return List.of(new Located(file, "", DefinitionText.read(text, Reading.COMMENTED)));
            }
            refuseAliases(file, text);
            List<Located> documents = new ArrayList<>();
            try (MappingIterator<JsonNode> nodes = YAML.readerFor(JsonNode.class).readValues(text)) {
                while (nodes.hasNextValue()) {
                    JsonNode node = nodes.nextValue();
                    if (node != null && !node.isNull() && !node.isMissingNode()) {
                        documents.add(new Located(file, "", node));
                    }
                }
            }
            return documents;
        } catch (JsonProcessingException broken) {
            String at = broken.getLocation() == null ? "" : "line " + broken.getLocation().getLineNr() + ", column " + broken.getLocation().getColumnNr();
            throw new InvalidDefinitionException(List.of(new Problem(file, at, (name.endsWith("ml") ? "is not YAML: " : "is not JSON: ") + broken.getOriginalMessage())));
        } catch (NumberFormatException beyond) {
            throw new InvalidDefinitionException(List.of(new Problem(file, "", "is not YAML: " + DefinitionText.BEYOND_NUMBERS)));
        } catch (IOException unreadable) {
            throw new InvalidDefinitionException(List.of(new Problem(file, "", "cannot be read: " + unreadable.getMessage())));
        }
    }

    // the parser would take an alias for a text
    private static void refuseAliases(String file, String text) throws IOException, InvalidDefinitionException {
        try (YAMLParser parser = YAML.getFactory().createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (parser.isCurrentAlias()) {
                    throw new InvalidDefinitionException(List.of(new Problem(file, "line " + parser.currentTokenLocation().getLineNr(),
                            "aliases of YAML are not read; write the value out")));
                }
            }
        }
    }
}
