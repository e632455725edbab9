package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.DistinctSketch;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `evaluate`: the plugins.
public final class Plugins {
    /// Those that can be run.
    private static final Set<String> BUILT = Stream.of(
                    Stream.of("bag_unpack", "dcount_intersect", "funnel_sequence", "identity", "pivot", "preview"), PluginQueries.NAMES.stream(),
                    OutsideCalls.NAMES.stream())
            .flatMap(names -> names)
            .collect(Collectors.toUnmodifiableSet());

    /// The plugins there are, and how many arguments each needs at least.
    private static final Map<String, Integer> ARGUMENTS_MIN = Map.ofEntries(
            Map.entry("active_users_count", 8),
            Map.entry("activity_counts_metrics", 5),
            Map.entry("activity_engagement", 4),
            Map.entry("activity_metrics", 2),
            Map.entry("ai_chat_completion", 2),
            Map.entry("ai_chat_completion_prompt", 2),
            Map.entry("ai_embed_text", 2),
            Map.entry("ai_embeddings", 2),
            Map.entry("autocluster", 0),
            Map.entry("azure_digital_twins_query_request", 2),
            Map.entry("bag_unpack", 1),
            Map.entry("basket", 0),
            Map.entry("cosmosdb_sql_request", 2),
            Map.entry("csharp", 2),
            Map.entry("dax_request", 2),
            Map.entry("dcount_intersect", 2),
            Map.entry("diffpatterns", 3),
            Map.entry("diffpatterns_text", 2),
            Map.entry("estimate_rows_count", 0),
            Map.entry("execute_query", 2),
            Map.entry("execute_show_command", 2),
            Map.entry("external_datatable", 0),
            Map.entry("funnel_sequence", 8),
            Map.entry("funnel_sequence_completion", 8),
            Map.entry("geo_line_lookup", 5),
            Map.entry("geo_polygon_lookup", 4),
            Map.entry("http_request", 1),
            Map.entry("http_request_post", 1),
            Map.entry("identity", 0),
            Map.entry("identity_v3", 2),
            Map.entry("infer_storage_schema", 1),
            Map.entry("infer_storage_schema_with_suggestions", 1),
            Map.entry("ipv4_lookup", 3),
            Map.entry("ipv6_lookup", 3),
            Map.entry("mysql_request", 2),
            Map.entry("narrow", 0),
            Map.entry("new_activity_metrics", 5),
            Map.entry("pivot", 1),
            Map.entry("postgresql_request", 2),
            Map.entry("preview", 1),
            Map.entry("python", 2),
            Map.entry("r", 2),
            Map.entry("rolling_percentile", 5),
            Map.entry("rows_near", 2),
            Map.entry("schema_merge", 0),
            Map.entry("sequence_detect", 4),
            Map.entry("session_count", 6),
            Map.entry("sliding_window_counts", 6),
            Map.entry("sql_request", 2));

    /// How many arguments those take that have no list at their end.
    private static final Map<String, Integer> ARGUMENTS_MAX = Map.of("estimate_rows_count", 0, "narrow", 0, "rows_near", 3);

    /// All plugins that the service has, by name, and whether each can be run here.
    public static SortedMap<String, Boolean> known() {
        var known = new TreeMap<String, Boolean>();
        ARGUMENTS_MIN.keySet().forEach(name -> known.put(name, BUILT.contains(name)));
        return known;
    }

    private final Binder binder;

    Plugins(Binder binder) {
        this.binder = binder;
    }

    boolean isEnabled(Syntax.Evaluate op) {
        return binder.catalog().isPluginEnabled(op.plugin().function().text());
    }

