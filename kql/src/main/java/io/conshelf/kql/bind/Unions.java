package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `union`, and the bringing together of several tables in general.
final class Unions {
    private final Binder binder;

    Unions(Binder binder) {
        this.binder = binder;
    }

    Rows union(Syntax.Union op, Optional<Rows> piped, Scope scope) {
        Parameters parameters = new Parameters(binder, "union", op.parameters());
        boolean inner = parameters.word("kind", List.of("inner", "outer")).equals(Optional.of("inner"));
        boolean fuzzy = parameters.literalFlag("isfuzzy") || binder.fuzzyUnions();
        Optional<String> source = parameters.name("withsource").or(() -> parameters.name("with_source"));
        SourceTables tables = new SourceTables(binder, scope);
        piped.ifPresent(rows -> tables.add(rows, true));
        boolean failed = false;
        for (Expression expression : op.sources()) {
            failed |= !source(expression, scope, fuzzy, tables);
        }
        List<Rows> inputs = tables.rows();
        if (inputs.isEmpty()) {
            if (fuzzy && failed) {
                binder.report(Messages.nothingResolved(op.span()));
            }
            return new Rows(binder.nothing(List.of()), true, "");
        }
        Rows all = combine(inputs, inner, source);
        // What a fuzzy union leaves out has no columns.
        return new Rows(all.plan(), all.open() || failed && !fuzzy, "");
    }

    /// Whether the source gives rows.
    private boolean source(Expression expression, Scope scope, boolean fuzzy, SourceTables tables) {
        return switch (expression) {
            case Syntax.Parenthesized(Expression inner, _) when isName(inner) -> source(inner, scope, fuzzy, tables);
            case Syntax.Star star -> wildcard(scope, "*", star.span(), fuzzy, tables);
            case Syntax.WildcardName(String pattern, _, Span at) -> wildcard(scope, pattern, at, fuzzy, tables);
            case Expression path when tables.addPath(path) -> true;
            case Expression other -> {
                Binder.Apart<Optional<Rows>> bound = binder.apart(() -> binder.expressions.rows(other, scope));
                if (fuzzy && bound.result().isEmpty()) {
                    binder.report(Messages.unresolvedFuzzyTable(other.span(), entity(other)));
                    yield false;
                }
                bound.diagnostics().forEach(binder::report);
                bound.result().ifPresent(rows -> add(other, rows, scope, tables));
                yield bound.result().isPresent();
            }
        };
    }

    /// Takes the rows that a source gives, under its name where it has one.
    void add(Expression source, Rows rows, Scope scope, SourceTables tables) {
        boolean isStoredView = isStoredView(source, scope);
        boolean isView = isStoredView || isView(source, scope);
        tables.add(isView ? new Rows(rows.plan(), rows.open(), name(source)) : rows,
                isStoredView || !isView && source instanceof Syntax.NameReference);
    }

    private boolean isStoredView(Expression expression, Scope scope) {
        return scope.find(name(expression)).isEmpty() && binder.entities.isView(scope.database(), name(expression));
    }

    private static boolean isName(Expression expression) {
        return expression instanceof Syntax.Star || expression instanceof Syntax.WildcardName;
    }

    /// Whether rows are those of a view, which go by its name; other variables have none.
    private static boolean isView(Expression expression, Scope scope) {
        return scope.find(name(expression)).orElse(new Meaning.Failed()) instanceof Meaning.Function function && function.view();
    }

    private static String name(Expression expression) {
        return switch (expression) {
            case Syntax.NameReference reference -> reference.name();
            case Syntax.FunctionCall call -> call.function().text();
            case Syntax.Parenthesized(Expression inner, _) -> name(inner);
            case Expression _ -> "";
        };
    }

    /// What a source reads first.
    private static String entity(Expression expression) {
        return switch (expression) {
            case Syntax.Pipe pipe -> entity(pipe.source());
            case Syntax.Parenthesized(Expression inner, _) -> entity(inner);
            case Syntax.Path path -> entity(path.selector());
            case Expression _ -> name(expression);
        };
    }

    /// Tables and stored views whose names match, and views that statements have declared.
    private boolean wildcard(Scope scope, String pattern, Span at, boolean fuzzy, SourceTables tables) {
        List<Rows> found = binder.entities.matching(scope.database(), pattern, at);
        List<Rows> views = views(scope, pattern, at);
        tables.addOwn(found);
        views.forEach(view -> tables.add(view, false));
        if (found.isEmpty() && views.isEmpty()) {
            binder.report(fuzzy ? Messages.unresolvedFuzzyTable(at, pattern) : Messages.unresolvedTable(at, "union", pattern));
            return false;
        }
        return true;
    }

