package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `project` and its family, `extend`, `distinct`, `print`, `serialize`, `getschema`, `assert-schema`.
final class Projections {
    private final Binder binder;
    private final Items items;

    Projections(Binder binder) {
        this.binder = binder;
        items = new Items(binder);
    }

    // ---------------------------------------------------------------- project, extend

    Rows project(List<Expression> columns, Rows input, Scope scope, String operator) {
        Calculations windows = Calculations.over(input.plan());
        Items.Bound bound = items.bind(columns, Env.of(scope, Columns.of(input), operator).with(windows));
        List<Assignment> assignments = assign(bound.items(), operator);
        Plan plan = new Plan.Project(windows.windowsOver(binder, input.plan()), assignments);
        return new Rows(plan, bound.failed(), "");
    }

    /// The columns of a list that makes all of an operator's output.
    List<Assignment> assign(List<Item> list, String operator) {
        return assign(list, operator, new OutputNames());
    }

    List<Assignment> assign(List<Item> list, String operator, OutputNames names) {
        List<Assignment> assignments = new ArrayList<>();
        for (Item item : list) {
            if (item.written() && names.isWritten(item.name())) {
                binder.report(Messages.columnTwice(item.at(), operator, item.name()));
                continue;
            }
            String name = item.name().isEmpty() ? names.next()
                    : item.written() ? names.write(item.name()) : names.unique(item.name());
            assignments.add(assignment(name, item.value()));
        }
        return assignments;
    }

    /// A column that is only passed on keeps its identity.
    private Assignment assignment(String name, Expr value) {
        return value instanceof Expr.Ref(Column column) && column.name().equals(name)
                ? Binder.same(column) : new Assignment(binder.column(name, value.type()), value);
    }

    Rows extend(List<Expression> columns, Rows input, Scope scope, String operator) {
        Calculations windows = Calculations.over(input.plan());
        Items.Bound bound = items.bind(columns, Env.of(scope, Columns.of(input), operator).with(windows));
        List<Assignment> output = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        OutputNames names = new OutputNames(input.columns().stream().map(Column::name).toList());
        // The columns of a function that makes several never take the place of others, as a column of one name does.
        OutputNames parts = new OutputNames(input.columns().stream().map(Column::name).toList());
        for (Item item : bound.items()) {
            if (item.written() && names.isWritten(item.name())) {
                binder.report(Messages.columnTwice(item.at(), operator, item.name()));
                continue;
            }
            if (item.written()) {
                names.markWritten(item.name());
            }
            String name = item.name().isEmpty() ? names.nextFree() : item.part() ? parts.unique(item.name()) : item.name();
            parts.take(name);
            replaceOrAdd(output, name, item.value());
        }
        Plan plan = new Plan.Project(windows.windowsOver(binder, input.plan()), output);
        return new Rows(bound.items().isEmpty() ? input.plan() : plan, input.open() || bound.failed(), "");
    }

    private void replaceOrAdd(List<Assignment> output, String name, Expr value) {
        for (int i = 0; i < output.size(); i++) {
            if (output.get(i).column().name().equals(name)) {
                if (!(value instanceof Expr.Ref(Column column) && column.equals(output.get(i).column()))) {
                    output.set(i, new Assignment(binder.column(name, value.type()), value));
                }
                return;
            }
        }
        output.add(new Assignment(binder.column(name, value.type()), value));
    }

    Rows serialize(Syntax.Serialize serialize, Rows input, Scope scope) {
        Plan ordered = RowOrder.isDefined(input.plan()) ? input.plan() : new Plan.Serialize(input.plan());
        Rows rows = input.with(ordered);
        return serialize.columns().isEmpty() ? rows : extend(serialize.columns(), rows, scope, "serialize");
    }

    Rows print(Syntax.Print print, Scope scope) {
        Env env = Env.of(scope, Columns.NONE, "print");
        OutputNames names = new OutputNames();
        List<Column> columns = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        boolean failed = false;
        // An unnamed value is numbered by its place among the expressions, of which one may make several columns.
        for (int place = 0; place < print.columns().size(); place++) {
            List<Item> made = items.bind(print.columns().get(place), env);
            failed |= made.isEmpty();
            for (Item item : made) {
                boolean named = item.written() && nameSpanIs(print.columns().get(place), item.at());
                if (named && names.isWritten(item.name())) {
                    binder.report(Messages.columnTwice(item.at(), "print", item.name()));
                    continue;
                }
                String name = named ? names.write(item.name())
                        : names.unique(item.part() && !item.name().isEmpty() ? item.name() : "print_" + place);
                columns.add(binder.column(name, item.value().type()));
                values.add(item.value());
            }
        }
        return new Rows(new Plan.Rows(columns, List.of(values)), failed, "");
    }

