package io.conshelf.streams.cases;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.streams.cases.TestCase.Expected;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.job.LocalInput;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.local.LocalProject;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Runs test cases and tells how they ended, in the shape of the service's own tool, `testResultSummary.json`.
///
/// Rows are compared whatever their order. Numbers are compared by value, times by instant; a field that is NULL may be missing. The rows of each case are
/// written into a folder of its own, as JSON lines.
public final class TestRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAME_MAX = 60;

    private final Project project;
    private final ReadyJob job;
    private final Path folder;

    /// @param folder where the folders of the cases go
    public TestRun(Project project, ReadyJob job, Path folder) {
        this.project = project;
        this.job = job;
        this.folder = folder;
    }

    /// @param json        the summary
    /// @param differences by the number of the case in it, from 0 on
    public record Summary(int passed, int failed, ObjectNode json, Map<Integer, List<Difference>> differences) {}

    /// How the rows of an output differ from those that a case expects.
    ///
    /// @param missing    those that did not come, as JSON
    /// @param unexpected those that came in their place
    /// @param matched    how many came as expected
    public record Difference(String output, List<String> missing, List<String> unexpected, int matched) {
        private boolean isNone() {
            return missing.isEmpty() && unexpected.isEmpty();
        }
    }

    public Summary run(TestCases cases) {
        ObjectNode summary = JSON.createObjectNode();
        Instant began = Instant.now();
        ArrayNode results = JSON.createArrayNode();
        Map<Integer, List<Difference>> differences = new TreeMap<>();
        int failed = 0;
        for (TestCase one : cases.cases()) {
            List<Difference> found = differences.computeIfAbsent(results.size(), _ -> new ArrayList<>());
            ObjectNode result = result(one, folder.resolve((results.size() + 1) + "_" + fileName(one.name())), found);
            failed += result.get("Status").intValue();
            results.add(result);
        }
        int total = cases.cases().size();
        summary.put("Total", total).put("Passed", total - failed).put("Failed", failed)
                .put("Script", script(cases).toString());
        summary.set("Results", results);
        summary.put("Time", time(began));
        return new Summary(total - failed, failed, summary, differences);
    }

    private Path script(TestCases cases) {
        return cases.script().orElseGet(() -> project.folder().resolve(project.queryFile().file())).toAbsolutePath().normalize();
    }

    private static String time(Instant began) {
        Duration took = Duration.between(began, Instant.now());
        return "%02d:%02d:%02d.%03d".formatted(took.toHours(), took.toMinutesPart(), took.toSecondsPart(), took.toMillisPart());
    }

    private ObjectNode result(TestCase one, Path own, List<Difference> found) {
        Instant began = Instant.now();
        ObjectNode result = JSON.createObjectNode().put("Name", one.name()).put("Status", 0).put("Time", "");
        for (String outcome : List.of("OutputMatched", "OutputNotEqual", "OutputMissing", "OutputUnexpected", "OutputUnrequired")) {
            result.putArray(outcome);
        }
        try {
            compare(one, rows(one), own, result, found);
        } catch (LocalProject.LocalFailure | IOException failure) {
            result.put("Status", 1).put("Error", failure.getMessage());
        }
        return result.put("Time", time(began));
    }

    private Map<String, List<Row>> rows(TestCase one) throws LocalProject.LocalFailure {
        List<LocalInput> inputs = new ArrayList<>(one.inputs());
        // What a case does not state is what local runs have.
        project.localInputs().stream().filter(local -> one.inputs().stream().noneMatch(input -> input.alias().equalsIgnoreCase(local.alias()))).forEach(inputs::add);
        Map<String, List<Row>> rows = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        rows.putAll(new LocalProject(job, project.folder(), FolderAccess.ANY)
                .run(inputs.stream().map(LocalInput::asInput).toList(), Instant.now()).rows());
        return rows;
    }

    private void compare(TestCase one, Map<String, List<Row>> rows, Path own, ObjectNode result, List<Difference> found) throws IOException {
        Map<String, String> written = written(rows, own);
        for (Expected expected : one.outputs()) {
            List<JsonNode> got = rows.getOrDefault(expected.output(), List.of()).stream().map(TestRun::json).toList();
            String outcome = outcome(expected, got, found);
            if (outcome.equals("OutputNotEqual") || outcome.equals("OutputMissing")) {
                result.put("Status", 1);
            }
            told(result, outcome, expected.output(), expected.shown(), outcome.equals("OutputMissing") ? "" : written.getOrDefault(expected.output(), ""));
        }
        // Rows of an output that the case says nothing of are told, and fail nothing.
        written.forEach((output, file) -> {
            if (one.outputs().stream().noneMatch(expected -> expected.output().equalsIgnoreCase(output))) {
                told(result, "OutputUnexpected", output, "", file);
            }
        });
    }

    private String outcome(Expected expected, List<JsonNode> got, List<Difference> found) throws IOException {
        return switch (expected) {
            case Expected.Anything _ -> "OutputUnrequired";
            case Expected.Rows wanted -> {
                Difference difference = difference(wanted, rows(wanted), got);
                if (difference.isNone()) {
                    yield "OutputMatched";
                }
                found.add(difference);
                yield got.isEmpty() ? "OutputMissing" : "OutputNotEqual";
            }
        };
    }

    private static void told(ObjectNode result, String outcome, String output, String expected, String file) {
        ((ArrayNode) result.get(outcome)).addObject().put("OutputAlias", output).put("ExpectedOutput", expected).put("Output", file);
    }

    /// @return the file of each output
    private static Map<String, String> written(Map<String, List<Row>> rows, Path own) throws IOException {
        Map<String, String> files = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> taken = new HashSet<>();
        Files.createDirectories(own);
        for (Map.Entry<String, List<Row>> output : rows.entrySet()) {
            String plain = fileName(output.getKey());
            String name = plain;
            // names that differ in what stands in no file's name, or far behind
            for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
                name = plain + "_" + i;
            }
            Path file = own.resolve(name + ".json");
            Files.write(file, output.getValue().stream().map(row -> JsonPrint.text(row.event())).toList());
            files.put(output.getKey(), file.toString());
        }
        return files;
    }

    private static String fileName(String name) {
        String plain = name.replaceAll("[^\\p{L}\\p{N}_-]+", "_");
        return plain.length() <= NAME_MAX ? plain : plain.substring(0, NAME_MAX);
    }

    private static JsonNode json(Row row) {
        return json(row.event());
    }

    private static JsonNode json(Value.Record record) {
        try {
            return JSON.readTree(JsonPrint.text(record));
        } catch (JsonProcessingException impossible) {
            throw new AssertionError("what was printed as JSON is JSON", impossible);
        }
    }

    private List<JsonNode> rows(Expected.Rows expected) throws IOException {
        String format = expected.file().getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".csv") ? "Csv" : "Json";
        ObjectNode properties = JSON.createObjectNode();
        properties.putObject("serialization").put("type", format);
        List<JsonNode> rows = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        EventSink sink = new EventSink() {
            @Override
            public void event(Value.Record event) {
                rows.add(json(event));
            }

            @Override
            public void broken(DataError error) {
                wrong.add(error.message());
            }
        };
        try (EventReader.Events events = InputFormat.of(expected.output(), properties, job.context().level(), List.of()).reader()
                .file(Files.newInputStream(expected.file()), expected.shown())) {
            while (events.next(sink)) {
                // until nothing follows
            }
        }
        if (!wrong.isEmpty()) {
            throw new IOException("expected output '" + expected.shown() + "': " + wrong.getFirst());
        }
        return rows;
    }

    private static Difference difference(Expected.Rows expected, List<JsonNode> wanted, List<JsonNode> got) {
        Map<String, Integer> left = new HashMap<>();
        wanted.forEach(row -> left.merge(canonical(row, expected.ignored()), 1, Integer::sum));
        List<String> unexpected = new ArrayList<>();
        for (JsonNode row : got) {
            if (left.computeIfPresent(canonical(row, expected.ignored()), (_, count) -> count == 0 ? null : count - 1) == null) {
                unexpected.add(row.toString());
            }
        }
        List<String> missing = new ArrayList<>();
        // of rows that are alike any is missing
        for (JsonNode row : wanted.reversed()) {
            if (left.merge(canonical(row, expected.ignored()), -1, Integer::sum) >= 0) {
                missing.addFirst(row.toString());
            }
        }
        return new Difference(expected.output(), missing, unexpected, got.size() - unexpected.size());
    }

    /// A text that rows have in common exactly when they count as equal.
    private static String canonical(JsonNode row, List<String> ignored) {
        Map<String, String> fields = new TreeMap<>();
        row.properties().forEach(field -> {
            if (!field.getValue().isNull() && ignored.stream().noneMatch(field.getKey()::equalsIgnoreCase)) {
                fields.put(field.getKey().toLowerCase(Locale.ROOT), canonical(field.getValue()));
            }
        });
        return fields.toString();
    }

    private static String canonical(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> canonical(value.decimalValue());
            case STRING -> canonical(value.textValue());
            case OBJECT -> canonical(value, List.of());
            case ARRAY -> {
                List<String> items = new ArrayList<>();
                value.forEach(item -> items.add(canonical(item)));
                yield items.toString();
            }
            case BOOLEAN, NULL, MISSING, BINARY, POJO -> value.asText();
        };
    }

    // Rounded to what a printed float has in common with another.
    private static String canonical(BigDecimal number) {
        BigDecimal rounded = number.round(new java.math.MathContext(12));
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    private static String canonical(String text) {
        long ticks = text.length() >= 10 && text.length() <= 35 ? Ticks.parse(text) : Ticks.NONE;
        if (ticks != Ticks.NONE) {
            return Ticks.text(ticks);
        }
        // CSV has no numbers.
        return text.matches("[-+]?\\d{1,18}(\\.\\d{1,18})?([eE][-+]?\\d{1,3})?") ? canonical(new BigDecimal(text)) : text;
    }
}
