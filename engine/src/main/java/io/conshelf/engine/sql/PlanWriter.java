package io.conshelf.engine.sql;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Kernel;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.scan.ScanProgram;
import io.conshelf.kql.type.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Plan → SQL. Columns are `c<id>` everywhere and no name of a user's is part of the text.
///
/// Adjacent steps fold into one SELECT; each case below says when a step needs a level of its own.
public final class PlanWriter {
    /// A column's SQL longer than this is not written twice: the step gets a level of its own.
    private static final int REPEATED_CHARS_MAX = 60;

    /// A call of Java is not written twice either: DuckDB computes it again in each branch of a choice.
    private static final String KERNEL = "kql_";

    /// One that may fail is, where only branches ask for it: a level of its own would call it for the rows that those leave out.
    private static final Pattern MAY_FAIL = Pattern.compile(Catalogue.kernels().stream().filter(Kernel::mayFail).map(Kernel::name)
            .collect(Collectors.joining("|", "\\b(", ")\\(")));

    /// What all of its uses come to: steps that each write the one before twice would have no end. What would be longer is called for all rows.
    private static final int FAILING_CHARS_MAX = 16 << 10;
    private static final int FAILING_USES_MAX = 32;

    /// Operators upon operators, and all of them: DuckDB takes a second to plan so many and cannot be interrupted meanwhile.
    /// Joins cost it more than others.
    private static final int DEPTH_MAX = 1_000;
    private static final int WEIGHT_OF_JOINS = 8;
    private static final int STEPS_MAX = 5_000;

    private static final int FIRST_TEMPORARY_ID = 1 << 30;

    private final Plan root;
    private final QueryContext context;
    private final TextBounds bounds;
    private final ScanSql scans;
    private final ExprWriter.Subqueries subqueries = new Inside();
    /// The queries in expressions that are told before the statement, each as one row.
    private final Set<Integer> computedBefore;
    /// What stands in temporary tables already, by name, and the columns of it that are kept there.
    private final Map<String, Set<Integer>> told;
    /// Of the statement, then of each body around what is being written.
    private Deque<Map<String, String>> withs = new ArrayDeque<>(List.of(new LinkedHashMap<>()));
    private int depth;
    private int steps;
    private int aliases;
    private int inner;
    private int temporaries = FIRST_TEMPORARY_ID;
    private Map<Integer, String> outer = Map.of();
    private Optional<Select> applyInput = Optional.empty();

    private PlanWriter(Plan root, QueryContext context, Map<String, Set<Integer>> told) {
        this.root = root;
        this.told = told;
        this.context = context;
        this.bounds = new TextBounds(root, FIRST_TEMPORARY_ID);
        this.scans = new ScanSql(root, context);
        this.computedBefore = Intrinsics.computedBefore(root);
    }

    public static Statement write(Plan plan, QueryContext context) {
        return write(plan, context, Map.of());
    }

    /// The statements of several results of one request, to be run in this order on one connection.
    public static List<Statement> writeAll(List<Plan> plans, QueryContext context) {
        return CommonParts.statements(plans, context);
    }

    static Statement write(Plan plan, QueryContext context, Map<String, Set<Integer>> told) {
        var writer = new PlanWriter(plan, context, told);
        Select select = writer.select(plan);
        List<Column> columns = plan.columns();
        var items = new ArrayList<String>();
        var output = new OutputSql(plan);
        for (int i = 0; i < columns.size(); i++) {
            items.add(output.of(columns.get(i), select.values().get(columns.get(i).id())) + " AS r" + i);
        }
        String body = select.sqlSelecting(items.isEmpty() ? "1 AS " + Select.NO_COLUMN : String.join(", ", items));
        return new Statement(List.of(), withClause(writer.withs.getLast()) + body, columns);
    }

    /// The rows of a plan with these of its columns, for other statements to read.
    static String writeRows(Plan plan, List<Column> columns, QueryContext context, Map<String, Set<Integer>> told) {
        var writer = new PlanWriter(plan, context, told);
        Select select = writer.select(plan);
        String body = select.withValues(onlyVisible(select)).sql(columns);
        return withClause(writer.withs.getLast()) + body;
    }

