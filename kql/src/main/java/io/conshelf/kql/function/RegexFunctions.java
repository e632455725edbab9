package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// Functions that take a regular expression.
final class RegexFunctions {
    private static final int GROUPS_OF_DUCKDB = 9;
    private static final String EXTRACT_OF_DUCKDB = "regexp_extract({2}, {0}, {1})";
    /// What may match between characters, and what hides whether something does; `\b` is looked at apart.
    private static final List<String> ASSERTIONS = List.of("^", "$", "\\A", "\\z", "\\B", "\\Q", "\\\\");

    static final List<ScalarFunction> ALL = List.of(
            scalar("extract", NONE, "What a capture group of a regular expression matches first.",
                    takes(string("regex").sameForAll(), integer("captureGroup"), string("source")).returns(STRING)
                            .rewrite(RegexFunctions::extract),
                    takes(string("regex").sameForAll(), integer("captureGroup"), string("source"), typeLiteral("typeLiteral"))
                            .returns(STRING)
                            .rewrite(args -> Conversions.convert(extract(args.subList(0, 3)), typeOf(args.getLast())))),
            extractAll("extract_all", "What the capture groups of a regular expression match, each time."),
            extractAll("extractall", "The old name of extract_all()."),
            scalar("replace_regex", NONE, "The text with all matches of a regular expression replaced.",
                    replaceRegex(takes(string("source"), string("lookup_regex").sameForAll(), string("rewrite_pattern").sameForAll()), 0, 1, 2)),
            scalar("replace", NONE, "An old name of replace_regex(), with its arguments in another order.",
                    replaceRegex(takes(string("lookup_regex").sameForAll(), string("rewrite_pattern").sameForAll(), string("source")), 2, 0, 1)),
            // One match is removed at each end, by recorded answers: trim("x", "xxabcxx") is "xabcx".
            trim("trim", "The text without a match of the regular expression at its ends.", true, true),
            trim("trim_start", "The text without a match of the regular expression at its beginning.", true, false),
            trim("trim_end", "The text without a match of the regular expression at its end.", false, true),
            scalar("countof", NONE, "How often a text contains another, or a regular expression matches.",
                    takes(string("source"), string("search").sameForAll()).returns(LONG).sql("kql_countof({0}, {1})"),
                    takes(string("source"), string("search").sameForAll(), string("kind").asLiteral()).returns(LONG)
                            .rewrite(args -> call("countof",
                                    args.get(2) instanceof Expr.Constant(_, String kind) && kind.equals("regex")
                                            ? "kql_count_regex({0}, {1})"
                                            : "kql_countof({0}, {1})",
                                    LONG, args.get(0), args.get(1)))),
            scalar("indexof_regex", NONE, "Where a regular expression matches first, from 0; -1 where it does not.",
                    takes(anyAsString("string"), anyAsString("match").sameForAll(), integer("start").orElse(LONG, 0L),
                            integer("length").orElse(LONG, -1L), integer("occurrence").sameForAll().orElse(LONG, 1L))
                            .returns(LONG).sql("kql_indexof_regex({0}, {1}, {2}, {3}, {4})")),
            scalar("regex_quote", NONE, "A regular expression that matches only this text.",
                    takes(anyAsString("string")).returns(STRING).sql("kql_regex_quote({0})")));

    private RegexFunctions() {}

    /// A regular expression in DuckDB's dialect.
    static Expr pattern(Expr regex) {
        if (!(regex instanceof Expr.Constant(_, String text))) {
            return call("regex", "kql_regex_text({0})", STRING, regex);
        }
        try {
            String re2 = RegexText.toRe2(text);
            Pattern.compile(re2);
            return constant(re2);
        } catch (PatternSyntaxException e) {
            throw new BadArgument("The regular expression '" + RegexText.shown(text) + "' cannot be read: " + e.getDescription(), text);
        }
    }

