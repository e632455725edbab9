package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How long a plan's texts can become, told from the plan: what a query makes longer and longer is found before it runs.
///
/// DuckDB's functions make what they are asked for, whatever its memory limit says, for 2,048 rows at once. Where a plan
/// lets them make much, their arguments go through `kql_fits`, which looks at the real lengths. Stored texts are taken to be
/// short: what a row has once is not what grows.
final class TextBounds {
    /// How a call of it begins in SQL.
    static final String FITS = "kql_fits(";

    private static final long STORED_BYTES = 4 << 10;
    private static final long NUMBER_BYTES = 32;
    private static final long MANY_BYTES = 64L << 20;
    private static final long BOUND_MAX = 1L << 50;

    /// Results that may be longer are looked at …
    private static final long GROWN_BYTES = 1 << 20;

    /// … in the arguments that may be longer than this.
    private static final long ARGUMENT_BYTES = 64 << 10;

    /// A character may become an element of a list, with its text.
    private static final long LIST_FACTOR = 24;

    private static final long FACTOR_MAX = 1 << 12;
    private static final long STRREP_MAX = 1 << 10;

    /// Calls with a part of one of their arguments.
    private static final Set<String> PARTS = Set.of("substring", "trim", "trim_start", "trim_end", "extract", "path", "[]", ".");

    private static final Map<String, String> BOUNDED = Map.of(
            "extract_all", "kql_extract_all({0}, '[]', {1})",
            "replace_string", "kql_replace_string({0}, {1}, {2})",
            "replace_regex", "kql_replace_regex({0}, {1}, {2})");

    private final Map<Integer, Long> columns = new HashMap<>();
    private final Set<Integer> shared = new HashSet<>();
    private final Set<Integer> queries = new HashSet<>();
    private final int firstTemporaryId;

    /// @param firstTemporaryId columns from here on are the writer's own and hold what it took out of expressions
    TextBounds(Plan plan, int firstTemporaryId) {
        this.firstTemporaryId = firstTemporaryId;
        learn(plan);
    }

    /// How a call is to be written: by a function that knows an end where its own knows none.
    String template(Expr.Call call, String template) {
        boolean grows = !template.startsWith("kql_") && BOUNDED.containsKey(call.function()) && of(call) >= GROWN_BYTES;
        return grows ? BOUNDED.get(call.function()) : template;
    }

    /// The arguments of a call as they are to be written: those that may grow too long are looked at on the way.
    List<String> fitting(Expr.Call call, String template, List<String> arguments) {
        boolean makesList = template.contains("[*]") || template.contains("_split(") || template.contains("_extract_all(");
        if (!makesList && !isText(call.type()) || template.startsWith("kql_")) {
            return arguments;
        }
        long input = 0;
        for (Expr argument : call.arguments()) {
            input += of(argument);
        }
        long output = makesList ? input * LIST_FACTOR : of(call);
        if (Math.max(output, input) < GROWN_BYTES) {
            return arguments;
        }
        long factor = Math.clamp(output / Math.max(1, input), 1, FACTOR_MAX);
        var fitting = new ArrayList<String>(arguments.size());
        for (int i = 0; i < arguments.size(); i++) {
            Expr argument = call.arguments().get(i);
            boolean isLooked = isText(argument.type()) && (of(argument) > ARGUMENT_BYTES || factor > LIST_FACTOR)
                    && !(argument instanceof Expr.Constant);
            fitting.add(isLooked ? fits(arguments.get(i), factor) : arguments.get(i));
        }
        return fitting;
    }

    /// Of a column that the plan does not have.
    void tell(Column temporary, Expr value) {
        columns.put(temporary.id(), of(value));
    }

    /// A dynamic value that is to become a list.
    String fittingList(Expr value, String sql) {
        return isLong(value) ? fits(sql, LIST_FACTOR) : sql;
    }

