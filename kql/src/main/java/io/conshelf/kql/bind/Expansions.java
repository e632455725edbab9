package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Expansion;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// `mv-expand` and `mv-apply`.
final class Expansions {
    /// Of the old `mvexpand`: the rows that it makes of one.
    private static final long OLD_LIMIT = 128;

    private final Binder binder;
    private final Items items;

    Expansions(Binder binder) {
        this.binder = binder;
        items = new Items(binder);
    }

    /// One expanded item: the column of its elements, and what becomes of it in the end.
    ///
    /// @param replaces  the input's column whose place it takes
    /// @param isRenamed its author gave it a name: `mv-apply a = b`
    private record Expanded(Expansion expansion, String name, Type type, Optional<Column> replaces, boolean isRenamed) {}

    Rows expand(Syntax.MvExpand op, Rows input, Scope scope) {
        Expanding all = expanding(op.parameters(), op.columns(), op.limit(), input, scope, "mv-expand");
        if (all.items.isEmpty()) {
            return ofUnknown(input);
        }
        OptionalLong limit = op.limit().isEmpty() && op.keyword().equals("mvexpand") ? OptionalLong.of(OLD_LIMIT) : all.limit;
        Plan plan = new Plan.Expand(all.input, all.expansions(), all.index, limit);
        List<Assignment> output = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        for (Expanded item : all.items) {
            Assignment made = finished(item);
            int at = item.replaces.map(column -> position(output, column)).orElse(-1);
            if (at >= 0) {
                output.set(at, made);
            } else {
                output.add(made);
            }
        }
        all.index.ifPresent(index -> {
            OutputNames names = new OutputNames(output.stream().map(a -> a.column().name()).toList());
            String name = names.unique(index.name());
            output.add(name.equals(index.name()) ? Binder.same(index)
                    : new Assignment(binder.column(name, index.type()), new Expr.Ref(index)));
        });
        return new Rows(new Plan.Project(plan, output), input.open() || all.failed, "");
    }

    /// Nothing is taken apart: its columns have been told to be missing, or are none of rows whose columns nobody knows.
    private static Rows ofUnknown(Rows input) {
        return new Rows(input.plan(), true, "");
    }

