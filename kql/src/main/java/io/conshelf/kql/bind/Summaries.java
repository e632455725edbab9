package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `summarize` and `count`.
final class Summaries {
    private final Binder binder;
    private final Items items;
    private final Projections projections;

    Summaries(Binder binder, Projections projections) {
        this.binder = binder;
        this.projections = projections;
        items = new Items(binder);
    }

    Rows summarize(Syntax.Summarize op, Rows input, Scope scope) {
        Columns columns = Columns.of(input);
        Env env = Env.of(scope, columns, "summarize");
        OutputNames names = new OutputNames();
        Calculations windows = Calculations.over(input.plan());
        Items.Bound by = items.bind(op.by(), env.with(windows));
        by.items().stream().filter(item -> item.value().type() == Type.DYNAMIC).forEach(item ->
                binder.report(Messages.notAllowedType(item.at(), "summarize", Type.DYNAMIC)));
        List<Assignment> keys = projections.assign(by.items(), "summarize", names);

        Calculations calculations = Calculations.aggregates();
        for (Item item : by.items()) {
            if (item.value() instanceof Expr.Ref(Column column)) {
                calculations.group(column);
            }
        }
        Items.Bound aggregates = items.bind(op.aggregates(), env.with(calculations));
        List<Assignment> outputs = projections.assign(aggregates.items(), "summarize", names);
        // Without keys all rows are one group, also where nothing is asked of it.
        Plan grouped = keys.isEmpty() && calculations.assignments().isEmpty()
                ? new Plan.Project(count(new Syntax.Count(List.of(), Optional.empty(), op.span()), input, scope).plan(), outputs)
                : group(windows.windowsOver(binder, input.plan()), keys, outputs, calculations);
        return new Rows(grouped, by.failed() || aggregates.failed() || input.open() && op.by().isEmpty(), "");
    }

    /// Outputs that are aggregates themselves become columns of the aggregation; where an expression is around an
    /// aggregate, a projection follows.
    Plan group(Plan input, List<Assignment> keys, List<Assignment> outputs, Calculations calculations) {
        Map<Column, Integer> uses = new HashMap<>();
        outputs.forEach(output -> Calls.column(output.value()).ifPresent(column -> uses.merge(column, 1, Integer::sum)));
        List<Assignment> renamed = new ArrayList<>();
        for (Assignment output : outputs) {
            // A value of the row around a body is a column, too.
            Calls.column(output.value()).filter(column -> uses.get(column) == 1).flatMap(column -> calculation(calculations, column))
                    .ifPresent(value -> renamed.add(new Assignment(output.column(), value)));
        }
        if (renamed.size() == outputs.size() && outputs.size() == calculations.assignments().size()) {
            return new Plan.Aggregate(input, keys, renamed);
        }
        Plan aggregate = new Plan.Aggregate(input, keys, calculations.assignments());
        List<Assignment> all = new ArrayList<>(keys.stream().map(key -> Binder.same(key.column())).toList());
        all.addAll(outputs);
        return new Plan.Project(aggregate, all);
    }

    private static Optional<Expr> calculation(Calculations calculations, Column column) {
        return calculations.assignments().stream().filter(a -> a.column().equals(column)).map(Assignment::value).findFirst();
    }

    Rows count(Syntax.Count op, Rows input, Scope scope) {
        Calculations calculations = Calculations.aggregates();
        Syntax.FunctionCall call = new Syntax.FunctionCall(new Syntax.Name("count", false, op.span()), List.of(), List.of(),
                op.span());
        Optional<Expr> count = binder.expressions.expr(call, Env.of(scope, Columns.NONE, "count").with(calculations));
        String name = op.name().map(Syntax.Name::text).orElse("Count");
        if (count.isEmpty() || calculations.assignments().isEmpty()) {
            return Rows.of(new Plan.Refused("count", List.of(binder.column(name, Type.LONG))));
        }
        Assignment made = calculations.assignments().getFirst();
        return Rows.of(new Plan.Aggregate(input.plan(), List.of(),
                List.of(new Assignment(binder.column(name, Type.LONG), made.value()))));
    }
}
