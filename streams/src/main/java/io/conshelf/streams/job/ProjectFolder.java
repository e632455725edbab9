package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads the folder of a project, as the extension of Visual Studio Code (`asaproj.json`) and Visual Studio (`*.asaproj`) keep it.
///
/// Projects travel between machines: paths have either slash, letters of either case, and files begin with a byte order mark.
final class ProjectFolder {
    private static final List<String> FOLDERS = List.of("Inputs", "Outputs", "Functions");

    private final Path folder;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();
    /// Whether every file that it names could be read.
    private boolean isWhole = true;

    /// @param subType what the file is: JobConfig, Input, InputMock, Output, JSFunction, CSharpFunction
    /// @param listed  where the project names it
    record Entry(String filePath, String subType, Located listed) {}

    /// @param queries the queries it names, in their order
    record Listing(String name, List<Entry> entries, List<Located> queries) {}

    private ProjectFolder(Path folder) {
        this.folder = folder;
    }

    static ProjectReading read(Path folder) throws InvalidDefinitionException {
        Optional<Path> listing = find(folder, "asaproj.json");
        if (listing.isEmpty()) {
            List<Path> others = named(folder, ".asaproj");
            if (others.size() > 1) {
                throw new InvalidDefinitionException(List.of(new Problem(folder.toString(), "", "holds several projects; name one of "
                        + others.stream().map(Path::getFileName).toList())));
            }
            listing = others.stream().findFirst();
        }
        return readFile(listing.orElseThrow(() -> new InvalidDefinitionException(List.of(new Problem(folder.toString(), "",
                "is not a project: it has neither asaproj.json nor a file *.asaproj")))));
    }

    static ProjectReading readFile(Path listing) throws InvalidDefinitionException {
        return new ProjectFolder(Project.parent(listing)).project(listing);
    }