    /// The first cell of a plan, for other statements to read.
    static String writeValue(Plan plan, QueryContext context, Map<String, Set<Integer>> told) {
        var writer = new PlanWriter(plan, context, told);
        String body = writer.subqueries.firstColumn(plan, true);
        return withClause(writer.withs.getLast()) + body;
    }

    /// The tables that a plan reads, each as often as it does; what it shares is read once.
    public static List<Plan.TableId> tables(Plan plan) {
        return Intrinsics.tables(plan);
    }

    /// Whether rows are chosen by a cursor.
    public static boolean readsByCursor(Plan plan) {
        var called = Intrinsics.of(plan);
        return called.contains(IntrinsicFunction.CURSOR_AFTER) || called.contains(IntrinsicFunction.CURSOR_BEFORE_OR_AT);
    }

    private static String withClause(Map<String, String> withs) {
        if (withs.isEmpty()) {
            return "";
        }
        return withs.entrySet().stream()
                .map(with -> with.getKey() + " AS MATERIALIZED (" + with.getValue() + ")")
                .collect(Collectors.joining(", ", "WITH ", " "));
    }

    Select select(Plan plan) {
        int weight = plan instanceof Plan.Join || plan instanceof Plan.Expand || plan instanceof Plan.Apply
                || plan instanceof Plan.StepScan || plan instanceof Plan.Sessions || plan instanceof Plan.Walks ? WEIGHT_OF_JOINS : 1;
        depth += weight;
        if (depth > DEPTH_MAX || ++steps > STEPS_MAX) {
            throw new KustoException(Errors.tooManySteps(DEPTH_MAX, STEPS_MAX));
        }
        Select written = isLateral() && isManySteps(plan) && !looksAround(plan) ? atFront(plan) : selectOf(plan);
        depth -= weight;
        return written;
    }

    private Select selectOf(Plan plan) {
        return switch (plan) {
            case Plan.Scan scan -> scans.select(scan, alias("t"));
            case Plan.Rows rows -> RowsSql.rows(this, rows);
            case Plan.Supplied supplied -> RowsSql.supplied(this, supplied, context.supplied());
            case Plan.Range range -> RowsSql.range(this, range);
            case Plan.Filter filter -> filter(filter);
            case Plan.Project project -> project(project);
            case Plan.Window window -> WindowSql.select(this, window);
            case Plan.Aggregate aggregate -> AggregateSql.select(this, aggregate);
            case Plan.Sort sort -> SortSql.sorted(this, sort.input(), sort.keys());
            case Plan.Limit limit -> limit(limit);
            case Plan.Top top -> SortSql.first(this, SortSql.sorted(this, top.input(), top.keys()), top.columns(), top.count());
            case Plan.Serialize serialize -> select(serialize.input());
            case Plan.Join join -> JoinSql.select(this, join);
            case Plan.Union union -> UnionSql.select(this, union);
            case Plan.Expand expand -> ExpandSql.expand(this, expand);
            case Plan.Apply apply -> ExpandSql.apply(this, apply);
            case Plan.ApplyInput _ ->
                applyInput.orElseThrow(() -> new AssertionError("a body stands outside its mv-apply or partition"));
            case Plan.Partition partition -> PartitionSql.select(this, partition);
            case Plan.MakeSeries series -> MakeSeriesSql.select(this, series);
            case Plan.StepScan scan -> ScanProgram.of(scan).map(program -> ScanProgramSql.select(this, scan, program))
                    .orElseGet(() -> StepScanSql.select(this, scan));
            case Plan.Sessions sessions -> SessionsSql.select(this, sessions);
            case Plan.Walks walks -> WalksSql.select(this, walks);
            case Plan.Shared shared -> shared(shared);
            case Plan.Refused refused -> throw new AssertionError("'" + refused.construct() + "' was not refused");
        };
    }

