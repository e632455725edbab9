package io.conshelf.kql.command;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every management command of the service, as `commands.txt` declares them.
public final class CommandCatalogue {
    private static final CommandCatalogue SERVICE = read("commands.txt");

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

    private static CommandCatalogue read(String resource) {
        var byName = new LinkedHashMap<String, CommandSyntax>();
        try (var stream = CommandCatalogue.class.getResourceAsStream(resource);
                var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            var lines = new ArrayList<String>();
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                if (!line.startsWith(" ")) {
                    add(lines, byName);
                    lines.clear();
                }
                lines.add(line.strip());
            }
            add(lines, byName);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CommandCatalogue(byName);
    }

    private static void add(List<String> lines, Map<String, CommandSyntax> byName) {
        if (lines.isEmpty()) {
            return;
        }
        var output = lines.size() > 3 ? Optional.of(columns(lines.get(3).substring(3))) : Optional.<List<ColumnSchema>>empty();
        var command = new CommandSyntax(lines.getFirst(), lines.get(1), lines.get(2).substring(2), output);
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
