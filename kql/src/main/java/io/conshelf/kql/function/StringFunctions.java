package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import java.util.List;
import java.util.Optional;

/// Length, case, parts, search. Positions count code points from 0.
final class StringFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("strlen", NAME_AND_FIRST_ARGUMENT, "The number of characters of a text.",
                    takes(stringOrDynamic("string")).returns(LONG).sql("length({0})")),
            scalar("string_size", NAME_AND_FIRST_ARGUMENT, "The size of a text in bytes.",
                    takes(stringOrDynamic("string")).returns(LONG).sql("strlen({0})")),
            scalar("toupper", NONE, "The text in upper case.",
                    takes(anyAsString("value")).returns(STRING)
                            // By Unicode's simple mapping the sharp s has no capital; DuckDB gives it one.
                            .sql("CASE WHEN contains({0}, 'ß') THEN kql_upper({0}) ELSE upper({0}) END")),
            scalar("tolower", NONE, "The text in lower case.",
                    takes(anyAsString("value")).returns(STRING).sql("lower({0})")),
            scalar("reverse", NONE, "The text from its end to its beginning.",
                    takes(anyAsString("value")).returns(STRING)
                            // DuckDB turns clusters of characters round, and Kusto characters; of ASCII they are the same.
                            .sql("CASE WHEN strlen({0}) = length({0}) THEN reverse({0}) ELSE kql_reverse({0}) END")),
            scalar("strcat", NONE, "The texts of all arguments, one after the other.",
                    takes(anyAsString("arg")).repeatingLast().returns(STRING).sql("concat({*})")),
            scalar("strcat_delim", NONE, "The texts of the arguments after the first, with the first between them.",
                    takes(anyAsString("delimiter"), anyAsString("arg"), anyAsString("arg")).repeatingLast()
                            .returns(STRING).sql("concat_ws({*})")),
            scalar("strcat_array", NONE, "The elements of an array as one text, with a delimiter between them.",
                    takes(dynamic("array"), anyAsString("delimiter")).returns(STRING)
                            .sql("coalesce(kql_strcat_array({0}, {1}), '')")),
            scalar("strrep", NONE, "The text repeated, with a delimiter between the repetitions; at most 1024 times.",
                    takes(anyAsString("value"), integer("multiplier"), anyAsString("delimiter").orElse(STRING, ""))
                            .returns(STRING).sql("coalesce(kql_strrep({0}, {1}, {2}), '')")),
            scalar("strcmp", NONE, "-1, 0 or 1 as the first text is before, equal to or after the second.",
                    takes(anyAsString("s1"), anyAsString("s2")).returns(LONG)
                            .sql("CAST(CASE WHEN {0} < {1} THEN -1 WHEN {0} > {1} THEN 1 ELSE 0 END AS BIGINT)")),
            scalar("substring", NONE, "A part of a text; a negative start counts from its end.",
                    takes(anyAsString("string"), integer("start")).returns(STRING)
                            .rewrite(args -> substring(args.get(0), args.get(1), constant(Integer.MAX_VALUE))),
                    takes(anyAsString("string"), integer("start"), integer("length")).returns(STRING)
                            .rewrite(args -> substring(args.get(0), args.get(1), args.get(2)))),
            scalar("indexof", NONE, "Where a text contains another first, from 0; -1 where it does not.",
                    takes(anyAsString("string"), anyAsString("match")).returns(LONG).sql("instr({0}, {1}) - 1"),
                    takes(anyAsString("string"), anyAsString("match"), integer("start"),
                            integer("length").orElse(LONG, -1L), integer("occurrence").orElse(LONG, 1L))
                            .returns(LONG).sql("kql_indexof({0}, {1}, {2}, {3}, {4})")),
            scalar("split", FIRST_ARGUMENT, "The parts of a text between delimiters, or the one at an index.",
                    takes(anyAsString("source"), string("delimiter")).returns(DYNAMIC)
                            .sql(stringsAsDynamic("string_split({0}, {1})")),
                    takes(anyAsString("source"), string("delimiter"), integer("requestedIndex")).returns(DYNAMIC)
                            .sql(stringsAsDynamic("list_slice(string_split({0}, {1}), {2} + 1, {2} + 1)"))),
            scalar("replace_string", NONE, "The text with all occurrences of another replaced.",
                    takes(string("text"), string("lookup"), string("rewrite")).returns(STRING)
                            .sql("replace({0}, {1}, {2})")),
            scalar("replace_strings", NONE, "The text with all occurrences of several others replaced, one after the other.",
                    takes(string("text"), dynamic("lookups"), dynamic("rewrites")).returns(STRING)
                            .sql("coalesce(kql_replace_strings({0}, {1}, {2}), {0})")),
            scalar("translate", NONE, "The text with each character of a list replaced by its counterpart.",
                    takes(string("searchList"), string("replacementList"), string("source")).returns(STRING)
                            .sql("kql_translate({0}, {1}, {2})")),
            scalar("has_any_index", NONE, "The index of the first term of an array that the text contains, or -1.",
                    takes(stringOrDynamic("source"), dynamic("values")).returns(LONG)
                            .rewrite(args -> ListKernels.call(
                                    "has_any_index", LONG, "kql_has_any_index", args.getFirst(), args.getLast()))),
            scalar("isascii", NONE, "True where the text has ASCII characters only.",
                    takes(anyAsString("value")).returns(BOOL).sql("strlen({0}) = length({0})")),
            scalar("isutf8", NONE, "True where the text is valid UTF-8, which every stored text is.",
                    takes(anyAsString("value")).returns(BOOL).sql("({0} IS NOT NULL)")),
            scalar("unicode_codepoints_from_string", NONE, "The Unicode code points of a text.",
                    takes(anyAsString("value")).returns(DYNAMIC).sql("kql_codepoints({0})")),
            scalar("to_utf8", NONE, "The Unicode code points of a text.",
                    takes(anyAsString("value")).returns(DYNAMIC).sql("kql_codepoints({0})")),
            fromCodePoints("unicode_codepoints_to_string"),
            fromCodePoints("make_string"));

    /// A part of a text at an index.
    static final String PART = "split part";

    private static final long PARTS_MAX = 1_000;

    private StringFunctions() {}

    /// A list of VARCHAR as a dynamic array. A user's string that begins with the mark has it doubled: before a quote within a
    /// string stands a backslash, before one that begins a string a bracket or a comma.
    static String stringsAsDynamic(String list) {
        String json = "CAST(to_json(" + list + ") AS VARCHAR)";
        return "replace(replace(" + json + ", '[\"\uF8F0', '[\"\uF8F0\uF8F0'), ',\"\uF8F0', ',\"\uF8F0\uF8F0')";
    }

    /// The same of a VARCHAR.
    private static String stringAsDynamic(String text) {
        return "regexp_replace(CAST(to_json(" + text + ") AS VARCHAR), '^\"\uF8F0', '\"\uF8F0\uF8F0')";
    }

    /// `split(text, delimiter)[2]`, without the array of all parts.
    static Optional<Expr> partOf(Expr array, long index) {
        if (!(array instanceof Expr.Call(String function, _, List<Expr> arguments, _)) || !function.equals("split")
                || !(arguments.get(1) instanceof Expr.Constant(_, String delimiter)) || delimiter.isEmpty()) {
            return Optional.empty();
        }
        // With an index of its own it gives an array of one part.
        long place = arguments.size() == 2 ? index
                : index == 0 && arguments.get(2) instanceof Expr.Constant(_, Number own) ? own.longValue() : -1;
        return place < 0 || place >= PARTS_MAX ? Optional.empty()
                : Optional.of(call(PART, "nullif(" + stringAsDynamic("list_extract(string_split({0}, {1}), {2})") + ", 'null')",
                        DYNAMIC, arguments.getFirst(), arguments.get(1), new Expr.Constant(LONG, place + 1)));
    }

    /// The text of such a part; an empty one where there is none.
    static Expr partText(List<Expr> arguments) {
        return call(PART, "split_part({0}, {1}, {2})", STRING, arguments.toArray(Expr[]::new));
    }

    private static Expr substring(Expr text, Expr start, Expr length) {
        String count = isPosition(length) ? "{2}" : "least(greatest({2}, 0), " + Integer.MAX_VALUE + ")";
        String sql = isPosition(start)
                ? "substr({0}, {1} + 1, " + count + ")"
                : "CASE WHEN {1} >= 0 THEN substr({0}, least({1}, " + Integer.MAX_VALUE + ") + 1, " + count + ")"
                        + " WHEN {1} >= -length({0}) THEN substr({0}, {1}, " + count + ") ELSE '' END";
        return call("substring", sql, STRING, text, start, length);
    }

    /// Whether this is a position that a text can have; DuckDB refuses others.
    private static boolean isPosition(Expr number) {
        return number instanceof Expr.Constant(_, Long position) && position >= 0 && position <= Integer.MAX_VALUE;
    }

    private static ScalarFunction fromCodePoints(String name) {
        return scalar(name, NONE, "The text of Unicode code points, given one by one or in arrays.",
                takes(oneOf("value", INT, LONG, DYNAMIC).as(DYNAMIC)).repeatingLast().returns(STRING)
                        .sql("kql_from_codepoints('[' || concat_ws(',', {*}) || ']')"));
    }
}
