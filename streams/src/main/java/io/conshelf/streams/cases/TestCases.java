package io.conshelf.streams.cases;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.cases.TestCase.Expected;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.LocalInput;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.job.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The file of test cases: `{"Script", "TestCases": [{"Name", "Inputs", "ExpectedOutputs"}]}`. Paths in it begin in its folder.
///
/// @param script the query that the cases are for, as the file names it
public record TestCases(Optional<Path> script, List<TestCase> cases) {
    public TestCases {
        cases = List.copyOf(cases);
    }

    /// Where a project has it, unless another file is named.
    public static Path placeIn(Path project) {
        return project.resolve("test").resolve("testConfig.json");
    }

    /// @throws InvalidDefinitionException with every mistake
    public static TestCases read(Path file) throws InvalidDefinitionException {
        Located json = ProjectFiles.read(file);
        List<Problem> problems = new ArrayList<>();
        List<TestCase> cases = new ArrayList<>();
        for (Located one : json.at("TestCases").items()) {
            List<LocalInput> inputs = new ArrayList<>();
            one.at("Inputs").items().forEach(input -> ProjectFiles.localInput(input, file, problems).ifPresent(inputs::add));
            List<Expected> outputs = new ArrayList<>();
            one.at("ExpectedOutputs").items().forEach(output -> expected(output, file, problems).ifPresent(outputs::add));
            cases.add(new TestCase(one.at("Name").text("Case " + (cases.size() + 1)), inputs, outputs));
        }
        if (!json.at("TestCases").value().isArray()) {
            problems.add(json.at("TestCases").problem("is missing: it is the list of test cases"));
        }
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionException(problems);
        }
        // it is told, and not read: the query is that of the project
        Optional<Path> script = json.at("Script").text().filter(text -> !text.isBlank()).map(text -> ProjectFiles.find(file, text)
                .orElseGet(() -> file.toAbsolutePath().resolveSibling(text.replace('\\', '/'))));
        return new TestCases(script, cases);
    }

    private static Optional<Expected> expected(Located stated, Path file, List<Problem> problems) {
        int before = problems.size();
        String output = stated.at("OutputAlias").text("");
        if (output.isBlank()) {
            problems.add(stated.at("OutputAlias").problem("is missing: it is the output whose rows are expected"));
        }
        String path = stated.at("FilePath").text("");
        boolean isLookedAt = stated.at("Required").flag().orElse(true);
        Optional<Path> found = path.isBlank() || !isLookedAt ? Optional.empty() : ProjectFiles.find(file, path);
        if (path.isBlank()) {
            problems.add(stated.at("FilePath").problem("is missing: it is the file with the rows that are expected"));
        } else if (isLookedAt && found.isEmpty()) {
            problems.add(stated.at("FilePath").problem("names '" + path + "', which is not there"));
        }
        if (problems.size() > before) {
            return Optional.empty();
        }
        if (!isLookedAt) {
            return Optional.of(new Expected.Anything(output, path));
        }
        Located ignored = stated.at("IgnoreFields");
        List<String> fields = ignored.value().isArray() ? ignored.items().stream().flatMap(field -> field.text().stream()).toList()
                : ignored.text().filter(text -> !text.isBlank()).map(text -> List.of(text.split("\\s*,\\s*"))).orElse(List.of());
        return Optional.of(new Expected.Rows(output, found.orElseThrow(), path, fields));
    }

    /// Appends the skeleton of a case for a project: its inputs with their local files, its outputs.
    ///
    /// @return the case's name
    public static String add(Path file, Project project) throws IOException, InvalidDefinitionException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = Files.exists(file) && ProjectFiles.read(file).value() instanceof ObjectNode there ? there.deepCopy() : json.createObjectNode();
        if (!config.has("Script")) {
            config.put("Script", relative(file, project.folder().resolve(project.queryFile().file())));
        }
        ArrayNode cases = config.get("TestCases") instanceof ArrayNode list ? list : config.putArray("TestCases");
        String name = "Case " + (cases.size() + 1);
        ObjectNode one = cases.addObject().put("Name", name);
        ArrayNode inputs = one.putArray("Inputs");
        for (JobDefinition.Input input : project.job().inputs()) {
            Optional<LocalInput> local = project.localInput(input.name());
            inputs.addObject().put("InputAlias", input.name()).put("Type", input.type() == InputType.REFERENCE ? "Reference Data" : "Data Stream")
                    .put("Format", local.map(known -> known.serialization().path("type").asText()).orElse("Json"))
                    .put("FilePath", local.map(known -> relative(file, known.file())).orElse("")).put("ScriptType", "InputMock");
        }
        ArrayNode outputs = one.putArray("ExpectedOutputs");
        project.job().outputs().forEach(output -> outputs.addObject().put("OutputAlias", output.name()).put("FilePath", "").put("Required", true));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
        return name;
    }

    private static String relative(Path file, Path target) {
        return file.toAbsolutePath().getParent().normalize().relativize(target.toAbsolutePath().normalize()).toString();
    }
}
