package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The plugins that are queries themselves: what each stands for is written in KQL, with the plugin's input as `_T`, its arguments as `_0`, `_1` …, its
/// dimensions after a comma as `{D}`, and the table of a lookup as `_L`. The answer's columns are named afterwards, in their order.
final class PluginQueries {
    static final Set<String> NAMES = Set.of("active_users_count", "activity_counts_metrics", "activity_engagement", "activity_metrics", "autocluster", "basket",
            "diffpatterns", "estimate_rows_count", "funnel_sequence_completion", "geo_line_lookup", "geo_polygon_lookup", "ipv4_lookup", "ipv6_lookup", "narrow", "new_activity_metrics", "rolling_percentile", "rows_near",
            "schema_merge", "sequence_detect", "session_count", "sliding_window_counts");

    private static final Set<String> CALENDAR = new TreeSet<>(Set.of("week", "month", "year"));

    private static final String ACTIVITY_COUNTS = """
            let w = _T | where _1 between (_2 .. _3) | extend _b = bin_at(_1, _4, _2);
            w | summarize _c = count(), _d = dcount(_0) by _b{D}
            | join kind=leftouter (w | summarize _b = min(_b) by _0{D} | summarize _n = count() by _b{D}) on _b{D}
            | extend _n = coalesce(_n, 0)
            | sort by {S}_b asc
            | extend _a = row_cumsum(_n{R})
            | project _b{D}, _c, _d, _n, _a""";
    private static final String SLIDING_WINDOW = """
            _T | extend _b = bin_at(_1, _5, _2) | where _1 <= _3
            | mv-expand _k = range(0, tolong(_4 / _5) - 1) to typeof(long)
            | extend _t = _b + _k * _5
            | where _t between (_2 .. _3)
            | summarize _c = count(), _d = dcount(_0) by _t{D}
            | sort by {S}_t asc
            | project _t{D}, _c, _d""";
    /// Periods of the calendar are of several lengths, so each row meets those that begin within the window from its own on.
    private static final String SLIDING_CALENDAR = """
            _T | extend _b = bin_at(_1, _5, _2), _k = 1 | where _1 <= _3
            | join kind=inner (range _t from startofday(_2) to _3 step 1d | where _t == bin_at(_t, _5, _2) | extend _k = 1) on _k
            | where _t >= _b and _t - _b < _4
            | summarize _c = count(), _d = dcount(_0) by _t{D}
            | sort by {S}_t asc
            | project _t{D}, _c, _d""";
    private static final String ACTIVE_USERS = """
            let w = _T | where _1 > _2 - _4 and _1 <= _3 | distinct _0, _1{D};
            w | where _1 >= _2
            | join kind=inner (w | project-rename _p = _1) on _0{D}
            | where _p > _1 - _4 and _p <= _1
            | summarize _n = dcount(bin(_p, _5)) by _0, _1{D}
            | where _n >= _6
            | summarize _c = dcount(_0) by _b = bin_at(_1, _7, _2){D}
            | sort by {S}_b asc
            | project _b{D}, _c""";
    private static final String ACTIVITY_METRICS = """
            let w = _T | {W}| extend _b = {B} | distinct _0, _b{D};
            w | join kind=leftouter (w | extend _b = _b + {P}, _r = 1) on _0, _b{D}
            | summarize _v = count(), _s = countif(isnotnull(_r)) by _b{D}
            | join kind=leftouter (w | summarize _p = count() by _b{D} | extend _b = _b + {P}) on _b{D}
            | extend _p = todouble(coalesce(_p, 0))
            | sort by {S}_b asc
            | project _b{D}, _v, _n = _v - _s, _k = _s / _p, _l = (_p - _s) / _p""";
    private static final String ENGAGEMENT = """
            let w = _T | extend _b = {B} | distinct _0, _b{D};
            let inner = w | summarize _i = dcount(_0) by _b{D};
            let outer = w | mv-expand _k = range(0, tolong({O} / {P}) - 1) to typeof(long) | extend _b = _b + _k * {P} | summarize _o = dcount(_0) by _b{D};
            inner | {V}| join kind=inner outer on _b{D}
            | sort by {S}_b asc
            | project _b{D}, _i, _o, _q = todouble(_i) / _o""";
    private static final String NEW_ACTIVITY = """
            let w = _T | where _1 between (_2 .. _3) {L}| extend _b = bin_at(_1, _4, _2) | distinct _0, _b{D};
            let g = w | join kind=inner (w | summarize _f = min(_b) by _0{D}) on _0{D};
            let cohorts = g | where _b == _f {C}| summarize _n = count() by _f{D};
            let pairs = g | summarize _c = count() by _f, _b{D};
            cohorts | extend _k = 1
            | join kind=inner ({G}| extend _k = 1) on _k
            | where _b >= _f
            | join kind=leftouter (pairs | project _f, _b{D}, _r = _c) on _f, _b{D}
            | join kind=leftouter (cohorts | project _f{D}, _k = 1
                | join kind=inner (pairs | project _g = _f, _b{D}, _c, _k = 1) on _k{D}
                | where _b >= _f and (_g > _f or _b == _f and _g == _f)
                | summarize _m = sum(_c) by _f, _b{D}) on _f, _b{D}
            | extend _r = coalesce(_r, 0), _m = coalesce(_m, 0)
            | sort by {S}_f asc, _b asc
            | project _f, _b{D}, _m, _r, _h = _n - _r, _x = todouble(_r) / _n, _y = todouble(_n - _r) / _n""";
    private static final String ROLLING_PERCENTILE = """
            let w = _T | extend _b = bin(_2, _3);
            w | mv-expand _k = range(0, _4 - 1) to typeof(long)
            | extend _b = _b + _k * _3
            | join kind=inner (w | distinct _b{D}) on _b{D}
            | summarize _p = percentile(_0, _1) by _b{D}
            | sort by {S}_b asc
            | project _b{D}, _p""";
    /// How far the last row that fits lies before each row, and behind it the same from the end.
    private static final String ROWS_NEAR = """
            let w = _T | serialize _r = row_number();
            let ahead = w | extend _g = row_cumsum(toint(_0)) | where _g > 0
                | extend _d = row_number(0, _g != prev(_g)) | where _d <= {A} | project _r;
            let behind = w | sort by _r desc | extend _g = row_cumsum(toint(_0)) | where _g > 0
                | extend _d = row_number(0, _g != prev(_g)) | where _d <= _1 | project _r;
            w | where _r in (ahead) or _r in (behind) | sort by _r asc | project {I}""";
    private static final String SCHEMA_MERGE = """
            _T | serialize _f = row_number()
            | project _f, _n = {name}, _o = {ordinal}, _t = {data}, _c = {kind}
            | summarize arg_min(_f, _t, _c), _a = min(_o), _z = max(_o) by _n
            | extend _w = _a != _z and {P}
            | sort by _z asc, _f asc | extend _o = row_number() - 1
            | sort by _w asc, _o asc
            | project _n, iff(_w, -1, toint(_o)), iff(_w, 'ERROR(unknown CSL type:ERROR(columns are out of order))', _t),
                iff(_w, 'ERROR(columns are out of order)', _c)""";
    private static final String NARROW = """
            _T | serialize _r = row_number() - 1
            | project _r, _c = pack_array({names}), _v = pack_array({texts})
            | mv-expand _c to typeof(string), _v to typeof(string)
            | project _r, _c, _v""";
    private static final String LOOKUP = """
            let w = materialize(_T | serialize _r = row_number());
            let m = materialize(w | extend _k = 1 | join kind=inner (_L | extend _k = 1) on _k{E} | where {M});
            m | project _r, {I}, {J}{U} | sort by _r asc | project-away _r""";