    /// Whether an expression is named, by a name that stands there.
    private static boolean nameSpanIs(Expression expression, Span at) {
        return switch (expression) {
            case Syntax.NamedExpression named -> named.name().span().equals(at);
            case Syntax.CompoundNamedExpression named -> named.names().stream().anyMatch(n -> n.span().equals(at));
            case Expression _ -> false;
        };
    }

    // ---------------------------------------------------------------- choosing columns by name

    Rows away(Syntax.ProjectAway op, Rows input, Scope scope) {
        Set<Column> dropped = new LinkedHashSet<>(named(op.columns(), input, "project-away"));
        return input.with(Binder.keep(input.plan(),
                input.columns().stream().filter(column -> !dropped.contains(column)).toList()));
    }

    Rows keep(Syntax.ProjectKeep op, Rows input, Scope scope) {
        Set<Column> kept = new LinkedHashSet<>(named(op.columns(), input, "project-keep"));
        return input.with(Binder.keep(input.plan(), input.columns().stream().filter(kept::contains).toList()));
    }

    /// The columns that names and patterns mean, in the order of the names.
    private List<Column> named(List<Expression> names, Rows input, String operator) {
        List<Column> found = new ArrayList<>();
        for (Expression name : names) {
            found.addAll(named(name, input, operator));
        }
        return found;
    }

    private List<Column> named(Expression name, Rows input, String operator) {
        return switch (name) {
            case Syntax.Star _ -> input.columns();
            case Syntax.WildcardName(String pattern, _, Span at) -> {
                List<Column> matching = input.columns().stream()
                        .filter(column -> Entities.matches(pattern, column.name())).toList();
                if (matching.isEmpty() && !input.open()) {
                    binder.report(Messages.unresolvedScalar(at, operator, pattern));
                }
                yield matching;
            }
            case Syntax.NameReference(String text, _, Span at) -> {
                Optional<Column> column = Columns.of(input).find(text);
                if (column.isEmpty() && !input.open()) {
                    binder.report(Messages.unresolvedScalar(at, operator, text, Columns.of(input)));
                }
                yield column.stream().toList();
            }
            case Syntax.MissingExpression _ -> List.of();
            case Expression other -> {
                binder.report(Messages.columnNameExpected(other.span(), operator));
                yield List.of();
            }
        };
    }

    Rows rename(Syntax.ProjectRename op, Rows input) {
        List<Assignment> output = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        Columns columns = Columns.of(input);
        for (Expression expression : op.columns()) {
            if (expression instanceof Syntax.NamedExpression(Syntax.Name to, Expression from, _)) {
                rename(to, from, columns, output, input.open());
            } else if (expression instanceof Syntax.CompoundNamedExpression || !(expression instanceof Syntax.MissingExpression)) {
                binder.report(Messages.renameExpected(expression.span()));
            }
        }
        return input.with(new Plan.Project(input.plan(), output));
    }

    private void rename(Syntax.Name to, Expression from, Columns columns, List<Assignment> output, boolean open) {
        if (!(from instanceof Syntax.NameReference(String text, _, Span at))) {
            if (!(from instanceof Syntax.MissingExpression)) {
                binder.report(Messages.columnNameExpected(from.span(), "project-rename"));
            }
            return;
        }
        Optional<Column> column = columns.find(text);
        if (column.isEmpty()) {
            if (!open) {
                binder.report(Messages.unresolvedScalar(at, "project-rename", text, columns));
            }
            return;
        }
        boolean taken = output.stream().anyMatch(a -> a.column().name().equals(to.text()));
        if (taken) {
            binder.report(Messages.columnTwice(to.span(), "project-rename", to.text()));
            return;
        }
        for (int i = 0; i < output.size(); i++) {
            if (output.get(i).column().equals(column.get())) {
                output.set(i, new Assignment(binder.column(to.text(), column.get().type()), new Expr.Ref(column.get())));
            }
        }
    }

    Rows reorder(Syntax.ProjectReorder op, Rows input) {
        Set<Column> order = new LinkedHashSet<>();
        Set<Column> named = new HashSet<>();
        for (Syntax.OrderedExpression key : op.columns()) {
            List<Column> some = new ArrayList<>(named(key.expression(), input, "project-reorder"));
            if (key.expression() instanceof Syntax.NameReference(String name, _, Span at) && some.stream().anyMatch(named::contains)) {
                binder.report(Messages.columnTwice(at, "project-reorder", name));
            }
            if (!(key.expression() instanceof Syntax.Star)) {
                named.addAll(some);
            }
            some.removeAll(order);
            sorted(some, key.order());
            order.addAll(some);
        }
        order.addAll(input.columns());
        return input.with(Binder.keep(input.plan(), List.copyOf(order)));
    }