    /// A text that many rows of a batch are to have.
    String fittingRepeated(Column column, String sql) {
        boolean isText = column.type() == Type.STRING || column.type() == Type.DYNAMIC;
        return isText && of(new Expr.Ref(column)) > GROWN_BYTES ? fits(sql, 1) : sql;
    }

    /// Texts that are to become the elements of one list: those that may be long share what a batch may make.
    List<String> fittingElements(List<Expr> elements, List<String> sqls) {
        long together = elements.stream().filter(this::isLong).count();
        var fitting = new ArrayList<String>(sqls.size());
        for (int i = 0; i < sqls.size(); i++) {
            fitting.add(isLong(elements.get(i)) ? fits(sqls.get(i), together) : sqls.get(i));
        }
        return fitting;
    }

    private boolean isLong(Expr text) {
        return of(text) > ARGUMENT_BYTES;
    }

    private static String fits(String sql, long factor) {
        return FITS + sql + ", CAST(" + factor + " AS BIGINT))";
    }

    private static boolean isText(Type type) {
        return type == Type.STRING || type == Type.DYNAMIC;
    }

    /// Bytes, at most.
    long of(Expr expr) {
        if (!isText(expr.type())) {
            return NUMBER_BYTES;
        }
        return switch (expr) {
            case Expr.Ref ref -> columns.getOrDefault(ref.column().id(),
                    ref.column().id() >= firstTemporaryId ? MANY_BYTES : STORED_BYTES);
            case Expr.Constant constant -> constant.value() instanceof String text ? text.length() : NUMBER_BYTES;
            case Expr.Null _ -> 0;
            case Expr.Call call -> Math.min(BOUND_MAX, call(call));
            case Expr.ScalarQuery query -> query.plan().columns().isEmpty() ? 0
                    : columns.getOrDefault(query.plan().columns().getFirst().id(), STORED_BYTES);
            case Expr.InQuery _ -> NUMBER_BYTES;
            case Expr.Aggregate aggregate -> aggregate.template().contains("list(") || aggregate.template().contains("string_agg(")
                    ? MANY_BYTES : sum(aggregate.arguments());
        };
    }

    private long call(Expr.Call call) {
        List<Expr> arguments = call.arguments();
        return switch (call.function()) {
            case "strrep" -> of(arguments.getFirst()) * number(arguments.get(1), STRREP_MAX);
            case "range", "repeat" -> MANY_BYTES;
            case "strcat_delim" -> sum(arguments) + of(arguments.getFirst()) * (arguments.size() - 2);
            case "replace_string", "replace_regex", "replace_strings" ->
                of(arguments.getFirst()) * Math.max(1, of(arguments.getLast()));
            case String name when PARTS.contains(name) -> longest(arguments);
            case String _ when !Choices.of(call).isEmpty() -> longest(Choices.of(call));
            case String _ when call.lowering() instanceof Lowering.Sql(String template) && template.contains("_split(") ->
                2 * sum(arguments);
            case String _ -> NUMBER_BYTES + sum(arguments);
        };
    }

    private static long number(Expr expr, long otherwise) {
        return expr instanceof Expr.Constant(_, Number number) ? Math.clamp(number.longValue(), 0, otherwise) : otherwise;
    }

    private long longest(List<Expr> arguments) {
        return arguments.stream().mapToLong(this::of).max().orElse(0);
    }

    private long sum(List<Expr> arguments) {
        long sum = 0;
        for (Expr argument : arguments) {
            sum += of(argument);
        }
        return sum;
    }

    // ---------------------------------------------------------------- plans

