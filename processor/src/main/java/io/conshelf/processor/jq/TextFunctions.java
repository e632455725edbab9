package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// Texts, without regular expressions.
final class TextFunctions {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,1000}");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

    static final List<Declared> ALL = List.of(
            values("tostring", 0, (_, input, _) -> Value.of(Operators.text(input))),
            values("tojson", 0, (run, input, _) -> {
                run.checkDepth(input);
                return Value.of(JsonText.write(input));
            }),
            values("fromjson", 0, (_, input, _) -> {
                String text = text(input, "fromjson");
                try {
                    return JsonText.read(text);
                } catch (IOException notJson) {
                    throw new JqException(JqException.shown(input) + " cannot be parsed as JSON");
                }
            }),
            values("tonumber", 0, (_, input, _) -> number(input)),
            values("toboolean", 0, (_, input, _) -> switch (input) {
                case Value.Truth _ -> input;
                case Value.Text(String text) when text.equals("true") -> Value.TRUE;
                case Value.Text(String text) when text.equals("false") -> Value.FALSE;
                default -> throw new JqException(JqException.shown(input) + " cannot be parsed as a boolean");
            }),
            values("startswith", 1, (_, input, given) -> Value.of(both(input, given, "startswith").startsWith(part(given)))),
            values("endswith", 1, (_, input, given) -> Value.of(both(input, given, "endswith").endsWith(part(given)))),
            values("ltrimstr", 1, (_, input, given) -> input instanceof Value.Text(String text) && given.getFirst() instanceof Value.Text(String start)
                    && text.startsWith(start) ? Value.of(text.substring(start.length())) : input),
            values("rtrimstr", 1, (_, input, given) -> input instanceof Value.Text(String text) && given.getFirst() instanceof Value.Text(String end)
                    && text.endsWith(end) && !end.isEmpty() ? Value.of(text.substring(0, text.length() - end.length())) : input),
            values("trimstr", 1, (_, input, given) -> {
                if (!(input instanceof Value.Text(String text)) || !(given.getFirst() instanceof Value.Text(String part)) || part.isEmpty()) {
                    return input;
                }
                String left = text.startsWith(part) ? text.substring(part.length()) : text;
                return Value.of(left.endsWith(part) ? left.substring(0, left.length() - part.length()) : left);
            }),
            values("trim", 0, (_, input, _) -> Value.of(text(input, "trim").strip())),
            values("ltrim", 0, (_, input, _) -> Value.of(text(input, "ltrim").stripLeading())),
            values("rtrim", 0, (_, input, _) -> Value.of(text(input, "rtrim").stripTrailing())),
            values("ascii_downcase", 0, (_, input, _) -> Value.of(cased(text(input, "ascii_downcase"), 'A', 'Z', 32))),
            values("ascii_upcase", 0, (_, input, _) -> Value.of(cased(text(input, "ascii_upcase"), 'a', 'z', -32))),
            values("explode", 0, (_, input, _) -> {
                List<Value> points = new ArrayList<>();
                text(input, "explode").codePoints().forEach(point -> points.add(Value.of((long) point)));
                return new Value.Items(points);
            }),
            values("implode", 0, (_, input, _) -> {
                StringBuilder text = new StringBuilder();
                for (Value point : ValueFunctions.items(input, "imploded")) {
                    if (!Numbers.isNumber(point) || !Character.isValidCodePoint(Numbers.index(point))) {
                        throw new JqException("Unicode codepoint must be numeric, found " + JqException.shown(point));
                    }
                    text.appendCodePoint(Numbers.index(point));
                }
                return Value.of(text.toString());
            }),
            values("split", 1, (run, input, given) -> Operators.split(run, both(input, given, "split"), part(given))),
            values("join", 1, (run, input, given) -> join(run, input, given.getFirst())));

    private TextFunctions() {}

    static String text(Value value, String function) {
        if (value instanceof Value.Text(String text)) {
            return text;
        }
        throw new JqException(function + " input must be a string, not " + JqException.shown(value));
    }

    private static String both(Value input, List<Value> given, String function) {
        if (input instanceof Value.Text(String text) && given.getFirst() instanceof Value.Text) {
            return text;
        }
        throw new JqException(function + "() requires string inputs");
    }

    private static String part(List<Value> given) {
        return ((Value.Text) given.getFirst()).value();
    }

    static Value number(Value value) {
        if (Numbers.isNumber(value)) {
            return value;
        }
        if (value instanceof Value.Text(String text)) {
            if (WHOLE.matcher(text).matches()) {
                return Numbers.of(new BigInteger(text));
            }
            if (text.length() <= 1_000 && NUMBER.matcher(text).matches()) {
                return new Value.Real(Double.parseDouble(text));
            }
        }
        throw new JqException(JqException.shown(value) + " cannot be parsed as a number");
    }

    private static String cased(String text, char from, char to, int by) {
        StringBuilder changed = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            changed.append(c >= from && c <= to ? (char) (c + by) : c);
        }
        return changed.toString();
    }

    private static Value join(Run run, Value input, Value separator) {
        List<Value> items = input instanceof Value.Members(SequencedMap<String, Value> members) ? List.copyOf(members.values()) : ValueFunctions.items(input, "joined");
        if (items.isEmpty()) {
            return Value.of("");
        }
        if (!(separator instanceof Value.Text(String between))) {
            throw new JqException("join() requires a string, not " + JqException.shown(separator));
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            Value item = items.get(i);
            if (item instanceof Value.Items || item instanceof Value.Members || item instanceof Value.Binary) {
                throw new JqException(JqException.shown(Value.of(text.toString())) + " and " + JqException.shown(item) + " cannot be added");
            }
            text.append(i == 0 ? "" : between).append(item instanceof Value.Null ? "" : Operators.text(item));
            run.grows(2L * text.length());
        }
        run.makes(2L * text.length());
        return Value.of(text.toString());
    }
}
