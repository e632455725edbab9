package io.conshelf.kql.bind;

import io.conshelf.kql.function.RowFunctions;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.ScanStep;
import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `row_window_session()`: where a session begins depends on where the one before began, so the rows are taken one after the
/// other, as a `scan` with one step that remembers the session's begin and the last row's value.
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
        Expr.Call call = (Expr.Call) session.value();
        List<Assignment> values = new ArrayList<>();
        for (Expr argument : call.arguments()) {
            values.add(new Assignment(binder.column("$", argument.type()), argument));
        }
        List<Column> row = input.columns();
        List<Column> declared = List.of(binder.column("$begin", Type.DATETIME), binder.column("$last", Type.DATETIME));
        List<Column> state = new ArrayList<>(copies(row));
        state.addAll(copies(declared));
        List<Expr> arguments = new ArrayList<>(values.stream().<Expr>map(value -> new Expr.Ref(value.column())).toList());
        arguments.add(new Expr.Ref(state.get(row.size())));
        arguments.add(new Expr.Ref(state.get(row.size() + 1)));
        ScanStep step = new ScanStep(StepOutput.ALL, new Expr.Constant(Type.BOOL, true), List.of(
                new Assignment(declared.getFirst(), RowFunctions.sessionBegin(arguments)),
                new Assignment(declared.getLast(), arguments.getFirst())), state);
        List<Column> made = new ArrayList<>(copies(row));
        made.addAll(copies(declared));
        Plan scanned = new Plan.StepScan(Binder.extend(input, values), row, declared,
                List.of(new Expr.Null(Type.DATETIME), new Expr.Null(Type.DATETIME)), List.of(step), made, Optional.empty());
        List<Assignment> named = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            named.add(new Assignment(row.get(i), new Expr.Ref(made.get(i))));
        }
        named.add(new Assignment(session.column(), new Expr.Ref(made.get(row.size()))));
        return new Plan.Project(scanned, named);
    }

    private List<Column> copies(List<Column> columns) {
        return columns.stream().map(column -> binder.column(column.name(), column.type())).toList();
    }
}
