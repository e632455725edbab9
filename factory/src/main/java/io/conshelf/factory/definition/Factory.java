package io.conshelf.factory.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A factory folder, laid out as Data Factory keeps it in git: `factory/ linkedService/ dataset/ pipeline/`, one file a resource.
public record Factory(Path folder, String name, Map<String, Parameter> globalParameters, Map<String, Resource> linkedServices,
        Map<String, Resource> datasets, Map<String, Resource> pipelines) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public static Factory load(Path folder) throws InvalidFactoryException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidFactoryException(List.of(new Problem(folder.toString(), "", "the factory folder does not exist")));
        }
        List<Problem> problems = new ArrayList<>();
        Map<String, Resource> factories = read(folder, "factory", problems);
        Map<String, Parameter> globals = new LinkedHashMap<>();
        factories.values().forEach(factory -> globals.putAll(Parameter.readAll(factory.properties().at("globalParameters"), problems::add)));
        read(folder, "globalParameters", problems).values().forEach(set -> globals.putAll(Parameter.readAll(set.properties(), problems::add)));
        Factory factory = new Factory(folder, factories.keySet().stream().findFirst().orElse(folder.toAbsolutePath().normalize().getFileName().toString()),
                globals, read(folder, "linkedService", problems), read(folder, "dataset", problems), read(folder, "pipeline", problems));
        if (factory.pipelines().isEmpty() && problems.isEmpty()) {
            problems.add(new Problem(folder.resolve("pipeline").toString(), "", "the factory folder holds no pipeline"));
        }
        if (!problems.isEmpty()) {
            throw new InvalidFactoryException(problems);
        }
        return factory;
    }

    private static Map<String, Resource> read(Path folder, String kind, List<Problem> problems) {
        Map<String, Resource> resources = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Path directory = folder.resolve(kind);
        if (!Files.isDirectory(directory)) {
            return resources;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".json")).sorted().toList()) {
                read(kind, file, problems).ifPresent(resource -> {
                    if (resources.put(resource.name(), resource) != null) {
                        problems.add(new Problem(kind + "/" + file.getFileName(), "name", "there are two of the name '" + resource.name() + "'"));
                    }
                });
            }
        } catch (IOException failure) {
            problems.add(new Problem(directory.toString(), "", "cannot be listed: " + failure.getMessage()));
        }
        return resources;
    }

    private static Optional<Resource> read(String kind, Path file, List<Problem> problems) {
        String shown = kind + "/" + file.getFileName();
        try {
            JsonNode json = JSON.readTree(Files.readString(file));
            if (!json.isObject()) {
                problems.add(new Problem(shown, "", "holds no JSON object"));
                return Optional.empty();
            }
            Located root = new Located(shown, "", json);
            String stem = file.getFileName().toString().replaceFirst("\\.json$", "");
            return Optional.of(new Resource(root.at("name").text(stem), root.at("properties")));
        } catch (JsonProcessingException notJson) {
            String at = notJson.getLocation() == null ? "" : "line " + notJson.getLocation().getLineNr() + ", column " + notJson.getLocation().getColumnNr();
            problems.add(new Problem(shown, at, "is not JSON: " + notJson.getOriginalMessage()));
        } catch (IOException failure) {
            problems.add(new Problem(shown, "", "cannot be read: " + failure.getMessage()));
        }
        return Optional.empty();
    }
}
