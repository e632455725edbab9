package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.job.DatasourceType.Role;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Translates the files of a project into the JSON of the management interface, and remembers where everything stood.
final class ProjectJob {
    /// Names of stores that differ from those of the portal, without blanks and in lower case.
    private static final Map<String, String> TITLES = Map.ofEntries(Map.entry("eventhubs", "Event Hub"), Map.entry("iothubs", "IoT Hub"),
            Map.entry("blob", "Blob Storage"), Map.entry("blobstorage/adlsgen2", "Blob Storage"), Map.entry("datalakestoragegen2", "Blob Storage"),
            Map.entry("adlsgen2", "Blob Storage"), Map.entry("azuresqldatabase", "SQL Database"), Map.entry("sql", "SQL Database"),
            Map.entry("azuredatabaseforpostgresql", "PostgreSQL"), Map.entry("postgresqldatabase", "PostgreSQL"), Map.entry("cosmosdb", "DocumentDB"),
            Map.entry("azuresqldatawarehouse", "Azure Synapse Analytics"), Map.entry("azuresynapse", "Azure Synapse Analytics"),
            Map.entry("tablestorage", "Table Storage"), Map.entry("azuredatalakestore", "Data Lake Store"), Map.entry("localinput", "File"),
            Map.entry("localfile", "File"));
    private static final Map<String, String> DELIMITERS = Map.of("comma", ",", "semicolon", ";", "tab", "\t", "space", " ", "pipe", "|", "verticalbar", "|");

    private final ObjectNode job = JsonNodeFactory.instance.objectNode();
    private final ObjectNode properties;
    private final Origins origins = new Origins();

    ProjectJob(String name) {
        job.put("name", name).put("type", "Microsoft.StreamAnalytics/streamingjobs");
        properties = job.putObject("properties");
        properties.put("compatibilityLevel", "1.2");
        properties.putArray("inputs");
        properties.putArray("outputs");
        properties.putArray("functions");
        properties.putObject("transformation").put("name", "Transformation").putObject("properties").put("streamingUnits", 1);
    }

    Located json() {
        return new Located("asaproj.json", "", job);
    }

    Problem told(Problem problem) {
        return origins.told(problem);
    }

    Located told(Located place) {
        return origins.told(place);
    }

    void query(String text, Located at) {
        transformation().put("query", text);
        origins.put("properties.transformation.properties.query", at);
    }

    private ObjectNode transformation() {
        return (ObjectNode) properties.get("transformation").get("properties");
    }

    void config(Located config) {
        for (String name : List.of("DataLocale", "OutputErrorPolicy", "EventsLateArrivalMaxDelayInSeconds", "EventsOutOfOrderMaxDelayInSeconds",
                "EventsOutOfOrderPolicy", "CompatibilityLevel", "ContentStoragePolicy", "JobType")) {
            Located stated = config.at(name);
            if (stated.isPresent()) {
                String key = Character.toLowerCase(name.charAt(0)) + name.substring(1);
                properties.set(key, stated.value());
                origins.put("properties." + key, stated);
            }
        }
        Located sku = config.at("Sku");
        Located units = config.at("StreamingUnits").isPresent() ? config.at("StreamingUnits") : sku.at("StreamingUnits");
        if (units.isPresent()) {
            transformation().set("streamingUnits", sku.at("Name").text("").equalsIgnoreCase("StandardV2") ? ofManagement(units) : units.value());
            origins.put("properties.transformation.properties.streamingUnits", units);
        }
        properties.putObject("sku").put("name", sku.at("Name").text("Standard"));
        if (config.at("UseSystemAssignedIdentity").flag().filter(flag -> flag).isPresent()) {
            job.putObject("identity").put("type", "SystemAssigned");
        }
        if (config.at("Tags").value().isObject()) {
            job.set("tags", config.at("Tags").value());
        }
    }

    /// Units of the newer kind are counted in tenths by the management interface, and a third is 3; project files say 1/3, 2/3, 1, 2, … as the portal does.
    private static JsonNode ofManagement(Located units) {
        return switch (units.value().asText().strip()) {
            case "1/3" -> IntNode.valueOf(3);
            case "2/3" -> IntNode.valueOf(7);
            default -> units.integer().filter(whole -> whole >= 1 && whole <= 100).<JsonNode>map(whole -> IntNode.valueOf((int) (whole * 10))).orElse(units.value());
        };
    }