    private final Binder binder;

    PluginQueries(Binder binder) {
        this.binder = binder;
    }

    /// One use of a plugin.
    final class Use {
        private final Syntax.Evaluate op;
        private final String name;
        private final Rows input;
        private final Scope scope;
        private final Scope inner;
        private final List<Expression> arguments = new ArrayList<>();
        private final Map<String, Expression> options = new LinkedHashMap<>();
        /// Names that stand before more than one argument.
        private final List<Syntax.Name> repeated = new ArrayList<>();
        /// The arguments that are values, in their places.
        private final List<Optional<Expr>> values = new ArrayList<>();
        private final List<Plan.Assignment> columns = new ArrayList<>();
        private Optional<Rows> lookback = Optional.empty();

        Use(Syntax.Evaluate op, Rows input, Scope scope) {
            this.op = op;
            this.name = op.plugin().function().text();
            this.input = input;
            this.scope = scope;
            this.inner = scope.inner();
            for (Expression argument : op.plugin().arguments()) {
                if (argument instanceof Syntax.NamedExpression(Syntax.Name option, Expression value, _)) {
                    if (options.put(option.text(), value) != null) {
                        repeated.add(option);
                    }
                } else {
                    arguments.add(argument);
                }
            }
        }

        Syntax.Evaluate op() {
            return op;
        }

