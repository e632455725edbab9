package io.conshelf.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// What a query or command request says: its body, or the query string of a GET.
///
/// @param options         names in lower case; values as [io.conshelf.engine.Request] has them
/// @param clientRequestId only where `properties` gives one
record QueryBody(
        String database,
        String text,
        Map<String, Object> options,
        Map<String, Object> parameters,
        Optional<String> clientRequestId,
        Optional<String> application,
        Optional<String> user) {

    /// Reads request bodies within limits. Unknown keys are passed over, as the service does.
    static final class Reader {
        private final ObjectMapper mapper;

        Reader(ServerLimits limits) {
            int chars = (int) Math.min(Integer.MAX_VALUE, limits.requestBytesMax());
            var constraints = StreamReadConstraints.builder()
                    .maxNestingDepth(limits.nestingMax())
                    .maxStringLength(chars)
                    .maxNumberLength(400)
                    .build();
            mapper = new ObjectMapper(JsonFactory.builder().streamReadConstraints(constraints).build());
        }

        QueryBody body(InputStream in) {
            var building = new Building();
            try (JsonParser json = mapper.getFactory().createParser(in)) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw Refusals.badRequest("the body must be a JSON object with 'db' and 'csl'");
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    json.nextToken();
                    switch (name.toLowerCase(Locale.ROOT)) {
                        case "db" -> building.database = textOrNothing(json, name).orElse("");
                        case "csl" -> building.text = textOrNothing(json, name);
                        case "properties" -> properties(json, building);
                        default -> json.skipChildren();
                    }
                }
                if (json.nextToken() != null) {
                    throw Refusals.badRequest("the body has something after its JSON object");
                }
            } catch (JsonProcessingException e) {
                throw notJson("the body", e);
            } catch (IncomingBody.ClientGoneException e) {
                throw Refusals.clientGone(e);
            } catch (IOException e) {
                throw Refusals.badRequest("the body cannot be inflated: " + e.getMessage(), e);
            }
            return building.done();
        }

        QueryBody queryString(Optional<String> database, Optional<String> text, Optional<String> properties) {
            var building = new Building();
            building.database = database.orElse("");
            building.text = text;
            if (properties.isPresent()) {
                propertiesText(properties.get(), building);
            }
            return building.done();
        }

        // Java and Python send a string, Node and Go an object.
        private void properties(JsonParser json, Building building) throws IOException {
            switch (json.currentToken()) {
                case VALUE_NULL -> {}
                case VALUE_STRING -> propertiesText(json.getText(), building);
                case START_OBJECT -> propertiesObject(json, building);
                default -> throw Refusals.badRequest("'properties' must be a JSON object, or the text of one");
            }
        }

        private void propertiesText(String text, Building building) {
            if (text.isBlank()) {
                return;
            }
            try (JsonParser json = mapper.getFactory().createParser(text)) {
                switch (json.nextToken()) {
                    case START_OBJECT -> propertiesObject(json, building);
                    case VALUE_NULL -> {}
                    case null, default ->
                        throw Refusals.badRequest("'properties' must be a JSON object, or the text of one");
                }
            } catch (IOException e) {
                throw notJson("'properties'", e);
            }
        }

        private void propertiesObject(JsonParser json, Building building) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "options" -> options(json, name, building.options);
                    case "parameters" -> parameters(json, name, building.parameters);
                    case "clientrequestid" -> building.clientRequestId = textOrNothing(json, name);
                    case "application" -> building.application = textOrNothing(json, name);
                    case "user" -> building.user = textOrNothing(json, name);
                    default -> json.skipChildren();
                }
            }
        }

        /// Objects and arrays stay what they are, so that none is taken for a text.
        private void options(JsonParser json, String where, Map<String, Object> into) throws IOException {
            values(json, where, (name, value) -> into.put(name.toLowerCase(Locale.ROOT), value));
        }

        /// Of a dynamic parameter the engine parses the JSON text.
        private void parameters(JsonParser json, String where, Map<String, Object> into) throws IOException {
            values(json, where, (name, value) -> into.put(name, value instanceof JsonNode dynamic ? dynamic.toString() : value));
        }

        private void values(JsonParser json, String where, BiConsumer<String, Object> into) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw Refusals.badRequest("'" + where + "' in 'properties' must be a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                value(json).ifPresent(value -> into.accept(name, value));
            }
        }

        private Optional<Object> value(JsonParser json) throws IOException {
            return switch (json.currentToken()) {
                case VALUE_TRUE -> Optional.of(true);
                case VALUE_FALSE -> Optional.of(false);
                case VALUE_STRING -> Optional.of(json.getText());
                case VALUE_NUMBER_INT -> Optional.of(integer(json));
                case VALUE_NUMBER_FLOAT -> Optional.of(json.getDoubleValue());
                case VALUE_NULL -> Optional.empty();
                case START_OBJECT, START_ARRAY -> Optional.<Object>of(mapper.<JsonNode>readTree(json));
                default -> throw new IllegalStateException("not the start of a value: " + json.currentToken());
            };
        }

        // Beyond 64 bits only the text keeps what was meant.
        private static Object integer(JsonParser json) throws IOException {
            return switch (json.getNumberType()) {
                case INT, LONG -> json.getLongValue();
                default -> json.getText();
            };
        }

        private static Optional<String> textOrNothing(JsonParser json, String name) throws IOException {
            return switch (json.currentToken()) {
                case VALUE_STRING -> Optional.of(json.getText());
                case VALUE_NULL -> Optional.empty();
                default -> throw Refusals.badRequest("'" + name + "' must be a JSON string");
            };
        }

        private static RuntimeException notJson(String what, IOException cause) {
            if (cause instanceof JsonProcessingException json) {
                String at = json.getLocation() == null
                        ? ""
                        : " at line " + json.getLocation().getLineNr() + ", column "
                                + json.getLocation().getColumnNr();
                return Refusals.badRequest(what + " is not valid JSON" + at + ": " + json.getOriginalMessage(), cause);
            }
            return Refusals.badRequest(what + " is not valid JSON", cause);
        }
    }

    private static final class Building {
        String database = "";
        Optional<String> text = Optional.empty();
        final Map<String, Object> options = new LinkedHashMap<>();
        final Map<String, Object> parameters = new LinkedHashMap<>();
        Optional<String> clientRequestId = Optional.empty();
        Optional<String> application = Optional.empty();
        Optional<String> user = Optional.empty();

        QueryBody done() {
            String csl = text.orElseThrow(() -> Refusals.badRequest("'csl' is missing"));
            if (csl.isBlank()) {
                throw Refusals.badRequest("'csl' is empty");
            }
            return new QueryBody(database, csl, options, parameters, clientRequestId, application, user);
        }
    }
}
