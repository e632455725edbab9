package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Role;
import io.conshelf.kql.command.CommandMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Several commands in one text.
final class ScriptCommands {
    private ScriptCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ExecuteClusterScript", Access.clusterAdministrator(), Set.of("continueonerrors", "throwonerrors"),
                ScriptCommands::execute);
        registry.on("ExecuteDatabaseScript", Access.onDatabase(Role.ADMIN), Set.of("continueonerrors", "throwonerrors"), ScriptCommands::execute);
    }

    /// One after the other, nothing undone; the first failure ends the script unless it is told to go on.
    private static CommandResult execute(CommandContext context) {
        boolean goesOn = is(context, "continueonerrors");
        boolean throwsErrors = is(context, "throwonerrors");
        if (goesOn && throwsErrors) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "with", "ContinueOnErrors and ThrowOnErrors exclude each other"));
        }
        var rows = CommandResult.of(context.match().command());
        for (var text : commands(script(context))) {
            var operation = UUID.randomUUID();
            var type = "";
            try {
                var match = Commands.recognise(text);
                type = CommandType.of(match.command());
                if (match.command().notation().startsWith(".show")) {
                    rows.row(operation, type, text, "Skipped", "");
                    continue;
                }
                context.services().run(operation, context.request(), match);
                rows.row(operation, type, text, "Completed", "");
            } catch (KustoException e) {
                if (throwsErrors) {
                    throw e;
                }
                rows.row(operation, type, text, "Failed", e.error().message());
                if (!goesOn) {
                    break;
                }
            }
        }
        return rows.done();
    }

    private static boolean is(CommandContext context, String property) {
        return context.property(property).orElse("false").equalsIgnoreCase("true");
    }

    private static String script(CommandContext context) {
        return context.match().arguments().stream()
                .filter(a -> a.kind().equals("input_script"))
                .findFirst().orElseThrow().text();
    }

    /// Comments before a command belong to it and not to the one they come after.
    private static String withoutTrailingComments(CharSequence command) {
        var lines = new ArrayList<>(command.toString().lines().toList());
        while (!lines.isEmpty() && (lines.getLast().isBlank() || lines.getLast().strip().startsWith("//"))) {
            lines.removeLast();
        }
        return String.join("\n", lines).strip();
    }

    /// A command begins at a line that begins with a dot, and goes on to the next one.
    static List<String> commands(String script) {
        var commands = new ArrayList<String>();
        var current = new StringBuilder();
        for (var line : script.lines().toList()) {
            if (CommandMatcher.isCommand(line) && !current.toString().isBlank()) {
                commands.add(withoutTrailingComments(current));
                current.setLength(0);
            }
            current.append(line).append('\n');
        }
        if (!current.toString().isBlank()) {
            commands.add(withoutTrailingComments(current));
        }
        // What stands before the first command are comments and blank lines.
        commands.removeIf(text -> !CommandMatcher.isCommand(text));
        return commands;
    }
}
