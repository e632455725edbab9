package io.conshelf.kql.command;

import io.conshelf.kql.command.CommandSyntax.Answerer;
import io.conshelf.kql.command.CommandSyntax.Priority;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every management command of the service, as `commands.txt` declares them.
public final class CommandCatalogue {
    private static final CommandCatalogue SERVICE = read("commands.txt", "refused.txt");

    private final Map<String, CommandSyntax> byName;

    private CommandCatalogue(Map<String, CommandSyntax> byName) {
        this.byName = byName;
    }

    public static CommandCatalogue service() {
        return SERVICE;
    }

    public Optional<CommandSyntax> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public List<CommandSyntax> all() {
        return List.copyOf(byName.values());
    }

    private static CommandCatalogue read(String commands, String refused) {
        var reasons = reasons(refused);
        var byName = new LinkedHashMap<String, CommandSyntax>();
        var lines = new ArrayList<String>();
        for (var line : lines(commands)) {
            if (!line.startsWith(" ")) {
                add(lines, reasons, byName);
                lines.clear();
            }
            lines.add(line.strip());
        }
        add(lines, reasons, byName);
        reasons.keySet().stream().filter(name -> !byName.containsKey(name)).findFirst().ifPresent(name -> {
            throw new IllegalStateException(refused + " names a command that is not declared: " + name);
        });
        return new CommandCatalogue(byName);
    }

    /// A reason, and indented below it the commands that it is true of.
    private static Map<String, String> reasons(String resource) {
        var reasons = new HashMap<String, String>();
        var reason = "";
        for (var line : lines(resource)) {
            if (!line.startsWith(" ")) {
                reason = line.strip();
                continue;
            }
            for (var name : line.strip().split(" ")) {
                if (reasons.put(name, reason) != null) {
                    throw new IllegalStateException("command refused twice: " + name);
                }
            }
        }
        return reasons;
    }

    /// Without comments and empty lines.
    private static List<String> lines(String resource) {
        try (var stream = CommandCatalogue.class.getResourceAsStream(resource);
                var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(List<String> lines, Map<String, String> reasons, Map<String, CommandSyntax> byName) {
        if (lines.isEmpty()) {
            return;
        }
        var head = lines.getFirst().split(" ");
        var answerer = head.length > 2 && head[2].equals("data-management") ? Answerer.DATA_MANAGEMENT : Answerer.ENGINE;
        var output = lines.size() > 3 ? Optional.of(columns(lines.get(3).substring(3))) : Optional.<List<ColumnSchema>>empty();
        var command = new CommandSyntax(
                head[0], Priority.valueOf(head[1]), answerer, lines.get(1), lines.get(2).substring(2), output,
                Optional.ofNullable(reasons.get(head[0])));
        if (byName.put(command.name(), command) != null) {
            throw new IllegalStateException("command declared twice: " + command.name());
        }
    }

    private static List<ColumnSchema> columns(String text) {
        return Arrays.stream(text.split(" "))
                .map(column -> column.split(":"))
                .map(parts -> new ColumnSchema(parts[0], Type.named(parts[1]).orElseThrow()))
                .toList();
    }
}