    private Select filter(Plan.Filter filter) {
        if (filter.input() instanceof Plan.Join(JoinKind kind, Plan left, Plan right, List<JoinKey> keys)
                && kind == JoinKind.INNER_UNIQUE
                && References.areOnlyTo(filter.predicate(), ids(left))) {
            // Kusto filters before it picks the left row of a key: recorded answers depend on it.
            return JoinSql.select(this, new Plan.Join(kind, new Plan.Filter(left, filter.predicate()), right, keys));
        }
        Select rows = lasting(select(filter.input()), filter.input(), List.of(filter.predicate()));
        Select input = foldable(rows, filter.input(), List.of(filter.predicate()));
        var scalars = ScalarQueries.hoist(this, input, List.of(filter.predicate()));
        String condition = expressions(scalars.select()).condition(scalars.expressions().getFirst());
        boolean drawsOfElements = isVolatile(condition) && scalars.select().from().contains("unnest(");
        return drawsOfElements ? chosenByChance(scalars.select(), filter, condition) : scalars.select().and(condition);
    }

    /// What chance says of each row is a column first: a condition that names no column DuckDB asks before it takes lists apart, once for all elements.
    private Select chosenByChance(Select rows, Plan.Filter filter, String condition) {
        Column chosen = temporary(Type.BOOL);
        var values = new LinkedHashMap<>(rows.values());
        values.put(chosen.id(), condition);
        List<Assignment> assignments = Stream.concat(filter.columns().stream(), Stream.of(chosen))
                .map(column -> new Assignment(column, new Expr.Ref(column))).toList();
        Select drawn = nest(rows.withValues(values), new Plan.Project(filter.input(), assignments));
        return drawn.and(Select.name(chosen.id()));
    }

    private Select project(Plan.Project project) {
        List<Expr> expressions = project.assignments().stream().map(Assignment::value).toList();
        boolean computes = expressions.stream().anyMatch(expression -> !(expression instanceof Expr.Ref));
        Select input = lasting(select(project.input()), project.input(), expressions);
        // A projection under LIMIT would be computed for rows that are then thrown away.
        Select base = computes && input.isLimited()
                ? nest(input, project.input())
                : unrepeated(input, project.input(), expressions);
        var scalars = ScalarQueries.hoist(this, base, expressions);
        return scalars.select().withValues(assign(scalars.select(), project.assignments(), scalars.expressions()));
    }

    private Map<Integer, String> assign(Select base, List<Assignment> assignments, List<Expr> expressions) {
        ExprWriter writer = expressions(base);
        var values = new LinkedHashMap<Integer, String>();
        for (int i = 0; i < assignments.size(); i++) {
            values.put(assignments.get(i).column().id(), writer.write(expressions.get(i)));
        }
        values.putAll(base.hiddenValues());
        return values;
    }

    /// Beside another SELECT an aggregate of a column of that one would be its aggregate, so such columns become this one's own first.
    Select withAround(Select input, List<Column> columns, List<Expr> expressions, boolean isNumbered) {
        if (!isLateral()) {
            return input;
        }
        var values = new LinkedHashMap<>(input.values());
        outer.entrySet().stream().filter(column -> column.getKey() > 0).forEach(column -> values.putIfAbsent(column.getKey(), column.getValue()));
        List<Column> around = References.count(expressions).keySet().stream()
                .filter(id -> looksAround(values.getOrDefault(id, "")))
                .map(id -> new Column(id, "around", Type.DYNAMIC)).toList();
        if (around.isEmpty()) {
            return input;
        }
        var all = new LinkedHashMap<Integer, Column>();
        Stream.concat(columns.stream(), around.stream()).forEach(column -> all.putIfAbsent(column.id(), column));
        List<Column> kept = List.copyOf(all.values());
        Select wider = input.withValues(values);
        return Select.from("(" + wider.sqlSelecting(wider.items(kept) + (isNumbered ? ", o" : "")) + ") AS " + alias("q"), wider.plainValues(kept));
    }