    private ProjectReading project(Path file) throws InvalidDefinitionException {
        Listing listing = file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".asaproj") ? VisualStudioProject.read(file) : listing(file);
        ProjectJob job = new ProjectJob(listing.name());
        List<LocalInput> localInputs = new ArrayList<>();
        for (Entry entry : listing.entries().isEmpty() ? unlisted() : listing.entries()) {
            Optional<Path> found = find(folder, entry.filePath());
            if (found.isEmpty()) {
                isWhole = false;
                problems.add(entry.listed().problem("names '" + entry.filePath() + "', which is not there"));
                continue;
            }
            try {
                read(entry, found.get(), job, localInputs);
            } catch (InvalidDefinitionException unreadable) {
                isWhole = false;
                problems.addAll(unreadable.problems());
            }
        }
        Located query = query(listing, job);
        JobReading reading = JobJson.read(job.json());
        // A job without a query is told of once.
        reading.problems().stream().filter(problem -> !query.path().isEmpty() || !problem.path().endsWith(".query")).map(job::told).forEach(problems::add);
        reading.remarks().stream().map(job::told).forEach(remarks::add);
        Project read = new Project(reading.job(), folder, new Located(query.file(), "", query.value()), job.json().value(),
                Project.scripts(job.json(), job::told), localInputs, remarks);
        return new ProjectReading(query.path().isEmpty() ? Optional.empty() : Optional.of(read), isWhole ? Optional.of(reading.outline()) : Optional.empty(), problems);
    }

    private void read(Entry entry, Path file, ProjectJob job, List<LocalInput> localInputs) throws InvalidDefinitionException {
        String shown = shown(file);
        if (entry.subType().equalsIgnoreCase("JSFunction")) {
            function(file, shown, job);
            return;
        }
        if (!List.of("jobconfig", "input", "inputmock", "output", "csharpfunction").contains(entry.subType().toLowerCase(Locale.ROOT))) {
            remarks.add(entry.listed().problem("has the subType '" + entry.subType() + "', which is not known, and is left out"));
            return;
        }
        Located json = Project.read(file, shown);
        switch (entry.subType().toLowerCase(Locale.ROOT)) {
            case "jobconfig" -> job.config(json);
            case "input" -> job.input(json, Map.of("fullSnapshotQuery", query(json, file, ".snapshot.sql"), "deltaSnapshotQuery", query(json, file, ".delta.sql")));
            case "output" -> job.output(json);
            case "csharpfunction" -> problems.add(json.problem("is a function of .NET, which does not run here; write it in JavaScript"));
            default -> LocalInputFile.read(json, file, problems).ifPresent(localInputs::add);
        }
    }

    /// The editors keep the queries of reference data in files beside their input.
    private Optional<Located> query(Located input, Path file, String ending) {
        String name = input.at("Name").text("");
        Optional<Path> query = name.isBlank() ? Optional.empty() : find(Project.parent(file), name + ending).filter(Files::isRegularFile);
        try {
            return query.isEmpty() ? Optional.empty()
                    : Optional.of(new Located(shown(query.get()), "", JsonNodeFactory.instance.textNode(unmarked(Files.readString(query.get())).strip())));
        } catch (IOException failure) {
            problems.add(input.problem("has no query: '" + shown(query.get()) + "' cannot be read: " + Project.reason(failure)));
            return Optional.empty();
        }
    }

    /// A script with its description beside it; either may be listed.
    private void function(Path file, String shown, ProjectJob job) throws InvalidDefinitionException {
        boolean isScript = shown.toLowerCase(Locale.ROOT).endsWith(".js");
        Path script = isScript ? file : file.resolveSibling(file.getFileName().toString().replaceFirst("(?i)\\.json$", ""));
        Optional<Path> described = isScript ? find(folder, folder.relativize(file) + ".json") : Optional.of(file);
        Located description = described.isPresent() ? Project.read(described.get(), shown(described.get()))
                : new Located(shown, "", JsonNodeFactory.instance.objectNode());
        try {
            Path found = Optional.of(script).filter(Files::isRegularFile)
                    .or(() -> find(folder, folder.relativize(script) + ".js")).orElse(script);
            job.function(description, new Located(shown(found), "", JsonNodeFactory.instance.textNode(unmarked(Files.readString(found)))),
                    found.getFileName().toString().replaceFirst("(?i)\\.js$", ""));
        } catch (IOException failure) {
            isWhole = false;
            problems.add(description.problem("has no script: '" + shown(script) + "' cannot be read: " + Project.reason(failure)));
        }
    }

    private Listing listing(Path file) throws InvalidDefinitionException {
        Located json = Project.read(file, file.getFileName().toString());
        List<Entry> entries = new ArrayList<>();
        for (Located configuration : json.at("configurations").items()) {
            String path = configuration.at("filePath").text("");
            if (path.isBlank()) {
                problems.add(configuration.at("filePath").problem("is missing: it is the file, from this folder"));
            } else {
                entries.add(new Entry(path, configuration.at("subType").text(""), configuration.at("filePath")));
            }
        }
        Located start = json.at("startFile");
        return new Listing(json.at("name").text(folderName()), entries, start.isPresent() ? List.of(start) : List.of());
    }

    private String folderName() {
        return Optional.ofNullable(folder.getFileName()).map(Path::toString).orElse("job");
    }

    /// What lies in the folders of a project that lists nothing.
    private List<Entry> unlisted() throws InvalidDefinitionException {
        List<Entry> entries = new ArrayList<>();
        for (String config : List.of("JobConfig.json", "Configuration.json")) {
            if (entries.isEmpty()) {
                find(folder, config).ifPresent(file -> entries.add(new Entry(config, "JobConfig", new Located(shown(file), "", JsonNodeFactory.instance.missingNode()))));
            }
        }
        for (String kind : FOLDERS) {
            Optional<Path> inside = find(folder, kind);
            for (Path file : inside.isPresent() ? named(inside.get(), ".json") : List.<Path>of()) {
                String type;
                try {
                    type = Project.read(file, shown(file)).at("ScriptType").text("");
                } catch (InvalidDefinitionException data) {
                    // Sample events lie beside the inputs, and need not be one JSON value.
                    continue;
                }
                if (!type.isEmpty()) {
                    entries.add(new Entry(folder.relativize(file).toString(), type, new Located(shown(file), "", JsonNodeFactory.instance.missingNode())));
                }
            }
        }
        return entries;
    }

    /// The query: the file that the project names, or the only one there is.
    private Located query(Listing listing, ProjectJob job) {
        Optional<Path> named = listing.queries().stream().flatMap(query -> find(folder, query.text("")).stream()).findFirst();
        List<Path> found = named.isPresent() ? List.of(named.get()) : queries();
        if (found.size() != 1) {
            Located at = listing.queries().stream().findFirst().orElse(new Located(folderName(), "", JsonNodeFactory.instance.missingNode()));
            problems.add(at.problem(found.isEmpty() ? "there is no query: no file *.asaql in the folder"
                    : "there are several queries, and none of them is the startFile: " + found.stream().map(Path::getFileName).toList()));
            return new Located("", "", JsonNodeFactory.instance.missingNode());
        }
        Path file = found.getFirst();
        String shown = shown(file);
        if (named.isEmpty()) {
            listing.queries().forEach(query -> remarks.add(query.problem("names '" + query.text("") + "', which is not there; the query is " + shown)));
        }
        try {
            String text = unmarked(Files.readString(file));
            job.query(text, new Located(shown, "", JsonNodeFactory.instance.textNode(text)));
            return new Located(shown, "query", JsonNodeFactory.instance.textNode(text));
        } catch (IOException failure) {
            problems.add(new Problem(shown, "", "cannot be read: " + Project.reason(failure)));
            return new Located("", "", JsonNodeFactory.instance.missingNode());
        }
    }

    private List<Path> queries() {
        try {
            return named(folder, ".asaql");
        } catch (InvalidDefinitionException unreadable) {
            problems.addAll(unreadable.problems());
            return List.of();
        }
    }

    private String shown(Path file) {
        return file.startsWith(folder) ? folder.relativize(file).toString().replace('\\', '/') : file.toString();
    }

    static String unmarked(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /// A file by its path in the project, whatever its slashes and case.
    static Optional<Path> find(Path folder, String path) {
        Path at = folder.toAbsolutePath().normalize();
        for (String step : path.replace('\\', '/').split("/")) {
            if (step.isEmpty() || step.equals(".")) {
                continue;
            }
            if (step.equals("..")) {
                at = Optional.ofNullable(at.getParent()).orElse(at);
                continue;
            }
            Optional<Path> next;
            try {
                Path exact = at.resolve(step);
                next = Files.exists(exact) ? Optional.of(exact) : whateverCase(at, step);
            } catch (java.nio.file.InvalidPathException impossible) {
                return Optional.empty();
            }
            if (next.isEmpty()) {
                return Optional.empty();
            }
            at = next.get();
        }
        return Optional.of(at);
    }

    private static Optional<Path> whateverCase(Path folder, String name) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().equalsIgnoreCase(name)).sorted().findFirst();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static List<Path> named(Path folder, String ending) throws InvalidDefinitionException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).filter(file -> file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ending)).sorted().toList();
        } catch (IOException failure) {
            throw new InvalidDefinitionException(List.of(new Problem(folder.toString(), "", "cannot be read: " + Project.reason(failure))));
        }
    }
}
