package io.conshelf.kql.bind;

import io.conshelf.kql.function.RowFunctions;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import java.util.ArrayList;
import java.util.List;

/// `row_window_session()`: where a session begins depends on where the one before began, which no window function of SQL knows,
/// so it is an operator of its own.
final class Sessions {
    private final Binder binder;

    Sessions(Binder binder) {
        this.binder = binder;
    }

    static boolean isSession(Expr calculation) {
        return calculation instanceof Expr.Call call && call.function().equals(RowFunctions.SESSION);
    }

    /// The input's columns, then the begin of each row's session.
    Plan over(Plan input, Assignment session) {
        List<Assignment> values = new ArrayList<>();
        List<Expr> arguments = ((Expr.Call) session.value()).arguments().stream().map(argument -> plain(argument, values)).toList();
        Plan sessions = new Plan.Sessions(Binder.extend(input, values), session.column(), arguments.get(0), arguments.get(1),
                arguments.get(2), arguments.get(3));
        if (values.isEmpty()) {
            return sessions;
        }
        List<Assignment> kept = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        kept.add(Binder.same(session.column()));
        return new Plan.Project(sessions, kept);
    }

    /// What is computed becomes a column before.
    private Expr plain(Expr argument, List<Assignment> values) {
        return switch (argument) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> argument;
            case Expr.Call _, Expr.Aggregate _, Expr.ScalarQuery _, Expr.InQuery _ -> {
                Column column = binder.column("$", argument.type());
                values.add(new Assignment(column, argument));
                yield new Expr.Ref(column);
            }
        };
    }
}
