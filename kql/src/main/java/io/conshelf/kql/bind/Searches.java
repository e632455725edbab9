package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
        oneSource("search", op.sources(), piped);
        Optional<String> kind = new Parameters(binder, "search", op.parameters())
                .word("kind", List.of("default", "case_insensitive", "case_sensitive"));
        boolean caseSensitive = kind.equals(Optional.of("case_sensitive"));
        List<Rows> tables = piped.map(rows -> List.of(rows.label().isEmpty() ? new Rows(rows.plan(), rows.open(), "search_arg0") : rows))
                .orElseGet(() -> tables(op.sources(), scope, op.span()));
        return matching(tables, op.predicate(), scope, "search", caseSensitive)
                .map(found -> unions.combine(found.sources(), found.rows(), false, Optional.of("$table")))
                .orElseGet(() -> new Rows(binder.nothing(List.of()), true, ""));
    }

    /// Rows that come in and tables that are named exclude each other: one of them would be left out in silence.
    private void oneSource(String operator, List<Expression> sources, Optional<Rows> piped) {
        if (piped.isPresent() && !sources.isEmpty()) {
            binder.report(Messages.twoSources(sources.getFirst().span(), operator));
        }
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
                    List<Rows> found = binder.entities.matching(scope.database(), pattern, at);
                    List<Rows> views = unions.views(scope, pattern, at);
                    if (found.isEmpty() && views.isEmpty()) {
                        binder.report(Messages.unresolvedTable(at, "search", pattern));
                    }
                    tables.addOwn(found);
                    views.forEach(view -> tables.add(view, false));
                }
                case Expression path when tables.addPath(path) -> { }
                case Expression other -> binder.expressions.rows(other, scope).ifPresent(rows -> unions.add(other, rows, scope, tables));
            }
        }
        boolean isOfWhatThereIs = sources.stream().allMatch(Syntax.Star.class::isInstance);
        // A database without tables is searched in vain.
        return tables.rows().isEmpty() && isOfWhatThereIs ? List.of(Rows.of(binder.nothing(List.of()))) : tables.rows();
    }

    private void all(Span at, Scope scope, SourceTables tables) {
        tables.addOwn(binder.entities.matching(scope.database(), "*", at));
        unions.views(scope, "*", at).forEach(view -> tables.add(view, false));
    }

    /// What a predicate leaves of several sources.
    ///
    /// @param sources   those that have a column the predicate asks of
    /// @param rows      of these the rows that match, without those of sources where none can
    /// @param named     the columns that the predicate names, not those that a term stands for
    private record Matching(List<Rows> sources, List<Rows> rows, Set<String> named) {}

    /// Empty after an error.
    private Optional<Matching> matching(List<Rows> tables, Expression written, Scope scope, String operator, boolean caseSensitive) {
        SearchPredicate predicate = new SearchPredicate(binder, written, operator, caseSensitive, tables);
        List<Expr> predicates = tables.stream().map(table -> predicate.over(table, scope)).toList();
        if (tables.isEmpty() || predicate.fails()) {
            return Optional.empty();
        }
        List<Rows> sources = new ArrayList<>();
        List<Rows> rows = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            Rows table = tables.get(i);
            boolean mayMatch = Truth.of(predicates.get(i)).mayHold();
            // The columns of a table where only a term is asked for, in vain, would do no more than widen the rows of search.
            boolean isInVain = !mayMatch && operator.equals("search") && !predicate.named().isEmpty() && !predicate.names(table);
            if (predicate.concerns(table) && !isInVain) {
                String label = table.label().isEmpty() ? "union_arg" + sources.size() : table.label();
                sources.add(table);
                if (mayMatch) {
                    rows.add(new Rows(new Plan.Filter(table.plan(), predicates.get(i)), table.open(), label));
                }
            }
        }
        return Optional.of(new Matching(sources, rows, predicate.named()));
    }

    // ---------------------------------------------------------------- find

    Rows find(Syntax.Find op, Optional<Rows> piped, Scope scope) {
        oneSource("find", op.sources(), piped);
        String source = new Parameters(binder, "find", op.parameters()).name("withsource").orElse("source_");
        List<Rows> tables = piped.map(List::of).orElseGet(() -> tables(op.sources(), scope, op.span()));
        Optional<Matching> matching = matching(tables, op.predicate(), scope, "find", false);
        if (matching.isEmpty()) {
            return new Rows(binder.nothing(List.of()), true, "");
        }
        Matching found = matching.get();
        Syntax.FindProjection projection = op.projection();
        boolean written = !projection.smart() && !projection.columns().isEmpty();
        Set<String> names = new LinkedHashSet<>(written ? writtenNames(projection, tables) : smartNames(found));
        projection.away().forEach(column -> name(column).ifPresent(names::remove));
        boolean hidesColumn = !written && names.remove(source);
        boolean packs = written ? projection.columns().stream().anyMatch(c -> c.column() instanceof Syntax.FunctionCall)
                : (hidesColumn || found.sources().size() > 1)
                        && found.sources().stream().anyMatch(table -> table.columns().stream().anyMatch(column -> !names.contains(column.name())));
        Map<String, Type> types = new LinkedHashMap<>();
        projection.columns().forEach(column -> name(column).ifPresent(name -> column.type()
                .flatMap(type -> binder.functions.typeOf(type)).ifPresent(type -> types.put(name, type))));
        List<Rows> legs = found.rows().stream()
                .map(table -> new Rows(leg(table, names, types, packs, op.span(), scope), table.open(), table.label())).toList();
        Rows shape = new Rows(binder.nothing(shape(found.sources(), tables, names, types, packs)), found.sources().stream().anyMatch(Rows::open), "");
        return unions.combine(List.of(shape), legs, false, Optional.of(source));
    }

    /// The columns of the output, in their order: one of each type that a name has in sources the predicate concerns, else in others.
    private List<Column> shape(List<Rows> sources, List<Rows> all, Set<String> names, Map<String, Type> types, boolean packs) {
        List<Column> columns = new ArrayList<>();
        for (String name : names) {
            boolean isKnown = sources.stream().anyMatch(source -> Columns.of(source).find(name).isPresent());
            (isKnown ? sources : all).stream().flatMap(source -> Columns.of(source).find(name).stream())
                    .map(column -> types.getOrDefault(name, column.type())).distinct()
                    .forEach(type -> columns.add(binder.column(name, type)));
        }
        if (packs) {
            columns.add(binder.column("pack_", Type.DYNAMIC));
        }
        return columns;
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

    /// The columns that all sources have, then what else the predicate names.
    private static Set<String> smartNames(Matching found) {
        Set<String> names = new LinkedHashSet<>();
        if (!found.sources().isEmpty()) {
            found.sources().getFirst().columns().stream().map(Column::name)
                    .filter(name -> found.sources().stream().allMatch(table -> Columns.of(table).find(name).isPresent())).forEach(names::add);
        }
        names.addAll(found.named());
        return names;
    }

    private Plan leg(Rows table, Set<String> names, Map<String, Type> types, boolean packs, Span at, Scope scope) {
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
