package io.conshelf.kql.scan;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.ScanStep;
import io.conshelf.kql.scan.ScanProgram.Held;
import io.conshelf.kql.scan.ScanProgram.Step;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes a program of a plan's `scan`: what does not look at the state becomes a field of the row, which SQL computes for all
/// rows at once; the rest is terms.
final class ScanCompiler {
    /// How many borders of a unit lie between two moments.
    private static final Pattern UNITS_BETWEEN = Pattern.compile("\\{0} // (\\d+) - \\{1} // \\1");

    private final Plan.StepScan scan;
    private final List<Column> row = new ArrayList<>();
    private final Map<Integer, ScanTerm.State> states = new HashMap<>();
    private final Map<Integer, Integer> declared = new HashMap<>();
    private final Map<Expr, Integer> fields = new LinkedHashMap<>();
    private final Set<Integer> read = new HashSet<>();
    private boolean isWhole = true;
    private boolean growsText;

    ScanCompiler(Plan.StepScan scan) {
        this.scan = scan;
        row.addAll(scan.row());
        row.addAll(scan.declared());
        for (int i = 0; i < scan.declared().size(); i++) {
            declared.put(scan.declared().get(i).id(), i);
        }
        for (int step = 0; step < scan.steps().size(); step++) {
            List<Column> state = scan.steps().get(step).state();
            for (int i = 0; i < state.size(); i++) {
                states.put(state.get(i).id(), new ScanTerm.State(step, i, state.get(i).type()));
            }
        }
    }

    Optional<ScanProgram.Compiled> program() {
        List<ScanTerm> conditions = scan.steps().stream().map(step -> term(step.condition())).toList();
        List<Map<Integer, ScanTerm>> assigned = scan.steps().stream().map(this::assigned).toList();
        var held = new ArrayList<Held>();
        for (int i = 0; i < row.size(); i++) {
            held.add(held(i));
        }
        var steps = new ArrayList<Step>();
        var given = new TreeSet<Integer>();
        for (int i = 0; i < scan.steps().size(); i++) {
            List<Integer> readOfStep = scan.steps().get(i).state().stream().filter(column -> read.contains(column.id()))
                    .map(column -> states.get(column.id()).column()).toList();
            steps.add(new Step(scan.steps().get(i).output(), conditions.get(i), assigned.get(i), readOfStep));
            if (scan.steps().get(i).output() != Plan.StepOutput.NONE) {
                given.addAll(assigned.get(i).keySet());
            }
        }
        var types = fields.keySet().stream().map(Expr::type).toList();
        var program = new ScanProgram(types, held, steps, List.copyOf(given));
        return isWhole ? Optional.of(new ScanProgram.Compiled(program, List.copyOf(fields.keySet()), growsText)) : Optional.empty();
    }

    private Map<Integer, ScanTerm> assigned(ScanStep step) {
        var terms = new TreeMap<Integer, ScanTerm>();
        for (Assignment assignment : step.assignments()) {
            terms.put(row.indexOf(assignment.column()), term(assignment.value()));
        }
        return terms;
    }

    private Held held(int column) {
        Type type = row.get(column).type();
        boolean isRead = scan.steps().stream().anyMatch(step -> read.contains(step.state().get(column).id()));
        ScanTerm nothing = new ScanTerm.Constant("", type);
        if (column >= scan.row().size()) {
            ScanTerm value = term(scan.defaults().get(column - scan.row().size()));
            return new Held(type, value, value);
        }
        return new Held(type, isRead ? field(new Expr.Ref(row.get(column))) : nothing, nothing);
    }

    private ScanTerm term(Expr expr) {
        if (!ScanOperations.isHeld(expr.type())) {
            return none(expr);
        }
        return switch (expr) {
            case Expr.Constant(Type type, Object value) -> new ScanTerm.Constant(text(type, value), type);
            case Expr.Null(Type type) -> new ScanTerm.Constant("", type);
            case Expr.Ref(Column column) when states.containsKey(column.id()) -> {
                read.add(column.id());
                yield states.get(column.id());
            }
            case Expr.Ref(Column column) when declared.containsKey(column.id()) -> term(scan.defaults().get(declared.get(column.id())));
            case Expr.Call call when looksAtState(call) -> call(call);
            case Expr.InQuery in when looksAtState(in) -> none(in);
            case Expr.Aggregate aggregate -> none(aggregate);
            case Expr.Ref _, Expr.Call _, Expr.InQuery _, Expr.ScalarQuery _ -> field(expr);
        };
    }

    /// Stands for what no machine computes.
    private ScanTerm none(Expr expr) {
        isWhole = false;
        return new ScanTerm.Constant("", expr.type());
    }

    private ScanTerm field(Expr expr) {
        return new ScanTerm.Field(fields.computeIfAbsent(expr, _ -> fields.size()), expr.type());
    }

    private ScanTerm call(Expr.Call call) {
        if (!(call.lowering() instanceof Lowering.Sql(String template))) {
            return none(call);
        }
        List<ScanTerm> arguments = call.arguments().stream().map(this::term).toList();
        Matcher units = UNITS_BETWEEN.matcher(template);
        if (call.function().equals("datetime_diff") && units.matches()) {
            return new ScanTerm.Call("-", arguments.stream().map(moment -> units(moment, units.group(1))).toList(), Type.LONG);
        }
        growsText |= call.type() == Type.STRING && call.function().equals("strcat");
        List<Type> types = arguments.stream().map(ScanTerm::type).toList();
        return ScanOperations.find(call.function(), types, call.type()).isPresent()
                ? new ScanTerm.Call(call.function(), arguments, call.type()) : none(call);
    }

    private static ScanTerm units(ScanTerm moment, String ticks) {
        var ticksOf = new ScanTerm.Call("tolong", List.of(moment), Type.LONG);
        return new ScanTerm.Call("/", List.of(ticksOf, new ScanTerm.Constant(ticks, Type.LONG)), Type.LONG);
    }

    /// Whether it reads the state or, as good as that, a declared column: SQL knows neither.
    private boolean looksAtState(Expr expr) {
        return switch (expr) {
            case Expr.Ref(Column column) -> states.containsKey(column.id()) || declared.containsKey(column.id());
            case Expr.Call call -> call.arguments().stream().anyMatch(this::looksAtState);
            case Expr.InQuery in -> looksAtState(in.needle());
            case Expr.Aggregate aggregate -> aggregate.arguments().stream().anyMatch(this::looksAtState);
            case Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> false;
        };
    }

    private static String text(Type type, Object value) {
        return switch (type) {
            case BOOL -> Boolean.TRUE.equals(value) ? "1" : "0";
            case REAL -> {
                var text = new StringBuilder();
                var cell = new Cell();
                cell.real = (Double) value;
                ScanText.write(text, Type.REAL, cell);
                yield text.toString();
            }
            case INT, LONG, DATETIME, TIMESPAN, STRING, DYNAMIC, GUID, DECIMAL -> value.toString();
        };
    }
}
