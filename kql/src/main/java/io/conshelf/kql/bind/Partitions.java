package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Subqueries over the rows given: `partition` for each key, `fork` and `facet` into several results.
final class Partitions {
    private static final int LEGACY_KEYS_MAX = 64;

    private final Binder binder;
    private final Ordering ordering;

    Partitions(Binder binder, Ordering ordering) {
        this.binder = binder;
        this.ordering = ordering;
    }

    Rows partition(Syntax.Partition op, Rows input, Scope scope) {
        op.scope().ifPresent(keys -> binder.refuse(keys.span(), "partition by … in"));
        OptionalInt keysMax = isLegacy(op) ? OptionalInt.of(LEGACY_KEYS_MAX) : OptionalInt.empty();
        return op.braced() ? sourced(op, input, scope) : partition(op.column(), op.subquery(), input, scope, "partition", keysMax);
    }

    /// The strategy where none is named, by the operator's page.
    private static boolean isLegacy(Syntax.Partition op) {
        return op.parameters().stream().allMatch(parameter -> switch (parameter.name().text()) {
            case "hint.strategy" -> Parameters.text(parameter.value()).equals("legacy");
            case "hint.shufflekey" -> false;
            case String _ -> true;
        });
    }

    /// `partition by key { query }`: the query has rows of its own and sees of its surroundings the key alone, as a value.
    private Rows sourced(Syntax.Partition op, Rows input, Scope scope) {
        Optional<Expr> key = binder.expressions.expr(op.column(), Env.of(scope, Columns.of(input), "partition"));
        if (key.isEmpty() || !(op.column() instanceof Syntax.NameReference(String name, _, _))) {
            key.ifPresent(_ -> binder.report(Messages.columnNameExpected(op.column().span(), "partition")));
            return new Rows(input.plan(), true, "");
        }
        refuseDynamic(op.column(), key.get(), "partition");
        Column value = binder.column(name, key.get().type());
        Scope inside = scope.inner();
        inside.declare(name, Meaning.Scalar.named(new Expr.Ref(value), name));
        Plan keys = fewKeys(input.plan(), key.get(), value);
        Plan.Expansion once = new Plan.Expansion(new Expr.Constant(Type.DYNAMIC, "[0]"), binder.column("$once", Type.DYNAMIC), false);
        UnaryOperator<Plan> whole = rows -> Binder.keep(
                new Plan.Apply(keys, List.of(once), Optional.empty(), OptionalLong.empty(), rows), rows.columns());
        return binder.inBody(whole, () -> binder.expressions.rows(op.subquery(), inside))
                .map(body -> new Rows(whole.apply(body.plan()), body.open(), ""))
                .orElseGet(() -> new Rows(input.plan(), true, ""));
    }

    /// The keys as a column, or an error where there are more than a query with rows of its own may be asked for.
    private Plan fewKeys(Plan input, Expr key, Column as) {
        Column each = binder.column(as.name(), as.type());
        Rows keys = Rows.of(binder.entities.shared(new Plan.Aggregate(input, List.of(new Plan.Assignment(each, key)), List.of())));
        String template = "CASE WHEN count(*) > " + LEGACY_KEYS_MAX + " THEN error('" + Plan.Partition.tooManyKeys(LEGACY_KEYS_MAX) + "') ELSE true END";
        Expr few = new Expr.Aggregate(Catalogue.aggregate("count").orElseThrow(), template, List.of(), Type.BOOL);
        Plan counted = new Plan.Aggregate(binder.entities.reference(keys).plan(), List.of(),
                List.of(new Plan.Assignment(binder.column("few", Type.BOOL), few)));
        Plan checked = new Plan.Filter(keys.plan(), new Expr.ScalarQuery(binder.shareId(), counted, Type.BOOL));
        return new Plan.Project(checked, List.of(new Plan.Assignment(as, new Expr.Ref(keys.columns().getFirst()))));
    }

    Rows partition(Expression column, Expression subquery, Rows input, Scope scope, String operator, OptionalInt keysMax) {
        Optional<Expr> key = binder.expressions.expr(column, Env.of(scope, Columns.of(input), operator));
        key.ifPresent(value -> refuseDynamic(column, value, operator));
        Scope inside = scope.inner();
        inside.declare(Scope.INPUT, new Rows(new Plan.ApplyInput(input.columns()), input.open(), ""));
        if (key.isEmpty()) {
            binder.expressions.rows(subquery, inside);
            return new Rows(input.plan(), true, "");
        }
        UnaryOperator<Plan> whole = rows -> new Plan.Partition(input.plan(), key.get(), rows, keysMax);
        return binder.inBody(whole, () -> binder.expressions.rows(subquery, inside))
                .map(body -> new Rows(whole.apply(body.plan()), body.open(), ""))
                .orElseGet(() -> new Rows(input.plan(), true, ""));
    }

