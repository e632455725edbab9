package io.conshelf.cli;

import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.job.ProjectReading;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The job that a command is about: a project folder, or a file.
final class StreamArgument {
    @Parameters(index = "0", paramLabel = "PROJECT", description = "a project folder (asaproj.json, *.asaproj), an ARM template, or a job as the management interface answers it")
    private Path source;

    @Option(names = "--template-param", paramLabel = "k=v", description = "a template parameter's value; objects and arrays as JSON; may repeat")
    private Map<String, String> templateParameters = new LinkedHashMap<>();

    @Option(names = "--parameters", paramLabel = "FILE", description = "the parameters file of the template")
    private Optional<Path> parametersFile;

    Path source() {
        return source;
    }

    /// As far as it can be read.
    ProjectReading examined() {
        return Project.read(source, new ArmTemplate.Given(parametersFile, templateParameters));
    }

    Project read() throws InvalidDefinitionException {
        return Project.load(source, new ArmTemplate.Given(parametersFile, templateParameters));
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
