package io.conshelf.engine;

import static io.conshelf.engine.RequestOption.Treatment.IMPLEMENTED;
import static io.conshelf.engine.RequestOption.Treatment.NO_OP;
import static io.conshelf.engine.RequestOption.Treatment.REFUSED;
import static io.conshelf.engine.RequestOption.Values.ANY;
import static io.conshelf.engine.RequestOption.Values.DATETIME;
import static io.conshelf.engine.RequestOption.Values.FLAG;
import static io.conshelf.engine.RequestOption.Values.NUMBER;
import static io.conshelf.engine.RequestOption.Values.TEXT;
import static io.conshelf.engine.RequestOption.Values.TIMESPAN;

import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A request option the service knows and what becomes of it here; options it does not know are ignored.
///
/// @param values   what it may be
/// @param settable whether a `set` statement may give it
/// @param reason   who acts on it, why nothing needs to be done, or why it is refused
record RequestOption(String name, Values values, Treatment treatment, boolean settable, String reason) {
    enum Treatment {
        IMPLEMENTED,
        /// Asks for nothing that could be different here.
        NO_OP,
        /// Would change the answer in a way that is not built; `false`, an empty text and `default` are accepted.
        REFUSED
    }

    /// What a value may be, in JSON or as a literal of the language in a text.
    enum Values {
        FLAG("true or false"),
        NUMBER("a whole number"),
        TIMESPAN("a timespan such as '00:04:00' or '4m'"),
        DATETIME("a datetime such as '2026-01-02T03:04:05Z'"),
        TEXT("a text"),
        /// Whoever acts on it knows more of it than its type, or nobody does.
        ANY("anything");

        private final String words;

        Values(String words) {
            this.words = words;
        }

        boolean has(Object value) {
            return switch (this) {
                case FLAG -> RequestOption.flag(value).isPresent();
                case NUMBER -> wholeNumber(value).isPresent();
                case TIMESPAN -> value instanceof Number || TimeSpanText.parse(literal(value, "timespan", "time")).isPresent();
                case DATETIME -> value instanceof String && DateTimeText.parse(literal(value, "datetime", "date")).isPresent();
                case TEXT -> value instanceof String || value instanceof Number || value instanceof Boolean;
                case ANY -> true;
            };
        }
    }

    static final List<RequestOption> ALL = List.of(
            option("best_effort", FLAG, IMPLEMENTED, "binding of unions"),
            option("client_max_redirect_count", NUMBER, NO_OP, "clients act on it"),
            option("deferpartialqueryfailures", FLAG, IMPLEMENTED, "response frames"),
            option("materialized_view_shuffle", ANY, NO_OP, "a hint for distribution over nodes"),
            option("max_memory_consumption_per_query_per_node", NUMBER, IMPLEMENTED, "memory of one query"),
            option("maxmemoryconsumptionperiterator", NUMBER, IMPLEMENTED, "memory of one query, all its operators together"),
            option("maxoutputcolumns", NUMBER, NO_OP, "columns are not limited"),
            requestOnly("norequesttimeout", FLAG, IMPLEMENTED, "deadline"),
            option("notruncation", FLAG, IMPLEMENTED, "result limits"),
            option("push_selection_through_aggregation", FLAG, NO_OP, "a hint for the optimizer"),
            option("query_bin_auto_at", ANY, IMPLEMENTED, "bin_auto()"),
            option("query_bin_auto_size", ANY, IMPLEMENTED, "bin_auto()"),
            option("query_cursor_after_default", TEXT, IMPLEMENTED, "cursor functions"),
            option("query_cursor_before_or_at_default", TEXT, IMPLEMENTED, "cursor functions"),
            option("query_cursor_current", TEXT, IMPLEMENTED, "cursor functions"),
            option("query_cursor_disabled", FLAG, IMPLEMENTED, "cursor functions"),
            option("query_cursor_scoped_tables", ANY, IMPLEMENTED, "cursor functions"),
            option("query_datascope", TEXT, NO_OP, "all data is hot"),
            option("query_datetimescope_column", TEXT, IMPLEMENTED, "tables that have the column"),
            option("query_datetimescope_from", DATETIME, IMPLEMENTED, "tables that have the column"),
            option("query_datetimescope_to", DATETIME, IMPLEMENTED, "tables that have the column"),
            option("query_distribution_nodes_span", NUMBER, NO_OP, "one node"),
            option("query_fanout_nodes_percent", NUMBER, NO_OP, "one node"),
            option("query_fanout_threads_percent", NUMBER, NO_OP, "one node"),
            option("query_force_row_level_security", FLAG, IMPLEMENTED, "tables with a policy that is switched off"),
            requestOnly("query_language", TEXT, REFUSED, "only KQL is spoken ('kql', 'csl')"),
            requestOnly("query_log_query_parameters", FLAG, NO_OP, "parameters are never logged"),
            option("query_max_entities_in_union", NUMBER, NO_OP, "unions are not limited"),
            option("query_now", DATETIME, IMPLEMENTED, "now()"),
            option("query_python_debug", ANY, NO_OP, "there is no Python plugin"),
            option("query_results_apply_getschema", FLAG, IMPLEMENTED, "results"),
            option("query_results_cache_force_refresh", FLAG, NO_OP, "results are never cached"),
            option("query_results_cache_max_age", TIMESPAN, NO_OP, "results are never cached"),
            option("query_results_cache_per_shard", FLAG, NO_OP, "results are never cached"),
            option("query_results_progressive_row_count", NUMBER, NO_OP, "a hint: a progressive frame has the rows that are at hand"),
            option("query_results_progressive_update_period", ANY, NO_OP, "a hint: progressive frames come as soon as there are rows"),
            option("query_take_max_records", NUMBER, IMPLEMENTED, "result limits"),
            requestOnly("query_weakconsistency_session_id", TEXT, NO_OP, "one node"),
            requestOnly("queryconsistency", ANY, NO_OP, "one node"),
            requestOnly("request_app_name", TEXT, IMPLEMENTED, "'.show queries'"),
            option("request_block_row_level_security", FLAG, IMPLEMENTED, "tables with a policy that is switched on"),
            option("request_callout_disabled", FLAG, IMPLEMENTED, "plugins that call servers"),
            option("request_cross_cluster_token", TEXT, NO_OP, "no other cluster is asked"),
            option("request_description", TEXT, IMPLEMENTED, "'.show queries'"),
            option("request_external_data_disabled", FLAG, IMPLEMENTED, "externaldata and external tables"),
            option("request_external_table_disabled", FLAG, IMPLEMENTED, "external tables"),
            option("request_impersonation_disabled", FLAG, NO_OP, "nothing is impersonated"),
            requestOnly("request_readonly", FLAG, IMPLEMENTED, "commands"),
            requestOnly("request_readonly_hardline", FLAG, IMPLEMENTED, "commands, and plugins that call servers"),
            option("request_remote_entities_disabled", FLAG, NO_OP, "there are no remote entities"),
            option("request_sandboxed_execution_disabled", FLAG, NO_OP, "there is no sandbox"),
            requestOnly("request_user", TEXT, IMPLEMENTED, "'.show queries'"),
            option("results_error_reporting_placement", TEXT, IMPLEMENTED, "response frames"),
            requestOnly("results_progressive_enabled", FLAG, IMPLEMENTED, "response frames"),
            requestOnly("results_v2_fragment_primary_tables", FLAG, IMPLEMENTED, "response frames"),
            option("results_v2_newlines_between_frames", FLAG, IMPLEMENTED, "response frames"),
            requestOnly("servertimeout", ANY, IMPLEMENTED, "deadline"),
            option("truncationmaxrecords", NUMBER, IMPLEMENTED, "result limits"),
            option("truncationmaxsize", NUMBER, IMPLEMENTED, "result limits"),
            option("validate_permissions", FLAG, IMPLEMENTED, "the query is checked and not run; a command is refused"),
            option("validatepermissions", FLAG, IMPLEMENTED, "the query is checked and not run; a command is refused"));