    private static Expr extract(List<Expr> args) {
        boolean isDuckDbs = args.get(1) instanceof Expr.Constant(_, Object group) && group instanceof Number number
                && number.longValue() >= 0 && number.longValue() <= GROUPS_OF_DUCKDB;
        String sql = isDuckDbs ? EXTRACT_OF_DUCKDB : "kql_extract({0}, {1}, {2})";
        Expr regex = isDuckDbs ? pattern(args.getFirst()) : args.getFirst();
        return call("extract", sql, STRING, regex, isDuckDbs ? asInteger(args.get(1)) : args.get(1), args.get(2));
    }

    private static ScalarFunction extractAll(String name, String summary) {
        return scalar(name, NONE, summary,
                takes(string("regex").sameForAll(), string("source")).returns(DYNAMIC).rewrite(RegexFunctions::extractAll),
                takes(string("regex").sameForAll(), dynamic("captureGroups"), string("source")).returns(DYNAMIC)
                        .sql("kql_extract_all({0}, {1}, {2})"));
    }

    /// Whether DuckDB itself finds what a group matches: of a constant expression, in its dialect.
    static boolean isExtractOfDuckDb(Expr value) {
        return value instanceof Expr.Call(_, Lowering.Sql(String template), _, _) && template.equals(EXTRACT_OF_DUCKDB);
    }

    /// What a single group matches DuckDB collects as it is, and tells a group that took no part by a null.
    private static Expr extractAll(List<Expr> args) {
        Optional<String> re2 = args.getFirst() instanceof Expr.Constant(_, String text) ? forDuckDb(text) : Optional.empty();
        return re2.isPresent()
                ? call("extract_all", "nullif(" + StringFunctions.stringsAsDynamic(
                        "list_transform(regexp_extract_all({1}, {0}, 1), lambda part: coalesce(part, ''))") + ", '[]')", DYNAMIC,
                        constant(re2.get()), args.getLast())
                : call("extract_all", "kql_extract_all({0}, '[]', {1})", DYNAMIC, args.getFirst(), args.getLast());
    }

    /// In DuckDB's dialect what has one group, and no match without a character: those DuckDB finds between the bytes of a character too. What is
    /// wrong with an expression the kernel tells, where there is a text to look at.
    private static Optional<String> forDuckDb(String regex) {
        try {
            String re2 = RegexText.toRe2(regex);
            if (ASSERTIONS.stream().anyMatch(re2.replace("[^", "[")::contains)) {
                return Optional.empty();
            }
            // A long one takes seconds each time.
            Pattern pattern = Pattern.compile(re2);
            Pattern borderless = re2.contains("\\b") ? Pattern.compile(re2.replace("\\b", "(?:)")) : pattern;
            return pattern.groupCount() == 1 && !borderless.matches("") ? Optional.of(re2) : Optional.empty();
        } catch (PatternSyntaxException _) {
            return Optional.empty();
        }
    }

    /// DuckDB takes a group as INTEGER.
    private static Expr asInteger(Expr group) {
        return group instanceof Expr.Constant(_, Long number) ? new Expr.Constant(INT, number.intValue()) : group;
    }

    private static Signature replaceRegex(Parameters parameters, int source, int regex, int rewrite) {
        return parameters.returns(STRING).rewrite(args -> call("replace_regex", "regexp_replace({0}, {1}, {2}, 'g')", STRING,
                args.get(source), pattern(args.get(regex)), args.get(rewrite)));
    }

    private static ScalarFunction trim(String name, String summary, boolean atStart, boolean atEnd) {
        return scalar(name, NONE, summary,
                takes(string("regex").sameForAll(), string("source")).returns(STRING).rewrite(args -> {
                    Expr regex = pattern(args.getFirst());
                    Expr text = args.getLast();
                    if (atStart) {
                        text = call(name, "regexp_replace({0}, '^(?:' || {1} || ')', '')", STRING, text, regex);
                    }
                    if (atEnd) {
                        text = call(name, "regexp_replace({0}, '(?:' || {1} || ')$', '')", STRING, text, regex);
                    }
                    return text;
                }));
    }

    static Type typeOf(Expr literal) {
        String name = literal instanceof Expr.Constant(_, String text) ? text : "";
        return Type.named(name).orElseThrow(() -> new BadArgument("A type is expected here, such as typeof(long)", name));
    }
}
