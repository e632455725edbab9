package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.DataOperation;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.JournalEntry;
import io.conshelf.engine.store.LogEntry;
import io.conshelf.engine.store.LogHome;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What commands have been run, how they ended, and what those answered that nobody waited for.
final class OperationCommands {
    private static final String NODE = "node0";
    /// How long a cancelling command waits to see that it was heeded.
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(5);

    private OperationCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowOperations", Access.anyone(), OperationCommands::show);
        registry.on("ShowOperationDetails", Access.anyone(), OperationCommands::showDetails);
        registry.on("CancelOperation", Access.anyone(), Set.of("reason"), OperationCommands::cancel);
        registry.on("ShowDataOperations", Access.anyone(), OperationCommands::showDataOperations);
        registry.on("ShowJournal", Access.anyone(), c -> journal(c, Optional.empty()));
        registry.on("ShowDatabaseJournal", Access.anyone(), c -> journal(c, Optional.of(c.database())));
        registry.on("ShowClusterJournal", Access.clusterMonitor(), c -> journal(c, Optional.empty()));
        registry.on("ShowIngestionFailures", Access.anyone(), OperationCommands::showIngestionFailures);
        registry.on("ShowCapacity", Access.onDatabase(Role.USER), OperationCommands::showCapacity);
        registry.on("ClearTableCacheStreamingIngestionSchema", Access.onTable(Role.INGESTOR, Role.ADMIN), c -> {
            c.table();
            return succeeded(c);
        });
        registry.on("ClearDatabaseCacheStreamingIngestionSchema", Access.onDatabase(Role.INGESTOR, Role.ADMIN),
                OperationCommands::succeeded);
        registry.on("ClearDatabaseCacheQueryResults", Access.onDatabase(Role.ADMIN), c ->
                CommandResult.of(c.match().command()).row(NODE, 0L).done());
        registry.on("ClearRemoteClusterDatabaseSchema", Access.toLook(), OperationCommands::succeeded);
        registry.on("ClearExternalArtifactsCache", Access.onDatabase(Role.ADMIN), c -> {
            var rows = CommandResult.of(c.match().command());
            c.match().texts("ArtifactUri").forEach(uri -> rows.row(uri, "Cleared successfully on all nodes"));
            return rows.done();
        });
        registry.on("ShowDatabaseCacheQueryResults", Access.toLook(), c ->
                CommandResult.of(c.match().command()).row(NODE, 0L, 0L, 0L, 0L, 0L).done());
    }

    /// Everybody sees their own; administrators of a database see all of it.
    private static boolean isVisible(CommandContext context, Operation operation) {
        return context.maySee(operation.database(), operation.principal(), Role.ADMIN);
    }

    /// Without ids the whole log, with several states of an operation; with ids the latest of each.
    private static CommandResult show(CommandContext context) {
        var ids = new LinkedHashSet<UUID>();
        context.match().texts("OperationId").forEach(text -> ids.add(id(context, text)));
        var operations = context.services().operations();
        var rows = CommandResult.of(context.match().command());
        for (var operation : ids.isEmpty() ? operations.all() : operations.latest(ids)) {
            if (isVisible(context, operation)) {
                rows.row(
                        operation.id(), operation.type(), NODE, Moments.ticks(operation.startedOn()),
                        Moments.ticks(operation.startedOn().plus(operation.duration())), operation.duration().toNanos() / 100,
                        operation.state().serviceName(), operation.status(), operation.activityId(),
                        operation.state() == Operation.State.ABANDONED
                                || operation.error().filter(e -> !e.isPermanent()).isPresent(),
                        operation.database(), operation.principal(), operation.user(), NULL, "");
            }
        }
        return rows.done();
    }

    private static UUID id(CommandContext context, String text) {
        try {
            return UUID.fromString(text.replaceFirst("(?i)^guid\\((.*)\\)$", "$1"));
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "operation", "'" + text + "' is not the id of an operation"), e);
        }
    }

    private static Operation operation(CommandContext context, UUID id) {
        return context.services().operations().find(id)
                .filter(o -> isVisible(context, o))
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Operation", id.toString())));
    }

    /// The answer that the operation would have given to who waited for it.
    private static CommandResult showDetails(CommandContext context) {
        var id = id(context, context.match().text("OperationId"));
        var operation = operation(context, id);
        return switch (operation.state()) {
            case IN_PROGRESS -> throw new KustoException(Errors.badRequest("operation " + id + " still runs"));
            case FAILED, BAD_INPUT, THROTTLED, CANCELED, ABANDONED, PARTIALLY_SUCCEEDED -> throw new KustoException(
                    operation.error().orElseGet(() -> Errors.badRequest("operation " + id + " has no result: " + operation.status())));
            case COMPLETED, SKIPPED -> context.services().operations().result(id)
                    .orElseThrow(() -> new KustoException(Errors.badRequest("the result of operation " + id
                            + " is not kept: it was started without 'async' and 'persistDetails', or was too large")));
        };
    }

    private static CommandResult cancel(CommandContext context) {
        var id = id(context, context.match().text("obj"));
        var operation = operation(context, id);
        var reason = context.property("reason").orElse("");
        var rows = CommandResult.of(context.match().command());
        boolean isCancelled = context.services().operations().findRunning(id)
                .filter(run -> run.cancel(CommandErrors.operationCancelled(id, reason), CANCEL_PATIENCE))
                .isPresent();
        var now = isCancelled ? operation : operation(context, id);
        rows.row(
                id, operation.type(), Moments.ticks(operation.startedOn()),
                isCancelled ? "Canceled successfully" : "Cancel failed",
                isCancelled ? reason : now.state().isEnd()
                        ? "The operation has ended: its state is " + now.state().serviceName()
                        : "The operation is past the point where it can be canceled");
        return rows.done();
    }

    /// Changes of what the cluster and its databases know, the latest first.
    private static CommandResult journal(CommandContext context, Optional<Database> database) {
        var log = context.storage().log();
        var homes = database.map(d -> List.of(LogHome.of(d))).orElseGet(log::homes);
        var rows = CommandResult.of(context.match().command());
        for (var entry : log.read(homes, LogEntry.Kind.JOURNAL).reversed()) {
            var change = JournalEntry.parse(entry.json());
            var author = change.author();
            if (context.maySee(change.database(), author.principal(), Role.ADMIN)) {
                rows.row(
                        change.event(), entry.atTicks(), change.database(), change.entity(), change.updatedEntity(), change.version(),
                        change.container(), change.originalState(), change.updatedState(), author.command(), author.principal(),
                        author.activityId(), author.clientRequestId(), author.user(), change.originalVersion());
            }
        }
        return rows.done();
    }

    private static CommandResult showIngestionFailures(CommandContext context) {
        var failures = context.storage().ingestionFailures();
        var rows = CommandResult.of(context.match().command());
        var found = context.match().find("OperationId").map(a -> failures.of(id(context, a.text()))).orElseGet(failures::all);
        for (var failure : found) {
            if (context.maySee(failure.database(), failure.principal(), Role.ADMIN, Role.MONITOR)) {
                rows.row(
                        failure.operationId(), failure.database(), failure.table(), Moments.ticks(failure.failedOn()),
                        failure.source(), failure.message(), failure.isPermanent() ? "Permanent" : "Transient",
                        failure.activityId(), failure.operationKind(), failure.originatesFromUpdatePolicy(), failure.code(),
                        failure.principal(), !failure.isPermanent(), failure.user(), failure.properties());
            }
        }
        return rows.done();
    }

    private static CommandResult showDataOperations(CommandContext context) {
        var log = context.storage().log();
        var rows = CommandResult.of(context.match().command());
        for (var entry : log.read(log.homes(), LogEntry.Kind.DATA_OPERATION).reversed()) {
            var operation = DataOperation.parse(entry.json());
            if (context.maySee(operation.database(), operation.principal(), Role.ADMIN, Role.MONITOR)) {
                rows.row(
                        entry.atTicks(), operation.database(), operation.table(), operation.clientRequestId(),
                        operation.kind().serviceName(), operation.originalBytes(), operation.originalBytes(), operation.rows(),
                        operation.durationTicks(), NULL, operation.extents(), operation.principal(), "");
            }
        }
        return rows.done();
    }

    /// What is limited here; the service's other resources are not. Workload groups have no capacity of their own, so theirs is the cluster's.
    private static CommandResult showCapacity(CommandContext context) {
        // The word of the command for a resource, `materialized-view`, is not always its name.
        var resource = context.match().find("Resource").map(a -> a.text().replace("-", ""));
        var rows = CommandResult.of(context.match().command());
        for (var use : context.services().capacities()) {
            if (resource.filter(word -> !word.equalsIgnoreCase(use.resource().replace("-", ""))).isEmpty()) {
                rows.row(use.resource(), use.total(), use.consumed(), Math.max(0, use.total() - use.consumed()), use.origin());
            }
        }
        return rows.done();
    }

    /// There is no such cache: what a change made is known to every request that comes after it.
    private static CommandResult succeeded(CommandContext context) {
        return CommandResult.of(context.match().command()).row(NODE, "Succeeded").done();
    }
}