        String name() {
            return name;
        }

        Rows input() {
            return input;
        }

        Scope inner() {
            return inner;
        }

        List<Optional<Expr>> values() {
            return values;
        }

        /// Constants become names of the query, everything else columns of its input.
        ///
        /// @param skipped arguments that are no values
        boolean bind(Set<Integer> skipped) {
            Env env = Env.of(scope, Columns.of(input), "evaluate").with(Calculations.over(input.plan()));
            for (int i = 0; i < arguments.size(); i++) {
                if (skipped.contains(i)) {
                    values.add(Optional.empty());
                    continue;
                }
                Optional<Scalar> value = binder.expressions.scalar(arguments.get(i), env);
                if (value.isEmpty()) {
                    return false;
                }
                Expr expr = value.get().expr();
                values.add(Optional.of(expr));
                if (ExprWalk.columns(expr).isEmpty()) {
                    inner.declare("_" + i, Scalar.named(expr, "_" + i));
                } else {
                    columns.add(new Plan.Assignment(binder.column("_" + i, expr.type()), expr));
                }
            }
            return true;
        }

        /// The named arguments, each a condition, as columns of the input.
        boolean bindConditions() {
            Env env = Env.of(scope, Columns.of(input), "evaluate").with(Calculations.over(input.plan()));
            int count = 0;
            for (Expression condition : options.values()) {
                Optional<Scalar> value = binder.expressions.scalar(condition, env);
                if (value.isEmpty()) {
                    return false;
                }
                Expr expr = value.get().expr();
                if (expr.type() != Type.BOOL) {
                    binder.report(Messages.typeExpected(condition.span(), name, "bool", expr.type()));
                    return false;
                }
                columns.add(new Plan.Assignment(binder.column("_q" + count++, Type.BOOL), expr));
            }
            return true;
        }

        /// The ids of a table that is looked back at, under the name of the input's.
        boolean look(Rows rows) {
            Optional<Column> id = arguments.getFirst() instanceof Syntax.NameReference(String text, _, _)
                    ? Columns.of(rows).find(text) : rows.columns().stream().findFirst();
            if (id.isEmpty()) {
                binder.report(Messages.failedInside(op.plugin().function().span(), name, "the table to look back at has no column of the ids"));
                return false;
            }
            inner.declare("_L", Rows.of(once(new Plan.Project(rows.plan(),
                    List.of(new Plan.Assignment(binder.column("_0", id.get().type()), new Expr.Ref(id.get())))))));
            lookback = Optional.of(rows);
            return true;
        }

        /// The distance of a lookup where it is given by its name.
        boolean bindRadius() {
            Expression radius = options.get("radius");
            if (radius == null) {
                return true;
            }
            Optional<Expr> value = binder.expressions.expr(radius, Env.of(scope));
            value.ifPresent(expr -> inner.declare("_radius", Scalar.named(expr, "_radius")));
            return value.isPresent();
        }

