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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A job with what lies around it: a project folder of the editors, an ARM template, or a file as the management interface answers.
///
/// @param folder      where relative paths begin
/// @param queryFile   the file, and the path in it, where the query stands
/// @param definition  the job as JSON of the management interface, with whatever was written
/// @param scripts     where the scripts of functions stand, by the functions' names in small letters
/// @param localInputs the files that stand for inputs in local runs
public record Project(JobDefinition job, Path folder, Located queryFile, JsonNode definition, Map<String, Located> scripts, List<LocalInput> localInputs,
        List<Problem> remarks) {
    public Project {
        scripts = Map.copyOf(scripts);
        localInputs = List.copyOf(localInputs);
        remarks = List.copyOf(remarks);
    }

    /// Reads a job.
    ///
    /// @param source a project folder, its `asaproj.json` or `*.asaproj`, a template, or JSON of the management interface
    /// @param given  the parameters of a template
    /// @throws InvalidDefinitionException with every mistake of the definitions
    public static Project load(Path source, ArmTemplate.Given given) throws InvalidDefinitionException {
        ProjectReading reading = read(source, given);
        if (!reading.problems().isEmpty()) {
            throw new InvalidDefinitionException(reading.problems());
        }
        return reading.project().orElseThrow();
    }

    /// The same, as far as it can be read.
    public static ProjectReading read(Path source, ArmTemplate.Given given) {
        try {
            if (Files.isDirectory(source)) {
                return ProjectFolder.read(source);
            }
            if (Files.notExists(source)) {
                throw new InvalidDefinitionException(List.of(new Problem(source.toString(), "", "there is no such file or folder")));
            }
            String name = String.valueOf(source.getFileName()).toLowerCase(Locale.ROOT);
            if (name.equals("asaproj.json") || name.endsWith(".asaproj")) {
                return ProjectFolder.readFile(source);
            }
            return ArmTemplate.isTemplate(source) ? JobTemplate.read(source, given) : ofManagement(source);
        } catch (InvalidDefinitionException unreadable) {
            return new ProjectReading(Optional.empty(), Optional.empty(), unreadable.problems());
        }
    }

    private static ProjectReading ofManagement(Path source) throws InvalidDefinitionException {
        Located json = read(source, String.valueOf(source.getFileName()));
        if (!json.at("properties").value().isObject()) {
            throw new InvalidDefinitionException(List.of(json.problem("is not a job: a project folder with asaproj.json, an ARM template, or "
                    + "{\"name\", \"properties\": {\"transformation\", \"inputs\", \"outputs\", …}} is")));
        }
        JobReading reading = JobJson.read(json);
        Project project = new Project(reading.job(), parent(source), json.at("properties").at("transformation").at("properties").at("query"), json.value(),
                scripts(json, place -> place), List.of(), reading.remarks());
        return new ProjectReading(reading.job().query().isBlank() ? Optional.empty() : Optional.of(project), Optional.of(reading.outline()), reading.problems());
    }

    /// @param origin where the author wrote what stands there
    static Map<String, Located> scripts(Located job, UnaryOperator<Located> origin) {
        Map<String, Located> scripts = new HashMap<>();
        job.at("properties").at("functions").items().forEach(function -> scripts.putIfAbsent(function.at("name").text("").toLowerCase(Locale.ROOT),
                origin.apply(function.at("properties").at("properties").at("binding").at("properties").at("script"))));
        return scripts;
    }

    /// The place of a function's script.
    public Located script(String function) {
        return scripts.getOrDefault(function.toLowerCase(Locale.ROOT), queryFile);
    }

    static Path parent(Path file) {
        return Optional.ofNullable(file.toAbsolutePath().normalize().getParent()).orElse(file.toAbsolutePath());
    }

    /// @param shown how the file is called in messages
    static Located read(Path file, String shown) throws InvalidDefinitionException {
        try {
            return new Located(shown, "", DefinitionText.read(Files.readString(file), Reading.COMMENTED));
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
