package io.conshelf.cli;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.job.ProjectReading;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The job that a command is about: a project folder, or a file.
final class StreamArgument {
    @ArgGroup(multiplicity = "1")
    private Place place;

    private static final class Place {
        @Parameters(index = "0", paramLabel = "PROJECT", description = "a project folder (asaproj.json, *.asaproj), an ARM template, or a job as the management interface answers it")
        private Optional<Path> source;

        @Option(names = {"--project", "-project"}, paramLabel = "PROJECT", description = "the same, as the service's own tool takes it")
        private Optional<Path> project;
    }

    @Mixin
    private TemplateArgument template;

    Path source() {
        return place.source.or(() -> place.project).orElseThrow();
    }

    /// As far as it can be read.
    ProjectReading examined() {
        return Project.read(source(), template.given());
    }

    Project read() throws InvalidDefinitionException {
        return Project.load(source(), template.given());
    }

    /// With what it remarks told on standard error.
    Project load() {
        try {
            Project project = read();
            project.remarks().forEach(remark -> System.err.println("note: " + remark));
            return project;
        } catch (InvalidDefinitionException wrong) {
            throw new CommandFailure(wrong.getMessage(), wrong);
        }
    }
}
