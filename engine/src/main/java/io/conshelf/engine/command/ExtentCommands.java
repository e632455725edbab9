package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.engine.store.Moments;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// Extents: the immutable pieces a table's rows are kept in.
final class ExtentCommands {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String COUNT_MAX = "MaximumResultsCount";

    private ExtentCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowTableExtents", Access.toLook(), ExtentCommands::ofTables);
        registry.on("ShowClusterExtents", Access.clusterMonitor(), ExtentCommands::ofCluster);
        registry.on("ShowDatabaseExtents", Access.toLook(), ExtentCommands::ofDatabase);
    }

    private static CommandResult ofTables(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        double storedPart = context.storage().storedPart(context.database());
        for (var name : context.match().texts("TableName")) {
            add(rows, context, context.database(), context.table(name), storedPart);
        }
        return first(context, rows.done());
    }

    private static CommandResult ofDatabase(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var named = context.match().texts("DatabaseName");
        var databases = named.isEmpty() ? List.of(context.database()) : named.stream().map(context::database).toList();
        databases.forEach(database -> add(rows, context, database));
        return first(context, rows.done());
    }

    private static CommandResult ofCluster(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        context.snapshot().databases().forEach(database -> add(rows, context, database));
        return first(context, rows.done());
    }

    /// As many as `with (extentsShowFilteringRuntimePolicy='{"MaximumResultsCount":2}')` lets be shown.
    private static CommandResult first(CommandContext context, CommandResult all) {
        var policy = context.match().texts("policy");
        if (policy.isEmpty()) {
            return all;
        }
        var max = countMax(context.match(), policy.getFirst());
        return max.isEmpty() || max.getAsInt() >= all.rows().size() ? all : new CommandResult(all.columns(), all.rows().subList(0, max.getAsInt()));
    }

    private static OptionalInt countMax(CommandMatch match, String policy) {
        try {
            var object = JSON.readTree(policy);
            var max = object.path(COUNT_MAX);
            if (object.isObject() && (max.isMissingNode() || max.canConvertToInt() && max.intValue() >= 0)) {
                return max.isMissingNode() ? OptionalInt.empty() : OptionalInt.of(max.intValue());
            }
        } catch (JsonProcessingException _) {
            // Told below.
        }
        throw new KustoException(CommandErrors.badArgument(
                match, "extentsShowFilteringRuntimePolicy", "'" + policy + "' is not a JSON object whose '" + COUNT_MAX + "' is a number of extents"));
    }

    private static void add(CommandResult.Rows rows, CommandContext context, Database database) {
        double storedPart = context.storage().storedPart(database);
        database.tables().forEach(table -> add(rows, context, database, table, storedPart));
    }

    private static void add(CommandResult.Rows rows, CommandContext context, Database database, Table table, double storedPart) {
        add(rows, context, database, table, table.name(), storedPart);
    }

    /// @param name       what the table is called in the answer
    /// @param storedPart as [io.conshelf.engine.store.Storage#storedPart] tells it
    static void add(
            CommandResult.Rows rows, CommandContext context, Database database, Table table, String name, double storedPart) {
        var ids = context.match().texts("ExtentId").stream().map(id -> id.toLowerCase(Locale.ROOT)).toList();
        for (var extent : context.storage().extents(table)) {
            if ((ids.isEmpty() || ids.contains(extent.id().toString())) && hasTags(context.match(), extent)) {
                var created = Moments.ticks(extent.createdOn());
                double original = extent.originalBytes();
                double stored = original * storedPart;
                rows.row(
                        extent.id(), database.name(), name, created, original, stored, stored, 0.0, 1L, 1L,
                        "", extent.rowCount(), Moments.ticks(extent.minCreatedOn()), String.join("\r\n", extent.tags()), "", 0L);
            }
        }
    }

    /// `where tags has 'x' and tags !contains 'y'`: `has` is equality, `contains` looks inside in any case.
    private static boolean hasTags(CommandMatch match, Extent extent) {
        var tags = match.texts("Tag");
        var operators = match.text().substring(0, match.text().length()).toLowerCase(Locale.ROOT);
        int from = operators.indexOf(" where ");
        for (var tag : tags) {
            from = operators.indexOf("tags", from) + "tags".length();
            var operator = operators.substring(from).strip();
            boolean negated = operator.startsWith("!");
            boolean contains = operator.startsWith("contains") || operator.startsWith("!contains");
            boolean found = contains
                    ? extent.tags().stream().anyMatch(t -> t.toLowerCase(Locale.ROOT).contains(tag.toLowerCase(Locale.ROOT)))
                    : extent.tags().contains(tag);
            if (found == negated) {
                return false;
            }
        }
        return true;
    }
}
