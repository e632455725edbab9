package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Collects the parts of expressions that a step of their own computes: aggregates in `summarize`, window functions
/// over serialized rows. The expression then refers to the column that the step makes.
final class Calculations {
    enum Kind {
        /// Neither aggregates nor window functions may stand here, the rows are in no order.
        NONE,
        /// Aggregates may stand here; columns only inside them.
        AGGREGATES,
        /// Window functions may stand here.
        WINDOWS
    }

    private final Kind kind;
    private final Set<Column> keys = new HashSet<>();
    private final List<Assignment> assignments = new ArrayList<>();
    /// For windows: how many steps before it each assignment needs.
    private final List<Integer> levels = new ArrayList<>();

    private Calculations(Kind kind) {
        this.kind = kind;
    }

    static Calculations none() {
        return new Calculations(Kind.NONE);
    }

    static Calculations aggregates() {
        return new Calculations(Kind.AGGREGATES);
    }

    /// For an operator over these rows: window functions are allowed if their order is defined.
    static Calculations over(Plan input) {
        return new Calculations(RowOrder.isDefined(input) ? Kind.WINDOWS : Kind.NONE);
    }

    Kind kind() {
        return kind;
    }

    /// The columns grouped by, which `*` in an aggregate leaves out.
    void group(Column column) {
        keys.add(column);
    }

    boolean isKey(Column column) {
        return keys.contains(column);
    }

    /// Takes a calculation and gives the expression that reads its result. The same calculation is made once.
    Expr add(Binder binder, Expr calculation) {
        for (Assignment known : assignments) {
            if (known.value().equals(calculation)) {
                return new Expr.Ref(known.column());
            }
        }
        Column column = binder.column("$" + assignments.size(), calculation.type());
        assignments.add(new Assignment(column, calculation));
        levels.add(kind == Kind.WINDOWS ? level(calculation) : 0);
        return new Expr.Ref(column);
    }

    List<Assignment> assignments() {
        return assignments;
    }

    /// The input with the window functions computed; one that reads another comes after it.
    Plan windowsOver(Binder binder, Plan input) {
        Plan plan = input;
        int deepest = levels.stream().mapToInt(Integer::intValue).max().orElse(-1);
        for (int level = 0; level <= deepest; level++) {
            List<Assignment> step = new ArrayList<>();
            List<Assignment> sessions = new ArrayList<>();
            for (int i = 0; i < assignments.size(); i++) {
                if (levels.get(i) == level) {
                    (Sessions.isSession(assignments.get(i).value()) ? sessions : step).add(assignments.get(i));
                }
            }
            plan = step.isEmpty() ? plan : new Plan.Window(plan, step);
            for (Assignment session : sessions) {
                plan = new Sessions(binder).over(plan, session);
            }
        }
        return plan;
    }

    private int level(Expr calculation) {
        int level = 0;
        for (Column read : ExprWalk.columns(calculation)) {
            for (int i = 0; i < assignments.size() && i < levels.size(); i++) {
                if (assignments.get(i).column().equals(read)) {
                    level = Math.max(level, levels.get(i) + 1);
                }
            }
        }
        return level;
    }
}
