package io.conshelf.streams.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A job with what lies around it: a project folder of the editors, an ARM template, or a file as the management interface answers.
///
/// @param folder      where relative paths begin
/// @param queryFile   the file, and the path in it, where the query stands
/// @param definition  the job as JSON of the management interface, with whatever was written
/// @param localInputs the files that stand for inputs in local runs
public record Project(JobDefinition job, Path folder, Located queryFile, JsonNode definition, List<LocalInput> localInputs, List<Problem> remarks) {
    public Project {
        localInputs = List.copyOf(localInputs);
        remarks = List.copyOf(remarks);
    }

    /// Reads a job.
    ///
    /// @param source a project folder, its `asaproj.json` or `*.asaproj`, a template, or JSON of the management interface
    /// @param given  the parameters of a template
    /// @throws InvalidDefinitionException with every mistake
    public static Project load(Path source, ArmTemplate.Given given) throws InvalidDefinitionException {
        if (Files.isDirectory(source)) {
            return ProjectFolder.read(source);
        }
        String name = String.valueOf(source.getFileName()).toLowerCase(Locale.ROOT);
        if (name.equals("asaproj.json") || name.endsWith(".asaproj")) {
            return ProjectFolder.readFile(source);
        }
        if (ArmTemplate.isTemplate(source)) {
            return JobTemplate.read(source, given);
        }
        Located json = read(source, String.valueOf(source.getFileName()));
        if (!json.at("properties").value().isObject()) {
            throw new InvalidDefinitionException(List.of(json.problem("is not a job: a project folder with asaproj.json, an ARM template, or "
                    + "{\"name\", \"properties\": {\"transformation\", \"inputs\", \"outputs\", …}} is")));
        }
        JobReading reading = JobJson.read(json);
        if (!reading.problems().isEmpty()) {
            throw new InvalidDefinitionException(reading.problems());
        }
        return new Project(reading.job(), parent(source), json.at("properties").at("transformation").at("properties").at("query"), json.value(), List.of(),
                reading.remarks());
    }

    static Path parent(Path file) {
        return Optional.ofNullable(file.toAbsolutePath().normalize().getParent()).orElse(file.toAbsolutePath());
    }

    /// @param shown how the file is called in messages
    static Located read(Path file, String shown) throws InvalidDefinitionException {
        try {
            return new Located(shown, "", DefinitionText.read(Files.readString(file), Reading.STRICT));
        } catch (JsonProcessingException notJson) {
            throw new InvalidDefinitionException(List.of(DefinitionText.problem(shown, notJson)));
        } catch (CharacterCodingException notText) {
            throw new InvalidDefinitionException(List.of(new Problem(shown, "", "is not text in UTF-8")));
        } catch (IOException failure) {
            throw new InvalidDefinitionException(List.of(new Problem(shown, "", "cannot be read: " + reason(failure))));
        }
    }

    static String reason(IOException failure) {
        return failure instanceof java.nio.file.NoSuchFileException ? "there is no such file" : String.valueOf(failure.getMessage());
    }

    /// The file that stands for an input.
    public Optional<LocalInput> localInput(String alias) {
        return localInputs.stream().filter(input -> input.alias().equalsIgnoreCase(alias)).findFirst();
    }
}