    private static int position(List<Assignment> output, Column column) {
        for (int i = 0; i < output.size(); i++) {
            if (output.get(i).column().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /// The element as the type it was asked to have.
    private Assignment finished(Expanded item) {
        Expr.Ref element = new Expr.Ref(item.expansion.column());
        if (item.type == item.expansion.column().type() && item.expansion.column().name().equals(item.name)) {
            return Binder.same(item.expansion.column());
        }
        return new Assignment(binder.column(item.name, item.type), element.type() == Type.DYNAMIC
                ? Conversions.ofElement(element, item.type) : binder.calls.convert(element, item.type));
    }

    /// `mv-apply`: the outer columns without those that are expanded under their own names, then the subquery's; of two with
    /// one name the subquery's stands in the outer one's place.
    Rows apply(Syntax.MvApply op, Rows input, Scope scope) {
        if (op.columns().stream().allMatch(column -> column.expression() instanceof Syntax.MissingExpression)) {
            // Its grammar takes `mv-apply to typeof(long) on …`.
            binder.refuse(op.span(), "mv-apply of no column");
        }
        Expanding all = expanding(op.parameters(), op.columns(), op.limit(), input, scope, "mv-apply");
        Set<Column> hidden = new HashSet<>();
        Set<String> taken = new HashSet<>();
        List<Column> elements = new ArrayList<>();
        List<Assignment> typed = new ArrayList<>();
        for (Expanded item : all.items) {
            item.replaces.filter(_ -> !item.isRenamed).ifPresent(hidden::add);
            taken.add(item.name);
            elements.add(item.expansion.column());
            typed.add(finished(item));
        }
        List<Column> outer = input.columns().stream().filter(column -> !hidden.contains(column)).toList();
        OutputNames names = new OutputNames(Stream.concat(input.columns().stream().map(Column::name), taken.stream()).distinct().toList());
        Optional<Column> number = all.index.map(index -> binder.column(names.unique(index.name()), index.type()));
        List<Assignment> start = new ArrayList<>();
        outer.stream().filter(column -> !taken.contains(column.name())).map(Binder::same).forEach(start::add);
        start.addAll(typed);
        number.ifPresent(index -> {
            elements.add(index);
            start.add(Binder.same(index));
        });
        Scope inside = scope.inner();
        inside.declare(Scope.INPUT, new Rows(new Plan.Project(new Plan.Serialize(new Plan.ApplyInput(elements)), start), input.open(), ""));
        UnaryOperator<Plan> whole = rows -> Binder.keep(new Plan.Apply(all.input, all.expansions(), number, all.limit, rows), rows.columns());
        Optional<Rows> body = binder.inBody(whole, () -> binder.expressions.rows(op.subquery(), inside));
        if (body.isEmpty() || all.items.isEmpty()) {
            return ofUnknown(input);
        }
        // Outer columns that the body passes on are dropped from it: the outer side has them.
        List<Column> inner = body.get().columns().stream().filter(column -> !outer.contains(column)).toList();
        Plan plan = new Plan.Apply(all.input, all.expansions(), number, all.limit,
                Binder.keep(body.get().plan(), inner));
        Map<String, Column> output = new LinkedHashMap<>();
        outer.forEach(column -> output.put(column.name(), column));
        inner.forEach(column -> output.put(column.name(), column));
        return new Rows(Binder.keep(plan, List.copyOf(output.values())), input.open() || body.get().open() || all.failed, "");
    }

    // ---------------------------------------------------------------- what both have in common

    private record Expanding(Plan input, List<Expanded> items, Optional<Column> index, OptionalLong limit, boolean failed) {
        List<Expansion> expansions() {
            return items.stream().map(Expanded::expansion).toList();
        }
    }

    private Expanding expanding(List<OperatorParameter> given, List<Syntax.ExpandColumn> columns,
            Optional<Expression> limit, Rows input, Scope scope, String operator) {
        Parameters parameters = new Parameters(binder, operator, given);
        boolean asArray = parameters.word("kind", List.of("bag", "array"))
                .or(() -> parameters.word("bagexpansion", List.of("bag", "array")))
                .equals(Optional.of("array"));
        List<Expanded> expanded = new ArrayList<>();
        OutputNames names = new OutputNames();
        var ranges = new ExpandedRanges(binder, input.plan());
        boolean failed = false;
        for (Syntax.ExpandColumn column : columns) {
            Optional<Expanded> item = item(column, input, scope, operator, asArray, names, ranges);
            failed |= item.isEmpty();
            item.ifPresent(expanded::add);
        }
        Optional<Column> index = parameters.name("with_itemindex").map(name -> binder.column(name, Type.LONG));
        return new Expanding(ranges.input(), expanded, index, rowLimit(limit, scope, operator), failed);
    }

    private OptionalLong rowLimit(Optional<Expression> limit, Scope scope, String operator) {
        if (limit.isEmpty()) {
            return OptionalLong.empty();
        }
        Optional<Expr> written = binder.expressions.expr(limit.get(), Env.of(scope));
        Optional<Long> value = written.flatMap(binder::constant).flatMap(Literals::integer);
        if (written.isPresent() && value.isEmpty() && !binder.isUndecided(written.get())) {
            binder.report(Messages.integerExpected(limit.get().span(), operator));
        }
        return value.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    private Optional<Expanded> item(Syntax.ExpandColumn column, Rows input, Scope scope, String operator, boolean asArray,
            OutputNames names, ExpandedRanges ranges) {
        Columns columns = Columns.of(input);
        List<Item> bound = items.bind(column.expression(), Env.of(scope, columns, operator));
        Optional<Type> type = column.type().map(spec -> type(spec, operator)).orElse(Optional.of(Type.DYNAMIC));
        if (bound.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        Item item = bound.getFirst();
        if (item.value().type() != Type.DYNAMIC) {
            binder.report(Messages.typeExpected(column.expression().span(), operator, "dynamic", item.value().type()));
            return Optional.empty();
        }
        if (item.written() && names.isTaken(item.name())) {
            binder.report(Messages.columnTwice(item.at(), operator, item.name()));
        }
        String name = item.name().isEmpty() ? names.next() : names.unique(item.name());
        Optional<Expr> list = ranges.list(item.value(), type.get());
        Column element = binder.column(name, type.get() == Type.STRING || list.isPresent() ? type.get() : Type.DYNAMIC);
        return Optional.of(new Expanded(new Expansion(list.orElse(item.value()), element, asArray), name, type.get(), columns.find(name),
                column.expression() instanceof Syntax.NamedExpression));
    }

    private Optional<Type> type(Syntax.TypeSpec type, String operator) {
        return switch (type) {
            case Syntax.TypeName name -> binder.functions.namedByTypeof(name);
            case Syntax.RowSchema columns -> {
                binder.report(Messages.oneTypeExpected(columns.span(), operator));
                yield Optional.empty();
            }
        };
    }
}
