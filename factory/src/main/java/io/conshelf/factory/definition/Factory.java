package io.conshelf.factory.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The resources of a factory, found by name in any case.
///
/// A file that cannot be read is no resource; what is wrong with it is kept, and told to whoever names it.
///
/// @param folder  where relative folders of its file stores start
/// @param broken  what could not be read
/// @param remarks what was left out on the way, without being a mistake
/// @param lacking the resources whose secrets were not given, which a run that needs them is told
public record Factory(
        Path folder, String name, Map<Kind, Map<String, Resource>> resources, List<Broken> broken, List<Problem> remarks, List<Broken> lacking) {

    /// A resource that cannot be read, or cannot be used as it is.
    public record Broken(Kind kind, String name, Problem problem) {}

    public Factory {
        Map<Kind, Map<String, Resource>> copy = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            Map<String, Resource> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            named.putAll(resources.getOrDefault(kind, Map.of()));
            copy.put(kind, Collections.unmodifiableMap(named));
        }
        resources = Collections.unmodifiableMap(copy);
        broken = List.copyOf(broken);
        remarks = List.copyOf(remarks);
        lacking = List.copyOf(lacking);
    }

    /// A factory of these resources; of two with one name and kind, the later counts.
    public static Factory of(Path folder, String name, List<Resource> resources) {
        Map<Kind, Map<String, Resource>> byKind = new EnumMap<>(Kind.class);
        resources.forEach(resource ->
                byKind.computeIfAbsent(resource.kind(), _ -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER)).put(resource.name(), resource));
        return new Factory(folder, name, byKind, List.of(), List.of(), List.of());
    }

    /// Reads a factory folder, laid out as Data Factory keeps it in git: `factory/ linkedService/ dataset/ pipeline/ …`, one file a resource.
    public static Factory load(Path folder) throws InvalidFactoryException {
        return load(folder, Reading.STRICT);
    }

    public static Factory load(Path folder, Reading reading) throws InvalidFactoryException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidFactoryException(List.of(new Problem(folder.toString(), "", "the factory folder does not exist")));
        }
        FolderReader reader = new FolderReader(folder, reading);
        for (Kind kind : Kind.values()) {
            reader.read(kind);
        }
        Factory factory = new Factory(folder, "", reader.resources, reader.broken, List.of(), List.of());
        String name = factory.resources(Kind.FACTORY).keySet().stream().findFirst()
                .orElseGet(() -> folder.toAbsolutePath().normalize().getFileName().toString());
        return new Factory(folder, name, factory.resources(), factory.broken(), List.of(), List.of());
    }

    public Map<String, Resource> resources(Kind kind) {
        return resources.get(kind);
    }

    public Map<String, Resource> linkedServices() {
        return resources(Kind.LINKED_SERVICE);
    }

    public Map<String, Resource> datasets() {
        return resources(Kind.DATASET);
    }

    public Map<String, Resource> pipelines() {
        return resources(Kind.PIPELINE);
    }

    /// What is wrong with a resource that is there and cannot be read.
    public Optional<Problem> broken(Kind kind, String name) {
        return broken.stream().filter(other -> other.kind() == kind && other.name().equalsIgnoreCase(name)).map(Broken::problem).findFirst();
    }

    public Map<String, Parameter> globalParameters() {
        return globalParameters(_ -> {});
    }

    /// The global parameters, those inside the factory and those in resources of their own; what cannot be read is reported.
    public Map<String, Parameter> globalParameters(Consumer<Problem> problems) {
        Map<String, Parameter> globals = new LinkedHashMap<>();
        resources(Kind.FACTORY).values().forEach(factory -> globals.putAll(Parameter.readAll(factory.properties().at("globalParameters"), problems)));
        resources(Kind.GLOBAL_PARAMETERS).values().forEach(set -> globals.putAll(Parameter.readAll(set.properties(), problems)));
        return globals;
    }

    /// This factory with the resources of another put over its own.
    public Factory with(Factory other) {
        Map<Kind, Map<String, Resource>> both = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            Map<String, Resource> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            named.putAll(resources(kind));
            other.resources(kind).keySet().forEach(named::remove);
            named.putAll(other.resources(kind));
            both.put(kind, named);
        }
        List<Broken> notRead = new ArrayList<>(broken);
        notRead.addAll(other.broken());
        List<Problem> said = new ArrayList<>(remarks);
        said.addAll(other.remarks());
        List<Broken> withoutSecret = new ArrayList<>(lacking);
        withoutSecret.removeIf(mine -> other.resources(mine.kind()).containsKey(mine.name()));
        withoutSecret.addAll(other.lacking());
        return new Factory(folder, name, both, notRead, said, withoutSecret);
    }

    /// Reads the files of one folder.
    private static final class FolderReader {
        private final Path folder;
        private final Reading reading;
        private final Map<Kind, Map<String, Resource>> resources = new EnumMap<>(Kind.class);
        private final List<Broken> broken = new ArrayList<>();

        private FolderReader(Path folder, Reading reading) {
            this.folder = folder;
            this.reading = reading;
        }

        private void read(Kind kind) {
            Map<String, Resource> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            resources.put(kind, named);
            Path directory = folder.resolve(kind.folder());
            if (!Files.isDirectory(directory)) {
                return;
            }
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".json")).sorted().toList()) {
                    read(kind, file).ifPresent(resource -> {
                        if (named.putIfAbsent(resource.name(), resource) != null) {
                            broken.add(new Broken(kind, resource.name(), resource.definition().at("name")
                                    .problem("there are two of the name '" + resource.name() + "'")));
                        }
                    });
                }
            } catch (IOException failure) {
                broken.add(new Broken(kind, "", new Problem(kind.folder(), "", "cannot be listed: " + failure.getMessage())));
            }
        }

        private Optional<Resource> read(Kind kind, Path file) {
            String shown = kind.folder() + "/" + file.getFileName();
            String stem = file.getFileName().toString().replaceFirst("\\.json$", "");
            try {
                JsonNode json = DefinitionText.read(Files.readString(file), reading);
                if (!json.isObject()) {
                    broken.add(new Broken(kind, stem, new Problem(shown, "", "holds no JSON object")));
                    return Optional.empty();
                }
                Located root = new Located(shown, "", json);
                return Optional.of(new Resource(kind, root.at("name").text(stem), root));
            } catch (JsonProcessingException notJson) {
                broken.add(new Broken(kind, stem, DefinitionText.problem(shown, notJson)));
            } catch (CharacterCodingException notText) {
                broken.add(new Broken(kind, stem, new Problem(shown, "", "is not text in UTF-8")));
            } catch (IOException failure) {
                broken.add(new Broken(kind, stem, new Problem(shown, "", "cannot be read: " + failure.getMessage())));
            }
            return Optional.empty();
        }
    }
}