    /// The views of statements whose names match, without those that need arguments and the one this stands in.
    List<Rows> views(Scope scope, String pattern, Span at) {
        List<Rows> found = new ArrayList<>();
        scope.views().forEach((name, view) -> {
            if (Entities.matches(pattern, name) && view.missing().isEmpty() && !binder.functions.isBeingBound(view)
                    && binder.functions.call(view, List.of(), at, at, Env.of(scope)) instanceof Rows rows) {
                found.add(new Rows(rows.plan(), rows.open(), name));
            }
        });
        return found;
    }

    /// All columns of all tables.
    Rows outer(List<Rows> inputs, Span at) {
        return combine(inputs, false);
    }

    /// @param inner only the columns that every input has
    Rows combine(List<Rows> inputs, boolean inner) {
        return combine(inputs, inner, Optional.empty());
    }

    /// @param inner  only the columns that every input has
    /// @param source the name of a column that says which input a row is from
    private Rows combine(List<Rows> inputs, boolean inner, Optional<String> source) {
        return combine(inputs, inputs, inner, source);
    }

    /// @param shapes whose columns the result has, also where none of the inputs has them
    Rows combine(List<Rows> shapes, List<Rows> inputs, boolean inner, Optional<String> source) {
        List<ColumnSchema> outputs = outputs(shapes, inner);
        // Of two columns of one name and type nobody could tell which is which.
        source.filter(name -> outputs.stream().filter(column -> column.name().equals(name)).count() == 1)
                .ifPresent(name -> outputs.remove(new ColumnSchema(name, Type.STRING)));
        Map<ColumnSchema, Integer> index = new HashMap<>();
        List<Column> columns = new ArrayList<>();
        List<ColumnSchema> wanted = List.copyOf(outputs);
        List<String> names = outputNames(outputs, source);
        source.ifPresent(name -> columns.add(binder.column(name, Type.STRING)));
        for (int i = 0; i < wanted.size(); i++) {
            index.put(wanted.get(i), i);
            columns.add(binder.column(names.get(i), wanted.get(i).type()));
        }
        List<Plan> legs = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            legs.add(leg(inputs.get(i), wanted, columns, source.isPresent(), i));
        }
        boolean open = shapes.stream().anyMatch(Rows::open);
        return new Rows(switch (legs.size()) {
            case 0 -> binder.nothing(columns);
            case 1 -> legs.getFirst();
            default -> new Plan.Union(legs, columns);
        }, open, "");
    }

    /// The columns of the result by name and type, in the order of their first appearance; those of one name together.
    private static List<ColumnSchema> outputs(List<Rows> inputs, boolean inner) {
        Map<String, Set<Type>> types = new LinkedHashMap<>();
        for (Rows input : inputs) {
            input.columns().forEach(column -> types.computeIfAbsent(column.name(), _ -> new LinkedHashSet<>()).add(column.type()));
        }
        if (inner) {
            types.keySet().removeIf(name -> !inputs.stream().allMatch(input -> Columns.of(input).find(name).isPresent()));
        }
        List<ColumnSchema> outputs = new ArrayList<>();
        types.forEach((name, some) -> some.forEach(type -> outputs.add(new ColumnSchema(name, type))));
        return outputs;
    }

    /// A name with several types gets the type after it. Names that columns have as they are come first.
    private static List<String> outputNames(List<ColumnSchema> outputs, Optional<String> source) {
        Map<String, Integer> types = new HashMap<>();
        outputs.forEach(column -> types.merge(column.name(), 1, Integer::sum));
        Set<String> used = new HashSet<>(source.stream().toList());
        outputs.stream().filter(column -> types.get(column.name()) == 1).forEach(column -> used.add(column.name()));
        List<String> names = new ArrayList<>();
        for (ColumnSchema column : outputs) {
            if (types.get(column.name()) == 1) {
                names.add(column.name());
                continue;
            }
            String wanted = column.name() + "_" + column.type();
            String free = wanted;
            for (int i = 1; !used.add(free); i++) {
                free = wanted + i;
            }
            names.add(free);
        }
        return names;
    }

    private Plan leg(Rows input, List<ColumnSchema> wanted, List<Column> columns, boolean withSource, int position) {
        List<Assignment> assignments = new ArrayList<>();
        if (withSource) {
            String label = input.label().isEmpty() ? "union_arg" + position : input.label();
            assignments.add(new Assignment(binder.column(columns.getFirst().name(), Type.STRING),
                    new Expr.Constant(Type.STRING, label)));
        }
        Map<ColumnSchema, Column> given = new HashMap<>();
        input.columns().forEach(column -> given.put(column.schema(), column));
        int shift = withSource ? 1 : 0;
        for (int i = 0; i < wanted.size(); i++) {
            ColumnSchema schema = wanted.get(i);
            Column column = given.get(schema);
            Column output = columns.get(i + shift);
            if (column != null && column.name().equals(output.name())) {
                assignments.add(Binder.same(column));
            } else {
                Expr value = column == null ? Literals.nothing(schema.type()) : new Expr.Ref(column);
                assignments.add(new Assignment(binder.column(output.name(), schema.type()), value));
            }
        }
        return new Plan.Project(input.plan(), assignments);
    }
}
