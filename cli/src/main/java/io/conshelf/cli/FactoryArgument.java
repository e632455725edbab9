package io.conshelf.cli;

import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.factory.Validation;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.FactoryTemplate;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The factory that a command is about: a folder, or an ARM template with its parameters.
final class FactoryArgument {
    @Parameters(index = "0", paramLabel = "FACTORY", description = "the folder that Data Factory keeps in git, or an ARM template")
    private Path source;

    @Mixin
    private TemplateArgument template;

    @Option(names = "--factory", paramLabel = "DIR", description = "a factory folder that the template is put into, such as one with its linked services")
    private Optional<Path> into;

    @Option(names = "--lenient", description = "read JSON as articles print it: comments, trailing commas, '...', placeholders")
    private boolean isLenient;

    /// A factory of which every file can be read, with something in it.
    Factory whole(Map<String, String> moreParameters) {
        try {
            Factory read = load(moreParameters);
            if (!read.broken().isEmpty()) {
                throw new InvalidFactoryException(read.broken().stream().map(Factory.Broken::problem).toList());
            }
            if (Arrays.stream(Kind.values()).allMatch(kind -> read.resources(kind).isEmpty())) {
                throw new CommandFailure("'" + source + "' holds no resource of a factory: " + (Files.isDirectory(source)
                        ? "there is no JSON file in any of " + Arrays.stream(Kind.values()).map(kind -> kind.folder() + "/").collect(Collectors.joining(", "))
                        : "none of its resources is of Data Factory"));
            }
            return read;
        } catch (InvalidFactoryException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }

    Factory load() throws InvalidFactoryException {
        return load(Map.of());
    }

    Factory load(Map<String, String> moreParameters) throws InvalidFactoryException {
        Reading reading = isLenient ? Reading.LENIENT : Reading.STRICT;
        Factory factory = Files.isRegularFile(source) ? template(moreParameters, reading) : folder(source, moreParameters, reading);
        return into.isPresent() ? Factory.load(into.get(), reading).with(factory) : factory;
    }

    private Factory template(Map<String, String> moreParameters, Reading reading) throws InvalidFactoryException {
        return FactoryTemplate.load(source, template.given(moreParameters), reading);
    }

    private Factory folder(Path folder, Map<String, String> moreParameters, Reading reading) throws InvalidFactoryException {
        Given given = template.given(moreParameters);
        if (given.file().isPresent() || !given.stated().isEmpty()) {
            throw new CommandFailure("'" + folder + "' is a folder; parameters go with an ARM template");
        }
        return Factory.load(folder, reading);
    }

    Validation validate(Map<String, String> moreParameters) {
        try {
            return Validation.of(load(moreParameters));
        } catch (InvalidFactoryException unreadable) {
            return new Validation(unreadable.problems(), List.of());
        }
    }
}
