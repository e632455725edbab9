package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `evaluate pivot(column, aggregate, keys…)`: a row a combination of keys, a column a value of the pivoted column. Which
/// values there are a look at the data says.
final class Pivot {
    private static final int VALUES_MAX = 2_000;
    /// What these give for no rows is zero, for others null.
    private static final Set<String> ZERO_OF_NOTHING = Set.of("count", "countif", "sum", "sumif", "dcount", "dcountif");

    private final Binder binder;

    Pivot(Binder binder) {
        this.binder = binder;
    }

    /// The plan, or nothing where the data cannot be seen or an argument is wrong; the caller then answers with the columns.
    Optional<Rows> pivot(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        Span at = op.plugin().function().span();
        Env env = Env.of(scope, Columns.of(input), "evaluate");
        Optional<Expr> first = arguments.isEmpty() ? Optional.empty() : quietly(() -> binder.expressions.expr(arguments.getFirst(), env));
        Optional<Column> pivoted = first.flatMap(Calls::column);
        if (first.isPresent() && pivoted.isEmpty()) {
            binder.report(Messages.columnNameExpected(arguments.getFirst().span(), "evaluate"));
        }
        Expression aggregate = arguments.size() > 1 ? arguments.get(1)
                : new Syntax.FunctionCall(new Syntax.Name("count", false, at), List.of(), List.of(), at);
        Calculations calculations = Calculations.aggregates();
        Optional<Scalar> value = quietly(() -> binder.expressions.scalar(aggregate, env.with(calculations)));
        if (pivoted.isEmpty() || value.isEmpty()) {
            return Optional.empty();
        }
        Optional<List<Column>> keys = keys(arguments, pivoted.get(), calculations, input, env);
        if (op.schema().isPresent()) {
            return keys.flatMap(some -> declared(op, op.schema().get(), some, pivoted.get(), value.get().expr(), aggregate, calculations, input));
        }
        Optional<List<String>> names = keys.isEmpty() ? Optional.empty() : values(input.plan(), pivoted.get());
        return names.flatMap(found -> spread(found, keys.get(), pivoted.get(), value.get().expr(), aggregate, calculations, input, at));
    }

    /// The caller binds the arguments again and says what is wrong with them.
    private <T> Optional<T> quietly(java.util.function.Supplier<Optional<T>> work) {
        return binder.apart(work).result();
    }

    private Optional<List<Column>> keys(List<Expression> arguments, Column pivoted, Calculations calculations, Rows input, Env env) {
        List<Column> keys = new ArrayList<>();
        if (arguments.size() > 2) {
            for (Expression argument : arguments.subList(2, arguments.size())) {
                Optional<Column> key = quietly(() -> binder.expressions.expr(argument, env)).flatMap(Calls::column);
                if (key.isEmpty()) {
                    return Optional.empty();
                }
                keys.add(key.get());
            }
            return Optional.of(keys);
        }
        Set<Column> used = new HashSet<>(Set.of(pivoted));
        calculations.assignments().forEach(made -> used.addAll(ExprWalk.columns(made.value())));
        input.columns().stream().filter(column -> !used.contains(column)).forEach(keys::add);
        return Optional.of(keys);
    }

    private Optional<List<String>> values(Plan input, Column pivoted) {
        Plan copy = new PlanCopy(binder).copy(input);
        Column column = copy.columns().get(input.columns().indexOf(pivoted));
        Assignment text = new Assignment(binder.column("value", Type.STRING), binder.calls.convert(new Expr.Ref(column), Type.STRING));
        return binder.lookThroughBodies(new Plan.Aggregate(copy, List.of(text), List.of()), VALUES_MAX)
                .map(rows -> rows.stream().map(List::getFirst).sorted().toList());
    }

    /// The columns that the author declares: all keys, and values of the pivoted column. Values that are not named have none, as in the page's
    /// example; the data is not looked at.
    private Optional<Rows> declared(Syntax.Evaluate op, Syntax.RowSchema schema, List<Column> keys, Column pivoted, Expr result,
            Expression aggregate, Calculations calculations, Rows input) {
        if (schema.isOpen()) {
            return Optional.empty();
        }
        List<String> values = schema.columns().stream().map(column -> column.name().text())
                .filter(name -> keys.stream().noneMatch(key -> key.name().equals(name))).toList();
        return spread(values, keys, pivoted, result, aggregate, calculations, input, op.plugin().function().span())
                .map(rows -> new OutputSchema(binder).fitted(op, rows));
    }

    /// One aggregation by keys and value, then one that takes each value's result into its column.
    private Optional<Rows> spread(List<String> values, List<Column> keys, Column pivoted, Expr result, Expression aggregate,
            Calculations calculations, Rows input, Span at) {
        Column text = binder.column("$value", Type.STRING);
        List<Assignment> by = new ArrayList<>(keys.stream().map(Binder::same).toList());
        by.add(new Assignment(text, binder.calls.convert(new Expr.Ref(pivoted), Type.STRING)));
        Plan grouped = new Plan.Aggregate(input.plan(), by, calculations.assignments());
        Column cell = binder.column("$cell", result.type());
        List<Assignment> kept = new ArrayList<>(by.stream().map(key -> Binder.same(key.column())).toList());
        kept.add(new Assignment(cell, result));
        List<Assignment> cells = new ArrayList<>();
        List<Assignment> output = new ArrayList<>(keys.stream().map(Binder::same).toList());
        OutputNames names = new OutputNames();
        keys.forEach(key -> names.unique(key.name()));
        for (String value : values) {
            Optional<Expr> one = cellOf(value, text, cell);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            Assignment made = new Assignment(binder.column("$" + value, cell.type()), one.get());
            cells.add(made);
            output.add(new Assignment(binder.column(names.unique(value), cell.type()),
                    orZero(new Expr.Ref(made.column()), aggregate, at)));
        }
        Plan spread = new Plan.Aggregate(new Plan.Project(grouped, kept), keys.stream().map(Binder::same).toList(), cells);
        return Optional.of(Rows.of(new Plan.Project(spread, output)));
    }

    private Optional<Expr> cellOf(String value, Column text, Column cell) {
        Optional<Expr> matches = binder.calls.tryBuiltin("==", List.of(new Expr.Ref(text), new Expr.Constant(Type.STRING, value)));
        Optional<AggregateFunction> take = Catalogue.aggregate("take_anyif");
        if (matches.isEmpty() || take.isEmpty()) {
            return Optional.empty();
        }
        return binder.calls.choose(take.get().signatures(), List.of(new Expr.Ref(cell), matches.get())) instanceof Calls.Chosen chosen
                && chosen.signature().lowering() instanceof Lowering.Sql(String template)
                ? Optional.of(new Expr.Aggregate(take.get(), template, chosen.arguments(), chosen.type())) : Optional.empty();
    }

    private Expr orZero(Expr cell, Expression aggregate, Span at) {
        boolean zero = aggregate instanceof Syntax.FunctionCall call && ZERO_OF_NOTHING.contains(call.function().text())
                && cell.type().isNumeric();
        return zero ? binder.calls.tryBuiltin("coalesce",
                List.of(cell, binder.calls.convert(new Expr.Constant(Type.LONG, 0L), cell.type()))).orElse(cell) : cell;
    }
}