    Optional<Rows> evaluate(Syntax.Evaluate op, Optional<Rows> piped, Scope scope) {
        String name = op.plugin().function().text();
        Integer least = ARGUMENTS_MIN.get(name);
        if (least == null) {
            binder.report(Messages.unknownPlugin(op.plugin().function().span(), name));
            return Optional.empty();
        }
        if (!binder.catalog().isPluginEnabled(name)) {
            binder.report(Messages.disabledPlugin(op.plugin().function().span(), name));
            return Optional.empty();
        }
        if (op.plugin().arguments().size() < least) {
            binder.report(Messages.wrongArgumentCount(op.plugin().function().span(), name, "at least " + Calls.plural(least),
                    op.plugin().arguments().size()));
        }
        Integer most = ARGUMENTS_MAX.get(name);
        if (most != null && op.plugin().arguments().size() > most) {
            binder.report(Messages.wrongArgumentCount(op.plugin().function().span(), name, "at most " + Calls.plural(most),
                    op.plugin().arguments().size()));
        }
        Rows input = piped.orElseGet(() -> Rows.of(binder.nothing(List.of())));
        return Optional.of(switch (name) {
            case "bag_unpack" -> new BagUnpack(binder).unpack(op, input, scope);
            case "pivot" -> new Pivot(binder).pivot(op, input, scope).orElseGet(() -> binder.isOnlyDeclared() ? answer(op, input, name, scope) : refused(op, input, name, scope));
            case "identity" -> new OutputSchema(binder).fitted(op, input);
            case String _ when OutsideCalls.NAMES.contains(name) && op.plugin().arguments().size() >= least ->
                    new OutsideCalls(binder).rows(op, piped, scope);
            case "dcount_intersect" -> intersections(op, input, scope).map(made -> new OutputSchema(binder).fitted(op, made)).orElseGet(() -> answer(op, input, name, scope));
            default -> PluginQueries.NAMES.contains(name)
                    ? new PluginQueries(binder).rows(op, input, scope).map(made -> new OutputSchema(binder).fitted(op, made)).orElseGet(() -> answer(op, input, name, scope))
                    : refused(op, input, name, scope);
        });
    }

    /// `dcount_intersect(hll, hll, …)`: the input, and how many distinct values the first, the first two … sets have in common.
    private Optional<Rows> intersections(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Syntax.Expression> sets = op.plugin().arguments();
        if (sets.size() > DistinctSketch.INTERSECTED_MAX) {
            binder.report(Messages.wrongArgumentCount(op.plugin().function().span(), "dcount_intersect",
                    "between 2 and " + DistinctSketch.INTERSECTED_MAX + " arguments", sets.size()));
            return Optional.empty();
        }
        Calculations windows = Calculations.over(input.plan());
        Env env = Env.of(scope, Columns.of(input), "evaluate").with(windows);
        List<Expr> values = new ArrayList<>();
        for (Syntax.Expression set : sets) {
            Optional<Expr> value = binder.expressions.expr(set, env);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            if (value.get().type() != Type.DYNAMIC) {
                binder.report(Messages.typeExpected(set.span(), "dcount_intersect", "dynamic", value.get().type()));
                return Optional.empty();
            }
            values.add(value.get());
        }
        List<Plan.Assignment> counts = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        for (int i = 0; i < sets.size(); i++) {
            counts.add(new Plan.Assignment(binder.column("s" + i, Type.LONG), DistinctSketch.intersection(values.subList(0, i + 1))));
        }
        return Optional.of(Rows.of(new Plan.Project(windows.windowsOver(binder, input.plan()), counts)));
    }

    /// What a plugin answers that is not built yet.
    private Rows refused(Syntax.Evaluate op, Rows input, String name, Scope scope) {
        binder.refuse(op.plugin().function().span(), "evaluate " + name);
        return answer(op, input, name, scope);
    }

    /// Rows that nobody will ask for, with the columns that the plugin's author declares, or that it is known to have.
    private Rows answer(Syntax.Evaluate op, Rows input, String name, Scope scope) {
        PluginColumns.Answer answer = new PluginColumns(binder).of(op, input, scope);
        if (op.schema().isEmpty()) {
            List<Column> columns = answer.columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
            return new Rows(new Plan.Refused(name, columns), answer.open() || input.open(), "");
        }
        List<Column> columns = new ArrayList<>();
        switch (op.schema().get().star()) {
            case FIRST -> {
                columns.addAll(input.columns());
                columns.addAll(binder.functions.columns(op.schema().get()));
            }
            case LAST -> {
                columns.addAll(binder.functions.columns(op.schema().get()));
                columns.addAll(input.columns());
            }
            case NONE -> columns.addAll(binder.functions.columns(op.schema().get()));
        }
        return Rows.of(new Plan.Refused(name, columns));
    }
}
