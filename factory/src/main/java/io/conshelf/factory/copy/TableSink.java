package io.conshelf.factory.copy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.factory.activity.ActivityFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A table of a cluster as the target of a copy.
///
/// @param waits   whether the copy ends when the rows can be queried, rather than when they have been handed over
/// @param unlessThere values of `ingest-by` tags: where the table has one of them, the whole copy has been done before
record TableSink(Stores.Database database, String table, Optional<SinkMapping> stated, boolean flushesImmediately, boolean waits,
        Set<String> unlessThere, Map<String, String> properties, TargetColumns columns) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static TableSink of(Stores stores, Dataset dataset, Located sink) throws ActivityFailure, StoreException {
        String table = dataset.properties().at("table").text("");
        if (table.isBlank()) {
            throw StoreException.user("UserErrorKustoTableMissing", "Dataset '" + dataset.name() + "' names no table");
        }
        Stores.Database database = stores.database(dataset.linkedService());
        Map<String, String> properties = new LinkedHashMap<>(properties(sink.at("additionalProperties")));
        Set<String> unlessThere = new LinkedHashSet<>();
        boolean flushes = sink.at("flushImmediately").flag().orElse(false);
        for (String name : List.copyOf(properties.keySet())) {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "flushimmediately" -> flushes |= Boolean.parseBoolean(properties.remove(name));
                case "ingestifnotexists" -> unlessThere.addAll(texts(sink.at("additionalProperties"), properties.remove(name)));
                case "format", "ingestionmapping", "ingestionmappingreference", "ingestionmappingtype", "ignorefirstrecord" ->
                        throw StoreException.user("UserErrorKustoInvalidProperty", "'" + sink.at("additionalProperties").path() + "' sets '" + name
                                + "', which the copy sets itself");
                default -> {}
            }
        }
        return new TableSink(database, table, SinkMapping.of(database, table, sink), flushes, sink.at("waitForCompletion").flag().orElse(true),
                Set.copyOf(unlessThere), properties, TargetColumns.of(database, table));
    }

    /// The mapping that the sink states, if it does: then it, and no name, decides what the fields mean.
    Optional<Mapping> mapping() {
        return stated.map(SinkMapping::mapping);
    }

    /// The same for text that is made of the source.
    Optional<Mapping> textMapping() throws StoreException {
        return stated.isPresent() ? Optional.of(stated.get().ofText()) : Optional.empty();
    }

    /// Whether the sink's mapping takes only rows that have been made of documents of this format: the service's copy writes text of
    /// everything, so definitions name a mapping of text whatever they read.
    boolean mapsOnlyRowsOf(String format) {
        Set<String> kinds = stated.map(SinkMapping::kinds).orElse(Set.of());
        return kinds.contains("csv") && kinds.stream().noneMatch(kind -> kind.endsWith(format));
    }

    private static List<String> texts(Located where, String text) throws StoreException {
        try {
            JsonNode array = JSON.readTree(text);
            if (array.isArray()) {
                List<String> texts = new ArrayList<>();
                array.forEach(item -> texts.add(item.asText()));
                return texts;
            }
        } catch (JsonProcessingException notJson) {
            // told below
        }
        throw StoreException.user("UserErrorKustoInvalidProperty", "'" + where.path() + "': ingestIfNotExists is a JSON array in text, found " + text);
    }

    /// Whether the table says that the whole copy has been done before. A copy is many blobs, so each of them cannot ask for itself.
    boolean isDone() throws StoreException {
        return !unlessThere.isEmpty() && database.cluster().hasIngestByTag(database.name(), table, unlessThere);
    }

    /// Three encodings occur: an object, an object in text, and a list of them.
    private static Map<String, String> properties(Located stated) throws StoreException {
        Map<String, String> properties = new LinkedHashMap<>();
        JsonNode value = stated.value();
        if (value.isTextual()) {
            try {
                value = JSON.readTree(value.textValue());
            } catch (JsonProcessingException notJson) {
                throw StoreException.user("UserErrorKustoInvalidProperty", "'" + stated.path() + "' is not an object of ingestion properties: "
                        + notJson.getOriginalMessage());
            }
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                collect(item.has("name") && item.has("value") && item.size() == 2
                        ? JSON.createObjectNode().set(item.get("name").asText(), item.get("value")) : item, properties);
            }
        } else {
            collect(value, properties);
        }
        return properties;
    }

    private static void collect(JsonNode object, Map<String, String> properties) {
        object.properties().forEach(property -> properties.put(property.getKey(),
                property.getValue().isValueNode() ? property.getValue().asText() : property.getValue().toString()));
    }

    IngestionSettings settings(String format, Optional<Mapping> mapping) {
        return new IngestionSettings(format, mapping, false, flushesImmediately, properties);
    }

    /// The mapping of staged text whose fields stand in this order.
    Mapping inline(List<String> names) throws StoreException {
        List<IngestionSettings.Field> fields = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            fields.add(new IngestionSettings.Field(columns.target(names.get(i)), new IngestionSettings.Place.Ordinal(i)));
        }
        return new Mapping.Inline(fields);
    }
}