    private static void sorted(List<Column> columns, Syntax.SortOrder order) {
        switch (order) {
            case DEFAULT -> { }
            case ASC -> columns.sort(Comparator.comparing(Column::name));
            case DESC -> columns.sort(Comparator.comparing(Column::name).reversed());
            case GRANNY_ASC -> columns.sort(Comparator.comparing(Column::name, NaturalOrder.INSTANCE));
            case GRANNY_DESC -> columns.sort(Comparator.comparing(Column::name, NaturalOrder.INSTANCE).reversed());
        }
    }

    /// `project-by-names 'a', dynamic(['b'])`.
    Rows byNames(Syntax.ProjectByNames op, Rows input, Scope scope) {
        List<Column> kept = new ArrayList<>();
        Columns columns = Columns.of(input);
        for (Expression expression : op.columns()) {
            Optional<Expr> value = binder.expressions.expr(expression, Env.of(scope, columns, "project-by-names"));
            if (value.isEmpty()) {
                continue;
            }
            List<Expr> names = Literals.arrayItems(value.get()).orElse(List.of(value.get()));
            for (Expr name : names) {
                Optional<String> text = Literals.text(name);
                if (text.isEmpty()) {
                    if (binder.isUndecided(name)) {
                        return new Rows(input.plan(), true, "");
                    }
                    binder.report(Messages.constantExpected(expression.span(), "The name of a column"));
                    continue;
                }
                input.columns().stream()
                        .filter(c -> Entities.matches(text.get(), c.name()) && !kept.contains(c))
                        .forEach(kept::add);
            }
        }
        return input.with(Binder.keep(input.plan(), kept));
    }

    // ---------------------------------------------------------------- distinct

    Rows distinct(Syntax.Distinct op, Rows input, Scope scope) {
        List<Assignment> keys = new ArrayList<>();
        boolean failed = false;
        if (op.columns().size() == 1 && op.columns().getFirst() instanceof Syntax.Star star) {
            input.columns().stream().map(Binder::same).forEach(keys::add);
            input.columns().stream().filter(c -> c.type() == Type.DYNAMIC).findFirst()
                    .ifPresent(c -> binder.report(Messages.notAllowedType(star.span(), "distinct", c.type())));
        } else {
            Items.Bound bound = items.bind(op.columns(), Env.of(scope, Columns.of(input), "distinct"));
            failed = bound.failed();
            bound.items().stream().filter(item -> item.value().type() == Type.DYNAMIC).forEach(item ->
                    binder.report(Messages.notAllowedType(item.at(), "distinct", item.value().type())));
            keys.addAll(assign(bound.items(), "distinct"));
        }
        return new Rows(new Plan.Aggregate(input.plan(), keys, List.of()), input.open() || failed, "");
    }

    // ---------------------------------------------------------------- schemas

    /// A row a column; of `kind=csl` one row, with the columns as a command writes them.
    Rows getSchema(Syntax.GetSchema op, Rows input) {
        if (op.parameters().stream().anyMatch(p -> p.name().text().equals("kind") && Parameters.text(p.value()).equals("csl"))) {
            String schema = input.columns().stream().map(c -> ColumnSchema.written(c.name()) + ":" + c.type()).collect(Collectors.joining(","));
            return Rows.of(new Plan.Rows(List.of(binder.column("Schema", Type.STRING)), List.of(List.of(new Expr.Constant(Type.STRING, schema)))));
        }
        return Rows.of(schemaOf(binder, input.columns()));
    }

    static Plan schemaOf(Binder binder, List<Column> described) {
        List<Column> columns = List.of(binder.column("ColumnName", Type.STRING), binder.column("ColumnOrdinal", Type.LONG),
                binder.column("DataType", Type.STRING), binder.column("ColumnType", Type.STRING));
        List<List<Expr>> rows = new ArrayList<>();
        for (Column column : described) {
            rows.add(List.of(new Expr.Constant(Type.STRING, column.name()), new Expr.Constant(Type.LONG, (long) rows.size()),
                    new Expr.Constant(Type.STRING, column.type().clrName()),
                    new Expr.Constant(Type.STRING, column.type().kustoName())));
        }
        return new Plan.Serialize(new Plan.Rows(columns, rows));
    }

    Rows assertSchema(Syntax.AssertSchema op, Rows input) {
        List<String> found = input.columns().stream().map(c -> c.name() + ":" + c.type()).toList();
        List<String> expected = op.schema().columns().stream()
                .map(c -> c.name().text() + ":" + binder.functions.typeOf(c.type()).map(Type::kustoName).orElse(""))
                .toList();
        boolean fits = op.schema().isOpen() ? found.containsAll(expected) : found.equals(expected);
        if (!fits && !input.open()) {
            binder.report(Messages.schemaDiffers(op.schema().span(), String.join(", ", expected), String.join(", ", found)));
        }
        return input;
    }
}
