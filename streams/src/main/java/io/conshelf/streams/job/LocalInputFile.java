package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.job.JobDefinition.InputType;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the description of a local input, `ScriptType` InputMock: `{"InputAlias", "Type", "Format", "FilePath"}`, and as newer editors write it,
/// `{"Name", "Type", "Serialization", "FilePath"}`.
final class LocalInputFile {
    private LocalInputFile() {}

    /// @param file where it stands, by which its path is relative
    static Optional<LocalInput> read(Located json, Path file, List<Problem> problems) {
        int before = problems.size();
        Located alias = json.at("InputAlias").isPresent() ? json.at("InputAlias") : json.at("Name");
        if (alias.text("").isBlank()) {
            problems.add(json.at("InputAlias").problem("is missing: it is the input that the file stands for"));
        }
        Located serialization = json.at("Serialization");
        Located format = json.at("Format").isPresent() ? json.at("Format") : serialization.at("Type");
        Optional<Formats.FormatType> known = Formats.find(format.text("Json"));
        if (known.filter(type -> type.refusal().isEmpty()).isEmpty()) {
            problems.add(format.problem("'" + format.text("") + "' is not a format of local inputs; there are Json, Csv, Avro and Parquet"));
        }
        Located path = json.at("FilePath");
        Optional<Path> found = path.text().filter(text -> !text.isBlank()).flatMap(text -> absolute(Project.parent(file), text));
        if (path.text("").isBlank()) {
            problems.add(path.problem("is missing: it is the file, from the folder of this one"));
        } else if (found.isEmpty()) {
            problems.add(path.problem("names '" + path.text("") + "', which is not there"));
        }
        if (problems.size() > before) {
            return Optional.empty();
        }
        ObjectNode read = LocalInput.serialization(known.orElseThrow().type());
        Located delimiter = serialization.at("FieldDelimiter").isPresent() ? serialization.at("FieldDelimiter") : json.at("Delimiter");
        delimiter.text().flatMap(ProjectJob::delimiter).ifPresent(text -> read.withObjectProperty("properties").put("fieldDelimiter", text));
        InputType type = json.at("Type").text("").toLowerCase(Locale.ROOT).startsWith("reference") ? InputType.REFERENCE : InputType.STREAM;
        return Optional.of(new LocalInput(alias.text(""), type, read, found.orElseThrow()));
    }

    static Optional<Path> absolute(Path folder, String path) {
        return path.startsWith("/") ? ProjectFolder.find(Path.of("/"), path) : ProjectFolder.find(folder, path);
    }
}
