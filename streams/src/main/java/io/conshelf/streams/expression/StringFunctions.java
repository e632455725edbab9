package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.ANY;
import static io.conshelf.streams.expression.Parameter.BIGINT;
import static io.conshelf.streams.expression.Parameter.TEXT;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Text;
import java.util.List;
import java.util.Locale;

/// String functions. Positions count from 1, in UTF-16 units. Searching looks away from case, as comparing does; replacing does not.
final class StringFunctions {
    /// What repeating and replacing may make of an event.
    private static final long RESULT_LENGTH_MAX = 1 << 25;

    static final List<Function> ALL = List.of(
            Function.of("CHARINDEX", List.of(TEXT, TEXT, BIGINT), StringFunctions::charIndex).requiring(2),
            new Function("PATINDEX", List.of(TEXT, TEXT), 2, Function.Rest.NONE, Function.Nulls.GIVE_NULL, _ -> {
                LikePattern.Lately pattern = new LikePattern.Lately();
                return arguments -> Value.of(pattern.of(text(arguments[0])).firstIn(text(arguments[1])) + 1);
            }),
            new Function("REGEXMATCH", List.of(TEXT, TEXT), 2, Function.Rest.NONE, Function.Nulls.GIVE_NULL, _ -> {
                RegularPattern.Lately pattern = new RegularPattern.Lately();
                return arguments -> Value.of(pattern.of(text(arguments[1])).firstIn(text(arguments[0])) + 1);
            }),
            Function.of("CONCAT", List.of(ANY, ANY), StringFunctions::concat).repeating().takingNulls(),
            Function.of("CONCAT_WS", List.of(ANY, ANY, ANY), StringFunctions::concatSeparated).repeating().takingNulls(),
            Function.of("LEFT", TEXT, BIGINT, (text, length) -> {
                long taken = notNegative(whole(length), "left");
                return Value.of(text(text).substring(0, (int) Math.min(taken, text(text).length())));
            }),
            Function.of("RIGHT", TEXT, BIGINT, (text, length) -> {
                int all = text(text).length();
                return Value.of(text(text).substring(all - (int) Math.min(notNegative(whole(length), "right"), all)));
            }),
            Function.of("SUBSTRING", List.of(TEXT, BIGINT, BIGINT), StringFunctions::substring),
            Function.of("STUFF", List.of(TEXT, BIGINT, BIGINT, TEXT), StringFunctions::stuff),
            Function.of("LEN", TEXT, text -> Value.of(withoutTrailingBlanks(text(text)))),
            Function.of("LOWER", TEXT, text -> Value.of(text(text).toLowerCase(Locale.ROOT))),
            Function.of("UPPER", TEXT, text -> Value.of(text(text).toUpperCase(Locale.ROOT))),
            Function.of("REVERSE", TEXT, text -> Value.of(new StringBuilder(text(text)).reverse().toString())),
            Function.of("REPLICATE", TEXT, BIGINT, (text, times) -> repeated(text(text), whole(times), "replicate")),
            Function.of("SPACE", BIGINT, times -> repeated(" ", whole(times), "space")),
            Function.of("LTRIM", TEXT, text -> Value.of(text(text).substring(leading(text(text))))),
            Function.of("RTRIM", TEXT, text -> Value.of(text(text).substring(0, trailing(text(text), 0)))),
            Function.of("TRIM", TEXT, text -> {
                int from = leading(text(text));
                return Value.of(text(text).substring(from, trailing(text(text), from)));
            }),
            Function.of("REPLACE", List.of(TEXT, TEXT, TEXT), arguments -> replace(text(arguments[0]), text(arguments[1]), text(arguments[2]))),
            Function.of("TRANSLATE", List.of(TEXT, TEXT, TEXT), arguments -> translate(text(arguments[0]), text(arguments[1]), text(arguments[2]))),
            Function.of("NCHAR", BIGINT, code -> character(whole(code))),
            Function.of("UNICODE", TEXT, text -> text(text).isEmpty() ? Null.NULL : Value.of(text(text).codePointAt(0))));

    private StringFunctions() {}

    private static String text(Value value) {
        return ((Text) value).value();
    }

    private static long whole(Value value) {
        return ((BigInt) value).value();
    }

    private static long notNegative(long length, String function) {
        if (length < 0) {
            throw new ValueFault("Invalid length parameter passed to the " + function + " function: " + length + " is negative.");
        }
        return length;
    }

