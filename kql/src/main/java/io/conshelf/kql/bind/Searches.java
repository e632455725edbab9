package io.conshelf.kql.bind;

import com.google.re2j.Pattern;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `search` and `find`: one predicate over many tables.
final class Searches {
    private final Binder binder;
    private final Unions unions;

    Searches(Binder binder, Unions unions) {
        this.binder = binder;
        this.unions = unions;
    }

    // ---------------------------------------------------------------- search

    Rows search(Syntax.Search op, Optional<Rows> piped, Scope scope) {
        Optional<String> kind = new Parameters(binder, "search", op.parameters())
                .word("kind", List.of("default", "case_insensitive", "case_sensitive"));
        boolean caseSensitive = kind.equals(Optional.of("case_sensitive"));
        List<Rows> tables = piped.map(rows -> List.of(new Rows(rows.plan(), rows.open(), "search_arg0")))
                .orElseGet(() -> tables(op.sources(), scope, op.span()));
        List<Rows> matching = matching(tables, op.predicate(), scope, "search", caseSensitive);
        if (matching.isEmpty()) {
            return new Rows(binder.nothing(List.of()), true, "");
        }
        return unions.combine(matching, false, Optional.of("$table"));
    }

    private List<Rows> tables(List<Expression> sources, Scope scope, Span whole) {
        SourceTables tables = new SourceTables(binder, scope);
        if (sources.isEmpty()) {
            all(whole, scope, tables);
        }
        for (Expression source : sources) {
            switch (source) {
                case Syntax.Star star -> all(star.span(), scope, tables);
                case Syntax.WildcardName(String pattern, _, Span at) -> {
                    List<Rows> found = binder.entities.matching(scope.database(), pattern);
                    List<Rows> views = unions.views(scope, pattern, at);
                    if (found.isEmpty() && views.isEmpty()) {
                        binder.report(Messages.unresolvedTable(at, "search", pattern));
                    }
                    tables.addOwn(found);
                    views.forEach(view -> tables.add(view, false));
                }
                case Expression path when tables.addPath(path) -> { }
                case Expression other -> binder.expressions.rows(other, scope)
                        .ifPresent(rows -> tables.add(rows, other instanceof Syntax.NameReference));
            }
        }
        return tables.rows();
    }

    private void all(Span at, Scope scope, SourceTables tables) {
        tables.addOwn(binder.entities.tables(scope.database()));
        unions.views(scope, "*", at).forEach(view -> tables.add(view, false));
    }

    /// The tables with only the rows for which the predicate is true. A table that lacks a column the predicate names
    /// has no such rows; a column that no table has is an error.
    private List<Rows> matching(List<Rows> tables, Expression predicate, Scope scope, String operator, boolean caseSensitive) {
        List<Rows> matching = new ArrayList<>();
        List<Diagnostic> first = List.of();
        for (Rows table : tables) {
            Env env = Env.of(scope, Columns.of(table), operator);
            Binder.Apart<Optional<Expr>> bound = binder.apart(() -> predicate(predicate, env, caseSensitive));
            if (bound.result().isPresent()) {
                matching.add(new Rows(new Plan.Filter(table.plan(), bound.result().get()), table.open(), table.label()));
            } else if (first.isEmpty()) {
                first = bound.diagnostics();
            }
        }
        if (matching.isEmpty()) {
            first.forEach(binder::report);
        }
        return matching;
    }

    /// A predicate in which texts and numbers stand for "some column has this term".
    private Optional<Expr> predicate(Expression expression, Env env, boolean caseSensitive) {
        return switch (expression) {
            case Syntax.Parenthesized(Expression inner, _) -> predicate(inner, env, caseSensitive);
            case Syntax.Star _ -> Optional.of(new Expr.Constant(Type.BOOL, true));
            case Syntax.StringLiteral term -> Optional.of(term(term.value(), term.span(), env, caseSensitive));
            case Syntax.BoolLiteral value -> Optional.of(new Expr.Constant(Type.BOOL, value.value()));
            case Syntax.Literal number -> Optional.of(term(number.text(), number.span(), env, caseSensitive));
            case Syntax.Binary(BinaryOperator operator, Expression left, Expression right, Span at, _)
                    when operator == BinaryOperator.AND || operator == BinaryOperator.OR -> {
                Optional<Expr> l = predicate(left, env, caseSensitive);
                Optional<Expr> r = predicate(right, env, caseSensitive);
                yield l.isEmpty() || r.isEmpty() ? Optional.empty()
                        : binder.calls.builtin(operator.text(), List.of(l.get(), r.get()), at, env);
            }
            case Syntax.Binary(BinaryOperator operator, Expression left, Syntax.StringLiteral right, Span at, _)
                    when operator == BinaryOperator.SEARCH && !(left instanceof Syntax.Star) ->
                    binder.expressions.expr(left, env).flatMap(column -> hasTerm(column, right.value(), at, env, caseSensitive));
            case Syntax.FunctionCall call when call.function().text().equals("not") && call.arguments().size() == 1 ->
                    predicate(call.arguments().getFirst(), env, caseSensitive)
                            .flatMap(inner -> binder.calls.builtin("not", List.of(inner), call.span(), env));
            case Expression other -> binder.expressions.predicate(other, env);
        };
    }

