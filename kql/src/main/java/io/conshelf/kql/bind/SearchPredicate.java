package io.conshelf.kql.bind;

import com.google.re2j.Pattern;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.BadArgument;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The predicate of `search` or `find`, in which texts and numbers stand for "some column has this term". It is bound over one source
/// after the other, as if over all of them together: a column that only others have is empty here, and a condition that a column's
/// type does not allow here holds for no row.
final class SearchPredicate {
    private final Binder binder;
    private final Expression written;
    private final String operator;
    private final boolean caseSensitive;
    private final Set<String> columnsOfAny;
    /// The columns of all sources; those of several types are in each map with another.
    private final List<Map<String, Column>> columnsOfAll;
    private final Map<Expression, Condition> conditions = new LinkedHashMap<>();
    private final Set<String> named = new LinkedHashSet<>();
    private boolean asksAllColumns;

    SearchPredicate(Binder binder, Expression written, String operator, boolean caseSensitive, List<Rows> sources) {
        this.binder = binder;
        this.written = written;
        this.operator = operator;
        this.caseSensitive = caseSensitive;
        Map<String, List<Column>> byName = new HashMap<>();
        for (Rows source : sources) {
            for (Column column : source.columns()) {
                List<Column> known = byName.computeIfAbsent(column.name(), _ -> new ArrayList<>());
                if (known.stream().noneMatch(other -> other.type() == column.type())) {
                    known.add(column);
                }
            }
        }
        columnsOfAny = byName.keySet();
        columnsOfAll = new ArrayList<>();
        int typesMax = byName.values().stream().mapToInt(List::size).max().orElse(1);
        for (int i = 0; i < typesMax; i++) {
            Map<String, Column> columns = new HashMap<>();
            for (Map.Entry<String, List<Column>> entry : byName.entrySet()) {
                columns.put(entry.getKey(), entry.getValue().get(Math.min(i, entry.getValue().size() - 1)));
            }
            columnsOfAll.add(columns);
        }
    }

    /// A part of the predicate that is no term: what is wrong with it, unless it is right for one source at least.
    private static final class Condition {
        private boolean isRight;
        private List<Diagnostic> problems = List.of();
    }

    /// The predicate for the rows of one source.
    Expr over(Rows source, Scope scope) {
        return bind(written, Env.of(scope, Columns.of(source), operator));
    }

    /// Reports what is wrong with the predicate for every source it was bound over, such as a column that none has.
    boolean fails() {
        List<Diagnostic> problems = conditions.values().stream().filter(condition -> !condition.isRight)
                .flatMap(condition -> condition.problems.stream()).toList();
        problems.forEach(binder::report);
        return problems.stream().anyMatch(Diagnostic::isError);
    }

    /// The columns it names, in its order.
    Set<String> named() {
        return named;
    }

    /// Whether a source has something that the predicate asks of.
    boolean concerns(Rows source) {
        return asksAllColumns || named.isEmpty() || names(source);
    }

    /// Whether a source has one of the columns it names.
    boolean names(Rows source) {
        return source.columns().stream().anyMatch(column -> named.contains(column.name()));
    }

    private Expr bind(Expression expression, Env env) {
        return switch (expression) {
            case Syntax.Parenthesized(Expression inner, _) -> bind(inner, env);
            case Syntax.Star _ -> {
                asksAllColumns = true;
                yield new Expr.Constant(Type.BOOL, true);
            }
            case Syntax.StringLiteral term -> term(term.value(), term.span(), env);
            case Syntax.BoolLiteral value -> new Expr.Constant(Type.BOOL, value.value());
            case Syntax.Literal number -> term(number.text(), number.span(), env);
            case Syntax.Binary(BinaryOperator sign, Expression left, Expression right, Span at, _)
                    when sign == BinaryOperator.AND || sign == BinaryOperator.OR ->
                    both(sign.text(), bind(left, env), bind(right, env), at, env);
            case Syntax.FunctionCall call when call.function().text().equals("not") && call.arguments().size() == 1 ->
                    binder.calls.builtin("not", List.of(bind(call.arguments().getFirst(), env)), call.span(), env).orElseThrow();
            case Expression other -> condition(other, env);
        };
    }

    private Expr both(String sign, Expr left, Expr right, Span at, Env env) {
        return binder.calls.builtin(sign, List.of(left, right), at, env).orElseThrow();
    }

    // ---------------------------------------------------------------- conditions

