package io.conshelf.engine;

import static io.conshelf.engine.RequestOption.Treatment.IMPLEMENTED;
import static io.conshelf.engine.RequestOption.Treatment.NO_OP;
import static io.conshelf.engine.RequestOption.Treatment.REFUSED;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A request option the service knows and what becomes of it here; options it does not know are ignored.
///
/// @param settable whether a `set` statement may give it
/// @param reason   who acts on it, why nothing needs to be done, or why it is refused
record RequestOption(String name, Treatment treatment, boolean settable, String reason) {
    enum Treatment {
        IMPLEMENTED,
        /// Asks for nothing that could be different here.
        NO_OP,
        /// Would change the answer in a way that is not built; `false`, an empty text and `default` are accepted.
        REFUSED
    }

    static final List<RequestOption> ALL = List.of(
            option("best_effort", IMPLEMENTED, "binding of unions"),
            option("client_max_redirect_count", NO_OP, "clients act on it"),
            option("deferpartialqueryfailures", IMPLEMENTED, "response frames"),
            option("materialized_view_shuffle", NO_OP, "a hint for distribution over nodes"),
            option("max_memory_consumption_per_query_per_node", IMPLEMENTED, "memory of one query"),
            option("maxmemoryconsumptionperiterator", IMPLEMENTED, "memory of one query, all its operators together"),
            option("maxoutputcolumns", NO_OP, "columns are not limited"),
            requestOnly("norequesttimeout", IMPLEMENTED, "deadline"),
            option("notruncation", IMPLEMENTED, "result limits"),
            option("push_selection_through_aggregation", NO_OP, "a hint for the optimizer"),
            option("query_bin_auto_at", IMPLEMENTED, "bin_auto()"),
            option("query_bin_auto_size", IMPLEMENTED, "bin_auto()"),
            option("query_cursor_after_default", IMPLEMENTED, "cursor functions"),
            option("query_cursor_before_or_at_default", IMPLEMENTED, "cursor functions"),
            option("query_cursor_current", IMPLEMENTED, "cursor functions"),
            option("query_cursor_disabled", IMPLEMENTED, "cursor functions"),
            option("query_cursor_scoped_tables", IMPLEMENTED, "cursor functions"),
            option("query_datascope", NO_OP, "all data is hot"),
            option("query_datetimescope_column", REFUSED, "scoping by time is not built"),
            option("query_datetimescope_from", REFUSED, "scoping by time is not built"),
            option("query_datetimescope_to", REFUSED, "scoping by time is not built"),
            option("query_distribution_nodes_span", NO_OP, "one node"),
            option("query_fanout_nodes_percent", NO_OP, "one node"),
            option("query_fanout_threads_percent", NO_OP, "one node"),
            option("query_force_row_level_security", REFUSED, "a policy that is switched off is not tried out: switch it on"),
            requestOnly("query_language", REFUSED, "only KQL is spoken ('kql', 'csl')"),
            requestOnly("query_log_query_parameters", NO_OP, "parameters are never logged"),
            option("query_max_entities_in_union", NO_OP, "unions are not limited"),
            option("query_now", IMPLEMENTED, "now()"),
            option("query_python_debug", NO_OP, "there is no Python plugin"),
            option("query_results_apply_getschema", REFUSED, "append '| getschema' instead"),
            option("query_results_cache_force_refresh", NO_OP, "results are never cached"),
            option("query_results_cache_max_age", NO_OP, "results are never cached"),
            option("query_results_cache_per_shard", NO_OP, "results are never cached"),
            option("query_results_progressive_row_count", IMPLEMENTED, "response frames"),
            option("query_results_progressive_update_period", IMPLEMENTED, "response frames"),
            option("query_take_max_records", IMPLEMENTED, "result limits"),
            requestOnly("query_weakconsistency_session_id", NO_OP, "one node"),
            requestOnly("queryconsistency", NO_OP, "one node"),
            requestOnly("request_app_name", IMPLEMENTED, "'.show queries'"),
            option("request_block_row_level_security", REFUSED, "tables with a row-level security policy answer with the rows that it lets through"),
            option("request_callout_disabled", IMPLEMENTED, "plugins that call servers"),
            option("request_cross_cluster_token", NO_OP, "no other cluster is asked"),
            option("request_description", IMPLEMENTED, "'.show queries'"),
            option("request_external_data_disabled", IMPLEMENTED, "externaldata and external tables"),
            option("request_external_table_disabled", IMPLEMENTED, "external tables"),
            option("request_impersonation_disabled", NO_OP, "nothing is impersonated"),
            requestOnly("request_readonly", IMPLEMENTED, "commands"),
            requestOnly("request_readonly_hardline", IMPLEMENTED, "commands, and plugins that call servers"),
            option("request_remote_entities_disabled", NO_OP, "there are no remote entities"),
            option("request_sandboxed_execution_disabled", NO_OP, "there is no sandbox"),
            requestOnly("request_user", IMPLEMENTED, "'.show queries'"),
            option("results_error_reporting_placement", IMPLEMENTED, "response frames"),
            requestOnly("results_progressive_enabled", IMPLEMENTED, "response frames"),
            requestOnly("results_v2_fragment_primary_tables", IMPLEMENTED, "response frames"),
            option("results_v2_newlines_between_frames", IMPLEMENTED, "response frames"),
            requestOnly("servertimeout", IMPLEMENTED, "deadline"),
            option("truncationmaxrecords", IMPLEMENTED, "result limits"),
            option("truncationmaxsize", IMPLEMENTED, "result limits"),
            option("validate_permissions", IMPLEMENTED, "the query is checked and not run; a command is refused"),
            option("validatepermissions", IMPLEMENTED, "the query is checked and not run; a command is refused"));

    private static final Map<String, RequestOption> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(RequestOption::name, Function.identity()));

    private static RequestOption option(String name, Treatment treatment, String reason) {
        return new RequestOption(name, treatment, true, reason);
    }

    private static RequestOption requestOnly(String name, Treatment treatment, String reason) {
        return new RequestOption(name, treatment, false, reason);
    }

    static Optional<RequestOption> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// @throws KustoException when the value asks for something that is refused
    void check(Object value) {
        if (treatment == REFUSED && !asksForNothing(value)) {
            throw new KustoException(Errors.notSupported("the request option '" + name + "': " + reason));
        }
    }

    private boolean asksForNothing(Object value) {
        return switch (value.toString().toLowerCase(java.util.Locale.ROOT)) {
            case "", "false", "null", "default" -> true;
            case "kql", "csl" -> name.equals("query_language");
            default -> false;
        };
    }
}
