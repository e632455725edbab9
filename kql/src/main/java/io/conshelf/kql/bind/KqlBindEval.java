package io.conshelf.kql.bind;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.type.ColumnSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `./conshelf eval kql-bind`: one line of JSON in, one out. A line has a query and, optionally, a description of the
/// database it sees; the answer is whether the query is right, what is wrong with it, and its result columns.
public final class KqlBindEval {
    /// The columns of a command's result and what is wrong with it, from whoever knows the commands.
    @FunctionalInterface
    public interface CommandCheck {
        Answer check(String command, Catalog catalog);

        /// @param columns empty where they are not known
        record Answer(List<Diagnostic> diagnostics, Optional<List<ColumnSchema>> columns) {
            public Answer {
                diagnostics = List.copyOf(diagnostics);
            }
        }
    }

    private static final JsonFactory JSON = new JsonFactory();
    private final Optional<CommandCheck> commands;

    public KqlBindEval() {
        this(Optional.empty());
    }

    public KqlBindEval(CommandCheck commands) {
        this(Optional.of(commands));
    }

    private KqlBindEval(Optional<CommandCheck> commands) {
        this.commands = commands;
    }

    /// The answer to one line. A line that cannot be evaluated gives a line with `error`.
    public String evaluate(String line) {
        Map<String, Object> in;
        try {
            in = readObject(line);
        } catch (IOException | IllegalArgumentException broken) {
            return write(json -> {
                json.writeNullField("id");
                json.writeStringField("error", "the line is no JSON object: " + broken.getMessage());
            });
        }
        String id = String.valueOf(in.get("id"));
        try {
            if (!(in.get("query") instanceof String query)) {
                return error(id, "the line has no text 'query'");
            }
            Catalog catalog = DescribedCatalog.of(in.get("database") instanceof Map<?, ?> map ? map : Map.of());
            return CommandMatcher.isCommand(query) ? command(id, query, catalog) : query(id, query, catalog);
        } catch (IllegalArgumentException wrong) {
            return error(id, String.valueOf(wrong.getMessage()));
        }
    }

    private String query(String id, String query, Catalog catalog) {
        Bound bound = Kql.bind(query, catalog, BindOptions.toCheck(0));
        boolean known = !bound.hasErrors() && !bound.results().isEmpty();
        return answer(id, bound.diagnostics(),
                known ? Optional.of(bound.results().getFirst().columns()) : Optional.empty());
    }

    private String command(String id, String command, Catalog catalog) {
        if (commands.isEmpty()) {
            return error(id, "management commands are checked by the engine, which is not here");
        }
        CommandCheck.Answer answer = commands.get().check(command, catalog);
        return answer(id, answer.diagnostics(), answer.columns());
    }

    private static String error(String id, String message) {
        return write(json -> {
            json.writeStringField("id", id);
            json.writeStringField("error", message);
        });
    }

    private static String answer(String id, List<Diagnostic> diagnostics, Optional<List<ColumnSchema>> columns) {
        return write(json -> {
            json.writeStringField("id", id);
            json.writeBooleanField("valid", diagnostics.stream().noneMatch(Diagnostic::isError));
            json.writeArrayFieldStart("diagnostics");
            for (Diagnostic diagnostic : diagnostics) {
                json.writeStartObject();
                json.writeStringField("severity", switch (diagnostic.severity()) {
                    case ERROR -> "Error";
                    case WARNING -> "Warning";
                    case SUGGESTION -> "Suggestion";
                });
                json.writeStringField("code", diagnostic.code());
                json.writeStringField("message", diagnostic.message());
                json.writeNumberField("start", diagnostic.span().start());
                json.writeNumberField("length", diagnostic.span().length());
                json.writeEndObject();
            }
            json.writeEndArray();
            if (columns.isEmpty()) {
                json.writeNullField("schema");
            } else {
                json.writeArrayFieldStart("schema");
                for (ColumnSchema column : columns.get()) {
                    json.writeStartArray();
                    json.writeString(column.name());
                    json.writeString(column.type().kustoName());
                    json.writeEndArray();
                }
                json.writeEndArray();
            }
        });
    }

    // ---------------------------------------------------------------- JSON

    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static String write(Fields fields) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new AssertionError("writing to memory failed", impossible);
        }
        return out.toString();
    }

    private static Map<String, Object> readObject(String line) throws IOException {
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            if (read(json) instanceof Map<?, ?> map) {
                Map<String, Object> fields = new LinkedHashMap<>();
                map.forEach((name, value) -> fields.put(String.valueOf(name), value));
                return fields;
            }
            throw new IllegalArgumentException("expected an object");
        }
    }

    /// A value as plain Java: text, map, list; numbers and booleans as text, which is all that is needed here.
    private static Object read(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> fields = new LinkedHashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                json.nextToken();
                fields.put(name, read(json));
            }
            return fields;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> items = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                items.add(read(json));
            }
            return items;
        }
        if (token == null) {
            throw new IllegalArgumentException("the text ends too early");
        }
        return Set.of(JsonToken.VALUE_NULL).contains(token) ? "null" : json.getText();
    }
}