    /// Whether SQL names what a row around this SELECT has.
    private boolean looksAround(String sql) {
        return outer.values().stream().anyMatch(value -> {
            int at = sql.indexOf(value);
            return at >= 0 && (at + value.length() == sql.length() || !Character.isDigit(sql.charAt(at + value.length())));
        });
    }

    /// Whether a body is being written that is evaluated beside each row of another SELECT.
    boolean isLateral() {
        return applyInput.isPresent();
    }

    /// Rows with their position as column `o`, which keeps an order through operators that would lose it.
    Select numbered(Select input, List<Column> columns) {
        if (applyInput.isPresent() && input.isOrdered()) {
            // Beside each row of another SELECT, rows come in an order only where the numbering itself names it.
            String order = "row_number() OVER (ORDER BY " + String.join(", ", input.orderBy()) + ") AS o";
            return Select.from("(" + input.sqlSelecting(input.items(columns) + ", " + order) + ") AS " + alias("q"), input.plainValues(columns));
        }
        Select rows = input.nested(columns, alias("q"));
        String inner = rows.sqlSelecting(rows.items(columns) + ", row_number() OVER () AS o");
        return Select.from("(" + inner + ") AS " + alias("q"), rows.values());
    }

    /// The rows with their number, where expressions over them ask queries and they would come in order only as long as they pass by: queries
    /// become joins, of which either side may pass by the other.
    private Select lasting(Select select, Plan plan, List<Expr> expressions) {
        boolean passes = select.isInOrder() || select.isOrdered() && select.isLimited();
        return passes && References.askQueries(expressions) ? numbered(select, plan.columns()).orderedBy(List.of("o")) : select;
    }

    static String plainItems(List<Column> columns) {
        return columns.stream().map(column -> Select.name(column.id()) + ", ").collect(Collectors.joining());
    }

    private Select limit(Plan.Limit limit) {
        Select rows = unlimited(select(limit.input()), limit.input());
        return limit.count() instanceof Expr.Constant(Type type, Object share) && type == Type.REAL
                ? rows.limitedTo(share + "%")
                : SortSql.first(this, rows, limit.columns(), limit.count());
    }

    /// Rows that are read several times, as something for `FROM`. Inside a correlated body they may refer to the row
    /// around it, so there they cannot move to the front.
    String named(String prefix, String sql) {
        if (applyInput.isPresent()) {
            return "(" + sql + ")";
        }
        String name = alias(prefix);
        withs.getLast().put(name, sql);
        return name;
    }

    /// The rows of `from`, each beside what `body` makes of `bodyInput`, which may refer to them.
    Select lateral(String from, Map<Integer, String> around, Select bodyInput, Plan body, List<Column> bodyColumns) {
        Optional<Select> inputBefore = applyInput;
        Map<Integer, String> outerBefore = outer;
        applyInput = Optional.of(bodyInput);
        var reach = new HashMap<>(outerBefore);
        reach.putAll(around);
        outer = reach;
        withs.addLast(new LinkedHashMap<>());
        Select made = select(body);
        String text = withClause(withs.removeLast()) + made.sql(bodyColumns);
        applyInput = inputBefore;
        outer = outerBefore;
        var values = new LinkedHashMap<>(around);
        values.putAll(around.isEmpty() ? made.plainValues(bodyColumns) : plain(bodyColumns));
        return Select.from(from + ", LATERAL (" + text + ") AS " + alias("q"), values);
    }

    private Select shared(Plan.Shared shared) {
        String name = CommonParts.ROWS + shared.id();
        if (!told.containsKey(name) && withs.stream().noneMatch(told -> told.containsKey(name))) {
            define(name, shared.definition(), () -> select(shared.definition()).sql(shared.definition().columns()));
        }
        String alias = alias("t");
        var values = new LinkedHashMap<Integer, String>();
        List<Column> defined = shared.definition().columns();
        Set<Integer> kept = told.getOrDefault(name, ids(shared.definition()));
        for (int i = 0; i < defined.size(); i++) {
            int id = defined.get(i).id();
            // What is not kept nobody reads, though it may be carried along.
            values.put(shared.columns().get(i).id(), kept.contains(id) ? alias + "." + Select.name(id) : "NULL");
        }
        return Select.from(name + " AS " + alias, values);
    }