    /// @param queries of reference data in a database, by their property, where they stand in files of their own
    void input(Located file, Map<String, Optional<Located>> queries) {
        boolean isReference = file.at("Type").text("").toLowerCase(Locale.ROOT).startsWith("reference");
        ObjectNode input = resource("inputs", file, isReference ? Role.REFERENCE : Role.STREAM);
        String path = path("inputs");
        ObjectNode translated = (ObjectNode) input.get("properties");
        if (!translated.has("type")) {
            translated.put("type", isReference ? "Reference" : "Stream");
        }
        ObjectNode datasource = translated.withObjectProperty("datasource");
        if (isReference && List.of(Datasources.SQL, Datasources.POSTGRES).contains(datasource.path("type").asText())) {
            queries.forEach((property, found) -> found.filter(_ -> datasource.path("properties").path(property).asText("").isBlank()).ifPresent(query -> {
                datasource.withObjectProperty("properties").set(property, query.value());
                origins.put(path + ".properties.datasource.properties." + property, query);
            }));
        }
        // The editors write it with three s.
        Located compression = file.at("CompresssionType").isPresent() ? file.at("CompresssionType") : file.at("CompressionType");
        if (compression.isPresent()) {
            translated.putObject("compression").set("type", compression.value());
            origins.put(path + ".properties.compression.type", compression);
        }
        Located key = file.at("PartitionKey").text("").isBlank() ? file.at("InputPartionKey") : file.at("PartitionKey");
        if (!key.text("").isBlank()) {
            translated.set("partitionKey", key.value());
        }
    }

    void output(Located file) {
        ObjectNode translated = (ObjectNode) resource("outputs", file, Role.OUTPUT).get("properties");
        String path = path("outputs");
        Map.of("MinimumRows", "sizeWindow", "MaximumTime", "timeWindow").forEach((from, to) -> {
            if (file.at(from).isPresent()) {
                translated.set(to, file.at(from).value());
                origins.put(path + ".properties." + to, file.at(from));
            }
        });
    }

    void function(Located description, Located script, String fileName) {
        ArrayNode functions = (ArrayNode) properties.get("functions");
        ObjectNode function = functions.addObject();
        String path = path("functions");
        origins.put(path, description);
        origins.put(path + ".name", description.at("Name"));
        function.put("name", description.at("Name").text(fileName));
        ObjectNode outer = function.putObject("properties");
        outer.put("type", description.at("Type").text("Scalar"));
        origins.put(path + ".properties.type", description.at("Type"));
        ObjectNode inner = outer.putObject("properties");
        ArrayNode inputs = inner.putArray("inputs");
        origins.put(path + ".properties.properties.inputs", description.at("FunctionInputs"));
        for (Located input : description.at("FunctionInputs").items()) {
            ObjectNode one = inputs.addObject().put("dataType", input.at("DataType").text("any"));
            input.at("IsConfigurationParameter").flag().ifPresent(flag -> one.put("isConfigurationParameter", flag));
        }
        inner.putObject("output").put("dataType", description.at("OutputType").text("any"));
        origins.put(path + ".properties.properties.output.dataType", description.at("OutputType"));
        inner.putObject("binding").put("type", Bindings.JAVASCRIPT).putObject("properties").set("script", script.value());
        origins.put(path + ".properties.properties.binding.properties.script", script);
    }

    private String path(String kind) {
        return "properties." + kind + "[" + (properties.get(kind).size() - 1) + "]";
    }

