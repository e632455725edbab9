package io.conshelf.streams.job;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The files of a project for those who read further ones, such as test cases.
public final class ProjectFiles {
    private ProjectFiles() {}

    public static Located read(Path file) throws InvalidDefinitionException {
        return Project.read(file, String.valueOf(file.getFileName()));
    }

    /// The file that stands for an input; what is wrong with its description is added to the problems.
    ///
    /// @param file where the description stands
    public static Optional<LocalInput> localInput(Located description, Path file, List<Problem> problems) {
        return LocalInputFile.read(description, file, problems);
    }

    /// A file by its path from another's folder, whatever its slashes and case.
    public static Optional<Path> find(Path from, String path) {
        return LocalInputFile.absolute(Project.parent(from), path);
    }
}