    /// What reads the row around is told in its body, all else once for the whole statement.
    private void define(String name, Plan definition, Supplier<String> sql) {
        if (!isLateral() || looksAround(definition)) {
            with(name, sql.get());
        } else {
            defineAtFront(name, sql);
        }
    }

    private void defineAtFront(String name, Supplier<String> sql) {
        Optional<Select> inputBefore = applyInput;
        Map<Integer, String> outerBefore = outer;
        Deque<Map<String, String>> withsBefore = withs;
        applyInput = Optional.empty();
        outer = Map.of();
        withs = new ArrayDeque<>(List.of(withsBefore.getFirst()));
        with(name, sql.get());
        withs = withsBefore;
        applyInput = inputBefore;
        outer = outerBefore;
    }

    /// In a body, rows that are not made of what the body is for come from the front of the statement: beside the rows of another SELECT, DuckDB
    /// does not plan all that it plans by itself.
    private Select atFront(Plan plan) {
        String name = alias("s");
        var values = new LinkedHashMap<Integer, String>();
        var order = new ArrayList<String>();
        defineAtFront(name, () -> {
            Select select = selectOf(plan);
            values.putAll(select.plainValues(plan.columns()));
            if (!select.isOrdered()) {
                return select.sql(plan.columns());
            }
            order.add("o");
            Select numbered = numbered(select, plan.columns());
            return numbered.sqlSelecting(numbered.items(plan.columns()) + ", o");
        });
        return Select.from(name, values).orderedBy(order);
    }

    private static boolean isManySteps(Plan plan) {
        return plan instanceof Plan.Aggregate || plan instanceof Plan.MakeSeries || plan instanceof Plan.Apply || plan instanceof Plan.Partition
                || plan instanceof Plan.StepScan || plan instanceof Plan.Sessions || plan instanceof Plan.Walks;
    }

    private boolean looksAround(Plan definition) {
        return isLateral() && Intrinsics.looksAround(definition, outer.keySet());
    }

    private final class Inside implements ExprWriter.Subqueries {
        @Override
        public String firstColumn(Plan plan, boolean oneRow) {
            inner++;
            Select select = select(plan);
            Select bounded = oneRow ? unlimited(select, plan).limitedTo("1") : select;
            String sql = bounded.withValues(onlyVisible(bounded)).sql(plan.columns().subList(0, 1));
            inner--;
            return sql;
        }

        @Override
        public String cell(Expr.ScalarQuery query) {
            String name = CommonParts.VALUE + query.id();
            if (!told.containsKey(name) && (!isComputedBefore(query) || looksAround(query.plan()))) {
                return firstColumn(query.plan(), true);
            }
            if (!told.containsKey(name) && !withs.getFirst().containsKey(name)) {
                define(name, query.plan(), () -> firstColumn(query.plan(), true));
            }
            return "SELECT " + Select.name(query.plan().columns().getFirst().id()) + " FROM " + name;
        }
    }

    /// Beside the rows of another SELECT, DuckDB does not plan all queries that it plans by themselves.
    private boolean isComputedBefore(Expr.ScalarQuery query) {
        return isLateral() || computedBefore.contains(query.id());
    }

    private static Map<Integer, String> onlyVisible(Select select) {
        var values = new LinkedHashMap<>(select.values());
        values.keySet().removeIf(id -> id < 0);
        return values;
    }

    // Shared with the writers of single steps.

    ExprWriter expressions(Select over) {
        return expressions(over, Optional.empty());
    }

    /// @param order the column that has the order of the rows, for aggregates that keep it
    ExprWriter expressions(Select over, Optional<String> order) {
        return new ExprWriter(context, subqueries, bounds, over.values(), outer, order, inner > 0);
    }

    TextBounds bounds() {
        return bounds;
    }

    /// How many rows an item for `FROM` has if it is a stored table of which that is known; else 0.
    long tableRows(String from) {
        return scans.rows(from);
    }

