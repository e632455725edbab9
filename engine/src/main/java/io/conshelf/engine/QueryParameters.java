package io.conshelf.engine;

import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.BindOptions.ParameterValue;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.syntax.Parser;
import java.util.HashMap;
import java.util.List;

/// What a request brings along for binding.
final class QueryParameters {
    /// The options that the binder acts on as it does on `set` statements.
    private static final List<String> SETTINGS = List.of(
            "query_bin_auto_size", "query_bin_auto_at", "request_callout_disabled", "request_external_data_disabled",
            "request_external_table_disabled", "request_readonly_hardline", "request_block_row_level_security", "query_force_row_level_security",
            "query_datetimescope_column", "query_datetimescope_from", "query_datetimescope_to");

    private static final String SCHEMAS = "query_results_apply_getschema";

    private QueryParameters() {}

    static BindOptions options(Request request, long now) {
        var values = new HashMap<String, ParameterValue>();
        request.parameters().forEach((name, value) -> values.put(name, value(value)));
        var settings = new HashMap<String, String>();
        for (String name : SETTINGS) {
            Object value = request.options().get(name);
            if (value != null) {
                settings.put(name, value.toString());
            }
        }
        return new BindOptions(now, values, settings,
                request.isOn("best_effort"), false);
    }

    /// Binds a text that a request sent.
    static Bound bound(String text, Catalog catalog, Request request, long now) {
        QueryOptions.requireKql(request.options(), text);
        var parsed = Parser.parse(text);
        QueryOptions.requireSettable(parsed);
        BindOptions options = options(request, now);
        return Kql.bind(text, parsed, catalog, request.isOn(SCHEMAS) ? options.with(SCHEMAS, "true") : options);
    }

    /// Refuses to keep schemas where rows are to be kept.
    static void requireRows(Request request, List<Bound.Option> statements) {
        if (request.isOn(SCHEMAS) || statements.stream().anyMatch(option -> option.name().equalsIgnoreCase(SCHEMAS) && !option.value().equals("false"))) {
            throw new KustoException(Errors.notSupported("'" + SCHEMAS + "' with a command that does something with the rows of its query"));
        }
    }

    private static ParameterValue value(Object value) {
        return switch (value) {
            case Boolean flag -> new ParameterValue.Bool(flag);
            case Number number -> new ParameterValue.Number(number.toString());
            case Object text -> new ParameterValue.Text(text.toString());
        };
    }
}
