package io.conshelf.processor.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.ArmTemplate.Deployed;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The pipelines and datasets that files hold, in any of the forms they come in: resources of the management interface, ARM templates, custom resources
/// of Kubernetes, and the definition alone as the portal exports it; one in a file or several.
///
/// @param remarks what has no effect, or was assumed
public record Definitions(List<PipelineDefinition> pipelines, List<DatasetDefinition> datasets, List<Problem> remarks) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{1,60}[a-z0-9]");
    private static final String NAMESPACE = "microsoft.iotoperationsdataprocessor/";
    private static final Set<String> READ_ONLY = Set.of("id", "type", "name", "apiversion", "systemdata", "properties", "status", "spec", "kind");
    private static final Set<String> OF_A_RESOURCE = Set.of("id", "type", "name", "apiVersion", "systemData", "properties", "location", "extendedLocation", "tags", "etag");
    private static final long BYTES_MAX = 16 << 20;

    public Definitions {
        pipelines = List.copyOf(pipelines);
        datasets = List.copyOf(datasets);
        remarks = List.copyOf(remarks);
    }

    /// Reads files, or folders of them.
    ///
    /// @throws InvalidDefinitionException with every mistake in all of them
    public static Definitions read(List<Path> files) throws InvalidDefinitionException {
        Collected collected = new Collected();
        for (Path file : files) {
            collected.file(file);
        }
        Definitions definitions = collected.definitions();
        if (definitions.pipelines().isEmpty() && definitions.datasets().isEmpty()) {
            throw new InvalidDefinitionException(Stream.concat(files.stream().map(file -> new Problem(file.toString(), "", "has no pipeline and no dataset")),
                    definitions.remarks().stream()).toList());
        }
        return definitions;
    }

    /// Reads a text.
    ///
    /// @param file its name, whose end says whether it is YAML, and which names what has no name of its own
    /// @throws InvalidDefinitionException with every mistake
    public static Definitions read(String file, String text) throws InvalidDefinitionException {
        Collected collected = new Collected();
        collected.text(file, text);
        return collected.definitions();
    }

    /// A resource of the management interface.
    ///
    /// @param body as a client sends it
    /// @throws InvalidDefinitionException with every mistake
    public static PipelineDefinition pipeline(String name, JsonNode body) throws InvalidDefinitionException {
        Located located = new Located("", "", body);
        Resource resource = resource(Resource.Kind.PIPELINE, name, located, located.at("properties"));
        return PipelineDefinition.read(resource, located.at("properties"));
    }

    /// A resource of the management interface.
    ///
    /// @param body as a client sends it
    /// @throws InvalidDefinitionException with every mistake
    public static DatasetDefinition dataset(String name, JsonNode body) throws InvalidDefinitionException {
        Located located = new Located("", "", body);
        Resource resource = resource(Resource.Kind.DATASET, name, located, located.at("properties"));
        return DatasetDefinition.read(resource, located.at("properties"));
    }

    /// Whether the service takes a name for a pipeline or a dataset.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    private static Resource resource(Resource.Kind kind, String name, Located whole, Located properties) {
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        if (whole != properties) {
            whole.value().properties().stream().filter(member -> !READ_ONLY.contains(member.getKey().toLowerCase(Locale.ROOT))).forEach(member -> envelope.set(member.getKey(), member.getValue()));
        }
        ObjectNode stored = properties.value() instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode();
        stored.remove("provisioningState");
        stored.path("stages").forEach(Definitions::nameAsStored);
        return new Resource(properties, kind, name, envelope, stored);
    }

    /// Settings that older pages call otherwise get the name that the service stores them under; all else stays as it is.
    private static void nameAsStored(JsonNode stage) {
        if (!(stage instanceof ObjectNode object)) {
            return;
        }
        List<Setting> settings = StageTypes.find(stage.path("type").asText()).map(StageType::settings).orElse(List.of());
        for (Setting setting : settings) {
            for (String alias : setting.aliases()) {
                if (object.has(alias) && !object.has(setting.name())) {
                    ObjectNode renamed = JsonNodeFactory.instance.objectNode();
                    object.properties().forEach(member -> renamed.set(member.getKey().equals(alias) ? setting.name() : member.getKey(), member.getValue()));
                    object.removeAll();
                    object.setAll(renamed);
                }
            }
        }
    }

    /// What is read so far, and what is wrong with it.
    private static final class Collected {
        private final Map<String, PipelineDefinition> pipelines = new LinkedHashMap<>();
        private final Map<String, DatasetDefinition> datasets = new LinkedHashMap<>();
        private final List<Problem> problems = new ArrayList<>();
        private final List<Problem> remarks = new ArrayList<>();

        Definitions definitions() throws InvalidDefinitionException {
            if (problems.isEmpty()) {
                pipelines.values().forEach(pipeline -> problems.addAll(pipeline.problems(List.copyOf(datasets.values()))));
            }
            if (!problems.isEmpty()) {
                throw new InvalidDefinitionException(problems);
            }
            return new Definitions(List.copyOf(pipelines.values()), List.copyOf(datasets.values()), remarks);
        }

        void file(Path file) {
            try {
                if (Files.isDirectory(file)) {
                    try (var entries = Files.list(file)) {
                        for (Path entry : entries.filter(Files::isRegularFile).filter(Collected::isDefinition).sorted().toList()) {
                            file(entry);
                        }
                    }
                } else if (Files.size(file) > BYTES_MAX) {
                    problems.add(new Problem(file.toString(), "", "is larger than " + (BYTES_MAX >> 20) + " MB"));
                } else if (ArmTemplate.isTemplate(file)) {
                    template(file);
                } else {
                    text(file.toString(), Files.readString(file));
                }
            } catch (InvalidDefinitionException unreadable) {
                problems.addAll(unreadable.problems());
            } catch (CharacterCodingException binary) {
                problems.add(new Problem(file.toString(), "", "is no text in UTF-8"));
            } catch (IOException unreadable) {
                problems.add(new Problem(file.toString(), "", Files.exists(file) ? "cannot be read: " + unreadable.getMessage() : "is not there"));
            }
        }

        private static boolean isDefinition(Path file) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            return name.endsWith(".json") || name.endsWith(".yaml") || name.endsWith(".yml");
        }

        void text(String file, String text) throws InvalidDefinitionException {
            for (Located document : ResourceText.read(file, text)) {
                item(document);
            }
        }

        private void item(Located item) {
            String kind = item.at("kind").text("");
            String type = item.at("type").text("").toLowerCase(Locale.ROOT);
            if (item.value().isArray()) {
                item.items().forEach(this::item);
            } else if (!item.value().isObject()) {
                problems.add(item.problem("is no definition: it is to be an object"));
            } else if (kind.endsWith("List") && item.at("items").value().isArray()) {
                item.at("items").items().forEach(this::item);
            } else if (!kind.isEmpty()) {
                custom(item, kind);
            } else if (type.startsWith(NAMESPACE)) {
                managed(item, type);
            } else if (item.at("properties").value().isObject()) {
                unnamed(item, item.at("properties"));
            } else {
                unnamed(item, item);
            }
        }

        private void managed(Located item, String type) {
            item.properties().stream().filter(member -> OF_A_RESOURCE.stream().noneMatch(member.getKey()::equalsIgnoreCase))
                    .forEach(member -> remarks.add(SettingsCheck.unknown(member.getValue(), member.getKey(), OF_A_RESOURCE)));
            String name = item.at("name").text("");
            add(type, name.substring(name.lastIndexOf('/') + 1), item.at("name"), item, item.at("properties"));
        }

        private void add(String type, String name, Located nameAt, Located item, Located properties) {
            switch (type.toLowerCase(Locale.ROOT)) {
                case NAMESPACE + "instances/pipelines" -> add(Resource.Kind.PIPELINE, name, nameAt, item, properties);
                case NAMESPACE + "instances/datasets" -> add(Resource.Kind.DATASET, name, nameAt, item, properties);
                case NAMESPACE + "instances" -> remarks.add(item.problem("has no effect: an instance is what runs pipelines, and here that is whoever reads this"));
                default -> problems.add(item.at("type").problem("'" + type + "' is not known; resources are " + Resource.Kind.PIPELINE.type() + " and " + Resource.Kind.DATASET.type()));
            }
        }

        private void custom(Located item, String kind) {
            String version = item.at("apiVersion").text("");
            if (!version.startsWith(Resource.GROUP + "/")) {
                remarks.add(item.at("apiVersion").problem("is left out: '" + version + "' is not " + Resource.GROUP + "/v1"));
                return;
            }
            Located name = item.at("metadata").at("name");
            switch (kind) {
                case "Pipeline" -> add(Resource.Kind.PIPELINE, name.text(""), name, item, item.at("spec"));
                case "Dataset" -> add(Resource.Kind.DATASET, name.text(""), name, item, item.at("spec"));
                case "Instance" -> remarks.add(item.problem("has no effect: an instance is what runs pipelines, and here that is whoever reads this"));
                default -> problems.add(item.at("kind").problem("'" + kind + "' is not known; kinds are Pipeline and Dataset"));
            }
        }

        private void unnamed(Located item, Located properties) {
            Located stated = item.at("name");
            String name = stated.text().orElseGet(() -> nameOf(item.file()));
            if (properties.at("input").isPresent() || properties.at("stages").isPresent()) {
                add(Resource.Kind.PIPELINE, name, stated, item, properties);
            } else if (properties.at("keys").isPresent() || properties.at("payload").isPresent()) {
                add(Resource.Kind.DATASET, name, stated, item, properties);
            } else {
                problems.add(item.problem("is no definition: a pipeline has 'input' and 'stages', a dataset 'keys' or 'payload'"));
            }
        }

        private static String nameOf(String file) {
            String name = Path.of(file).getFileName().toString().replaceFirst("\\.[^.]*$", "").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
            return name.length() > 62 ? name.substring(0, 62).replaceAll("-$", "") : name.length() < 3 ? name + "-pipeline" : name;
        }

        private void add(Resource.Kind kind, String name, Located nameAt, Located item, Located properties) {
            if (!isName(name)) {
                problems.add(nameAt.problem((name.isEmpty() ? "is missing" : "'" + name + "' is no name")
                        + ": names have 3 to 62 small letters, digits and hyphens, with no hyphen at either end"));
            }
            Resource resource = resource(kind, name, item, properties);
            try {
                switch (kind) {
                    case PIPELINE -> {
                        PipelineDefinition pipeline = PipelineDefinition.read(resource, properties);
                        remarks.addAll(pipeline.remarks());
                        if (pipelines.put(name, pipeline) != null) {
                            problems.add(nameAt.problem("there are two pipelines '" + name + "'"));
                        }
                    }
                    case DATASET -> {
                        DatasetDefinition dataset = DatasetDefinition.read(resource, properties);
                        remarks.addAll(dataset.remarks());
                        if (datasets.put(name, dataset) != null) {
                            problems.add(nameAt.problem("there are two datasets '" + name + "'"));
                        }
                    }
                }
            } catch (InvalidDefinitionException invalid) {
                problems.addAll(invalid.problems());
            }
        }

        private void template(Path file) throws InvalidDefinitionException {
            ArmTemplate template = ArmTemplate.open(file, ArmTemplate.Given.nothing(), Reading.COMMENTED);
            template.read(new ArmTemplate.Receiver() {
                @Override
                public String type(String stated, String parentType) {
                    return parentType.isEmpty() || stated.contains("/") && stated.contains(".") ? stated : parentType + "/" + stated;
                }

                @Override
                public boolean isWanted(String type, Located at) {
                    return type.toLowerCase(Locale.ROOT).startsWith(NAMESPACE);
                }

                @Override
                public void resource(Deployed resource) {
                    add(resource.type(), resource.ownName(), resource.nameAt(), resource.definition(), resource.definition().at("properties"));
                }
            });
            problems.addAll(template.problems());
            remarks.addAll(template.remarks());
        }
    }
}