        boolean isConstant(int index) {
            return index < values.size() && values.get(index).filter(expr -> ExprWalk.columns(expr).isEmpty()).isPresent();
        }

        boolean isText(int index) {
            return index < values.size() && values.get(index).filter(expr -> expr.type() == Type.STRING).isPresent();
        }

        boolean option(String option) {
            return options.get(option) instanceof Syntax.BoolLiteral value && value.value();
        }

        /// The query, with the dimensions from an argument on.
        String text(String template, int dimensionsFrom) {
            List<String> dimensions = IntStream.range(dimensionsFrom, Math.max(dimensionsFrom, arguments.size())).mapToObj(i -> "_" + i).toList();
            return template
                    .replace("{D}", dimensions.stream().map(d -> ", " + d).collect(Collectors.joining()))
                    .replace("{S}", dimensions.stream().map(d -> d + " asc, ").collect(Collectors.joining()))
                    .replace("{N}", dimensions.stream().map(d -> " or " + d + " != prev(" + d + ")").collect(Collectors.joining()))
                    .replace("{R}", dimensions.isEmpty() ? "" : ", " + dimensions.stream().map(d -> d + " != prev(" + d + ")")
                            .collect(Collectors.joining(" or ")));
        }

        /// The input's columns, under their names.
        String given() {
            return input.columns().stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "));
        }

        Optional<Rows> run(String query) {
            inner.declare("_T", Rows.of(once(Binder.extend(input.plan(), columns))));
            Syntax.FunctionBody body = new Syntax.FunctionBody(Parser.parse(query).tree().statements(), op.span());
            Meaning meaning = binder.deeper(op.plugin().function().span(), true, name, () -> {
                Binder.Apart<Meaning> bound = binder.apart(() -> new Statements(binder).body(body, inner));
                Optional<Diagnostic> error = bound.errors().stream().findFirst();
                error.ifPresent(wrong -> binder.report(Messages.failedInside(op.plugin().function().span(), name, wrong.message())));
                return error.isPresent() ? new Meaning.Failed() : bound.result();
            }, Meaning.Failed::new);
            return meaning instanceof Rows rows ? Optional.of(rows) : Optional.empty();
        }
    }

    /// A plugin reads its input once, its query perhaps several times: only a table with filters is cheap and certain enough for that.
    private Plan once(Plan plan) {
        return isTable(plan) ? plan : binder.entities.shared(plan);
    }

    private static boolean isTable(Plan plan) {
        return switch (plan) {
            case Plan.Scan _, Plan.Shared _ -> true;
            case Plan.Rows rows -> rows.rows().stream().flatMap(List::stream).allMatch(ExprWalk::isConstant);
            case Plan.Filter filter -> isTable(filter.input()) && !ExprWalk.anyAround(List.of(), filter.predicate(), PluginQueries::mayDiffer);
            case Plan.Project project -> isTable(project.input())
                    && project.assignments().stream().allMatch(assignment -> assignment.value() instanceof Expr.Ref);
            case Plan other -> false;
        };
    }

    /// Queries in a predicate may take rows by chance, and are not cheap.
    private static boolean mayDiffer(Expr expr) {
        return expr instanceof Expr.InQuery || expr instanceof Expr.ScalarQuery || expr instanceof Expr.Call call && (call.function().equals("rand") || call.function().equals("new_guid"));
    }

    static String quoted(String name) {
        return "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
    }

    /// Empty where an argument is wrong, which has been told, or of a kind that is not built.
    Optional<Rows> rows(Syntax.Evaluate written, Rows input, Scope scope) {
        Optional<Rows> lookback = lookback(written, input, scope);
        Syntax.Evaluate op = lookback.isPresent() ? withoutLast(written) : written;
        Use use = new Use(op, input, scope);
        if (lookback.isPresent() && !use.look(lookback.get())) {
            return Optional.empty();
        }
        boolean isLookup = use.name.endsWith("_lookup");
        Optional<Rows> found = isLookup ? lookup(use) : PatternPlugins.NAMES.contains(use.name) ? new PatternPlugins(binder, use).rows() : use.bind(Set.of()) ? query(use).flatMap(use::run) : Optional.empty();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        List<ColumnSchema> answer = new PluginColumns(binder).of(op, input, scope).columns();
        List<Column> made = found.get().columns();
        List<Plan.Assignment> named = new ArrayList<>();
        for (int i = 0; i < Math.min(answer.size(), made.size()); i++) {
            named.add(new Plan.Assignment(binder.column(answer.get(i).name(), made.get(i).type()), new Expr.Ref(made.get(i))));
        }
        return Optional.of(Rows.of(new Plan.Project(found.get().plan(), named)));
    }

