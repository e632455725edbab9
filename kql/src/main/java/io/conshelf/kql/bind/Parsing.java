package io.conshelf.kql.bind;

import com.google.re2j.PatternSyntaxException;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.RegexText;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.ParsePart;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// `parse`, `parse-where` and `parse-kv`: texts are taken apart by one regular expression, with a group a column.
final class Parsing {
    private enum Mode { SIMPLE, RELAXED, REGEX }

    private static final String INTEGER = "\\s*[-+]?\\d+";
    private static final String GUID = "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}";

    private final Binder binder;

    Parsing(Binder binder) {
        this.binder = binder;
    }

    Rows parse(Syntax.Parse op, Rows input, Scope scope) {
        return parse("parse", op.parameters(), op.target(), op.parts(), false, input, scope);
    }

    Rows parseWhere(Syntax.ParseWhere op, Rows input, Scope scope) {
        return parse("parse-where", op.parameters(), op.target(), op.parts(), true, input, scope);
    }

    // ---------------------------------------------------------------- parse

    /// A column that is read out of the text, and the number of its group.
    private record Captured(String name, Type type, int group) {}

    private Rows parse(String operator, List<OperatorParameter> given, Expression target, List<ParsePart> parts,
            boolean onlyMatching, Rows input, Scope scope) {
        Parameters parameters = new Parameters(binder, operator, given);
        Mode mode = parameters.word("kind", List.of("simple", "regex", "relaxed"))
                .map(word -> Mode.valueOf(word.toUpperCase(java.util.Locale.ROOT))).orElse(Mode.SIMPLE);
        String flags = parameters.name("flags").orElse("");
        if (mode != Mode.REGEX) {
            parameters.value("flags").ifPresent(value -> binder.report(Messages.flagsWithoutRegex(value.span(), operator)));
        }
        if (onlyMatching && mode == Mode.RELAXED) {
            parameters.value("kind").ifPresent(value -> binder.report(Messages.unknownWord(value.span(), operator, "kind", "relaxed", List.of("simple", "regex"))));
        }
        Optional<Expr> source = binder.expressions.expr(target, Env.of(scope, Columns.of(input), operator));
        List<Captured> captured = new ArrayList<>();
        Optional<String> pattern = pattern(operator, parts, mode, flags, captured);
        if (source.isPresent() && source.get().type() != Type.STRING && source.get().type() != Type.DYNAMIC) {
            binder.report(Messages.typeExpected(target.span(), operator, "string", source.get().type()));
            source = Optional.empty();
        }
        if (source.isEmpty() || pattern.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        Expr text = binder.calls.convert(source.get(), Type.STRING);
        Expr regex = new Expr.Constant(Type.STRING, pattern.get());
        // The same text for every column: DuckDB searches once.
        String groups = captured.isEmpty() ? "" : IntStream.rangeClosed(1, captured.getLast().group).mapToObj(group -> "'g" + group + "'")
                .collect(Collectors.joining(", ", "(regexp_extract({0}, {1}, [", "]))"));
        List<Assignment> read = new ArrayList<>();
        for (Captured column : captured) {
            Expr part = new Expr.Call("parse", new Lowering.Sql(groups + "['g" + column.group + "']"), List.of(text, regex), Type.STRING);
            read.add(new Assignment(binder.column(column.name, column.type), typed(part, column.type)));
        }
        Plan plan = Binder.extend(input.plan(), read);
        Optional<Expr> allTyped = allTyped(read);
        if (onlyMatching) {
            Expr matches = new Expr.Call("matches regex", new Lowering.Sql("regexp_matches({0}, {1})"),
                    List.of(text, regex), Type.BOOL);
            plan = new Plan.Filter(plan, allTyped.map(typed -> and(matches, typed)).orElse(matches));
        }
        boolean strict = !onlyMatching && mode != Mode.RELAXED && read.size() > 1 && allTyped.isPresent();
        return new Rows(finish(plan, input, read, strict ? allTyped : Optional.empty()), input.open(), "");
    }

    private Expr typed(Expr part, Type type) {
        if (type == Type.STRING) {
            return part;
        }
        if (type.isInteger()) {
            return Conversions.convertRepeated(part, type);
        }
        return binder.calls.convert(new Expr.Call("trim", new Lowering.Sql("trim({0}, E' \\t\\r\\n')"), List.of(part), Type.STRING), type);
    }

    /// The input's columns with the new ones in the place of their namesakes. In the strict mode all are empty where one
    /// is no value of its type.
    private Plan finish(Plan plan, Rows input, List<Assignment> read, Optional<Expr> condition) {
        List<Assignment> output = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        for (Assignment made : read) {
            Column column = made.column();
            Assignment last = condition.map(all -> new Assignment(binder.column(column.name(), column.type()),
                    new Expr.Call("iff", new Lowering.Sql("CASE WHEN {0} THEN {1} ELSE {2} END"),
                            List.of(all, new Expr.Ref(column), Literals.nothing(column.type())), column.type())))
                    .orElseGet(() -> Binder.same(column));
            int at = -1;
            for (int i = 0; i < output.size(); i++) {
                if (output.get(i).column().name().equals(column.name())) {
                    at = i;
                }
            }
            if (at >= 0) {
                output.set(at, last);
            } else {
                output.add(last);
            }
        }
        return new Plan.Project(plan, output);
    }

    private static Expr and(Expr left, Expr right) {
        return new Expr.Call("and", new Lowering.Sql("{0} AND {1}"), List.of(left, right), Type.BOOL);
    }

    private static Optional<Expr> allTyped(List<Assignment> read) {
        Optional<Expr> all = Optional.empty();
        for (Assignment made : read) {
            if (made.column().type() != Type.STRING) {
                Expr one = new Expr.Call("isnotnull", new Lowering.Sql("{0} IS NOT NULL"),
                        List.of(new Expr.Ref(made.column())), Type.BOOL);
                all = Optional.of(all.map(before -> and(before, one)).orElse(one));
            }
        }
        return all;
    }

    private Optional<String> pattern(String operator, List<ParsePart> parts, Mode mode, String flags, List<Captured> captured) {
        StringBuilder regex = new StringBuilder();
        int groups = 0;
        boolean afterColumn = false;
        boolean afterText = false;
        boolean failed = false;
        Set<String> names = new HashSet<>();
        for (int i = 0; i < parts.size(); i++) {
            switch (parts.get(i)) {
                case Syntax.ParseText(Syntax.StringLiteral literal, Span at) -> {
                    if (literal.value().isEmpty()) {
                        binder.report(Messages.emptyPatternText(at, operator));
                    }
                    Optional<String> text = mode == Mode.REGEX ? re2(literal.value(), at) : Optional.of(quoted(literal.value()));
                    failed |= text.isEmpty();
                    groups += text.map(read -> com.google.re2j.Pattern.compile(read).groupCount()).orElse(0);
                    regex.append(text.orElse(""));
                    afterColumn = false;
                    afterText = false;
                }
                case Syntax.ParseSkip skip -> {
                    if (afterText) {
                        binder.report(Messages.skipAfterText(skip.span(), operator));
                    } else if (i + 1 < parts.size() && !(parts.get(i + 1) instanceof Syntax.ParseText)) {
                        binder.report(Messages.skipBeforeColumn(skip.span(), operator));
                    }
                    regex.append(".*?");
                    afterColumn = false;
                    afterText = false;
                }
                case Syntax.ParseColumn column -> {
                    if (afterColumn) {
                        binder.report(Messages.columnAfterColumn(column.name().span(), operator, column.name().text()));
                    }
                    if (!names.add(column.name().text())) {
                        binder.report(Messages.columnTwice(column.name().span(), operator, column.name().text()));
                        failed = true;
                    }
                    Optional<Type> type = column.type().isEmpty() ? Optional.of(Type.STRING)
                            : binder.functions.typeOf(column.type().get());
                    failed |= type.isEmpty();
                    groups++;
                    captured.add(new Captured(column.name().text(), type.orElse(Type.STRING), groups));
                    boolean beforeSkip = i + 1 < parts.size() && parts.get(i + 1) instanceof Syntax.ParseSkip;
                    String shape = mode == Mode.REGEX ? shape(type.orElse(Type.STRING)) : beforeSkip ? simpleShape(type.orElse(Type.STRING)) : ".*?";
                    // Before a star at the end there may be nothing.
                    boolean mayMiss = mode != Mode.REGEX && beforeSkip && i + 2 == parts.size();
                    regex.append(mayMiss ? "((?:" + shape + ")?)" : "(" + shape + ")");
                    afterColumn = true;
                    afterText = type.filter(Type.STRING::equals).isPresent();
                }
            }
        }
        // A regular expression is looked for anywhere in the text; what is no expression has to be all of it.
        String all = mode == Mode.REGEX ? flags(flags) + regex : "(?s)^" + regex + "$";
        return failed ? Optional.empty() : Optional.of(all);
    }

    /// The group that sets the flags which there are.
    private static String flags(String flags) {
        StringBuilder known = new StringBuilder();
        for (char flag : flags.toCharArray()) {
            if ("Umsi".indexOf(flag) >= 0 && known.indexOf(String.valueOf(flag)) < 0) {
                known.append(flag);
            }
        }
        return known.isEmpty() ? "" : "(?" + known + ")";
    }

    /// What stands for a column of a type in a regular expression, by recorded answers; moments and spans are converted from
    /// whatever stands there.
    private static String shape(Type type) {
        return switch (type) {
            case INT, LONG -> INTEGER;
            case REAL, DECIMAL -> "\\s*[-+]?\\d+(?:\\.\\d+)?";
            case BOOL -> "\\s*(?i:true|false)";
            case GUID -> GUID + "|\\{" + GUID + "\\}";
            case DATETIME, TIMESPAN, STRING, DYNAMIC -> ".*";
        };
    }

    /// The same before a star, where no text tells the column's end.
    private static String simpleShape(Type type) {
        return switch (type) {
            case REAL, DECIMAL -> "\\s*[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
            case BOOL -> "\\s*(?i:true|false)|" + INTEGER;
            case INT, LONG, GUID -> shape(type);
            case DATETIME, TIMESPAN, STRING, DYNAMIC -> ".*?";
        };
    }

    private static String quoted(String text) {
        return com.google.re2j.Pattern.quote(text);
    }

    /// An author's regular expression in the dialect of RE2.
    private Optional<String> re2(String regex, Span at) {
        try {
            String re2 = RegexText.toRe2(regex);
            com.google.re2j.Pattern.compile(re2);
            return Optional.of(re2);
        } catch (PatternSyntaxException wrong) {
            binder.report(Messages.badRegex(at, wrong.getDescription()));
            return Optional.empty();
        }
    }

    // ---------------------------------------------------------------- parse-kv

    Rows parseKv(Syntax.ParseKv op, Rows input, Scope scope) {
        Parameters parameters = new Parameters(binder, "parse-kv", op.parameters(), Set.of("quote", "escape"));
        Optional<Expr> source = binder.expressions.expr(op.target(), Env.of(scope, Columns.of(input), "parse-kv"));
        Set<String> names = new HashSet<>();
        op.schema().columns().stream().filter(column -> !names.add(column.name().text()))
                .forEach(twice -> binder.report(Messages.columnTwice(twice.name().span(), "parse-kv", twice.name().text())));
        List<Column> columns = binder.functions.columns(op.schema());
        Optional<String> regex = parameters.literalTexts("regex").stream().findFirst()
                .filter(literal -> re2(literal.value(), literal.span()).isPresent()).map(Syntax.StringLiteral::value);
        List<Expr> delimiters = new ArrayList<>();
        for (String name : List.of("pair_delimiter", "kv_delimiter")) {
            delimiters.add(constant(parameters.literalText(name).orElse("")));
        }
        delimiters.add(constant(characters(parameters, "quote", 2).map(Parsing::openAndClose).collect(Collectors.joining())));
        delimiters.add(constant(characters(parameters, "escape", 1).collect(Collectors.joining())));
        delimiters.add(new Expr.Constant(Type.BOOL, parameters.literalFlag("greedy")));
        if (source.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        Expr text = binder.calls.convert(source.get(), Type.STRING);
        List<Assignment> read = new ArrayList<>();
        for (Column column : columns) {
            List<Expr> arguments = new ArrayList<>(List.of(text, constant(column.name())));
            arguments.addAll(regex.map(pattern -> List.of(constant(pattern))).orElse(delimiters));
            Expr value = binder.calls.builtin(regex.isPresent() ? "$parse_kv_regex" : "$parse_kv", arguments, op.span(), Env.of(scope))
                    .orElseGet(() -> constant(""));
            read.add(new Assignment(column, binder.calls.convert(value, column.type())));
        }
        return new Rows(finish(Binder.extend(input.plan(), read), input, read, Optional.empty()), input.open(), "");
    }

    private Stream<String> characters(Parameters parameters, String name, int max) {
        return parameters.literalTexts(name).stream().filter(literal -> {
            boolean fits = !literal.value().isEmpty() && literal.value().length() <= max;
            if (!fits) {
                binder.report(Messages.charactersExpected(literal.span(), "parse-kv", name, max));
            }
            return fits;
        }).map(Syntax.StringLiteral::value);
    }

    /// A quote of one character opens and closes.
    private static String openAndClose(String quote) {
        return quote.length() == 1 ? quote + quote : quote;
    }

    private static Expr constant(String value) {
        return new Expr.Constant(Type.STRING, value);
    }
}
