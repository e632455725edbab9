package io.conshelf.engine.fuzz;

import io.conshelf.kql.bind.Plugins;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/// Calls of plugins: of each with anything, and of those whose arguments have a meaning with what fits.
record PluginGenerator(Draw draw, ExpressionGenerator expressions) {
    /// `{s}`, `{l}` … stand for columns of the types, `{c}` for any, `{b}` for a condition.
    private static final Map<String, List<String>> FITTING = Map.ofEntries(
            Map.entry("active_users_count", List.of("active_users_count({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 1d, 1d, 2, 7d)")),
            Map.entry("activity_counts_metrics", List.of("activity_counts_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d)",
                    "activity_counts_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d, {s})")),
            Map.entry("activity_engagement", List.of("activity_engagement({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 1d, 7d)", "activity_engagement({c}, {t}, 1d, 2d)")),
            Map.entry("activity_metrics", List.of("activity_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d)", "activity_metrics({c}, {t}, 1d)",
                    "activity_metrics({c}, {t})", "activity_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d, {s})")),
            Map.entry("autocluster", List.of("autocluster()", "autocluster(0.3)", "autocluster('~', '~', '~')", "autocluster(2.0)")),
            Map.entry("bag_unpack", List.of("bag_unpack({j})", "bag_unpack({j}, 'p_')", "bag_unpack({j}, columnsConflict='replace_source')", "bag_unpack({j}) : (*, a:long)",
                    "bag_unpack({j}, ignoredProperties=dynamic(['a']))", "bag_unpack({j}, columnsConflict='keep_source') : (a:string)")),
            Map.entry("basket", List.of("basket()", "basket(0.2)", "basket(0.1, '~', 2)", "basket(-1)")),
            Map.entry("dcount_intersect", List.of("dcount_intersect({j}, {j})")),
            Map.entry("diffpatterns", List.of("diffpatterns({s}, 'a', 'A')", "diffpatterns({c}, '1', '2', '~', 0.2)")),
            Map.entry("estimate_rows_count", List.of("estimate_rows_count()")),
            Map.entry("funnel_sequence", List.of("funnel_sequence({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 1d, 1d, {s}, dynamic(['a', 'A']))")),
            Map.entry("funnel_sequence_completion", List.of("funnel_sequence_completion({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 1d, {s}, dynamic(['a', 'A']), dynamic([1h, 1d]))")),
            Map.entry("geo_line_lookup", List.of("geo_line_lookup((datatable(line:dynamic, k:string)[dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 1]]}), 'x']), line, {r}, {r}, 1000)")),
            Map.entry("geo_polygon_lookup", List.of("geo_polygon_lookup((datatable(shape:dynamic)[dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [1, 0], [1, 1], [0, 0]]]})]),"
                    + " shape, {r}, {r}, return_unmatched=true)")),
            Map.entry("http_request", List.of("http_request('https://nowhere.example/')")),
            Map.entry("http_request_post", List.of("http_request_post('https://nowhere.example/', dynamic({}), dynamic({}), 'x')")),
            Map.entry("identity", List.of("identity()")),
            Map.entry("infer_storage_schema", List.of("infer_storage_schema(dynamic({'StorageContainers': ['https://nowhere.example/a.csv'], 'DataFormat': 'csv'}))", "infer_storage_schema({j})")),
            Map.entry("ipv4_lookup", List.of("ipv4_lookup((datatable(network:string, k:long)['10.0.0.0/8', 1, 'x', 2]), {s}, network)",
                    "ipv4_lookup((datatable(network:string, k:long)['10.0.0.0/8', 1]), {s}, network, return_unmatched=true)")),
            Map.entry("ipv6_lookup", List.of("ipv6_lookup((datatable(network:string, k:long)['::/8', 1]), {s}, network)")),
            Map.entry("narrow", List.of("narrow()")),
            Map.entry("new_activity_metrics", List.of("new_activity_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d)",
                    "new_activity_metrics({c}, {t}, datetime(2024-01-01), datetime(2024-01-04), 1d, {s})")),
            Map.entry("pivot", List.of("pivot({c})", "pivot({s}, sum({l}))", "pivot({s}, count(), {c})", "pivot({s}) : (a:long)", "pivot({c}, max({c}), {c})")),
            Map.entry("preview", List.of("preview(2)", "preview(0)")),
            Map.entry("python", List.of("python(typeof(x:long, *), 'x')", "python(typeof(*), 'x')")),
            Map.entry("rolling_percentile", List.of("rolling_percentile({l}, 50, {t}, 1d, 3)", "rolling_percentile({r}, 95, {l}, 1, 2, {s})")),
            Map.entry("rows_near", List.of("rows_near({b}, 1)", "rows_near({b}, 1, 2)")),
            Map.entry("schema_merge", List.of("schema_merge()", "schema_merge(PreserveOrder=false)")),
            Map.entry("sequence_detect", List.of("sequence_detect({t}, 1d, 5d, one = ({b}), two = ({b}), {s})")),
            Map.entry("session_count", List.of("session_count({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 1d, 2d)", "session_count({c}, {l}, 0, 9, 1, 2, {s})")),
            Map.entry("sliding_window_counts", List.of("sliding_window_counts({c}, {t}, datetime(2024-01-01), datetime(2024-01-10), 2d, 1d)",
                    "sliding_window_counts({c}, {l}, 0, 9, 2, 1, {s})")),
            Map.entry("sql_request", List.of("sql_request('Server=tcp:nowhere.example;Database=d', 'select 1')")));

    String call() {
        String name = draw.any(List.copyOf(Plugins.known().keySet()));
        List<String> fitting = FITTING.getOrDefault(name, List.of());
        if (fitting.isEmpty() || draw.one(8)) {
            return name + "(" + draw.several(0, 5, () -> expressions.anything(1)) + ")";
        }
        String call = draw.any(fitting);
        for (Type type : Type.values()) {
            String hole = "{" + letter(type) + "}";
            while (call.contains(hole)) {
                call = call.replaceFirst("\\{" + letter(type) + "}", Matcher.quoteReplacement(type == Type.BOOL ? expressions.of(type, 1) : expressions.column(type)));
            }
        }
        while (call.contains("{c}")) {
            call = call.replaceFirst("\\{c}", Matcher.quoteReplacement(expressions.column()));
        }
        return call;
    }

    private static char letter(Type type) {
        return switch (type) {
            case BOOL -> 'b';
            case INT -> 'i';
            case LONG -> 'l';
            case REAL -> 'r';
            case DECIMAL -> 'd';
            case DATETIME -> 't';
            case TIMESPAN -> 'n';
            case STRING -> 's';
            case GUID -> 'g';
            case DYNAMIC -> 'j';
        };
    }
}
