package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;

/// The operators that compare strings: `=~`, `has`, `contains`, `startswith`, `matches regex` and their kin.
final class StringOperators {
    /// So many terms are looked for at once; DuckDB plans, and searches for, each of fewer by itself.
    private static final int LISTED_MIN = 4;

    static final List<ScalarFunction> ALL = all();

    private StringOperators() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        String insensitive = ", whatever the case.";
        all.add(simple("=~", "True where the texts are equal" + insensitive, "lower({0}) = lower({1})"));
        all.add(simple("!~", "True where the texts differ in more than case.", "lower({0}) <> lower({1})"));
        // DuckDB finds a constant in lowered text twice as fast as by a regular expression that ignores case.
        pair(all, "contains", "True where the text contains the other", "contains(lower({0}), lower({1}))",
                "contains({0}, {1})");
        pair(all, "startswith", "True where the text begins with the other", "starts_with(lower({0}), lower({1}))",
                "starts_with({0}, {1})");
        pair(all, "endswith", "True where the text ends with the other", "ends_with(lower({0}), lower({1}))",
                "ends_with({0}, {1})");
        terms(all, "has", "True where the text contains the other as a term", true, true);
        terms(all, "hasprefix", "True where a term of the text begins with the other", true, false);
        terms(all, "hassuffix", "True where a term of the text ends with the other", false, true);
        all.add(term(":", "True where the text contains the other as a term" + insensitive, true, true, true, false));
        all.add(scalar("matches regex", NONE, "True where the regular expression finds something in the text.",
                takes(text("source"), text("regex")).returns(BOOL)
                        .rewrite(args -> call("matches regex", "regexp_matches({0}, {1})", BOOL,
                                args.getFirst(), RegexFunctions.pattern(args.getLast())))));
        all.add(listMembership("in~", false));
        all.add(listMembership("!in~", true));
        all.add(termList("has_any", " OR ", "True where the text contains one of the terms", "kql_has_any"));
        all.add(termList("has_all", " AND ", "True where the text contains all of the terms", "kql_has_all"));
        return List.copyOf(all);
    }

    private static Parameter text(String name) {
        return stringOrDynamic(name);
    }

    private static ScalarFunction simple(String name, String summary, String template) {
        return scalar(name, NONE, summary, takes(text("left"), text("right")).returns(BOOL).sql(template));
    }

    /// An operator, its case-sensitive form, and the negation of both.
    private static void pair(List<ScalarFunction> all, String name, String summary, String template, String caseSensitive) {
        all.add(simple(name, summary + ", whatever the case.", template));
        all.add(simple(name + "_cs", summary + ".", caseSensitive));
        all.add(simple("!" + name, "The opposite of '" + name + "'.", "NOT " + template));
        all.add(simple("!" + name + "_cs", "The opposite of '" + name + "_cs'.", "NOT " + caseSensitive));
    }

    private static void terms(List<ScalarFunction> all, String name, String summary, boolean fromStart, boolean toEnd) {
        all.add(term(name, summary + ", whatever the case.", fromStart, toEnd, true, false));
        all.add(term(name + "_cs", summary + ".", fromStart, toEnd, false, false));
        all.add(term("!" + name, "The opposite of '" + name + "'.", fromStart, toEnd, true, true));
        all.add(term("!" + name + "_cs", "The opposite of '" + name + "_cs'.", fromStart, toEnd, false, true));
    }

    private static ScalarFunction term(
            String name, String summary, boolean fromStart, boolean toEnd, boolean ignoreCase, boolean negated) {
        return scalar(name, NONE, summary,
                takes(text("source"), text("term")).returns(BOOL).rewrite(args -> {
                    Expr found = hasTerm(args.getFirst(), args.getLast(), fromStart, toEnd, ignoreCase);
                    return negated ? call(name, "NOT {0}", BOOL, found) : found;
                }));
    }

    private static Expr hasTerm(Expr source, Expr term, boolean fromStart, boolean toEnd, boolean ignoreCase) {
        if (!(term instanceof Expr.Constant(_, String text))) {
            String kernel = "kql_has({0}, {1}, " + fromStart + ", " + toEnd + ", " + ignoreCase + ")";
            return call("has", kernel, BOOL, source, term);
        }
        if (text.isEmpty()) {
            return new Expr.Constant(BOOL, true);
        }
        // The plain search is several times faster than the regular expression, and most rows end there.
        String found = ignoreCase ? "contains(lower({0}), lower({1}))" : "contains({0}, {1})";
        String flag = ignoreCase ? "(?i)" : "";
        if (!ArithmeticOperators.isAtomic(source)) {
            String regex = flag + RegexText.term(text, fromStart, toEnd);
            return call("has", "(" + found + " AND regexp_matches({0}, {2}))", BOOL, source, term, constant(regex));
        }
        // DuckDB takes some ten milliseconds to compile a regular expression that knows all letters. One that knows those of
        // ASCII finds most terms; only a text with others needs a second look.
        String regex = flag + RegexText.termInAscii(text, fromStart, toEnd);
        String otherwise = "(strlen({0}) <> length({0}) AND kql_has({0}, {1}, " + fromStart + ", " + toEnd + ", " + ignoreCase + "))";
        return call("has", "(" + found + " AND (regexp_matches({0}, {2}) OR " + otherwise + "))", BOOL, source, term, constant(regex));
    }

    /// `has_any` and `has_all` of a list of strings or of one dynamic array.
    private static ScalarFunction termList(String name, String join, String summary, String kernel) {
        return scalar(name, NONE, summary + ", whatever the case.",
                takes(text("source"), string("term")).repeatingLast().returns(BOOL)
                        .rewrite(args -> eachTerm(name, join, kernel, args)),
                takes(text("source"), dynamic("terms")).returns(BOOL)
                        .rewrite(args -> ListKernels.call(name, BOOL, kernel, args.getFirst(), args.getLast())),
                takes(text("source"), anyAsString("term")).repeatingLast().returns(BOOL)
                        .rewrite(args -> eachTerm(name, join, kernel, args)));
    }

    private static Expr eachTerm(String name, String join, String kernel, List<Expr> args) {
        List<Expr> terms = args.subList(1, args.size());
        if (terms.size() >= LISTED_MIN && terms.stream().allMatch(term -> term instanceof Expr.Constant(_, String _))) {
            String array = DynamicParts.array(
                    terms.stream().map(term -> DynamicText.ofString((String) ((Expr.Constant) term).value())).toList());
            return ListKernels.call(name, BOOL, kernel, args.getFirst(), new Expr.Constant(DYNAMIC, array));
        }
        List<Expr> found = new ArrayList<>();
        StringBuilder sql = new StringBuilder("(");
        for (int i = 1; i < args.size(); i++) {
            sql.append(i > 1 ? join : "").append('{').append(i - 1).append('}');
            found.add(hasTerm(args.getFirst(), args.get(i), true, true, true));
        }
        return call(name, sql.append(')').toString(), BOOL, found.toArray(Expr[]::new));
    }

    private static ScalarFunction listMembership(String name, boolean negated) {
        String not = negated ? "NOT " : "";
        return scalar(name, NONE,
                "True where the text is " + (negated ? "none" : "one") + " of the list, whatever the case.",
                takes(text("value"), string("item")).repeatingLast().returns(BOOL).rewrite(args -> {
                    List<Expr> lowered = new ArrayList<>(args.subList(0, 1));
                    args.subList(1, args.size()).forEach(item -> lowered.add(call("tolower", "lower({0})", STRING, item)));
                    return call(name, "lower({0}) " + not + "IN ({1*})", BOOL, lowered.toArray(Expr[]::new));
                }),
                takes(text("value").as(STRING), dynamic("list")).returns(BOOL)
                        .rewrite(args -> ListedValues.member(name, negated, "kql_in_lowered", args)));
    }
}