    private Optional<String> query(Use use) {
        return switch (use.name) {
            case "activity_counts_metrics" -> calendar(use, 4, use.text(ACTIVITY_COUNTS, 5));
            case "sliding_window_counts" -> calendar(use, 5, use.text(use.isText(5) ? SLIDING_CALENDAR : SLIDING_WINDOW, 6));
            case "active_users_count" -> calendar(use, 7, use.text(ACTIVE_USERS, 8));
            case "activity_metrics" -> metrics(use);
            case "activity_engagement" -> engagement(use);
            case "new_activity_metrics" -> newActivity(use);
            case "session_count" -> Optional.of(use.text(SequenceQueries.SESSIONS, 6));
            case "sequence_detect" -> sequences(use);
            case "funnel_sequence_completion" -> completion(use);
            case "rolling_percentile" -> Optional.of(use.text(ROLLING_PERCENTILE, 5));
            case "rows_near" -> Optional.of(ROWS_NEAR.replace("{A}", use.arguments.size() > 2 ? "_2" : "_1").replace("{I}", use.given()));
            case "estimate_rows_count" -> Optional.of("_T | count");
            case "schema_merge" -> schemaMerge(use);
            case "narrow" -> Optional.of(NARROW
                    .replace("{names}", use.input.columns().stream().map(c -> "@'" + c.name().replace("'", "''") + "'").collect(Collectors.joining(", ")))
                    .replace("{texts}", use.input.columns().stream().map(c -> "tostring(" + quoted(c.name()) + ")").collect(Collectors.joining(", "))));
            default -> throw new IllegalStateException("no query for the plugin " + use.name);
        };
    }

    /// A query whose periods may be weeks, months or years: what they begin with, and what follows them, is then told by the calendar.
    private Optional<String> calendar(Use use, int period, String query) {
        if (!use.isText(period)) {
            return Optional.of(query);
        }
        if (!(use.values.get(period).orElseThrow() instanceof Expr.Constant(_, String name)) || !CALENDAR.contains(name)) {
            binder.report(Messages.failedInside(use.op.plugin().function().span(), use.name, "a period is a value or one of " + String.join(", ", CALENDAR)));
            return Optional.empty();
        }
        return Optional.of(query.replaceAll("bin_at\\((_\\w+), _" + period + ", _2\\)", "startof" + name + "($1)").replace("bin(_1, _" + period + ")", "startof" + name + "(_1)")
                .replace("_b + _" + period, "datetime_add('" + name + "', 1, _b)"));
    }

    /// Periods of `week`, `month` and `year` are not built here: other columns of the query count them.
    private Optional<String> periods(Use use, int period, String query) {
        if (use.isText(period)) {
            binder.refuse(use.op.plugin().function().span(), "evaluate " + use.name + " with a period of 'week', 'month' or 'year'");
            return Optional.empty();
        }
        return Optional.of(query);
    }

    /// `activity_metrics(id, time, [start, end,] window, dimensions…)`.
    private Optional<String> metrics(Use use) {
        boolean isBounded = use.isConstant(3) && use.isConstant(4);
        int window = isBounded ? 4 : 2;
        return calendar(use, window, use.text(ACTIVITY_METRICS, window + 1)
                .replace("{W}", isBounded ? "where _1 between (_2 .. _3) " : "where true ")
                .replace("{B}", isBounded ? "bin_at(_1, _4, _2)" : "bin(_1, _2)")
                .replace("{P}", "_" + window));
    }

