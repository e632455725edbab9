package io.conshelf.engine;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.sql.Cursors;
import io.conshelf.kql.bind.Bound;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The request options about cursors.
final class QueryCursors {
    // Literals of the language may stand in either quotes.
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
    private static final Pattern DYNAMIC = Pattern.compile("(?s)^\\s*dynamic\\((.*)\\)\\s*$");

    private QueryCursors() {}

    /// @param current    the cursor of the request's database
    /// @param statements options of `set` statements, which count more than the request's
    static Cursors of(Request request, List<Bound.Option> statements, long current) {
        var options = new HashMap<String, Object>(request.options());
        statements.forEach(s -> options.put(s.name().toLowerCase(Locale.ROOT), s.value()));
        return new Cursors(
                text(options, "query_cursor_current").filter(t -> !t.isEmpty()).orElse(Long.toString(current)),
                text(options, "query_cursor_after_default"),
                text(options, "query_cursor_before_or_at_default"),
                tables(options.get("query_cursor_scoped_tables")),
                // A 'set' without value switches it on.
                Request.isOn(options, "query_cursor_disabled"));
    }

    private static Optional<String> text(Map<String, Object> options, String name) {
        return Optional.ofNullable(options.get(name)).map(Object::toString);
    }

    private static Set<String> tables(Object given) {
        if (given == null || given.toString().isBlank()) {
            return Set.of();
        }
        var names = new HashSet<String>();
        if (given instanceof Iterable<?> list && !(given instanceof ObjectNode)) {
            list.forEach(name -> names.add(name instanceof JsonNode node ? node.asText() : name.toString()));
            return names;
        }
        var literal = DYNAMIC.matcher(given.toString());
        try {
            JsonNode list = MAPPER.readTree(literal.matches() ? literal.group(1) : given.toString());
            if (list.isArray()) {
                list.forEach(name -> names.add(name.asText()));
                return names;
            }
        } catch (JacksonException _) {
            // Refused below, as what is no array is.
        }
        throw new KustoException(Errors.badRequest("The option 'query_cursor_scoped_tables' must be an array of names of"
                + " tables, as dynamic(['T1', 'T2']), found '" + Errors.shown(given) + "'."));
    }
}
