package io.conshelf.kql.bind;

import java.util.HashMap;
import java.util.Map;

/// What a request brings along that a query can see.
///
/// @param now        the value of `now()`: ticks of 100 ns since 0001-01-01 UTC
/// @param parameters values for `declare query_parameters`
/// @param bestEffort unions leave out what they cannot find (the request option `best_effort`)
/// @param settings   literals of the request options that functions read, such as `query_bin_auto_size`
/// @param checkOnly  the query is only looked at, not run: parameters may lack values
public record BindOptions(long now, Map<String, ParameterValue> parameters, Map<String, String> settings, boolean bestEffort,
        boolean checkOnly) {
    public BindOptions {
        parameters = Map.copyOf(parameters);
        settings = Map.copyOf(settings);
    }

    public static BindOptions at(long now) {
        return new BindOptions(now, Map.of(), Map.of(), false, false);
    }

    public static BindOptions toCheck(long now) {
        return new BindOptions(now, Map.of(), Map.of(), false, true);
    }

    /// The same of what is only looked at.
    public BindOptions toCheck() {
        return new BindOptions(now, parameters, settings, bestEffort, true);
    }

    public BindOptions with(String setting, String literal) {
        var more = new HashMap<>(settings);
        more.put(setting, literal);
        return new BindOptions(now, parameters, more, bestEffort, checkOnly);
    }

    /// The value of a query parameter in the form a client sent it.
    public sealed interface ParameterValue {
        /// Taken as it is by a `string` parameter, read as a literal by all others: `5`, `long(5)`, `2024-01-01`.
        record Text(String value) implements ParameterValue {}

        /// A JSON number, as written.
        record Number(String text) implements ParameterValue {}

        record Bool(boolean value) implements ParameterValue {}
    }
}