    private void refuseDynamic(Expression column, Expr key, String operator) {
        if (key.type() == Type.DYNAMIC) {
            binder.report(Messages.notAllowedType(column.span(), operator, Type.DYNAMIC));
        }
    }

    /// `evaluate preview(n)`: so many of the rows, and how many there are.
    List<Result> preview(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        if (arguments.size() != 1) {
            binder.report(Messages.wrongArgumentCount(op.plugin().function().span(), "preview", Calls.plural(1), arguments.size()));
        }
        Optional<Expr> count = arguments.size() == 1 ? ordering.count(arguments.getFirst(), scope, "preview") : Optional.empty();
        if (count.isEmpty()) {
            return List.of(new Result("GenericResult", input.plan(), true));
        }
        Rows shared = input.with(binder.entities.shared(input.plan()));
        Span at = op.span();
        Syntax.Pipe counted = new Syntax.Pipe(new Syntax.ContextualInput(at), List.of(new Syntax.Count(List.of(), Optional.empty(), at)), at);
        List<Result> results = new ArrayList<>();
        results.add(new Result("GenericResult", new Plan.Limit(binder.entities.reference(shared).plan(), count.get()), input.open()));
        branch(counted, shared, scope).ifPresent(rows -> results.add(new Result("GenericResult", rows.plan(), false)));
        return results;
    }

    /// The results of the branches; all read the same rows, which are evaluated once.
    List<Result> fork(Syntax.Fork op, Rows input, Scope scope) {
        Rows shared = input.with(binder.entities.shared(input.plan()));
        List<Result> results = new ArrayList<>();
        for (Syntax.ForkBranch branch : op.branches()) {
            String named = branch.name().map(Syntax.Name::text).orElseGet(() -> Statements.name(branch.subquery()));
            String name = named.isEmpty() ? "GenericResult" : named;
            branchOperators(branch.subquery()).filter(operator -> !mayBranch(operator)).forEach(operator -> {
                String written = OperatorNames.of(operator);
                binder.report(Messages.notInBranch(new Span(operator.span().start(), written.length()), written));
            });
            branch(branch.subquery(), shared, scope)
                    .ifPresent(rows -> results.add(new Result(name, rows.plan(), rows.open())));
        }
        return results;
    }

    private static Stream<TabularOperator> branchOperators(Expression subquery) {
        return switch (subquery) {
            case Syntax.Pipe pipe -> pipe.operators().stream();
            case TabularOperator operator -> Stream.of(operator);
            case Expression _ -> Stream.of();
        };
    }

    /// What the page of fork lists, and its kin.
    private static boolean mayBranch(TabularOperator operator) {
        return switch (operator) {
            case Syntax.As _, Syntax.Count _, Syntax.Distinct _, Syntax.ExecuteAndCache _, Syntax.Extend _, Syntax.Invoke _,
                    Syntax.MvExpand _, Syntax.Parse _, Syntax.ParseKv _, Syntax.ParseWhere _, Syntax.Project _, Syntax.ProjectAway _,
                    Syntax.ProjectByNames _, Syntax.ProjectKeep _, Syntax.ProjectRename _, Syntax.ProjectReorder _, Syntax.Reduce _,
                    Syntax.Sample _, Syntax.SampleDistinct _, Syntax.Sort _, Syntax.Summarize _, Syntax.Take _, Syntax.Top _,
                    Syntax.TopHitters _, Syntax.TopNested _, Syntax.Where _, Syntax.MissingOperator _ -> true;
            case TabularOperator _ -> false;
        };
    }

    private Optional<Rows> branch(Expression subquery, Rows shared, Scope scope) {
        Scope inside = scope.inner();
        inside.declare(Scope.INPUT, binder.entities.reference(shared));
        return binder.expressions.rows(subquery, inside);
    }

    /// What the subquery makes of all rows, then a table of counts for each column.
    List<Result> facet(Syntax.Facet op, Rows input, Scope scope) {
        Rows shared = input.with(binder.entities.shared(input.plan()));
        List<Result> results = new ArrayList<>();
        op.subquery().flatMap(subquery -> branch(subquery, shared, scope))
                .ifPresent(rows -> results.add(new Result("facet with", rows.plan(), rows.open())));
        for (Expression column : op.columns()) {
            Span at = column.span();
            String name = column instanceof Syntax.NameReference(String text, _, _) ? text : "";
            Syntax.FunctionCall count = new Syntax.FunctionCall(new Syntax.Name("count", false, at), List.of(), List.of(), at);
            Syntax.Summarize summarize = new Syntax.Summarize(List.of(),
                    List.of(new Syntax.NamedExpression(new Syntax.Name("count_" + name, false, at), count, at)), List.of(column), at);
            Syntax.Pipe query = new Syntax.Pipe(new Syntax.ContextualInput(at), List.of(summarize), at);
            branch(query, shared, scope).ifPresent(rows -> results.add(new Result("facet " + name, rows.plan(), rows.open())));
        }
        return results;
    }
}