    private void learn(Plan plan) {
        switch (plan) {
            case Plan.Scan _, Plan.Supplied _, Plan.Range _, Plan.ApplyInput _, Plan.Refused _ -> {}
            case Plan.Rows rows -> {
                for (int i = 0; i < rows.columns().size(); i++) {
                    int column = i;
                    put(rows.columns().get(i), rows.rows().stream().mapToLong(row -> learned(row.get(column))).max().orElse(0));
                }
            }
            case Plan.Filter filter -> {
                learn(filter.input());
                learned(filter.predicate());
            }
            case Plan.Project project -> {
                learn(project.input());
                assign(project.assignments());
            }
            case Plan.Window window -> {
                learn(window.input());
                assign(window.assignments());
            }
            case Plan.Aggregate aggregate -> {
                learn(aggregate.input());
                assign(aggregate.keys());
                assign(aggregate.aggregates());
            }
            case Plan.Sort sort -> learn(sort.input());
            case Plan.Limit limit -> learn(limit.input());
            case Plan.Top top -> learn(top.input());
            case Plan.Serialize serialize -> learn(serialize.input());
            case Plan.Join join -> {
                learn(join.left());
                learn(join.right());
            }
            case Plan.Union union -> {
                union.inputs().forEach(this::learn);
                for (int i = 0; i < union.columns().size(); i++) {
                    int column = i;
                    put(union.columns().get(i), union.inputs().stream()
                            .mapToLong(input -> of(new Expr.Ref(input.columns().get(column)))).max().orElse(0));
                }
            }
            case Plan.Expand expand -> {
                learn(expand.input());
                expand.items().forEach(item -> put(item.column(), learned(item.value())));
            }
            case Plan.Apply apply -> {
                learn(apply.input());
                apply.items().forEach(item -> put(item.column(), learned(item.value())));
                learn(apply.body());
            }
            case Plan.Partition partition -> {
                learn(partition.input());
                learn(partition.body());
            }
            case Plan.MakeSeries series -> {
                learn(series.input());
                assign(series.keys());
                series.series().forEach(one -> put(one.column(), MANY_BYTES));
                put(series.axis().column(), MANY_BYTES);
            }
            case Plan.StepScan scan -> {
                learn(scan.input());
                // What a state makes of itself may grow with every row.
                scan.steps().forEach(step -> {
                    step.state().forEach(column -> put(column, MANY_BYTES));
                    learned(step.condition());
                    step.assignments().forEach(assignment -> learned(assignment.value()));
                });
                scan.made().forEach(column -> put(column, MANY_BYTES));
            }
            case Plan.Sessions sessions -> {
                learn(sessions.input());
                sessions.arguments().forEach(this::learned);
            }
            case Plan.Walks walks -> {
                learn(walks.input());
                learn(walks.edges());
                learn(walks.nodes());
                put(walks.end(), STORED_BYTES);
                walks.values().forEach(value -> {
                    learned(value.value());
                    put(value.column(), MANY_BYTES);
                });
            }
            case Plan.Shared reading -> {
                if (shared.add(reading.id())) {
                    learn(reading.definition());
                }
                for (int i = 0; i < reading.columns().size(); i++) {
                    put(reading.columns().get(i), of(new Expr.Ref(reading.definition().columns().get(i))));
                }
            }
        }
    }

    private void assign(List<Assignment> assignments) {
        assignments.forEach(assignment -> put(assignment.column(), learned(assignment.value())));
    }

    private void put(Column column, long bytes) {
        if (isText(column.type())) {
            columns.put(column.id(), Math.min(BOUND_MAX, bytes));
        }
    }

    /// The bound of an expression whose own queries are known first.
    private long learned(Expr expr) {
        learnInside(expr);
        return of(expr);
    }

    private void learnInside(Expr expr) {
        switch (expr) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> {}
            case Expr.Call call -> call.arguments().forEach(this::learnInside);
            case Expr.Aggregate aggregate -> aggregate.arguments().forEach(this::learnInside);
            case Expr.ScalarQuery query -> {
                if (queries.add(query.id())) {
                    learn(query.plan());
                }
            }
            case Expr.InQuery in -> {
                learnInside(in.needle());
                learn(in.plan());
            }
        }
    }
}
