package io.conshelf.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;

/// How the `render` of a query wants its result drawn.
///
/// @param kind the name behind `render` in small letters, empty where nothing is asked for
record Visualization(
        String kind,
        Optional<String> title,
        Optional<String> xTitle,
        Optional<String> yTitle,
        Optional<String> xColumn,
        List<String> yColumns,
        List<String> series,
        List<String> anomalyColumns,
        OptionalDouble yMin,
        OptionalDouble yMax,
        boolean isAccumulated,
        boolean isLegendHidden) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final Visualization NONE = of(JSON.createObjectNode());

    /// @param text the JSON that a cluster sends beside the result
    static Visualization parse(String text) {
        try {
            return of(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return NONE; // a cluster that says something else asks for nothing that is known
        }
    }

    private static Visualization of(JsonNode stated) {
        return new Visualization(
                text(stated, "Visualization").orElse("").toLowerCase(Locale.ROOT),
                text(stated, "Title"),
                text(stated, "XTitle"),
                text(stated, "YTitle"),
                text(stated, "XColumn"),
                names(stated.path("YColumns")),
                names(stated.path("Series")),
                names(stated.path("AnomalyColumns")),
                number(stated.path("Ymin")),
                number(stated.path("Ymax")),
                stated.path("Accumulate").asBoolean(),
                text(stated, "Legend").orElse("").equals("hidden"));
    }

    private static Optional<String> text(JsonNode stated, String name) {
        return Optional.of(stated.path(name)).filter(JsonNode::isTextual).map(JsonNode::asText).filter(text -> !text.isEmpty());
    }

    /// The service writes lists as arrays, older ones as one text with commas.
    private static List<String> names(JsonNode stated) {
        return stated.isArray() ? StreamSupport.stream(stated.spliterator(), false).map(JsonNode::asText).toList()
                : stated.isTextual() && !stated.asText().isBlank() ? List.of(stated.asText().strip().split("\\s*,\\s*"))
                : List.of();
    }

    private static OptionalDouble number(JsonNode stated) {
        return stated.isNumber() ? OptionalDouble.of(stated.asDouble()) : OptionalDouble.empty();
    }
}
