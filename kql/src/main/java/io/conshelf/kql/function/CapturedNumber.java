package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A group of a regular expression, as in `toint(extract("took (\\d+) ms", 1, text))`, that matches digits and signs alone.
///
/// DuckDB reads such a text as Kusto does, so nothing has to look for the other ways in which the one or the other writes numbers.
final class CapturedNumber {
    private static final Form INTEGER = new Form(anyOf("+"), "INTEGER");
    private static final Form BIGINT = new Form(INTEGER.group(), "BIGINT");
    /// With points and without the plus, of which DuckDB takes one before a minus.
    private static final Form DOUBLE = new Form(anyOf("."), "DOUBLE");

    private static final Pattern NAMED = Pattern.compile("\\[:\\^?[a-z]+:]");

    private CapturedNumber() {}

    /// How a group is written that DuckDB reads as a type of its own.
    ///
    /// @param group what stands in RE2's dialect for the characters of such a number, in any order and number
    private record Form(Pattern group, String type) {
        static Optional<Form> of(Type type) {
            return switch (type) {
                case INT -> Optional.of(INTEGER);
                case LONG -> Optional.of(BIGINT);
                case REAL -> Optional.of(DOUBLE);
                case BOOL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> Optional.empty();
            };
        }
    }

    private static Pattern anyOf(String sign) {
        String one = "\\\\p\\{Nd}|\\\\d|\\\\-|\\\\[" + sign + "]|[0-9]";
        String group = "\\((?:\\?:|\\?P<\\w+>)?|\\)|\\|";
        String times = "[?*+]|\\{[0-9,]+}";
        return Pattern.compile("(?:" + one + "|-|" + group + "|" + times + "|\\[-?(?:0-9|" + one + "|[" + sign + "])*+-?])*+");
    }

    /// The call of DuckDB's that reads a group of digits as a number, where the value is one.
    static Optional<Expr> read(Expr value, Type target) {
        if (!RegexFunctions.isExtractOfDuckDb(value)
                || !(value instanceof Expr.Call(_, _, List<Expr> arguments, _))
                || !(arguments.get(0) instanceof Expr.Constant(_, String re2))
                || !(arguments.get(1) instanceof Expr.Constant(_, Number number))) {
            return Optional.empty();
        }
        Optional<String> group = group(re2, number.intValue());
        return Form.of(target)
                .filter(form -> group.isPresent() && form.group().matcher(group.get()).matches())
                .map(form -> new Expr.Call("to" + target, new Lowering.Sql("TRY_CAST({0} AS " + form.type() + ")"), List.of(value), target));
    }

    /// What stands between the brackets of a capture group, which are counted from 1.
    static Optional<String> group(String re2, int number) {
        int groups = 0;
        int depth = 0;
        int begin = -1;
        for (int at = 0; at < re2.length(); at++) {
            switch (re2.charAt(at)) {
                case '\\' -> {
                    // Up to `\E` brackets are letters.
                    if (re2.startsWith("\\Q", at)) {
                        return Optional.empty();
                    }
                    at++;
                }
                case '[' -> at = classEnd(re2, at);
                case '(' -> {
                    depth++;
                    boolean isCaptured = !re2.startsWith("(?", at) || re2.startsWith("(?P<", at);
                    if (isCaptured && ++groups == number) {
                        begin = re2.startsWith("(?", at) ? re2.indexOf('>', at) + 1 : at + 1;
                        depth = 0;
                    }
                }
                case ')' -> {
                    if (begin >= 0 && depth == 0) {
                        return Optional.of(re2.substring(begin, at));
                    }
                    depth--;
                }
                default -> {}
            }
        }
        return Optional.empty();
    }

    /// Where the bracket stands that ends a class.
    private static int classEnd(String re2, int begin) {
        int at = re2.startsWith("^", begin + 1) ? begin + 2 : begin + 1;
        // A bracket that would end the class at once is a letter of it.
        at = re2.startsWith("]", at) ? at + 1 : at;
        Matcher named = NAMED.matcher(re2);
        while (at < re2.length() && re2.charAt(at) != ']') {
            if (re2.charAt(at) == '\\') {
                at += 2;
            } else {
                at = named.region(at, re2.length()).lookingAt() ? named.end() : at + 1;
            }
        }
        return at;
    }
}
