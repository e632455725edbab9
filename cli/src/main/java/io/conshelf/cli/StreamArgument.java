package io.conshelf.cli;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.job.ProjectReading;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The job that a command is about: a project folder, or a file.
final class StreamArgument {
    @Parameters(index = "0", paramLabel = "PROJECT", description = "a project folder (asaproj.json, *.asaproj), an ARM template, or a job as the management interface answers it")
    private Path source;

    @Mixin
    private TemplateArgument template;

    Path source() {
        return source;
    }

    /// As far as it can be read.
    ProjectReading examined() {
        return Project.read(source, template.given());
    }

    Project read() throws InvalidDefinitionException {
        return Project.load(source, template.given());
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
