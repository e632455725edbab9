package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.engine.store.ExportRuns;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.value.TimeSpanText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Continuous exports: making, changing and dropping them, and what has come of them.
final class ContinuousExportCommands {
    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration INTERVAL_MIN = Duration.ofMinutes(1);
    private static final long NANOSECONDS_PER_TICK = 100;

    /// Those of the export itself, as the service prints them.
    private static final Map<String, String> EXPORT_PROPERTIES = Map.of(
            "sizelimit", "SizeLimit", "distributed", "Distributed", "distribution", "Distribution", "distributionkind", "DistributionKind",
            "parquetrowgroupsize", "ParquetRowGroupSize");
    private static final Set<String> PROPERTIES = Set.of(
            "intervalbetweenruns", "forcedlatency", "isdisabled", "managedidentity", "sizelimit", "distributed", "distribution",
            "distributionkind", "parquetrowgroupsize");

    private ContinuousExportCommands() {}

    static void register(CommandRegistry registry) {
        var admin = Access.onDatabase(Role.ADMIN);
        registry.on("CreateOrAlterContinuousExport", admin, PROPERTIES, ContinuousExportCommands::put);
        registry.on("DropContinuousExport", admin, ContinuousExportCommands::drop);
        registry.on("EnableContinuousExport", admin, c -> disabled(c, "ContinuousExportName", false));
        registry.on("DisableContinuousExport", admin, c -> disabled(c, "ContinousExportName", true));
        registry.on("ShowContinuousExport", Access.toLook(), c -> rows(c, List.of(existing(c))));
        registry.on("ShowContinuousExports", Access.toLook(), c -> rows(c, c.database().externals().exportsByName().values()));
        var monitor = Access.onDatabase(Role.MONITOR, Role.ADMIN);
        registry.on("ShowContinuousExportExportedArtifacts", monitor, ContinuousExportCommands::artifacts);
        registry.on("ShowContinuousExportFailures", monitor, ContinuousExportCommands::failures);
    }

    private static ContinuousExport existing(CommandContext context) {
        return existing(context, context.match().text("ContinuousExportName"));
    }

