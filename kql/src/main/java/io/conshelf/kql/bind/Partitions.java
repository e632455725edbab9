package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Subqueries over the rows given: `partition` for each key, `fork` and `facet` into several results.
final class Partitions {
    private final Binder binder;

    Partitions(Binder binder) {
        this.binder = binder;
    }

    Rows partition(Syntax.Partition op, Rows input, Scope scope) {
        if (op.braced()) {
            binder.refuse(op.span(), "partition with a query in braces");
            return binder.expressions.rows(op.subquery(), scope).map(rows -> new Rows(
                    new Plan.Refused("partition", rows.columns()), rows.open(), "")).orElse(input);
        }
        return partition(op.column(), op.subquery(), input, scope, "partition");
    }

    Rows partition(Expression column, Expression subquery, Rows input, Scope scope, String operator) {
        Optional<Expr> key = binder.expressions.expr(column, Env.of(scope, Columns.of(input), operator));
        if (key.isPresent() && key.get().type() == Type.DYNAMIC) {
            binder.report(Messages.notAllowedType(column.span(), operator, Type.DYNAMIC));
        }
        Scope inside = scope.inner();
        inside.declare(Scope.INPUT, new Rows(new Plan.ApplyInput(input.columns()), input.open(), ""));
        Optional<Rows> body = binder.expressions.rows(subquery, inside);
        if (key.isEmpty() || body.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        return new Rows(new Plan.Partition(input.plan(), key.get(), body.get().plan()), body.get().open(), "");
    }

    /// The results of the branches; all read the same rows, which are evaluated once.
    List<Result> fork(Syntax.Fork op, Rows input, Scope scope) {
        Rows shared = input.with(binder.entities.shared(input.plan()));
        List<Result> results = new ArrayList<>();
        for (Syntax.ForkBranch branch : op.branches()) {
            String name = branch.name().map(Syntax.Name::text).orElse("GenericResult");
            branch(branch.subquery(), shared, scope)
                    .ifPresent(rows -> results.add(new Result(name, rows.plan(), rows.open())));
        }
        return results;
    }

    private Optional<Rows> branch(Expression subquery, Rows shared, Scope scope) {
        Scope inside = scope.inner();
        inside.declare(Scope.INPUT, binder.entities.reference(shared));
        return binder.expressions.rows(subquery, inside);
    }

    /// A table of counts for each column, then what the subquery makes of all rows.
    List<Result> facet(Syntax.Facet op, Rows input, Scope scope) {
        Rows shared = input.with(binder.entities.shared(input.plan()));
        List<Result> results = new ArrayList<>();
        for (Expression column : op.columns()) {
            Span at = column.span();
            String name = column instanceof Syntax.NameReference(String text, _, _) ? text : "";
            Syntax.FunctionCall count = new Syntax.FunctionCall(new Syntax.Name("count", false, at), List.of(), List.of(), at);
            Syntax.Summarize summarize = new Syntax.Summarize(List.of(),
                    List.of(new Syntax.NamedExpression(new Syntax.Name("count_" + name, false, at), count, at)), List.of(column), at);
            Syntax.Pipe query = new Syntax.Pipe(new Syntax.ContextualInput(at), List.of(summarize), at);
            branch(query, shared, scope).ifPresent(rows -> results.add(new Result("facet " + name, rows.plan(), rows.open())));
        }
        op.subquery().flatMap(subquery -> branch(subquery, shared, scope))
                .ifPresent(rows -> results.add(new Result("facet with", rows.plan(), rows.open())));
        return results;
    }
}
