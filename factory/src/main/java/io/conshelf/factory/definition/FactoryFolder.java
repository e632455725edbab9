package io.conshelf.factory.definition;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes a factory as the folder that Data Factory keeps in git.
public final class FactoryFolder {
    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    private FactoryFolder() {}

    /// @throws InvalidFactoryException when a resource's name cannot be the name of a file
    public static void write(Factory factory, Path folder) throws IOException, InvalidFactoryException {
        for (Kind kind : Kind.values()) {
            for (Resource resource : factory.resources(kind).values()) {
                // A name from a template must not lead out of the folder.
                if (!resource.name().matches("[^/\\\\:*?\"<>|\\x00-\\x1f]{1,200}") || resource.name().startsWith(".")) {
                    throw new InvalidFactoryException(List.of(resource.definition().at("name").problem("'" + resource.name()
                            + "' cannot be the name of a file")));
                }
                Path directory = Files.createDirectories(folder.resolve(kind.folder()));
                Files.writeString(directory.resolve(resource.name() + ".json"), JSON.writeValueAsString(resource.definition().value()) + "\n");
            }
        }
    }
}
