package io.conshelf.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The examples of management commands, for tests that walk them; the head of the file tells how it is written.
final class CommandExamples {
    static final Path FILE = Path.of("src/test/resources/commands/examples.txt");
    private static final Pattern STAND_IN = Pattern.compile("\\{\\{(\\w+)}}");

    private CommandExamples() {}

    /// @param columns of the answer, where the declaration has none; a single star where they depend on what is shown
    record Example(String command, Optional<String> columns, List<String> steps) {}

    static Map<String, Example> read() throws IOException {
        var examples = new LinkedHashMap<String, Example>();
        var head = "";
        var steps = new ArrayList<String>();
        for (var line : Files.readAllLines(FILE)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!line.startsWith("  ")) {
                add(examples, head, steps);
                head = line;
                steps = new ArrayList<>(List.of(""));
            } else if (line.equals("  --")) {
                steps.add("");
            } else {
                steps.set(steps.size() - 1, (steps.getLast() + "\n" + line.substring(2)).strip());
            }
        }
        add(examples, head, steps);
        return examples;
    }

    private static void add(Map<String, Example> examples, String head, List<String> steps) {
        if (!head.isEmpty()) {
            var parts = head.split(" -> ", 2);
            var columns = parts.length > 1 ? Optional.of(parts[1]) : Optional.<String>empty();
            examples.put(parts[0], new Example(parts[0], columns, List.copyOf(steps)));
        }
    }

    /// Keeps the cells of a table's first row for the stand-ins of later steps.
    static void remember(JsonNode table, Map<String, String> seen) {
        for (int i = 0; i < table.path("Columns").size() && !table.path("Rows").isEmpty(); i++) {
            seen.put(table.path("Columns").get(i).path("ColumnName").asText(), table.path("Rows").get(0).get(i).asText());
        }
    }

    static String filled(String text, Map<String, String> seen) {
        return STAND_IN.matcher(text).replaceAll(m -> Matcher.quoteReplacement(
                seen.getOrDefault(m.group(1), new UUID(0, 0).toString())));
    }
}
