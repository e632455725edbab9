package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The plugins that are queries themselves: what each stands for is written in KQL, with the plugin's input as `_T`, its arguments as `_0`, `_1` …, its
/// dimensions after a comma as `{D}`, and the table of a lookup as `_L`. The answer's columns are named afterwards, in their order.
final class PluginQueries {
    static final Set<String> NAMES = Set.of("active_users_count", "activity_counts_metrics", "activity_engagement", "activity_metrics", "autocluster", "basket",
            "diffpatterns", "diffpatterns_text", "estimate_rows_count", "funnel_sequence_completion", "geo_line_lookup", "geo_polygon_lookup", "ipv4_lookup", "ipv6_lookup", "narrow", "new_activity_metrics", "rolling_percentile", "rows_near",
            "schema_merge", "sequence_detect", "session_count", "sliding_window_counts");

    /// Those that say something of each column, and nothing where there is none.
    private static final Set<String> OF_COLUMNS = Set.of("autocluster", "basket", "narrow");

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
            _T | serialize _r = row_number(0)
            | mv-expand _c = pack_array({names}) to typeof(string), _v = pack_array({texts}) to typeof(string)
            | project _r, _c, _v""";

    /// A time, two states, how many, and which.
    private static final int FUNNEL_COLUMNS = 5;

    private final Binder binder;

    PluginQueries(Binder binder) {
        this.binder = binder;
    }

    /// Empty where an argument is wrong, which has been told, or of a kind that is not built.
    Optional<Rows> rows(Syntax.Evaluate written, Rows input, Scope scope) {
        ActivityQueries activity = new ActivityQueries(binder);
        Optional<Rows> lookback = activity.lookback(written, input, scope);
        Syntax.Evaluate op = lookback.isPresent() ? ActivityQueries.withoutLast(written) : written;
        PluginUse use = new PluginUse(binder, op, input, scope);
        if (lookback.isPresent() && !use.look(lookback.get())) {
            return Optional.empty();
        }
        List<ColumnSchema> answer = new PluginColumns(binder).of(op, input, scope).columns();
        if (input.columns().isEmpty() && OF_COLUMNS.contains(use.name())) {
            return Optional.of(Rows.of(binder.nothing(answer.stream().map(column -> binder.column(column.name(), column.type())).toList())));
        }
        Optional<Rows> found = use.name().endsWith("_lookup") ? new LookupQueries(binder).rows(use)
                : PatternPlugins.NAMES.contains(use.name()) ? new PatternPlugins(binder, use).rows()
                : use.name().equals(TextPatterns.NAME) ? new TextPatterns(binder, use).rows()
                : !use.bind(Set.of()) || !fits(use) ? Optional.empty()
                : (ActivityQueries.NAMES.contains(use.name()) ? activity.query(use) : query(use)).flatMap(use::run);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        List<Column> made = found.get().columns();
        if (answer.size() < made.size()) {
            // The answer is named after columns that are given.
            binder.refuse(use.at(), "evaluate " + use.name() + " over what is no column");
            return Optional.empty();
        }
        List<Plan.Assignment> named = new ArrayList<>();
        for (int i = 0; i < Math.min(answer.size(), made.size()); i++) {
            named.add(new Plan.Assignment(binder.column(answer.get(i).name(), made.get(i).type()), new Expr.Ref(made.get(i))));
        }
        return Optional.of(Rows.of(new Plan.Project(found.get().plan(), named)));
    }

    /// Where the time stands by which a plugin puts rows into periods, or the number that takes its place.
    private static final Map<String, Integer> TIME = Map.of("active_users_count", 1, "activity_counts_metrics", 1, "activity_engagement", 1,
            "activity_metrics", 1, "funnel_sequence_completion", 1, "new_activity_metrics", 1, "sequence_detect", 0, "session_count", 1, "sliding_window_counts", 1);

    private static final String SUMMABLE = "datetime, timespan or a number";

    private static boolean fits(PluginUse use) {
        return switch (use.name()) {
            case "rows_near" -> use.takes(0, type -> type == Type.BOOL, "bool") & use.takes(1, Type::isInteger, "long") & use.takes(2, Type::isInteger, "long");
            case "rolling_percentile" -> use.takes(0, PluginQueries::isSummable, SUMMABLE) & use.takes(1, Type::isNumeric, "a number")
                    & use.takes(2, PluginQueries::isSummable, SUMMABLE) & use.takes(4, Type::isInteger, "long");
            case String name when TIME.containsKey(name) -> use.takes(TIME.get(name), PluginQueries::isSummable, SUMMABLE);
            default -> true;
        };
    }

    private static boolean isSummable(Type type) {
        return type.isNumeric() || type == Type.DATETIME || type == Type.TIMESPAN;
    }

    private Optional<String> query(PluginUse use) {
        return switch (use.name()) {
            case "session_count" -> Optional.of(use.text(SequenceQueries.SESSIONS, 6));
            case "sequence_detect" -> sequences(use);
            case "funnel_sequence_completion" -> completion(use);
            case "rolling_percentile" -> Optional.of(use.text(ROLLING_PERCENTILE, 5));
            case "rows_near" -> Optional.of(ROWS_NEAR.replace("{A}", use.arguments().size() > 2 ? "_2" : "_1").replace("{I}", use.given()));
            case "estimate_rows_count" -> Optional.of("_T | count");
            case "schema_merge" -> schemaMerge(use);
            case "narrow" -> Optional.of(NARROW
                    .replace("{names}", use.input().columns().stream().map(c -> "@'" + c.name().replace("'", "''") + "'").collect(Collectors.joining(", ")))
                    .replace("{texts}", use.input().columns().stream().map(c -> "tostring(" + use.written(c) + ")").collect(Collectors.joining(", "))));
            default -> throw new IllegalStateException("no query for the plugin " + use.name());
        };
    }

    /// `sequence_detect(time, step, span, a = condition, b = condition …, dimensions…)`.
    private Optional<String> sequences(PluginUse use) {
        if (use.options().isEmpty()) {
            binder.refuse(use.at(3), "evaluate sequence_detect with steps that have no name");
            return Optional.empty();
        }
        if (!use.repeated().isEmpty()) {
            Syntax.Name step = use.repeated().getFirst();
            binder.report(Messages.failedInside(step.span(), use.name(), "there is more than one step " + step.text()));
            return Optional.empty();
        }
        if (use.options().size() > SequenceQueries.STEPS_MAX) {
            var step = List.copyOf(use.options().values()).get(SequenceQueries.STEPS_MAX);
            binder.report(Messages.failedInside(step.span(), use.name(), "at most " + SequenceQueries.STEPS_MAX + " steps can be followed"));
            return Optional.empty();
        }
        List<String> dimensions = IntStream.range(3, use.arguments().size()).mapToObj(i -> "_" + i).toList();
        return use.bindConditions() ? Optional.of(SequenceQueries.detection(use.options().size(), dimensions)) : Optional.empty();
    }

    /// `funnel_sequence_completion(id, time, start, end, bin, state, states, periods)`.
    private Optional<String> completion(PluginUse use) {
        if (use.values().size() < 8) {
            return Optional.empty();
        }
        return states(use, 6).map(states -> SequenceQueries.completion(
                states, use.values().get(1).orElseThrow().type(), use.values().get(5).orElseThrow().type()));
    }

    /// The states of a sequence as `_q0`, `_q1` …, and how many they are.
    private Optional<Integer> states(PluginUse use, int argument) {
        if (!(use.values().get(argument).orElseThrow() instanceof Expr.Constant(Type type, String sequence))
                || type != Type.DYNAMIC || !DynamicParts.isArray(sequence)) {
            binder.refuse(use.at(argument), "evaluate " + use.name() + " with a sequence that is no constant array");
            return Optional.empty();
        }
        List<String> states = DynamicParts.elements(sequence);
        if (states.size() > SequenceQueries.STEPS_MAX) {
            binder.report(Messages.failedInside(use.at(argument), use.name(), "the sequence has " + states.size() + " states, of which at most "
                    + SequenceQueries.STEPS_MAX + " can be followed"));
            return Optional.empty();
        }
        for (int i = 0; i < states.size(); i++) {
            String state = states.get(i);
            String text = DynamicText.stringValue(state).orElseGet(() -> DynamicText.toJson(state));
            use.inner().declare("_q" + i, Scalar.named(new Expr.Constant(Type.STRING, text), "_q" + i));
        }
        if (states.isEmpty()) {
            binder.report(Messages.failedInside(use.at(argument), use.name(), "the sequence has no states"));
            return Optional.empty();
        }
        return Optional.of(states.size());
    }

    /// `funnel_sequence(id, time, start, end, step window, bin, state, states)`: what came before and after a sequence, what before,
    /// and what after. Empty where an argument is wrong, which has been told.
    List<Bound.Result> funnel(Syntax.Evaluate op, Rows input, Scope scope) {
        PluginUse use = new PluginUse(binder, op, input, scope);
        if (use.arguments().size() < 8 || !use.bind(Set.of())) {
            return List.of();
        }
        Optional<Rows> matches = states(use, 7).flatMap(states -> use.run(SequenceQueries.funnel(states)));
        if (matches.isEmpty()) {
            return List.of();
        }
        use.inner().declare("_M", Rows.of(binder.entities.shared(matches.get().plan())));
        List<ColumnSchema> answer = new PluginColumns(binder).of(op, input, scope).columns();
        if (answer.size() < FUNNEL_COLUMNS) {
            binder.refuse(use.at(), "evaluate " + use.name() + " over what is no column");
            return List.of();
        }
        List<Bound.Result> tables = new ArrayList<>();
        for (String by : List.of("_p, _x", "_p", "_x")) {
            List<ColumnSchema> named = new ArrayList<>(answer);
            if (!by.contains("_x")) {
                named.remove(2);
            } else if (!by.contains("_p")) {
                named.remove(1);
            }
            use.run(SequenceQueries.funnelTable(by)).ifPresent(rows -> tables.add(new Bound.Result("", named(rows, named), false)));
        }
        return tables;
    }

    /// The columns under their names; states are written as they are given.
    private Plan named(Rows rows, List<ColumnSchema> names) {
        List<Plan.Assignment> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Column made = rows.columns().get(i);
            boolean isState = made.name().equals("_p") || made.name().equals("_x");
            all.add(new Plan.Assignment(binder.column(names.get(i).name(), names.get(i).type()),
                    isState ? binder.calls.convert(new Expr.Ref(made), names.get(i).type()) : new Expr.Ref(made)));
        }
        return new Plan.Project(rows.plan(), all);
    }

    private Optional<String> schemaMerge(PluginUse use) {
        List<Column> columns = use.input().columns();
        if (columns.size() < 4) {
            return use.failed("the input has a name, an ordinal, a data type and a column type of each column");
        }
        boolean isFree = use.options().get("PreserveOrder") instanceof Syntax.BoolLiteral preserve && !preserve.value()
                || !use.arguments().isEmpty() && use.arguments().getFirst() instanceof Syntax.BoolLiteral first && !first.value();
        return Optional.of(SCHEMA_MERGE.replace("{name}", use.written(columns.get(0))).replace("{ordinal}", use.written(columns.get(1)))
                .replace("{data}", use.written(columns.get(2))).replace("{kind}", use.written(columns.get(3))).replace("{P}", isFree ? "false" : "true"));
    }
}
