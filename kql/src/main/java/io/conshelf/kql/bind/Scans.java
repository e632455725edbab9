package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.ScanStep;
import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `scan`: rows in their order against steps that have a state.
///
/// What does not depend on the state is computed before, for all rows at once.
final class Scans {
    private static final int STEPS_MAX = 32;

    private final Binder binder;

    Scans(Binder binder) {
        this.binder = binder;
    }

    Rows scan(Syntax.Scan op, Rows input, Scope scope) {
        refuseWhatIsNotDocumented(op);
        List<Column> row = new ArrayList<>(input.columns());
        List<Expr> defaults = new ArrayList<>();
        for (Syntax.Parameter parameter : op.declarations()) {
            declare(parameter, row, defaults, scope);
        }
        Optional<String> matchId = new Parameters(binder, "scan", op.parameters()).name("with_match_id");
        matchId.filter(name -> row.stream().anyMatch(column -> column.name().equals(name)))
                .ifPresent(name -> binder.report(Messages.columnTwice(op.span(), "scan", name)));
        var columns = Columns.of(row, input.open());
        Map<String, Columns> sides = new HashMap<>();
        List<List<Column>> states = new ArrayList<>();
        for (Syntax.ScanStep step : op.steps()) {
            List<Column> state = row.stream().map(column -> binder.column(column.name(), column.type())).toList();
            states.add(state);
            if (sides.put(step.name().text(), Columns.of(state, input.open())) != null) {
                binder.report(Messages.nameTwice(step.name().span(), step.name().text()));
            }
        }
        Env env = Env.of(scope, columns, "scan").withSides(sides);
        Early early = new Early(states, row.subList(input.columns().size(), row.size()));
        List<ScanStep> steps = new ArrayList<>();
        for (int i = 0; i < op.steps().size(); i++) {
            step(op.steps().get(i), states.get(i), columns, env, early).ifPresent(steps::add);
        }
        List<Column> made = row.stream().map(column -> binder.column(column.name(), column.type())).toList();
        Plan plan = new Plan.StepScan(Binder.extend(input.plan(), early.assignments),
                row.subList(0, input.columns().size()), row.subList(input.columns().size(), row.size()), defaults, steps, made,
                matchId.map(name -> binder.column(name, Type.LONG)));
        return new Rows(plan, input.open(), "");
    }

    private void refuseWhatIsNotDocumented(Syntax.Scan op) {
        if (op.steps().size() > STEPS_MAX) {
            binder.refuse(op.span(), "scan with more than " + STEPS_MAX + " steps");
        }
        if (!op.orderBy().isEmpty()) {
            binder.refuse(op.span(), "scan order by");
        }
        if (!op.partitionBy().isEmpty()) {
            binder.refuse(op.span(), "scan partition by");
        }
        if (op.parameters().stream().anyMatch(parameter -> parameter.name().text().equals("kind"))) {
            binder.refuse(op.span(), "scan kind=");
        }
        op.steps().stream().filter(Syntax.ScanStep::isOptional)
                .forEach(step -> binder.refuse(step.span(), "scan with an optional step"));
    }

    private void declare(Syntax.Parameter parameter, List<Column> row, List<Expr> defaults, Scope scope) {
        String name = parameter.name().text();
        Optional<Type> known = parameter.type() instanceof Syntax.TypeName typeName
                ? binder.functions.typeOf(typeName) : Optional.empty();
        Type type = known.orElse(Type.DYNAMIC);
        if (row.stream().anyMatch(column -> column.name().equals(name))) {
            binder.report(Messages.columnTwice(parameter.name().span(), "scan", name));
        }
        row.add(binder.column(name, type));
        defaults.add(parameter.defaultValue().flatMap(value -> of(type, value, Env.of(scope))).orElseGet(() -> Literals.nothing(type)));
    }

    private Optional<ScanStep> step(Syntax.ScanStep step, List<Column> state, Columns columns, Env env, Early early) {
        Optional<Expr> condition = binder.expressions.predicate(step.condition(), env);
        List<Assignment> assignments = new ArrayList<>();
        Set<String> assigned = new HashSet<>();
        for (Syntax.NamedExpression assignment : step.assignments()) {
            String name = assignment.name().text();
            Optional<Column> target = columns.find(name);
            if (target.isEmpty()) {
                if (!columns.open()) {
                    binder.report(Messages.unresolvedScalar(assignment.name().span(), "scan", name));
                }
                binder.expressions.expr(assignment.value(), env);
                continue;
            }
            if (!assigned.add(name)) {
                binder.report(Messages.columnTwice(assignment.name().span(), "scan", name));
            }
            of(target.get().type(), assignment.value(), env)
                    .ifPresent(value -> assignments.add(new Assignment(target.get(), early.take(value))));
        }
        StepOutput output = new Parameters(binder, "scan", step.parameters()).word("output", List.of("all", "last", "none"))
                .map(word -> StepOutput.valueOf(word.toUpperCase(Locale.ROOT))).orElse(StepOutput.ALL);
        return condition.map(value -> new ScanStep(output, early.take(value), assignments, state));
    }

    /// A value for a column of that type; numbers become wider, nothing else is converted.
    private Optional<Expr> of(Type type, Expression value, Env env) {
        Optional<Expr> expr = binder.expressions.expr(value, env);
        return expr.map(e -> {
            boolean fits = e.type() == type || type.isNumeric() && e.type().isNumeric() || e instanceof Expr.Null
                    || type == Type.DYNAMIC || e.type() == Type.DYNAMIC;
            if (!fits) {
                binder.report(Messages.typeExpected(value.span(), "scan", type.kustoName(), e.type()));
                return Literals.nothing(type);
            }
            return binder.calls.convert(e, type);
        });
    }

    /// The parts of the steps' expressions that depend on the row alone.
    private final class Early {
        private final Set<Column> late = new HashSet<>();
        private final List<Assignment> assignments = new ArrayList<>();

        Early(List<List<Column>> states, List<Column> declared) {
            states.forEach(late::addAll);
            late.addAll(declared);
        }

        Expr take(Expr value) {
            if (ExprWalk.isConstant(value) || value instanceof Expr.Ref) {
                return value;
            }
            if (isEarly(value)) {
                Column column = binder.column("$" + assignments.size(), value.type());
                assignments.add(new Assignment(column, value));
                return new Expr.Ref(column);
            }
            return switch (value) {
                case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                        call.arguments().stream().map(this::take).toList(), call.type());
                case Expr.InQuery in -> new Expr.InQuery(take(in.needle()), in.plan(), in.ignoreCase());
                case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _, Expr.Aggregate _ -> value;
            };
        }

        private boolean isEarly(Expr value) {
            return ExprWalk.columns(value).stream().noneMatch(late::contains);
        }
    }
}
