package io.conshelf.kql.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Takes the text of a dynamic array or bag apart and puts one together, without reading what is inside the parts.
public final class DynamicParts {
    public static final String NULL = "null";

    /// Parts are texts of their own, many times the size of what they are cut from: Kusto's own arrays end at a quarter of this.
    private static final int PARTS_MAX = 1 << 22;

    private static final int PARTS_BETWEEN_LOOKS = 1 << 12;

    /// Longer numbers stay in an outline.
    private static final int OUTLINED_DIGITS_MAX = 15;

    private DynamicParts() {}

    public static boolean isArray(String dynamic) {
        return !dynamic.isEmpty() && dynamic.charAt(0) == '[';
    }

    public static boolean isBag(String dynamic) {
        return !dynamic.isEmpty() && dynamic.charAt(0) == '{';
    }

    /// The texts of an array's elements; a JSON null is the text `null`.
    public static List<String> elements(String array) {
        List<String> elements = new ArrayList<>();
        int at = 1;
        int last = array.length() - 1;
        while (at < last) {
            int end = endOfValue(array, at);
            elements.add(array.substring(at, end));
            bound(elements.size());
            at = end + 1;
        }
        return elements;
    }

    /// The texts of a bag's values by their keys, in the bag's order; of a repeated key the last value counts.
    public static SequencedMap<String, String> properties(String bag) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        int at = 1;
        int last = bag.length() - 1;
        while (at < last) {
            int keyEnd = endOfValue(bag, at);
            int end = endOfValue(bag, keyEnd + 1);
            properties.put(key(bag, at, keyEnd), bag.substring(keyEnd + 1, end));
            bound(properties.size());
            at = end + 1;
        }
        return properties;
    }

    /// A bag with another value of its kind for each value, so that bags of one making are the same; one without properties for
    /// anything else, which might be read as an array of properties.
    public static String outline(String dynamic) {
        if (!isBag(dynamic)) {
            return "{}";
        }
        StringBuilder outline = new StringBuilder(dynamic.length());
        int at = 0;
        int last = dynamic.length() - 1;
        while (at < last) {
            int start = endOfValue(dynamic, at + 1);
            if (start >= last) {
                break;
            }
            int end = endOfValue(dynamic, start + 1);
            outline.append(dynamic, at, start + 1);
            outlineValue(outline, dynamic, start + 1, end);
            at = end;
        }
        return outline.append(dynamic, at, dynamic.length()).toString();
    }

    private static void outlineValue(StringBuilder outline, String text, int start, int end) {
        switch (text.charAt(start)) {
            case '{' -> outline.append("{}");
            case '[' -> outline.append("[]");
            case '"' -> {
                boolean isTagged = end - start > 3 && text.charAt(start + 1) == DynamicText.MARK && text.charAt(start + 2) != DynamicText.MARK;
                outline.append(text, start, isTagged ? start + 3 : start + 1).append('"');
            }
            case 't', 'f', 'n' -> outline.append(text, start, end);
            // DuckDB makes reals of the longest.
            default -> outline.append(end - start > OUTLINED_DIGITS_MAX ? text.substring(start, end) : isReal(text, start, end) ? "0.5" : "0");
        }
    }

    private static boolean isReal(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') {
                return true;
            }
        }
        return false;
    }

    private static void bound(int parts) {
        if (parts % PARTS_BETWEEN_LOOKS == 0) {
            Interruption.look();
            if (parts > PARTS_MAX) {
                throw new TooLargeValue("an array or bag has more than " + PARTS_MAX + " parts");
            }
        }
    }

    public static String array(List<String> elements) {
        StringBuilder text = new StringBuilder().append('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            text.append(elements.get(i));
        }
        return text.append(']').toString();
    }

    public static String bag(Map<String, String> properties) {
        StringBuilder text = new StringBuilder().append('{');
        properties.forEach((key, value) -> {
            if (text.length() > 1) {
                text.append(',');
            }
            DynamicText.appendKey(text, key);
            text.append(':').append(value);
        });
        return text.append('}').toString();
    }

    /// The text of a key that stands between two places, in quotes.
    public static String key(String bag, int start, int end) {
        return DynamicText.unquote(bag.substring(start, end));
    }

    /// Where the value ends that begins here, in an array or a bag.
    public static int endOfValue(String text, int start) {
        int depth = 0;
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at = DynamicText.endOfString(text, at);
                continue;
            }
            if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                if (depth == 0) {
                    return at;
                }
                depth--;
            } else if (depth == 0 && (c == ',' || c == ':')) {
                return at;
            }
            at++;
        }
        return at;
    }
}
