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
