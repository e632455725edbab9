package io.conshelf.factory.copy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.factory.activity.ValueKind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The mapping that a sink of a cluster states: one of the table's, by its name, or one that stands in the definition.
///
/// @param kinds the kinds of mappings that it can be, in small letters; none where that is not known
record SinkMapping(Mapping mapping, Set<String> kinds) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> OF_TEXT = Set.of("csv");
    private static final Set<String> OF_DOCUMENTS = Set.of("json", "parquet", "avro");
    private static final String BY_NAME = "ingestionMappingName";
    private static final String IN_PLACE = "ingestionMappingAsJson";

    /// What is wrong with a mapping that is written out.
    private static final class Mistake extends Exception {
        private Mistake(String message) {
            super(message);
        }
    }

    static Optional<SinkMapping> of(Stores.Database database, String table, Located sink) throws StoreException {
        Optional<String> name = sink.at(BY_NAME).text().filter(text -> !text.isBlank());
        Located stated = sink.at(IN_PLACE);
        try {
            if (!isStated(stated)) {
                return name.isPresent() ? Optional.of(new SinkMapping(new Mapping.Named(name.get()), kinds(database, table, name.get()))) : Optional.empty();
            }
            if (name.isPresent()) {
                throw new Mistake(oneOfThem());
            }
            JsonNode fields = fields(stated);
            return Optional.of(new SinkMapping(new Mapping.Stated(fields.toString()), kinds(fields)));
        } catch (Mistake mistake) {
            throw StoreException.user("UserErrorKustoInvalidMapping", "'" + stated.path() + "': " + mistake.getMessage());
        }
    }

    /// Reports what is wrong as far as it is written out.
    static void check(Located sink, Consumer<Problem> problems) {
        Located stated = sink.at(IN_PLACE);
        if (!isStated(stated)) {
            return;
        }
        if (isStated(sink.at(BY_NAME))) {
            problems.accept(stated.problem(oneOfThem()));
        }
        if (!ValueKind.isComputed(stated)) {
            try {
                Set<String> _ = kinds(fields(stated));
            } catch (Mistake mistake) {
                problems.accept(stated.problem(mistake.getMessage()));
            }
        }
    }

    /// The mapping for text that is made of the source.
    Mapping ofText() throws StoreException {
        if (mapping instanceof Mapping.Stated && !kinds.isEmpty() && !kinds.contains("csv")) {
            throw StoreException.user("UserErrorKustoInvalidMapping", "'" + IN_PLACE + "' reads paths of documents, and this source goes into the cluster as text: "
                    + "give each column the 'Ordinal' of its field, from 0");
        }
        return mapping;
    }

    private static boolean isStated(Located property) {
        return property.isPresent() && !property.value().isNull() && !property.text().map(String::isBlank).orElse(false);
    }

    private static String oneOfThem() {
        return "a sink has one mapping: '" + IN_PLACE + "', or the name of one of the table's in '" + BY_NAME + "'";
    }

    private static Set<String> kinds(Stores.Database database, String table, String name) throws StoreException {
        try {
            return database.cluster().mappingKinds(database.name(), table, name);
        } catch (StoreException refused) {
            if (KustoCluster.isForbidden(refused)) {
                return Set.of();
            }
            throw refused;
        }
    }

    private static JsonNode fields(Located stated) throws Mistake {
        JsonNode fields = stated.value();
        try {
            fields = fields.isTextual() ? JSON.readTree(fields.textValue()) : fields;
        } catch (JsonProcessingException notJson) {
            throw new Mistake("a mapping is JSON in text: " + notJson.getOriginalMessage());
        }
        if (!fields.isArray() || fields.isEmpty()) {
            throw new Mistake("a mapping is an array with an object for each column, such as {\"Column\": \"a\", \"Properties\": {\"Ordinal\": \"0\"}}, found " + fields);
        }
        return fields;
    }

    /// Fields of text have ordinals, those of documents paths; constants stand in both.
    private static Set<String> kinds(JsonNode fields) throws Mistake {
        Set<String> kinds = new HashSet<>();
        for (JsonNode field : fields) {
            if (!has(field, "Column", "Name", "ColumnName")) {
                throw new Mistake("a mapping names a 'Column' in each of its objects, found " + field);
            }
            JsonNode properties = child(field, "Properties").filter(JsonNode::isObject).orElse(field);
            if (has(properties, "Ordinal")) {
                kinds.addAll(OF_TEXT);
            }
            if (has(properties, "Path", "Field")) {
                kinds.addAll(OF_DOCUMENTS);
            }
        }
        if (kinds.containsAll(OF_TEXT) && kinds.containsAll(OF_DOCUMENTS)) {
            throw new Mistake("a mapping has ordinals, for fields of text, or paths, for documents, and not both");
        }
        return Set.copyOf(kinds);
    }

    private static boolean has(JsonNode object, String... names) {
        return List.of(names).stream().anyMatch(name -> child(object, name).filter(value -> !value.isNull() && !value.asText("x").isEmpty()).isPresent());
    }

    private static Optional<JsonNode> child(JsonNode object, String name) {
        return object.properties().stream().filter(property -> property.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).findFirst();
    }
}