    private Expr condition(Expression expression, Env env) {
        Condition condition = conditions.computeIfAbsent(expression, _ -> new Condition());
        boolean ofAllColumns = isOfAllColumns(expression);
        asksAllColumns |= ofAllColumns;
        for (Map<String, Column> columns : columnsOfAll) {
            Binder.Apart<Optional<Expr>> bound = binder.apart(() -> asked(expression, env.with(env.columns().with(columns))));
            if (bound.result().isPresent() && bound.errors().isEmpty()) {
                condition.isRight = true;
                bound.diagnostics().forEach(binder::report);
                if (!ofAllColumns) {
                    ExprWalk.columns(bound.result().get()).stream().map(Column::name).filter(columnsOfAny::contains).forEach(named::add);
                }
                return withoutAbsent(bound.result().get(), columns, env.columns());
            }
            if (condition.problems.isEmpty()) {
                condition.problems = bound.diagnostics();
            }
        }
        return new Expr.Null(Type.BOOL);
    }

    private static boolean isOfAllColumns(Expression expression) {
        return expression instanceof Syntax.Binary(_, Syntax.Star _, _, _, _) || expression instanceof Syntax.In in && in.left() instanceof Syntax.Star;
    }

    /// A column of another source is there only where this one has none of its name.
    private static Expr withoutAbsent(Expr expr, Map<String, Column> ofAll, Columns here) {
        Predicate<Column> isAbsent = column -> column.equals(ofAll.get(column.name())) && here.find(column.name()).isEmpty();
        return ExprWalk.columns(expr).stream().noneMatch(isAbsent) ? expr
                : ExprWalk.map(expr, part -> part instanceof Expr.Ref(Column column) && isAbsent.test(column)
                        ? Literals.nothing(column.type()) : part);
    }

    private Optional<Expr> asked(Expression expression, Env env) {
        return expression instanceof Syntax.Binary(BinaryOperator sign, Expression left, Syntax.StringLiteral right, Span at, _)
                && sign == BinaryOperator.SEARCH && !(left instanceof Syntax.Star)
                ? binder.expressions.expr(left, env).flatMap(column -> hasTerm(column, right.value(), at, env))
                : binder.expressions.predicate(expression, env);
    }

    // ---------------------------------------------------------------- terms

    private Expr term(String term, Span at, Env env) {
        asksAllColumns = true;
        Optional<Expr> any = Optional.empty();
        for (Column column : env.columns().list()) {
            // The engine looks for terms in texts and whole numbers, not in fractions.
            if (column.type() == Type.REAL || column.type() == Type.DECIMAL || column.type() == Type.BOOL) {
                continue;
            }
            Optional<Expr> here = hasTerm(new Expr.Ref(column), term, at, env);
            any = any.isEmpty() || here.isEmpty() ? any.or(() -> here) : Optional.of(both("or", any.get(), here.get(), at, env));
        }
        return any.orElseGet(() -> new Expr.Constant(Type.BOOL, false));
    }

    /// `term`, `begins*`, `*ends`, `*within*`, `be*een`; an empty term or a star alone is everywhere.
    private Optional<Expr> hasTerm(Expr column, String term, Span at, Env env) {
        boolean open = term.startsWith("*");
        boolean wide = term.endsWith("*") && term.length() > 1;
        String bare = term.substring(open ? 1 : 0, wide ? term.length() - 1 : term.length());
        if (bare.isEmpty()) {
            return Optional.of(new Expr.Constant(Type.BOOL, true));
        }
        if (bare.contains("*")) {
            Expr regex = new Expr.Constant(Type.STRING, (caseSensitive ? "" : "(?i)") + regex(bare, open, wide));
            try {
                return binder.calls.builtin("matches regex", List.of(text(column), regex), at, env);
            } catch (BadArgument bad) {
                binder.report(Messages.error(at, bad.getMessage()));
                return Optional.empty();
            }
        }
        String sign = open && wide ? "contains" : open ? "hassuffix" : wide ? "hasprefix" : "has";
        return binder.calls.builtin(caseSensitive ? sign + "_cs" : sign, List.of(text(column), new Expr.Constant(Type.STRING, bare)), at, env);
    }

    private Expr text(Expr column) {
        return column.type() == Type.STRING ? column : binder.calls.convert(column, Type.STRING);
    }

    /// Stars for any characters between whole words, as the page on `search` has it: `Lab*PC` is `\bLab.*PC\b`. An end that is no
    /// letter or digit has no border of a word.
    private static String regex(String term, boolean open, boolean wide) {
        String any = Arrays.stream(term.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        String begin = open || !Character.isLetterOrDigit(term.charAt(0)) ? "" : "\\b";
        String end = wide || !Character.isLetterOrDigit(term.charAt(term.length() - 1)) ? "" : "\\b";
        return begin + any + end;
    }
}