    /// `activity_engagement(id, time, [start, end,] inner, outer, dimensions…)`.
    private Optional<String> engagement(Use use) {
        boolean isBounded = use.isConstant(4) && use.isConstant(5);
        int window = isBounded ? 4 : 2;
        return periods(use, window, use.text(ENGAGEMENT, window + 2)
                .replace("{V}", isBounded ? "where _b between (_2 .. _3) " : "where true ")
                .replace("{B}", isBounded ? "bin_at(_1, _4, _2)" : "bin(_1, _2)")
                .replace("{P}", "_" + window)
                .replace("{O}", "_" + (window + 1)));
    }

    /// `new_activity_metrics(id, time, start, end, window, [cohort,] dimensions…, [lookback])`.
    private Optional<String> newActivity(Use use) {
        boolean hasCohort = use.isConstant(5);
        String bounds = use.isText(4) ? "range _b from startofday(_2) to _3 step 1d | where _b >= _2 and _b == bin_at(_b, _4, _2) " : "range _b from _2 to _3 step _4 ";
        return calendar(use, 4, use.text(NEW_ACTIVITY, hasCohort ? 6 : 5)
                .replace("{C}", hasCohort ? "and _f == bin_at(_5, _4, _2) " : "")
                .replace("{G}", bounds)
                .replace("{L}", use.lookback.isPresent() ? "| join kind=leftanti _L on _0 " : ""));
    }

    /// The last argument where it is a table: who is in it is not new.
    private Optional<Rows> lookback(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        if (!op.plugin().function().text().equals("new_activity_metrics") || arguments.size() < 6
                || arguments.getLast() instanceof Syntax.NameReference(String name, _, _) && Columns.of(input).find(name).isPresent()) {
            return Optional.empty();
        }
        return binder.apart(() -> binder.expressions.any(arguments.getLast(), Env.of(scope))).result() instanceof Rows rows
                ? Optional.of(rows) : Optional.empty();
    }

    private static Syntax.Evaluate withoutLast(Syntax.Evaluate op) {
        Syntax.FunctionCall call = op.plugin();
        List<Expression> arguments = call.arguments().subList(0, call.arguments().size() - 1);
        return new Syntax.Evaluate(op.parameters(), new Syntax.FunctionCall(call.function(), call.parameters(), arguments, call.span()), op.schema(), op.span());
    }

    /// `sequence_detect(time, step, span, a = condition, b = condition …, dimensions…)`.
    private Optional<String> sequences(Use use) {
        if (use.options.isEmpty()) {
            binder.refuse(use.op.plugin().function().span(), "evaluate sequence_detect with steps that have no name");
            return Optional.empty();
        }
        if (!use.repeated.isEmpty()) {
            Syntax.Name step = use.repeated.getFirst();
            binder.report(Messages.failedInside(step.span(), use.name, "there is more than one step " + step.text()));
            return Optional.empty();
        }
        List<String> dimensions = IntStream.range(3, use.arguments.size()).mapToObj(i -> "_" + i).toList();
        return use.bindConditions() ? Optional.of(SequenceQueries.detection(use.options.size(), dimensions)) : Optional.empty();
    }

    /// `funnel_sequence_completion(id, time, start, end, bin, state, states, periods)`.
    private Optional<String> completion(Use use) {
        if (use.values.size() < 8 || !(use.values.get(6).orElseThrow() instanceof Expr.Constant(Type type, String sequence))
                || type != Type.DYNAMIC || !DynamicParts.isArray(sequence)) {
            binder.refuse(use.op.plugin().function().span(), "evaluate funnel_sequence_completion with a sequence that is no constant array");
            return Optional.empty();
        }
        List<String> states = DynamicParts.elements(sequence);
        for (int i = 0; i < states.size(); i++) {
            String state = states.get(i);
            String text = DynamicText.stringValue(state).orElseGet(() -> DynamicText.toJson(state));
            use.inner.declare("_q" + i, Scalar.named(new Expr.Constant(Type.STRING, text), "_q" + i));
        }
        if (states.isEmpty()) {
            binder.report(Messages.failedInside(use.op.plugin().function().span(), use.name, "the sequence has no states"));
            return Optional.empty();
        }
        return Optional.of(SequenceQueries.completion(states.size(), use.values.get(1).orElseThrow().type(), use.values.get(5).orElseThrow().type()));
    }

