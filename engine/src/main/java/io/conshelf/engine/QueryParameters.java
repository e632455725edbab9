package io.conshelf.engine;

import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.BindOptions.ParameterValue;
import java.util.HashMap;
import java.util.Map;

/// What a request brings along for binding.
final class QueryParameters {
    private QueryParameters() {}

    static BindOptions options(Request request, long now) {
        var values = new HashMap<String, ParameterValue>();
        request.parameters().forEach((name, value) -> values.put(name, value(value)));
        return new BindOptions(now, Map.copyOf(values),
                Boolean.parseBoolean(String.valueOf(request.options().get("best_effort"))), false);
    }

    private static ParameterValue value(Object value) {
        return switch (value) {
            case Boolean flag -> new ParameterValue.Bool(flag);
            case Number number -> new ParameterValue.Number(number.toString());
            case Object text -> new ParameterValue.Text(text.toString());
        };
    }
}
