package io.conshelf.cli;

import io.conshelf.connectors.definition.ArmTemplate.Given;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What an ARM template is deployed with.
final class TemplateArgument {
    @Option(names = "--template-param", paramLabel = "k=v", description = "a template parameter's value; objects and arrays as JSON; may repeat")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--parameters", paramLabel = "FILE", description = "the parameters file of the template")
    private Optional<Path> file;

    Given given() {
        return given(Map.of());
    }

    /// @param more come last
    Given given(Map<String, String> more) {
        Map<String, String> stated = new LinkedHashMap<>(parameters);
        stated.putAll(more);
        return new Given(file, stated);
    }
}