    private Expr term(String term, Span at, Env env, boolean caseSensitive) {
        Optional<Expr> any = Optional.empty();
        for (Column column : env.columns().list()) {
            // The engine looks for terms in texts and whole numbers, not in fractions.
            if (column.type() == Type.REAL || column.type() == Type.DECIMAL || column.type() == Type.BOOL) {
                continue;
            }
            Optional<Expr> one = hasTerm(new Expr.Ref(column), term, at, env, caseSensitive);
            if (one.isPresent()) {
                Expr here = one.get();
                any = any.isEmpty() ? one : binder.calls.builtin("or", List.of(any.get(), here), at, env);
            }
        }
        return any.orElseGet(() -> new Expr.Constant(Type.BOOL, false));
    }

    /// `term`, `begins*`, `*ends`, `*within*`, `be*een`; an empty term or a star alone is everywhere.
    private Optional<Expr> hasTerm(Expr column, String term, Span at, Env env, boolean caseSensitive) {
        boolean open = term.startsWith("*");
        boolean wide = term.endsWith("*") && term.length() > 1;
        String bare = term.substring(open ? 1 : 0, wide ? term.length() - 1 : term.length());
        if (bare.isEmpty()) {
            return Optional.of(new Expr.Constant(Type.BOOL, true));
        }
        if (bare.contains("*")) {
            Expr regex = new Expr.Constant(Type.STRING, (caseSensitive ? "" : "(?i)") + regex(bare, open, wide));
            return binder.calls.builtin("matches regex", List.of(text(column), regex), at, env);
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

    // ---------------------------------------------------------------- find

    Rows find(Syntax.Find op, Optional<Rows> piped, Scope scope) {
        String source = new Parameters(binder, "find", op.parameters()).name("withsource").orElse("source_");
        List<Rows> tables = piped.map(List::of).orElseGet(() -> tables(op.sources(), scope, op.span()));
        List<Rows> matching = matching(tables, op.predicate(), scope, "find", false);
        if (matching.isEmpty()) {
            return new Rows(binder.nothing(List.of()), true, "");
        }
        Syntax.FindProjection projection = op.projection();
        boolean written = !projection.smart() && !projection.columns().isEmpty();
        Set<String> away = new LinkedHashSet<>();
        projection.away().forEach(column -> name(column).ifPresent(away::add));
        List<String> names = new ArrayList<>(written ? writtenNames(projection, matching) : smartNames(matching));
        names.removeAll(away);
        boolean packs = written ? projection.columns().stream().anyMatch(c -> c.column() instanceof Syntax.FunctionCall)
                : matching.size() > 1 && matching.stream().anyMatch(table -> table.columns().stream().anyMatch(column -> !names.contains(column.name())));
        Map<String, Type> types = new LinkedHashMap<>();
        projection.columns().forEach(column -> name(column).ifPresent(name -> column.type()
                .flatMap(type -> binder.functions.typeOf(type)).ifPresent(type -> types.put(name, type))));
        List<Rows> legs = new ArrayList<>();
        for (Rows table : matching) {
            legs.add(new Rows(leg(table, names, types, packs, op.span(), scope), table.open(), table.label()));
        }
        Rows all = unions.combine(legs, false, Optional.of(source));
        List<Column> ordered = new ArrayList<>(all.columns());
        ordered.removeIf(column -> column.name().equals("pack_"));
        all.columns().stream().filter(column -> column.name().equals("pack_")).forEach(ordered::add);
        return new Rows(Binder.keep(all.plan(), ordered), all.open(), "");
    }

    private static Optional<String> name(Syntax.FindColumn column) {
        return column.column() instanceof Syntax.NameReference(String name, _, _) ? Optional.of(name) : Optional.empty();
    }

    private List<String> writtenNames(Syntax.FindProjection projection, List<Rows> tables) {
        List<String> names = new ArrayList<>();
        for (Syntax.FindColumn column : projection.columns()) {
            name(column).ifPresent(name -> {
                if (tables.stream().noneMatch(table -> table.open() || Columns.of(table).find(name).isPresent())) {
                    binder.report(Messages.unresolvedScalar(column.column().span(), "find", name));
                } else {
                    names.add(name);
                }
            });
        }
        return names;
    }

    /// The columns that all tables have.
    private static List<String> smartNames(List<Rows> tables) {
        return tables.getFirst().columns().stream().map(Column::name)
                .filter(name -> tables.stream().allMatch(table -> Columns.of(table).find(name).isPresent())).toList();
    }

    private Plan leg(Rows table, List<String> names, Map<String, Type> types, boolean packs, Span at, Scope scope) {
        List<Assignment> output = new ArrayList<>();
        Columns columns = Columns.of(table);
        for (String name : names) {
            columns.find(name).ifPresent(column -> {
                Type type = types.getOrDefault(name, column.type());
                output.add(type == column.type() ? Binder.same(column)
                        : new Assignment(binder.column(name, type), binder.calls.convert(new Expr.Ref(column), type)));
            });
        }
        if (packs) {
            List<Expr> rest = new ArrayList<>();
            table.columns().stream().filter(column -> !names.contains(column.name())).forEach(column -> {
                rest.add(new Expr.Constant(Type.STRING, column.name()));
                rest.add(new Expr.Ref(column));
            });
            Expr pack = rest.isEmpty() ? new Expr.Constant(Type.DYNAMIC, "{}")
                    : binder.calls.builtin("bag_pack", rest, at, Env.of(scope)).orElseGet(() -> new Expr.Null(Type.DYNAMIC));
            output.add(new Assignment(binder.column("pack_", Type.DYNAMIC), pack));
        }
        return new Plan.Project(table.plan(), output);
    }
}