    /// Whether an item for `FROM` is a stored table that is known to have no NaN in one of storage's columns.
    boolean isWithoutNan(String from, String column) {
        return scans.isWithoutNan(from, column);
    }

    String alias(String prefix) {
        return prefix + "_" + ++aliases;
    }

    Column temporary(Type type) {
        int id = ++temporaries;
        return new Column(id, "temporary", type);
    }

    void with(String name, String sql) {
        withs.getLast().put(name, sql);
    }

    Select nest(Select select, Plan plan) {
        if (!isLateral()) {
            return select.nested(plan.columns(), alias("q"));
        }
        if (!select.isOrdered()) {
            return nestBesideRow(select, plan.columns());
        }
        // Beside each row of another SELECT, an inner order tells nothing of the outer one.
        String place = alias("o");
        String items = select.items(plan.columns()) + ", row_number() OVER (ORDER BY " + String.join(", ", select.orderBy()) + ") AS " + place;
        return Select.from("(" + select.sqlSelecting(items) + ") AS " + alias("q"), select.plainValues(plan.columns())).orderedBy(List.of(place));
    }

    /// What the row around has is read from there further on, too: each of its columns that a body carries is one that DuckDB joins the body by.
    private Select nestBesideRow(Select select, List<Column> columns) {
        List<Column> own = columns.stream().filter(column -> !select.values().get(column.id()).equals(outer.get(column.id()))).toList();
        Select nested = select.nested(own, alias("q"));
        var values = new LinkedHashMap<>(nested.values());
        columns.forEach(column -> values.putIfAbsent(column.id(), outer.get(column.id())));
        return nested.withValues(values);
    }

    static Map<Integer, String> plain(List<Column> columns) {
        var values = new LinkedHashMap<Integer, String>();
        columns.forEach(column -> values.put(column.id(), Select.name(column.id())));
        return values;
    }

    Select unlimited(Select select, Plan plan) {
        return select.isLimited() ? nest(select, plan) : select;
    }

    /// The plan as a SELECT that these expressions can be written over.
    Select foldable(Plan plan, List<Expr> expressions) {
        return foldable(select(plan), plan, expressions);
    }

    Select foldable(Select select, Plan plan, List<Expr> expressions) {
        return select.isLimited() ? nest(select, plan) : unrepeated(select, plan, expressions);
    }

    Select unrepeated(Select select, Plan plan, List<Expr> expressions) {
        Map<Integer, Integer> counts = References.count(expressions);
        Set<Integer> always = References.always(expressions);
        boolean tries = expressions.stream().anyMatch(ScalarQueries::tries);
        boolean repeats = select.values().entrySet().stream().anyMatch(value -> {
            int uses = counts.getOrDefault(value.getKey(), 0);
            String sql = value.getValue();
            return uses > 0 && (isVolatile(sql) || tries && isVolatileToDuckDb(sql))
                    || uses > 1 && (sql.length() > REPEATED_CHARS_MAX || sql.contains(KERNEL))
                            && (always.contains(value.getKey()) || uses > FAILING_USES_MAX || uses * sql.length() > FAILING_CHARS_MAX || !mayFail(sql));
        });
        return repeats ? nest(select, plan) : select;
    }

    static boolean mayFail(String sql) {
        return sql.contains(KERNEL) && MAY_FAIL.matcher(sql).find();
    }

    // Written into a filter or beside its column, a random value would be drawn again.
    static boolean isVolatile(String sql) {
        return sql.contains("random()") || sql.contains("gen_random_uuid()");
    }

    // DuckDB takes what may end the query for volatile, and so what looks at whole batches: neither orders a window nor stands in a TRY.
    static boolean isVolatileToDuckDb(String sql) {
        return isVolatile(sql) || sql.contains("error(") || sql.contains(TextBounds.FITS);
    }

    static Set<Integer> ids(Plan plan) {
        return plan.columns().stream().map(Column::id).collect(Collectors.toSet());
    }
}
