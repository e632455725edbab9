package io.conshelf.kql.function;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The paths into a dynamic value, as `treepath()` tells them: `['a']['b']` for properties. By the page's examples all elements
/// of an array have the one path `['c'][0]`, with the paths of each below it.
final class TreePaths {
    private static final String ELEMENT = "[0]";

    /// What is found below a path, by the step that leads there.
    private record Node(SequencedMap<String, Node> steps) {
        Node() {
            this(new LinkedHashMap<>());
        }

        Node step(String step) {
            return steps.computeIfAbsent(step, _ -> new Node());
        }
    }

    private final Node root = new Node();

    TreePaths(String value) {
        read(root, value);
    }

    private static void read(Node node, String value) {
        if (DynamicParts.isBag(value)) {
            DynamicParts.properties(value).forEach((key, inner) -> read(node.step("['" + key.replace("'", "\\'") + "']"), inner));
        } else if (DynamicParts.isArray(value)) {
            DynamicParts.elements(value).forEach(inner -> read(node.step(ELEMENT), inner));
        }
    }

    /// An array of the paths, each followed by those below it.
    String text() {
        var text = new StringBuilder("[");
        write(root, "", text);
        return text.append(']').toString();
    }

    private static void write(Node node, String prefix, StringBuilder text) {
        node.steps.forEach((step, below) -> {
            String path = prefix + step;
            String element = (text.length() > 1 ? "," : "") + DynamicText.ofString(path);
            GrowthKernels.append(text, element, 0, element.length());
            write(below, path, text);
        });
    }
}
