package io.conshelf.engine.command;

import io.conshelf.kql.command.CommandCatalogue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which commands are built: a handler and the access it needs, by the command's name.
public final class CommandRegistry {
    /// @param isReadOnly runs in requests that forbid writing
    /// @param properties the names that its `with (…)` may hold, in lower case
    public record Entry(String command, Access access, boolean isReadOnly, Set<String> properties, CommandHandler handler) {}

    private final Map<String, Entry> entries = new HashMap<>();

    private CommandRegistry() {}

    public static CommandRegistry standard() {
        var registry = new CommandRegistry();
        DatabaseCommands.register(registry);
        TableCommands.register(registry);
        TableGroupCommands.register(registry);
        ColumnCommands.register(registry);
        SchemaCommands.register(registry);
        EntityCommands.register(registry);
        EntityGroupCommands.register(registry);
        MappingCommands.register(registry);
        PolicyCommands.register(registry);
        MaterializedViewCommands.register(registry);
        RoleCommands.register(registry);
        FunctionCommands.register(registry);
        IngestCommands.register(registry);
        ExternalTableCommands.register(registry);
        ExportCommands.register(registry);
        ContinuousExportCommands.register(registry);
        ExtentCommands.register(registry);
        ExtentChangeCommands.register(registry);
        RecordCommands.register(registry);
        StoredResultCommands.register(registry);
        GraphCommands.register(registry);
        UpdateCommands.register(registry);
        PurgeCommands.register(registry);
        RequestCommands.register(registry);
        OperationCommands.register(registry);
        DiagnosticCommands.register(registry);
        ColumnStatisticsCommands.register(registry);
        PlanCommands.register(registry);
        PluginCommands.register(registry);
        WorkloadGroupCommands.register(registry);
        StreamingCommands.register(registry);
        ScriptCommands.register(registry);
        return registry;
    }

    /// Declares how a command is run. Commands that begin with `.show` only read.
    void on(String command, Access access, CommandHandler handler) {
        on(command, access, Set.of(), handler);
    }

    /// Declares how a command with properties is run; others than these are refused before the handler is called.
    void on(String command, Access access, Set<String> properties, CommandHandler handler) {
        var syntax = CommandCatalogue.service().named(command)
                .orElseThrow(() -> new IllegalStateException("commands.txt has no command " + command));
        var entry = new Entry(command, access, syntax.notation().startsWith(".show"), properties, handler);
        if (entries.put(command, entry) != null) {
            throw new IllegalStateException("two handlers for " + command);
        }
    }

    public Optional<Entry> find(String command) {
        return Optional.ofNullable(entries.get(command));
    }

    public Map<String, Entry> entries() {
        return Map.copyOf(entries);
    }
}
