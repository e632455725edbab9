package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.ScanStep;
import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// `scan` as a recursive query, where its steps compute what no machine does ([ScanProgramSql]): one turn a row, whose result is the state of all steps after that row. Inside a `partition`
/// DuckDB takes a turn for the next row of every partition at once.
///
/// Of step k (from 1) the state has: `a` it has a sequence, `m` the sequence's number, and for each step up to it the columns
/// that anybody reads (`s<k>_<step>_<column>`). In a turn `x` says that the row moved the sequence of the step before to this
/// one, `y` that the row went on with this step's own sequence or began one.
final class StepScanSql {
    private final PlanWriter plans;
    private final Plan.StepScan scan;
    private final List<ScanStep> steps;
    private final List<Column> row;
    private final List<Set<Integer>> readOf = new ArrayList<>();
    private final List<Set<Integer>> ownOf = new ArrayList<>();
    private final List<String> defaults;
    private final Map<String, State> state = new LinkedHashMap<>();

    /// @param seed before the first row
    /// @param next after a row
    private record State(String type, String seed, String next) {}

    private StepScanSql(PlanWriter plans, Plan.StepScan scan) {
        this.plans = plans;
        this.scan = scan;
        steps = scan.steps();
        row = new ArrayList<>(scan.row());
        row.addAll(scan.declared());
        defaults = plans.expressions(Select.from("", Map.of())).writeAll(scan.defaults());
        var expressions = new ArrayList<Expr>();
        steps.forEach(step -> {
            expressions.add(step.condition());
            step.assignments().forEach(assignment -> expressions.add(assignment.value()));
        });
        Set<Integer> read = References.count(expressions).keySet();
        for (ScanStep step : steps) {
            var readHere = new TreeSet<Integer>();
            var own = new TreeSet<Integer>();
            for (int i = 0; i < row.size(); i++) {
                boolean isRead = read.contains(step.state().get(i).id());
                if (isRead) {
                    readHere.add(i);
                }
                if (isRead || assignment(step, i).isPresent() || step.output() == StepOutput.LAST && !isDeclared(i)) {
                    own.add(i);
                }
            }
            readOf.add(readHere);
            ownOf.add(own);
        }
    }

    static Select select(PlanWriter plans, Plan.StepScan scan) {
        return new StepScanSql(plans, scan).select();
    }

    private Select select() {
        List<Column> input = scan.input().columns();
        String numbered = plans.numbered(plans.select(scan.input()), input).sqlSelecting(PlanWriter.plainItems(input) + "o");
        String rows = plans.alias("n");
        String states = plans.alias("r");
        String turn = rows + " JOIN " + states + " ON " + rows + ".o = " + states + ".ro + 1";
        String moved = "SELECT *" + flags("x", 2, this::moves) + " FROM " + turn;
        String met = "SELECT *" + flags("y", 1, this::goesOn) + " FROM (" + moved + ") AS " + plans.alias("q");
        define();
        var seeds = new ArrayList<String>();
        var next = new ArrayList<String>();
        state.forEach((name, value) -> {
            seeds.add("CAST(" + value.seed() + " AS " + value.type() + ") AS " + name);
            next.add("CAST(" + value.next() + " AS " + value.type() + ") AS " + name);
        });
        String recursive = "SELECT " + String.join(", ", seeds) + " UNION ALL SELECT " + String.join(", ", next) + " FROM ("
                + met + ") AS " + plans.alias("q");
        var outputs = new ArrayList<String>();
        for (int k = 1; k <= steps.size(); k++) {
            output(k, states).ifPresent(outputs::add);
        }
        String all = outputs.isEmpty() ? nothing() : String.join(" UNION ALL ", outputs);
        String with = "WITH RECURSIVE " + rows + " AS MATERIALIZED (" + numbered + "), " + states + " AS (" + recursive + ") ";
        return Select.from("(" + with + all + ") AS " + plans.alias("q"), PlanWriter.plain(scan.columns()))
                .orderedBy(List.of("o", "p"));
    }

    private interface Flag {
        String of(int step);
    }

    private String flags(String name, int from, Flag flag) {
        var flags = new StringBuilder();
        for (int k = from; k <= steps.size(); k++) {
            flags.append(", ").append(flag.of(k)).append(" AS ").append(name).append(k);
        }
        return flags.toString();
    }

    private String moves(int k) {
        return "a" + (k - 1) + " AND coalesce(" + write(k, steps.get(k - 1).condition(), true) + ", false)";
    }

    private String goesOn(int k) {
        String condition = "coalesce(" + write(k, steps.get(k - 1).condition(), false) + ", false)";
        return k == 1 ? condition : "NOT x" + k + " AND " + stays(k) + " AND " + condition;
    }

    /// The step has a sequence, and this row has not moved it to the next step.
    private String stays(int k) {
        return k == steps.size() ? "a" + k : "(a" + k + " AND NOT x" + (k + 1) + ")";
    }

    private String met(int k) {
        return k == 1 ? "y1" : "(x" + k + " OR y" + k + ")";
    }

    private void define() {
        state.put("ro", new State("BIGINT", "0", "o"));
        boolean givesAll = steps.stream().anyMatch(step -> step.output() == StepOutput.ALL);
        for (int i = 0; i < scan.row().size() && givesAll; i++) {
            put("i" + i, row.get(i).type(), Literals.nullOf(row.get(i).type()), Select.name(row.get(i).id()));
        }
        if (scan.matchId().isPresent()) {
            state.put("mn", new State("BIGINT", "0", "mn + CAST(y1 AND NOT " + stays(1) + " AS BIGINT)"));
        }
        for (int k = 1; k <= steps.size(); k++) {
            define(k);
        }
    }

