package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Operators that are checked as far as their columns go and then refused by name.
final class Refused {
    private final Binder binder;

    Refused(Binder binder) {
        this.binder = binder;
    }

    /// `scan`: the input's columns, then the declared ones, then the match's number where it is asked for.
    Rows scan(Syntax.Scan op, Rows input, Scope scope) {
        binder.refuse(op.span(), "scan");
        List<Column> declared = new ArrayList<>();
        for (Syntax.Parameter parameter : op.declarations()) {
            Optional<Type> type = parameter.type() instanceof Syntax.TypeName name ? binder.functions.typeOf(name) : Optional.empty();
            declared.add(binder.column(parameter.name().text(), type.orElse(Type.DYNAMIC)));
            parameter.defaultValue().ifPresent(value -> binder.expressions.expr(value, Env.of(scope)));
        }
        List<Column> columns = new ArrayList<>(input.columns());
        columns.addAll(declared);
        steps(op, columns, input, scope);
        new Parameters(binder, "scan", op.parameters()).name("with_match_id")
                .ifPresent(name -> columns.add(binder.column(name, Type.LONG)));
        return new Rows(new Plan.Refused("scan", columns), input.open(), "");
    }

    private void steps(Syntax.Scan op, List<Column> columns, Rows input, Scope scope) {
        Env env = Env.of(scope, Columns.of(columns, input.open()), "scan").with(columns, op.steps().stream().map(s -> s.name().text()).toList());
        for (Syntax.ScanStep step : op.steps()) {
            binder.expressions.predicate(step.condition(), env);
            for (Syntax.NamedExpression assignment : step.assignments()) {
                String name = assignment.name().text();
                if (columns.stream().noneMatch(column -> column.name().equals(name))) {
                    binder.report(Messages.unresolvedScalar(assignment.name().span(), "scan", name));
                }
                binder.expressions.expr(assignment.value(), env);
            }
        }
    }

    Rows reduce(Syntax.Reduce op, Rows input, Scope scope) {
        binder.refuse(op.span(), "reduce");
        Optional<Expr> by = binder.expressions.expr(op.by(), Env.of(scope, Columns.of(input), "reduce"));
        by.filter(expr -> expr.type() != Type.STRING).ifPresent(expr ->
                binder.report(Messages.typeExpected(op.by().span(), "reduce", "string", expr.type())));
        List<Column> columns = new ArrayList<>();
        if (new Parameters(binder, "reduce", op.parameters()).name("kind").equals(Optional.of("source"))) {
            columns.addAll(input.columns());
        }
        columns.add(binder.column("Pattern", Type.STRING));
        columns.add(binder.column("Count", Type.LONG));
        columns.add(binder.column("Representative", Type.STRING));
        return Rows.of(new Plan.Refused("reduce", columns));
    }

    /// `macro-expand`: the columns of the body for the first of the databases.
    Rows macroExpand(Syntax.MacroExpand op, Scope scope) {
        binder.refuse(op.span(), "macro-expand");
        Meaning group = binder.expressions.any(op.entityGroup(), Env.of(scope));
        if (!(group instanceof Meaning.EntityGroup(List<Meaning.Database> members)) || members.isEmpty()) {
            return new Rows(new Plan.Refused("macro-expand", List.of()), true, "");
        }
        Scope inside = scope.inner();
        op.scope().ifPresent(name -> inside.declare(name.text(), members.getFirst()));
        Optional<Rows> body = binder.expressions.rows(new Statements(binder).body(op.body(), inside), op.body().span());
        return body.map(rows -> new Rows(new Plan.Refused("macro-expand", rows.columns()), rows.open(), ""))
                .orElseGet(() -> new Rows(new Plan.Refused("macro-expand", List.of()), true, ""));
    }
}