    private Optional<String> schemaMerge(Use use) {
        List<Column> columns = use.input.columns();
        if (columns.size() < 4) {
            return Optional.empty();
        }
        boolean isFree = use.options.get("PreserveOrder") instanceof Syntax.BoolLiteral preserve && !preserve.value()
                || !use.arguments.isEmpty() && use.arguments.getFirst() instanceof Syntax.BoolLiteral first && !first.value();
        return Optional.of(SCHEMA_MERGE.replace("{name}", quoted(columns.get(0).name())).replace("{ordinal}", quoted(columns.get(1).name()))
                .replace("{data}", quoted(columns.get(2).name())).replace("{kind}", quoted(columns.get(3).name())).replace("{P}", isFree ? "false" : "true"));
    }

    /// Rows with those of another table that fit them.
    private Optional<Rows> lookup(Use use) {
        boolean isAddress = use.name.startsWith("ip");
        int key = isAddress ? 2 : 1;
        if (use.arguments.size() <= key || !(use.arguments.get(key) instanceof Syntax.NameReference(String keyName, _, _))) {
            binder.refuse(use.op.plugin().function().span(), "evaluate " + use.name + " with a key that is no column");
            return Optional.empty();
        }
        Optional<Rows> table = binder.expressions.rows(use.arguments.getFirst(), use.scope);
        Set<Integer> skipped = isAddress
                ? IntStream.range(0, use.arguments.size()).filter(i -> i != 1).boxed().collect(Collectors.toSet()) : Set.of(0, 1);
        if (table.isEmpty() || !use.bind(skipped) || !use.bindRadius()) {
            return Optional.empty();
        }
        List<String> equal = new ArrayList<>();
        for (int i = 3; isAddress && i < use.arguments.size(); i++) {
            if (use.arguments.get(i) instanceof Syntax.NameReference(String name, _, _)) {
                equal.add(name);
            }
        }
        boolean withKey = isAddress || use.option("return_lookup_key");
        List<Plan.Assignment> renamed = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        StringBuilder same = new StringBuilder();
        for (Column column : table.get().columns()) {
            String name = column.name().equals(keyName) ? "_key" : "_l" + renamed.size();
            renamed.add(new Plan.Assignment(binder.column(name, column.type()), new Expr.Ref(column)));
            if (equal.contains(column.name())) {
                same.append(", $left.").append(quoted(column.name())).append(" == $right.").append(name);
            } else if (!name.equals("_key") || withKey) {
                kept.add(name);
            }
        }
        use.inner.declare("_L", Rows.of(new Plan.Project(table.get().plan(), renamed)));
        String others = kept.stream().map(name -> ", " + name).collect(Collectors.joining());
        return use.run(LOOKUP.replace("{E}", same).replace("{M}", match(use)).replace("{I}, {J}", use.given() + others)
                .replace("{U}", use.option("return_unmatched") ? " | union (w | join kind=leftanti m on _r | project _r, " + use.given() + ")" : ""));
    }

    private static String match(Use use) {
        return switch (use.name) {
            case "ipv4_lookup" -> "ipv4_is_in_range(_1, _key)";
            case "ipv6_lookup" -> "ipv6_is_in_range(_1, _key)";
            case "geo_line_lookup" -> "geo_distance_point_to_line(_2, _3, _key) <= " + radius(use);
            default -> use.arguments.size() > 4 || use.options.containsKey("radius")
                    ? "geo_distance_point_to_polygon(_2, _3, _key) <= " + radius(use) : "geo_point_in_polygon(_2, _3, _key)";
        };
    }

    private static String radius(Use use) {
        return use.options.containsKey("radius") ? "_radius" : "_4";
    }
}
