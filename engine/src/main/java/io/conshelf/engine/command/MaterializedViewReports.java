package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.TableStatistics;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What there is to see of materialized views.
final class MaterializedViewReports {
    private static final long NANOSECONDS_PER_TICK = 100;
    // The pages show no columns for these two.
    private static final List<ColumnSchema> STATISTICS = List.of(
            new ColumnSchema("Name", Type.STRING),
            new ColumnSchema("Runs", Type.LONG),
            new ColumnSchema("RowsWritten", Type.LONG),
            new ColumnSchema("LastRunDuration", Type.TIMESPAN),
            new ColumnSchema("LastSuccessRun", Type.DATETIME),
            new ColumnSchema("Failures", Type.LONG));
    private static final List<ColumnSchema> DIAGNOSTICS = List.of(
            new ColumnSchema("Name", Type.STRING),
            new ColumnSchema("IsHealthy", Type.BOOL),
            new ColumnSchema("IsEnabled", Type.BOOL),
            new ColumnSchema("MaterializedTo", Type.DATETIME),
            new ColumnSchema("LastRun", Type.DATETIME),
            new ColumnSchema("LastRunResult", Type.STRING),
            new ColumnSchema("MaterializedRows", Type.LONG),
            new ColumnSchema("MaterializedExtents", Type.LONG),
            new ColumnSchema("Problem", Type.STRING));

    private MaterializedViewReports() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowMaterializedView", Access.toLook(), c -> rows(c, List.of(MaterializedViewCommands.existing(c))));
        registry.on("ShowMaterializedViews", Access.toLook(), c -> rows(c, c.database().viewsByName().values()));
        registry.on("ShowMaterializedViewDetails", Access.toLook(), MaterializedViewReports::details);
        registry.on("ShowMaterializedViewsDetails", Access.toLook(), MaterializedViewReports::details);
        registry.on("ShowMaterializedViewExtents", Access.toLook(), MaterializedViewReports::extents);
        registry.on("ShowMaterializedViewFailures", Access.toLook(), MaterializedViewReports::failures);
        registry.on("ShowMaterializedViewStatistics", Access.toLook(), MaterializedViewReports::statistics);
        registry.on("ShowMaterializedViewDiagnostics", Access.toLook(), MaterializedViewReports::diagnostics);
        registry.on("ClearMaterializedViewStatistics", Access.onEntity(Role.ADMIN), MaterializedViewReports::clearStatistics);
        registry.on("ShowMaterializedViewCslSchema", Access.toLook(), c -> schema(c, FunctionParameters::csl));
        registry.on("ShowMaterializedViewSchemaAsJson", Access.toLook(),
                c -> schema(c, columns -> SchemaText.view(MaterializedViewCommands.existing(c), columns).toString()));
    }

    static CommandResult rows(CommandContext context, Collection<MaterializedView> views) {
        var rows = CommandResult.of(context.match().command());
        for (var view : views) {
            var status = status(context, view);
            rows.row(
                    view.name(), view.source(), view.query(), Moments.ticks(status.materializedTo()), Moments.ticks(status.lastRun()),
                    result(status), status.isHealthy(), view.isEnabled(), view.folder(), view.docString(),
                    view.options().updatesSchema(),
                    view.since().or(() -> view.part().map(part -> part.createdOn())).<Object>map(Moments::ticks).orElse(NULL),
                    view.options().lookback().<Object>map(MaterializedViewReports::ticks).orElse(NULL), view.options().lookbackColumn());
        }
        return rows.done();
    }

    private static ViewServices.Status status(CommandContext context, MaterializedView view) {
        return context.services().views().status(context.database().name(), view);
    }

    private static String result(ViewServices.Status status) {
        return status.hasFailed() ? "Failed" : "Completed";
    }

    private static long ticks(Duration duration) {
        return duration.getSeconds() * 10_000_000 + duration.getNano() / NANOSECONDS_PER_TICK;
    }

    private static List<MaterializedView> named(CommandContext context) {
        var names = context.match().texts("MaterializedViewName");
        return names.isEmpty()
                ? new ArrayList<>(context.database().viewsByName().values())
                : names.stream().map(name -> MaterializedViewCommands.existing(context.database(), name)).toList();
    }

    private static TableStatistics stored(CommandContext context, MaterializedView view) {
        return TableStatistics.of(view.part().map(part -> context.storage().extents(part)).orElse(List.of()));
    }

    private static CommandResult details(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var view : named(context)) {
            var stored = stored(context, view);
            double original = stored.originalBytes();
            double bytes = original * context.storage().storedPart(context.database());
            rows.row(
                    view.name(), context.database().name(), view.folder(), view.docString(), stored.extents(), bytes, original,
                    stored.rows(), stored.extents(), bytes, original, stored.rows(), "[]",
                    policy(context, view, PolicyKind.RETENTION), policy(context, view, PolicyKind.CACHING),
                    policy(context, view, PolicyKind.SHARDING), policy(context, view, PolicyKind.MERGE),
                    stored.oldest().<Object>map(Moments::ticks).orElse(NULL), stored.newest().<Object>map(Moments::ticks).orElse(NULL));
        }
        return rows.done();
    }

    private static String policy(CommandContext context, MaterializedView view, PolicyKind kind) {
        Database database = context.database();
        return Optional.ofNullable(database.rules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name())).policies().get(kind))
                .or(() -> database.policy(kind)).orElse("null");
    }

    private static CommandResult extents(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var view = MaterializedViewCommands.existing(context);
        view.part().ifPresent(part -> ExtentCommands.add(
                rows, context, context.database(), part, view.name(), context.storage().storedPart(context.database())));
        return rows.done();
    }

    private static MaterializedView viewed(CommandContext context) {
        return MaterializedViewCommands.existing(context.database(), context.match().text("viewName"));
    }

    private static CommandResult failures(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var view = viewed(context);
        for (var failure : status(context, view).failures()) {
            rows.row(
                    Moments.ticks(failure.at()), failure.operation().toString(), view.name(),
                    failure.lastSuccess().<Object>map(Moments::ticks).orElse(NULL),
                    failure.isPermanent() ? "Permanent" : "Transient", failure.problem());
        }
        return rows.done();
    }

    private static CommandResult statistics(CommandContext context) {
        var view = viewed(context);
        var status = status(context, view);
        return CommandResult.of(STATISTICS)
                .row(view.name(), status.runs(), status.rowsWritten(), ticks(status.lastDuration()),
                        status.lastSuccess().<Object>map(Moments::ticks).orElse(NULL), (long) status.failures().size())
                .done();
    }

    private static CommandResult clearStatistics(CommandContext context) {
        context.services().views().forgetStatistics(viewed(context));
        return statistics(context);
    }

    private static CommandResult diagnostics(CommandContext context) {
        var view = viewed(context);
        var status = status(context, view);
        var stored = stored(context, view);
        return CommandResult.of(DIAGNOSTICS)
                .row(view.name(), status.isHealthy(), view.isEnabled(), Moments.ticks(status.materializedTo()),
                        Moments.ticks(status.lastRun()), result(status), stored.rows(), stored.extents(),
                        status.failures().stream().findFirst().map(ViewServices.Failure::problem).orElse(""))
                .done();
    }

    private static CommandResult schema(CommandContext context, Function<List<ColumnSchema>, String> form) {
        var view = MaterializedViewCommands.existing(context);
        return CommandResult.of(context.match().command())
                .row(view.name(), form.apply(view.columns()), context.database().name(), view.folder(), view.docString())
                .done();
    }
}