    private void define(int k) {
        ScanStep step = steps.get(k - 1);
        state.put("a" + k, new State("BOOLEAN", "false", met(k) + " OR " + stays(k)));
        if (scan.matchId().isPresent()) {
            state.put("m" + k, new State("BIGINT", "0", k == 1
                    ? "CASE WHEN y1 AND NOT " + stays(1) + " THEN mn ELSE m1 END"
                    : "CASE WHEN x" + k + " THEN m" + (k - 1) + " ELSE m" + k + " END"));
        }
        if (step.output() == StepOutput.ALL) {
            state.put("h" + k, new State("BOOLEAN", "false", met(k)));
        }
        if (step.output() == StepOutput.LAST) {
            state.put("l" + k, new State("BIGINT", "0", "CASE WHEN " + met(k) + " THEN o ELSE l" + k + " END"));
            String leaves = k == steps.size() ? "false" : "x" + (k + 1);
            String replaced = k == 1 ? "false" : "x" + k;
            state.put("e" + k, new State("BOOLEAN", "false", "a" + k + " AND (" + leaves + " OR " + replaced + ")"));
        }
        for (int j = 1; j < k; j++) {
            for (int i : readOf.get(j - 1)) {
                String name = name(k, j, i);
                put(name, row.get(i).type(), Literals.nullOf(row.get(i).type()),
                        "CASE WHEN x" + k + " THEN " + name(k - 1, j, i) + " ELSE " + name + " END");
            }
        }
        for (int i : ownOf.get(k - 1)) {
            String name = name(k, k, i);
            String goesOn = "WHEN y" + k + " THEN " + taken(k, i, false);
            String moves = k == 1 ? "" : "WHEN x" + k + " THEN " + taken(k, i, true) + " ";
            put(name, row.get(i).type(), empty(i), "CASE " + moves + goesOn + " ELSE " + name + " END");
        }
    }

    private void put(String name, Type type, String seed, String next) {
        state.put(name, new State(DuckTypes.of(type), seed, next));
    }

    /// The value of a column of a row that a step has taken.
    private String taken(int k, int column, boolean moved) {
        return assignment(steps.get(k - 1), column).map(assignment -> write(k, assignment.value(), moved))
                .orElseGet(() -> isDeclared(column) ? empty(column) : Select.name(row.get(column).id()));
    }

    private Optional<Assignment> assignment(ScanStep step, int column) {
        return step.assignments().stream().filter(assignment -> assignment.column().equals(row.get(column))).findFirst();
    }

    private boolean isDeclared(int column) {
        return column >= scan.row().size();
    }

    /// The value of a column in a state without a sequence.
    private String empty(int column) {
        return isDeclared(column) ? defaults.get(column - scan.row().size()) : Literals.nullOf(row.get(column).type());
    }

    private static String name(int k, int step, int column) {
        return "s" + k + "_" + step + "_" + column;
    }

    /// An expression of step k: by the sequence that would move to it, or by its own.
    private String write(int k, Expr expression, boolean moved) {
        Map<Integer, String> values = PlanWriter.plain(scan.input().columns());
        for (int i = scan.row().size(); i < row.size(); i++) {
            values.put(row.get(i).id(), empty(i));
        }
        int holder = moved ? k - 1 : k;
        for (int j = 1; j <= steps.size(); j++) {
            for (int i = 0; i < row.size(); i++) {
                String held = j > holder ? empty(i) : name(holder, j, i);
                String value = j == 1 && k == 1 ? "CASE WHEN " + stays(1) + " THEN " + held + " ELSE " + empty(i) + " END" : held;
                values.put(steps.get(j - 1).state().get(i).id(), value);
            }
        }
        return Template.atom(plans.expressions(Select.from("", values)).write(expression));
    }

    private Optional<String> output(int k, String states) {
        ScanStep step = steps.get(k - 1);
        if (step.output() == StepOutput.NONE) {
            return Optional.empty();
        }
        boolean all = step.output() == StepOutput.ALL;
        var items = new ArrayList<String>();
        items.add((all ? "ro" : "l" + k) + " AS o, " + (steps.size() - k) + " AS p");
        for (int i = 0; i < row.size(); i++) {
            String value = ownOf.get(k - 1).contains(i) ? name(k, k, i) : isDeclared(i) ? empty(i) : "i" + i;
            items.add("CAST(" + value + " AS " + DuckTypes.of(row.get(i).type()) + ") AS " + Select.name(scan.made().get(i).id()));
        }
        scan.matchId().ifPresent(column -> items.add("m" + k + " AS " + Select.name(column.id())));
        String select = "SELECT " + String.join(", ", items) + " FROM ";
        return Optional.of(all
                ? select + states + " WHERE h" + k
                : select + "(SELECT *, lead(e" + k + ") OVER (ORDER BY ro) AS z FROM " + states + ") AS " + plans.alias("q")
                        + " WHERE a" + k + " AND coalesce(z, true)");
    }

    private String nothing() {
        var items = new ArrayList<String>(List.of("1 AS o", "1 AS p"));
        scan.columns().forEach(column -> items.add(Literals.nullOf(column.type()) + " AS " + Select.name(column.id())));
        return "SELECT " + String.join(", ", items) + " WHERE false";
    }
}