    private static int bounded(long length, String function) {
        if (length > RESULT_LENGTH_MAX) {
            throw new ValueFault("The result of function " + function + " would have " + length + " characters; " + RESULT_LENGTH_MAX + " are allowed.");
        }
        return (int) length;
    }

    private static Value charIndex(Value[] arguments) {
        String find = text(arguments[0]);
        String in = text(arguments[1]);
        long start = arguments.length == 3 ? Math.max(1, whole(arguments[2])) : 1;
        if (find.isEmpty()) {
            return Value.of(0);
        }
        for (long at = start - 1; at + find.length() <= in.length(); at++) {
            if (in.regionMatches(true, (int) at, find, 0, find.length())) {
                return Value.of(at + 1);
            }
        }
        return Value.of(0);
    }

    private static Value concat(Value[] arguments) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < arguments.length; i++) {
            if (!(arguments[i] instanceof Null)) {
                all.append(part(arguments[i], i, "concat"));
            }
        }
        return Value.of(all.toString());
    }

    private static Value concatSeparated(Value[] arguments) {
        String separator = arguments[0] instanceof Null ? "" : part(arguments[0], 0, "concat_ws");
        StringBuilder all = new StringBuilder();
        boolean isFirst = true;
        for (int i = 1; i < arguments.length; i++) {
            if (!(arguments[i] instanceof Null)) {
                all.append(isFirst ? "" : separator).append(part(arguments[i], i, "concat_ws"));
                isFirst = false;
            }
        }
        return Value.of(all.toString());
    }

    private static String part(Value value, int index, String function) {
        return text(Conversions.text(value).orElseThrow(() -> Calls.invalidType(function, index, value, TEXT)));
    }

    private static Value substring(Value[] arguments) {
        String text = text(arguments[0]);
        long length = notNegative(whole(arguments[2]), "substring");
        long start = whole(arguments[1]) - 1;
        long end = start > Long.MAX_VALUE - length ? Long.MAX_VALUE : start + length;
        int from = Math.clamp(start, 0, text.length());
        int to = Math.clamp(end, from, text.length());
        return Value.of(text.substring(from, to));
    }

    private static Value stuff(Value[] arguments) {
        String text = text(arguments[0]);
        long start = Math.max(1, whole(arguments[1])) - 1;
        long length = notNegative(whole(arguments[2]), "stuff");
        if (start > text.length()) {
            return Text.EMPTY;
        }
        int from = (int) start;
        int to = (int) Math.min(text.length(), from + Math.min(length, text.length()));
        return Value.of(text.substring(0, from) + text(arguments[3]) + text.substring(to));
    }

    private static int withoutTrailingBlanks(String text) {
        int length = text.length();
        while (length > 0 && text.charAt(length - 1) == ' ') {
            length--;
        }
        return length;
    }

    private static Value repeated(String text, long times, String function) {
        if (times < 0) {
            return Null.NULL;
        }
        bounded(text.isEmpty() ? 0 : times > RESULT_LENGTH_MAX ? times : times * text.length(), function);
        return text.isEmpty() ? Text.EMPTY : Value.of(text.repeat((int) times));
    }

    private static int leading(String text) {
        int at = 0;
        while (at < text.length() && isWhite(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static int trailing(String text, int from) {
        int at = text.length();
        while (at > from && isWhite(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    /// All white space of Unicode, where SQL knows the blank alone.
    private static boolean isWhite(char c) {
        return c == ' ' || c >= '\t' && c <= '\r' || c == '\u0085' || c > 127 && Character.isSpaceChar(c);
    }

    private static Value replace(String text, String find, String with) {
        if (find.isEmpty()) {
            return Value.of(text);
        }
        if (with.length() > find.length()) {
            bounded((long) text.length() / find.length() * with.length(), "replace");
        }
        return Value.of(text.replace(find, with));
    }

    private static Value translate(String text, String from, String to) {
        if (from.length() != to.length()) {
            throw new ValueFault("The second and third arguments of the translate function must contain an equal number of characters.");
        }
        StringBuilder translated = new StringBuilder(text);
        for (int i = 0; i < translated.length(); i++) {
            int found = from.indexOf(translated.charAt(i));
            if (found >= 0) {
                translated.setCharAt(i, to.charAt(found));
            }
        }
        return Value.of(translated.toString());
    }

    private static Value character(long code) {
        boolean isCharacter = code >= 0 && code <= Character.MAX_CODE_POINT && (code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE);
        return isCharacter ? Value.of(Character.toString((int) code)) : Null.NULL;
    }
}