    private static final Map<String, RequestOption> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(RequestOption::name, Function.identity()));

    private static RequestOption option(String name, Values values, Treatment treatment, String reason) {
        return new RequestOption(name, values, treatment, true, reason);
    }

    private static RequestOption requestOnly(String name, Values values, Treatment treatment, String reason) {
        return new RequestOption(name, values, treatment, false, reason);
    }

    static Optional<RequestOption> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// Whether an option that is on or off is on; empty where the value says neither. A `set` statement without a value says on.
    static Optional<Boolean> flag(Object value) {
        if (value instanceof Boolean flag) {
            return Optional.of(flag);
        }
        return switch (literal(value, "bool", "boolean").toLowerCase(Locale.ROOT)) {
            case "", "true", "1" -> Optional.of(true);
            case "false", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /// A number without a fraction, however JSON has it (`1000`, `1e3`, `1000.0`), or the text of a literal; empty where the value is
    /// none.
    static OptionalLong wholeNumber(Object value) {
        try {
            return OptionalLong.of(value instanceof Number
                    ? new BigDecimal(value.toString()).longValueExact()
                    : Long.parseLong(literal(value, "long", "int")));
        } catch (NumberFormatException | ArithmeticException _) {
            return OptionalLong.empty();
        }
    }

    /// What stands in a literal such as `long(5)`, or the text itself.
    private static String literal(Object value, String... types) {
        String text = value.toString().strip();
        for (String type : types) {
            if (text.startsWith(type + "(") && text.endsWith(")")) {
                return text.substring(type.length() + 1, text.length() - 1).strip();
            }
        }
        return text;
    }

    /// Refuses options whose values are not what they may be: what were taken for something else, or for nothing, would be no
    /// less wrong for being answered.
    static void checkValues(Map<String, Object> options) {
        options.forEach((name, value) -> named(name).ifPresent(option -> option.checkValue(value)));
    }

    private void checkValue(Object value) {
        if (!values.has(value) && !(treatment == REFUSED && asksForNothing(value))) {
            throw new KustoException(Errors.badRequest("The option '" + name + "' must be " + values.words + ", found '" + Errors.shown(value) + "'."));
        }
    }

    /// @throws KustoException when the value is not what it may be, or asks for something that is refused
    void check(Object value) {
        checkValue(value);
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
