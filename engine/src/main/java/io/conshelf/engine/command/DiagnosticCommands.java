package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.RunningQuery;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableStatistics;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// How the cluster is: one row of figures.
final class DiagnosticCommands {
    private static final Pattern INGESTION = Pattern.compile("(?is)\\s*\\.(ingest|set|append|set-or-append|set-or-replace)\\b.*");
    private static final Pattern EXPORT = Pattern.compile("(?is)\\s*\\.export\\b.*");
    private static final Pattern PURGE = Pattern.compile("(?is)\\s*\\.purge\\b.*");
    private static final Pattern VIEW = Pattern.compile("(?is)\\s*\\.create(-or-alter)?\\b.*\\bmaterialized-view\\b.*");
    private static final Pattern STORED_RESULT = Pattern.compile("(?is)\\s*\\.set(-or-replace)?\\b.*\\bstored_query_result\\b.*");

    private DiagnosticCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowDiagnostics", Access.clusterMonitor(), DiagnosticCommands::show);
    }

    private static CommandResult show(CommandContext context) {
        if (context.match().has("workloadgroup")) {
            throw new KustoException(Errors.notSupported(
                    "'scope=workloadgroup' of ShowDiagnostics: what is told is counted for the cluster as a whole"));
        }
        var figures = figures(context);
        var cells = new ArrayList<Object>();
        for (var column : context.match().command().output().orElseThrow()) {
            // What is not measured is not known.
            cells.add(figures.getOrDefault(column.name(), column.type() == Type.STRING ? "" : NULL));
        }
        return CommandResult.of(context.match().command()).row(cells.toArray()).done();
    }

    private record Fullest(Database database, Table table, TableStatistics statistics) {}

    private static Map<String, Object> figures(CommandContext context) {
        var figures = new HashMap<String, Object>();
        node(context, figures);
        data(context, figures);
        work(context, figures);
        return figures;
    }

    private static void node(CommandContext context, Map<String, Object> figures) {
        var unavailable = context.snapshot().unavailable().keySet();
        var reason = unavailable.isEmpty() ? "" : "databases that cannot be used: " + String.join(", ", unavailable);
        var started = Moments.ticks(ProcessHandle.current().info().startInstant().orElseThrow());
        var version = Optional.ofNullable(DiagnosticCommands.class.getPackage().getImplementationVersion()).orElse("development");
        figures.put("IsHealthy", unavailable.isEmpty());
        figures.put("NotHealthyReason", reason);
        figures.put("IsAttentionRequired", !unavailable.isEmpty());
        figures.put("AttentionRequiredReason", reason);
        figures.put("EnvironmentDescription", "{\"Nodes\":1,\"Cores\":" + Runtime.getRuntime().availableProcessors() + "}");
        figures.put("MachinesTotal", 1);
        figures.put("InstancesTargetBasedOnDataCapacity", 1);
        figures.put("NodeLastRestartedOn", started);
        figures.put("AdminLastElectedOn", started);
        figures.put("BuildVersion", version);
        figures.put("ProductVersion", "Conshelf " + version);
    }

    private static void data(CommandContext context, Map<String, Object> figures) {
        var databases = context.snapshot().databases();
        var tables = new ArrayList<Fullest>();
        for (var database : databases) {
            database.tables().forEach(table -> tables.add(new Fullest(database, table, context.statistics(table))));
        }
        double bytes = tables.stream().mapToDouble(t -> t.statistics().originalBytes()).sum();
        figures.put("NumberOfDatabases", databases.size());
        figures.put("ExtentsTotal", (int) tables.stream().mapToLong(t -> t.statistics().extents()).sum());
        figures.put("TotalOriginalDataSize", bytes);
        figures.put("TotalExtentSize", databases.stream().mapToDouble(database -> context.storage().storedPart(database)
                * database.tables().stream().mapToLong(table -> context.statistics(table).originalBytes()).sum()).sum());
        // All of it is at hand.
        figures.put("ShardsWarmingTemperature", 100.0);
        tables.stream().max((a, b) -> Long.compare(a.statistics().extents(), b.statistics().extents())).ifPresent(fullest -> {
            figures.put("MaxExtentsInSingleTable", (int) fullest.statistics().extents());
            figures.put("TableWithMaxExtents", "[" + fullest.database().name() + "].[" + fullest.table().name() + "]");
        });
    }

    private static void work(CommandContext context, Map<String, Object> figures) {
        var commands = context.services().requests().stream().filter(r -> r.kind() == RunningQuery.Kind.COMMAND).toList();
        double places = context.services().limits().concurrentCommands();
        long ingesting = running(commands, INGESTION) - running(commands, STORED_RESULT);
        long exporting = running(commands, EXPORT);
        figures.put("IngestionsInProgress", ingesting);
        figures.put("IngestionsLoadFactor", ingesting / places);
        figures.put("IngestionCapacityUtilization", ingesting / places);
        figures.put("FailedIngestOperations", (int) ended(commands, INGESTION, RunningQuery.State.FAILED));
        successRate(commands).ifPresent(rate -> figures.put("IngestionsSuccessRate", rate));
        var merges = context.storage().mergeFigures();
        figures.put("MergesInProgress", (long) merges.inProgress());
        merges.successRate().ifPresent(rate -> figures.put("MergesSuccessRate", rate));
        figures.put("ExportsInProgress", exporting);
        figures.put("ExportsLoadFactor", exporting / places);
        figures.put("PurgesInProgress", running(commands, PURGE));
        figures.put("MaterializedViewsInProgress", running(commands, VIEW));
        figures.put("StoredQueryResultsInProgress", running(commands, STORED_RESULT));
    }

    private static OptionalDouble successRate(List<RunningQuery> commands) {
        long completed = ended(commands, INGESTION, RunningQuery.State.COMPLETED);
        long failed = ended(commands, INGESTION, RunningQuery.State.FAILED);
        return completed + failed == 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * completed / (completed + failed));
    }

    private static long running(List<RunningQuery> commands, Pattern which) {
        return ended(commands, which, RunningQuery.State.RUNNING);
    }

    private static long ended(List<RunningQuery> commands, Pattern which, RunningQuery.State state) {
        return commands.stream().filter(c -> c.state() == state && which.matcher(c.text()).matches()).count();
    }
}
