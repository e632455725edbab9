package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/// Measures values before they are handed on. Values share their parts, so a few steps that put one into itself twice make one that fits into
/// memory and that nobody can print, compare or store.
public final class ValueBound {
    static final long CHARACTERS_MAX = 64L << 20;
    static final int DEPTH_MAX = 200;
    private static final int NUMBER_CHARACTERS = 20;
    private static final int MARKS = 4;

    private long characters;
    private boolean isTooDeep;

    private ValueBound() {}

    /// About how many characters a value is as JSON; looked at no further than is allowed.
    public static long characters(JsonNode value) {
        ValueBound bound = new ValueBound();
        bound.measure(value, 1);
        return bound.characters;
    }

    /// What is wrong with a value's size, if anything is: it goes on after the name of what made it.
    public static Optional<String> complaint(JsonNode value) {
        ValueBound bound = new ValueBound();
        bound.measure(value, 1);
        return bound.isTooDeep ? Optional.of("makes a value of more than " + DEPTH_MAX + " arrays and objects inside each other") : complaint(bound.characters);
    }

    public static Optional<String> complaint(long characters) {
        return characters > CHARACTERS_MAX ? Optional.of("makes a value of more than " + CHARACTERS_MAX + " characters") : Optional.empty();
    }

    private void measure(JsonNode value, int depth) {
        switch (value.getNodeType()) {
            case STRING -> characters += value.textValue().length() + MARKS;
            case NUMBER, BOOLEAN, NULL, MISSING, BINARY, POJO -> characters += NUMBER_CHARACTERS;
            case ARRAY -> {
                characters += MARKS;
                for (JsonNode item : value) {
                    inside(item, depth);
                    if (isBeyond()) {
                        return;
                    }
                }
            }
            case OBJECT -> {
                characters += MARKS;
                for (Map.Entry<String, JsonNode> property : value.properties()) {
                    characters += property.getKey().length() + MARKS;
                    inside(property.getValue(), depth);
                    if (isBeyond()) {
                        return;
                    }
                }
            }
        }
    }

    private void inside(JsonNode part, int depth) {
        if (part.isContainerNode() && depth >= DEPTH_MAX) {
            isTooDeep = true;
        } else {
            measure(part, depth + 1);
        }
    }

    private boolean isBeyond() {
        return isTooDeep || characters > CHARACTERS_MAX;
    }
}