    private ObjectNode resource(String kind, Located file, Role role) {
        ObjectNode resource = ((ArrayNode) properties.get(kind)).addObject();
        String path = path(kind);
        origins.put(path, file);
        origins.put(path + ".name", file.at("Name"));
        resource.set("name", file.at("Name").isPresent() ? file.at("Name").value() : JsonNodeFactory.instance.textNode(""));
        Located whole = file.at("properties");
        if (whole.at("datasource").isPresent()) {
            // Written as the management interface has it.
            resource.set("properties", whole.value().deepCopy());
            return resource;
        }
        ObjectNode translated = resource.putObject("properties");
        origins.put(path + ".properties.type", file.at("Type"));
        origins.put(path + ".properties.datasource.type", file.at("DataSourceType"));
        ObjectNode datasource = translated.putObject("datasource");
        Located settings = settings(file, role);
        type(file.at("DataSourceType"), role).ifPresent(type -> datasource.put("type", type));
        ObjectNode given = datasource.putObject("properties");
        settings.properties().stream().filter(property -> property.getValue().isPresent() && !property.getValue().text("x").isBlank())
                .forEach(property -> given.set(property.getKey(), lowered(property.getValue().value())));
        origins.put(path + ".properties.datasource.properties", settings);
        Located serialization = file.at("Serialization");
        if (serialization.isPresent()) {
            ObjectNode format = translated.putObject("serialization");
            format.set("type", serialization.at("Type").value());
            ObjectNode details = format.putObject("properties");
            Optional.of(serialization.at("Encoding")).filter(Located::isPresent).ifPresent(encoding -> details.set("encoding", encoding.value()));
            Optional.of(serialization.at("Format")).filter(stated -> !stated.text("").isBlank()).ifPresent(stated -> details.set("format", stated.value()));
            serialization.at("FieldDelimiter").text().filter(text -> !text.isEmpty()).ifPresent(text -> details.put("fieldDelimiter", delimiter(text).orElse(text)));
        }
        origins.put(path + ".properties.serialization", serialization);
        origins.put(path + ".properties.serialization.properties", serialization);
        origins.put(path + ".properties.serialization.type", serialization.at("Type"));
        return resource;
    }

    static Optional<String> delimiter(String text) {
        String plain = text.toLowerCase(Locale.ROOT).replace(" ", "");
        return text.isEmpty() ? Optional.empty() : Optional.of(DELIMITERS.getOrDefault(plain, text));
    }

    private static Optional<String> type(Located stated, Role role) {
        String text = stated.text("");
        String plain = text.toLowerCase(Locale.ROOT).replace(" ", "");
        if (plain.isEmpty()) {
            return Optional.empty();
        }
        // No public sample shows how the editors call it.
        if (role == Role.OUTPUT && (plain.contains("dataexplorer") || plain.contains("kusto"))) {
            return Optional.of(Datasources.KUSTO);
        }
        return Datasources.titled(role, TITLES.getOrDefault(plain, text)).or(() -> Datasources.find(role, text)).map(DatasourceType::type)
                .or(() -> Optional.of(text));
    }

    /// The only object of properties that is given, such as `EventHubProperties`; of several, the one called after the store.
    private static Located settings(Located file, Role role) {
        List<Located> given = file.properties().stream()
                .filter(property -> property.getKey().toLowerCase(Locale.ROOT).matches(".*(properties|inputinfo)"))
                .map(Map.Entry::getValue).filter(value -> value.value().isObject()).toList();
        String wanted = file.at("DataSourceType").text("").toLowerCase(Locale.ROOT).replace(" ", "");
        return given.stream().filter(one -> one.path().toLowerCase(Locale.ROOT).startsWith(role == Role.REFERENCE && wanted.startsWith("blob") ? "blobreference" : wanted))
                .findFirst().or(() -> given.stream().findFirst())
                .orElse(file.at(wanted.isEmpty() ? "Properties" : file.at("DataSourceType").text("").replace(" ", "") + "Properties"));
    }

    /// Objects within settings, such as the storage accounts, with names as the management interface spells them.
    private static JsonNode lowered(JsonNode value) {
        if (value instanceof ArrayNode list) {
            ArrayNode lowered = list.arrayNode();
            list.forEach(item -> lowered.add(lowered(item)));
            return lowered;
        }
        if (value instanceof ObjectNode object) {
            ObjectNode lowered = object.objectNode();
            object.properties().stream().filter(property -> !property.getValue().isNull()).forEach(property ->
                    lowered.set(Character.toLowerCase(property.getKey().charAt(0)) + property.getKey().substring(1), lowered(property.getValue())));
            return lowered;
        }
        return value;
    }
}
