package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.BoundedText;
import io.conshelf.factory.expression.Function.Kind;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

/// Text. Searching ignores case except in `replace`, as the service does.
final class StringFunctions {
    static final List<Function> ALL = List.of(
            function("concat").takesMany("text", Kind.ANY).gives(Kind.STRING)
                    .as(a -> joined(a, a.values(), "")),
            function("endsWith").takes("text", Kind.STRING).takes("searchText", Kind.STRING).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(lower(a.text(0)).endsWith(lower(a.text(1))))),
            function("startsWith").takes("text", Kind.STRING).takes("searchText", Kind.STRING).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(lower(a.text(0)).startsWith(lower(a.text(1))))),
            function("guid").mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> text(guid(a))),
            function("indexOf").takes("text", Kind.STRING).takes("searchText", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> IntNode.valueOf(lower(a.text(0)).indexOf(lower(a.text(1))))),
            function("lastIndexOf").takes("text", Kind.STRING).takes("searchText", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> IntNode.valueOf(lower(a.text(0)).lastIndexOf(lower(a.text(1))))),
            function("replace").takes("text", Kind.STRING).takes("oldText", Kind.STRING).takes("newText", Kind.STRING).gives(Kind.STRING)
                    .as(StringFunctions::replace),
            function("split").takes("text", Kind.STRING).takes("delimiter", Kind.STRING).gives(Kind.ARRAY)
                    .as(StringFunctions::split),
            function("substring").takes("text", Kind.STRING).takes("start", Kind.INTEGER).mayTake("length", Kind.INTEGER).gives(Kind.STRING)
                    .as(StringFunctions::substring),
            function("toLower").takes("text", Kind.STRING).gives(Kind.STRING).as(a -> text(lower(a.text(0)))),
            function("toUpper").takes("text", Kind.STRING).gives(Kind.STRING).as(a -> text(upper(a.text(0)))),
            function("trim").takes("text", Kind.STRING).gives(Kind.STRING).as(a -> text(trim(a.text(0)))));

    private static final int PARTS_MAX = 1_000_000;

    private StringFunctions() {}

    static JsonNode text(String text) {
        return TextNode.valueOf(text);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    // .NET changes letter by letter: a text keeps its length.
    private static String upper(String text) {
        return text.codePoints().map(Character::toUpperCase).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static String trim(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static String guid(Arguments arguments) {
        UUID id = new UUID(arguments.scope().random().nextLong() & ~0xF000L | 0x4000L,
                arguments.scope().random().nextLong() & ~0xC000_0000_0000_0000L | 0x8000_0000_0000_0000L);
        String dashed = id.toString();
        String digits = dashed.replace("-", "");
        String format = arguments.has(0) ? arguments.text(0) : "D";
        return switch (format.toUpperCase(Locale.ROOT)) {
            case "D", "" -> dashed;
            case "N" -> digits;
            case "B" -> "{" + dashed + "}";
            case "P" -> "(" + dashed + ")";
            case "X" -> hexadecimal(digits);
            default -> throw arguments.failure(0, "knows the formats N, D, B, P and X, found '" + format + "'");
        };
    }

    private static String hexadecimal(String digits) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 16; i < 32; i += 2) {
            bytes.append(i == 16 ? "0x" : ",0x").append(digits, i, i + 2);
        }
        return "{0x%s,0x%s,0x%s,{%s}}".formatted(digits.substring(0, 8), digits.substring(8, 12), digits.substring(12, 16), bytes);
    }

    private static JsonNode replace(Arguments a) {
        if (a.text(1).isEmpty()) {
            throw a.failure(1, "cannot replace an empty text");
        }
        return text(new BoundedText(a::failure).appendReplacing(a.text(0), a.text(1), a.text(2)).toString());
    }

    /// One text of many values.
    static JsonNode joined(Arguments a, Stream<JsonNode> values, String delimiter) {
        BoundedText joined = new BoundedText(a::failure);
        boolean isFirst = true;
        for (JsonNode value : (Iterable<JsonNode>) values::iterator) {
            joined.append(isFirst ? "" : delimiter).append(Evaluator.text(value));
            isFirst = false;
        }
        return text(joined.toString());
    }

    private static JsonNode split(Arguments a) {
        String text = a.text(0);
        String delimiter = a.text(1);
        ArrayNode parts = JsonNodeFactory.instance.arrayNode();
        int from = 0;
        for (int at = delimiter.isEmpty() ? -1 : text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
            if (parts.size() >= PARTS_MAX) {
                throw a.failure("makes more than " + PARTS_MAX + " parts");
            }
            parts.add(text.substring(from, at));
            from = at + delimiter.length();
        }
        return parts.add(text.substring(from));
    }

    private static JsonNode substring(Arguments a) {
        String text = a.text(0);
        long start = a.integer(1);
        long length = a.has(2) ? a.integer(2) : text.length() - start;
        if (start < 0 || length < 0 || start + length > text.length()) {
            throw a.failure("cannot take " + length + " characters from index " + start + " of a text of " + text.length() + " characters");
        }
        return text(text.substring((int) start, (int) (start + length)));
    }
}
