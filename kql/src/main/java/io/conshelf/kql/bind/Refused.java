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

/// What is checked as far as its columns go and then refused by name: how `reduce` groups is documented nowhere.
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
}