    private static ContinuousExport existing(CommandContext context, String name) {
        return context.database().externals().export(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("ContinuousExport", name)));
    }

    // ---- making

    private static CommandResult put(CommandContext context) {
        var name = EntityNames.checked("continuous export", context.match().text("ContinuousExportName"));
        var table = ExternalTableCommands.existing(context);
        var query = context.match().text("Query").strip();
        if (context.property("managedidentity").isPresent()) {
            throw new KustoException(Errors.notSupported("'managedIdentity' of a continuous export: there are no managed identities outside "
                    + "Azure; it runs for the database"));
        }
        ExternalExport.check(context.services(), table);
        checkColumns(context, table, query);
        var scoped = context.services().continuousExports()
                .scoped(context.request(), context.database(), query, context.match().texts("TableName"));
        var settings = settings(context);
        long cursor = context.services().continuousExports().cursor(context.database());
        var export = context.change(transaction -> {
            var before = transaction.database().externals().export(name);
            var made = new ContinuousExport(
                    name, table.name(), query, scoped, settings, before.map(ContinuousExport::startCursor).orElse(cursor));
            transaction.setExternals(externals -> externals.with(made));
            var runs = new ExportRuns(transaction.connection(), transaction.database().id());
            runs.create();
            // What an alteration finds it goes on from.
            if (before.isEmpty()) {
                runs.drop(name);
                runs.put(name, ExportRuns.State.begun(cursor));
            }
            return made;
        });
        return CommandResult.of(context.match().command()).row(definition(context, export)).done();
    }

    private static void checkColumns(CommandContext context, ExternalTable table, String query) {
        var columns = context.services().columns(context.request(), context.database(), query);
        ExternalExport.mismatch(table, columns).ifPresent(problem -> {
            throw new KustoException(Errors.badRequest("the query does not match external table '" + table.name() + "': " + problem));
        });
    }

    private static ContinuousExport.Settings settings(CommandContext context) {
        var interval = context.property("intervalbetweenruns").map(text -> span(context, "intervalBetweenRuns", text)).orElse(INTERVAL);
        if (interval.compareTo(INTERVAL_MIN) < 0) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "intervalBetweenRuns", "it is a minute or more, found " + text(interval)));
        }
        var json = JsonNodeFactory.instance.objectNode();
        var properties = new HashMap<String, String>();
        context.match().properties().forEach((name, argument) -> {
            if (EXPORT_PROPERTIES.containsKey(name)) {
                properties.put(name, argument.text());
                boolean isNumber = argument.text().matches("\\d{1,18}");
                if (isNumber) {
                    json.put(EXPORT_PROPERTIES.get(name), Long.parseLong(argument.text()));
                } else {
                    json.put(EXPORT_PROPERTIES.get(name), argument.text());
                }
            }
        });
        ExportOptions.check(properties);
        return new ContinuousExport.Settings(
                interval, context.property("forcedlatency").map(text -> span(context, "forcedLatency", text)), json.toString(),
                context.isTrue("isdisabled"));
    }

    private static Duration span(CommandContext context, String property, String text) {
        var ticks = TimeSpanText.parse(text.replaceFirst("(?i)^(?:timespan|time)\\((.*)\\)$", "$1"));
        if (ticks.isEmpty() || ticks.getAsLong() < 0) {
            throw new KustoException(CommandErrors.badArgument(context.match(), property, "'" + text + "' is not a timespan"));
        }
        return Duration.ofSeconds(ticks.getAsLong() / 10_000_000, ticks.getAsLong() % 10_000_000 * NANOSECONDS_PER_TICK);
    }

    private static String text(Duration duration) {
        return TimeSpanText.format(ticks(duration));
    }

    private static long ticks(Duration duration) {
        return duration.toSeconds() * 10_000_000 + duration.toNanosPart() / NANOSECONDS_PER_TICK;
    }

    // ---- changing

    private static CommandResult disabled(CommandContext context, String argument, boolean isDisabled) {
        var name = existing(context, context.match().text(argument)).name();
        var export = context.change(transaction -> {
            var current = transaction.database().externals().export(name)
                    .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("ContinuousExport", name)));
            var changed = current.withDisabled(isDisabled);
            transaction.setExternals(externals -> externals.with(changed));
            return changed;
        });
        return rows(context, List.of(export));
    }

    private static CommandResult drop(CommandContext context) {
        var export = existing(context);
        var before = rows(context, List.of(export));
        context.change(transaction -> {
            transaction.setExternals(externals -> externals.withoutExport(export.name()));
            new ExportRuns(transaction.connection(), transaction.database().id()).drop(export.name());
            return export;
        });
        return before;
    }

    // ---- showing

    private static Object[] definition(CommandContext context, ContinuousExport export) {
        var scoped = JsonNodeFactory.instance.arrayNode();
        export.scopedTables().forEach(name -> scoped.add("['" + context.database().name() + "'].['" + name + "']"));
        return new Object[] {
            export.name(), export.externalTable(), export.query(),
            export.settings().forcedLatency().<Object>map(ContinuousExportCommands::ticks).orElse(NULL), ticks(export.settings().interval()),
            scoped.toString(), export.settings().properties()
        };
    }

    private static CommandResult rows(CommandContext context, Collection<ContinuousExport> exports) {
        var rows = CommandResult.of(context.match().command());
        for (var export : exports) {
            var state = context.services().continuousExports().state(context.database(), export);
            var cells = new ArrayList<>(List.of(definition(context, export)));
            cells.add(state.lastRun().<Object>map(Moments::ticks).orElse(NULL));
            cells.add(Long.toString(export.startCursor()));
            cells.add(export.settings().isDisabled());
            cells.add(state.lastResult());
            // Commits are numbered by the time, so a cursor is a moment.
            cells.add(state.lastSuccess().isPresent() ? (Object) state.cursor() : NULL);
            cells.add(context.services().continuousExports().isRunning(context.database(), export.name()));
            rows.row(cells.toArray());
        }
        return rows.done();
    }

    /// What reads the runs of an export.
    private interface Query<R> {
        R of(ExportRuns runs) throws SQLException;
    }

    private static <R> R read(CommandContext context, Query<R> query) {
        try (var connection = context.services().connect()) {
            return query.of(new ExportRuns(connection, context.database().id()));
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.internal("the runs of a continuous export cannot be read: " + e.getMessage()), e);
        }
    }

    private static CommandResult artifacts(CommandContext context) {
        var export = existing(context);
        var rows = CommandResult.of(context.match().command());
        read(context, runs -> runs.artifacts(export.name()))
                .forEach(a -> rows.row(Moments.ticks(a.run()), a.externalTable(), a.path(), a.records()));
        return rows.done();
    }

    private static CommandResult failures(CommandContext context) {
        var export = existing(context);
        var rows = CommandResult.of(context.match().command());
        read(context, runs -> runs.failures(export.name())).forEach(f -> rows.row(
                Moments.ticks(f.at()), f.operation(), export.name(), f.lastSuccess().<Object>map(Moments::ticks).orElse(NULL),
                f.isPartial() ? "PartialFailure" : "Failure", f.details()));
        return rows.done();
    }
}
