package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `sort`, `top`, `take`.
final class Ordering {
    private final Binder binder;

    Ordering(Binder binder) {
        this.binder = binder;
    }

    Rows sort(Syntax.Sort op, Rows input, Scope scope) {
        List<SortKey> keys = new ArrayList<>();
        Calculations windows = Calculations.over(input.plan());
        Env env = Env.of(scope, Columns.of(input), "sort").with(windows);
        for (Syntax.OrderedExpression key : op.keys()) {
            key(key, env, "sort", false).ifPresent(keys::add);
        }
        Plan sorted = new Plan.Sort(windows.windowsOver(binder, input.plan()), keys);
        return new Rows(keys.isEmpty() ? input.plan() : Binder.keep(sorted, input.columns()), input.open(), input.label());
    }

    Rows top(Syntax.Top op, Rows input, Scope scope) {
        Calculations windows = Calculations.over(input.plan());
        Optional<SortKey> key = key(op.by(), Env.of(scope, Columns.of(input), "top").with(windows), "top", true);
        Optional<Expr> count = countOfTop(op.count(), scope);
        if (key.isEmpty() || count.isEmpty()) {
            return input;
        }
        Plan top = new Plan.Top(windows.windowsOver(binder, input.plan()), count.get(), List.of(key.get()));
        return new Rows(Binder.keep(top, input.columns()), input.open(), "");
    }

    Rows take(Syntax.Take op, Rows input, Scope scope) {
        return count(op.count(), scope, "take")
                .map(count -> new Rows(new Plan.Limit(input.plan(), count), input.open(), ""))
                .orElse(input);
    }

    /// Rows come in descending order with nulls last, unless the author says otherwise; ascending ones have nulls first.
    Optional<SortKey> key(Syntax.OrderedExpression key, Env env, String operator, boolean anyType) {
        Optional<Expr> value = binder.expressions.expr(key.expression(), env);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().type() == Type.DYNAMIC && !anyType) {
            binder.report(Messages.notAllowedType(key.expression().span(), operator, Type.DYNAMIC));
            return Optional.empty();
        }
        boolean descending = switch (key.order()) {
            case DEFAULT, DESC, GRANNY_DESC -> true;
            case ASC, GRANNY_ASC -> false;
        };
        boolean nullsFirst = switch (key.nulls()) {
            case DEFAULT -> !descending;
            case FIRST -> true;
            case LAST -> false;
        };
        return Optional.of(new SortKey(value.get(), descending, nullsFirst));
    }

    /// What a count is only the run tells; DuckDB's own words for a negative one name no operator.
    private static Expr checkedAtRunTime(Expr count, String operator) {
        return count instanceof Expr.Constant || count instanceof Expr.Null ? count : new Expr.Call(
                "count", new Lowering.Sql("CASE WHEN {0} < 0 THEN error('" + operator
                        + ": the number of rows cannot be negative') ELSE {0} END"), List.of(count), Type.LONG);
    }

    /// A negative number of rows is none, by recorded answers.
    private Optional<Expr> countOfTop(Expression expression, Scope scope) {
        return integer(expression, scope, "top").map(count -> Literals.integer(count).map(rows -> (Expr) new Expr.Constant(Type.LONG, Math.max(rows, 0)))
                .orElseGet(() -> new Expr.Call("count", new Lowering.Sql("greatest({0}, 0)"), List.of(binder.calls.convert(count, Type.LONG)), Type.LONG)));
    }

    private Optional<Expr> integer(Expression expression, Scope scope, String operator) {
        Optional<Expr> count = binder.expressions.expr(expression, Env.of(scope, Columns.NONE, operator));
        if (count.isPresent() && !count.get().type().isInteger()) {
            binder.report(Messages.integerExpected(expression.span(), operator));
            return Optional.empty();
        }
        return count;
    }

    /// A number of rows: a whole number that does not depend on the rows.
    Optional<Expr> count(Expression expression, Scope scope, String operator) {
        Optional<Expr> count = integer(expression, scope, operator);
        if (count.isEmpty()) {
            return Optional.empty();
        }
        if (Literals.integer(count.get()).filter(rows -> rows < 0).isPresent()) {
            binder.report(Messages.negativeCount(expression.span(), operator));
            return Optional.empty();
        }
        return count.map(value -> binder.calls.convert(value, Type.LONG)).map(value -> checkedAtRunTime(value, operator));
    }
}
