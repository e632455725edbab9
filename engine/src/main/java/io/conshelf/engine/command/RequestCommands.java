package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.RunningQuery;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Role;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import io.conshelf.engine.store.Moments;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/// What runs and has run, and the process itself.
final class RequestCommands {
    private static final long TICKS_PER_MICROSECOND = 10;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /// There is no cache beside the machine's own.
    private static final String NO_CACHE =
            "{\"Memory\":{\"Misses\":0,\"Hits\":0},\"Disk\":{\"Misses\":0,\"Hits\":0}}";
    /// What a command reads is not counted.
    private static final String UNKNOWN_EXTENTS = "{\"MinDataScannedTime\":null,\"MaxDataScannedTime\":null}";
    private static final List<ColumnSchema> CANCELLED = List.of(
            new ColumnSchema("ClientRequestId", Type.STRING),
            new ColumnSchema("ReasonPhrase", Type.STRING),
            new ColumnSchema("RunningQueryCanceled", Type.BOOL));

    private RequestCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowQueries", Access.anyone(), RequestCommands::showQueries);
        registry.on("ShowRunningQueries", Access.anyone(), RequestCommands::showRunning);
        registry.on("ShowCommands", Access.anyone(), RequestCommands::showCommands);
        registry.on("CancelQuery", Access.anyone(), Set.of("reason"), RequestCommands::cancel);
        registry.on("ShowVersion", Access.anyone(), RequestCommands::showVersion);
        registry.on("ShowCluster", Access.clusterMonitor(), RequestCommands::showCluster);
        registry.on("ShowClusterDetails", Access.clusterMonitor(), RequestCommands::showCluster);
        registry.on("ShowCommandsAndQueries", Access.anyone(), RequestCommands::showCommandsAndQueries);
    }

    /// Everybody sees their own; monitors of a database see all of it.
    private static List<RunningQuery> visible(CommandContext context, Predicate<RunningQuery> which) {
        var principal = context.request().principal();
        return context.services().requests().stream()
                .filter(which)
                .filter(r -> principal.isAdministrator()
                        || r.principal().isSameAs(principal)
                        || context.snapshot().database(r.database())
                                .filter(d -> Authorization.holds(principal, d, Role.ADMIN, Role.MONITOR))
                                .isPresent())
                .toList();
    }

    private static CommandResult showQueries(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var query : visible(context, r -> r.kind() == RunningQuery.Kind.QUERY)) {
            rows.row(
                    query.clientRequestId(), query.text(), query.database(), Moments.ticks(query.startedOn()),
                    Moments.ticks(query.startedOn().plus(query.duration())), ticks(query.duration()),
                    query.state().serviceName(), UUID.fromString(query.activityId()), query.user(), query.failureReason(),
                    cpu(query), NO_CACHE, query.application(), query.usage().peakMemoryBytes(), extents(query),
                    query.principal().fullyQualifiedName(), properties(query), statistics(query), query.workloadGroup(), "", "");
        }
        return rows.done();
    }

    private static CommandResult showRunning(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var user = context.match().find("UserName").map(a -> a.text());
        for (var query : visible(context, r -> isRunning(r) && r.kind() == RunningQuery.Kind.QUERY
                && (user.isEmpty() || r.user().equalsIgnoreCase(user.get())))) {
            rows.row(
                    query.clientRequestId(), query.text(), query.database(), Moments.ticks(query.startedOn()),
                    Moments.ticks(query.startedOn().plus(query.duration())), ticks(query.duration()),
                    query.state().serviceName(), UUID.fromString(query.activityId()), query.user(), query.failureReason(),
                    cpu(query), NO_CACHE, query.application(), query.usage().peakMemoryBytes(), extents(query),
                    query.principal().fullyQualifiedName(), properties(query), statistics(query), query.workloadGroup());
        }
        return rows.done();
    }

    private static CommandResult showCommands(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var command : visible(context, r -> r.kind() == RunningQuery.Kind.COMMAND)) {
            rows.row(
                    command.clientRequestId(), Commands.typeOf(command.text()), command.text(), command.database(),
                    Moments.ticks(command.startedOn()), Moments.ticks(command.startedOn().plus(command.duration())),
                    ticks(command.duration()), command.state().serviceName(), UUID.fromString(command.activityId()),
                    command.user(), command.failureReason(), command.application(),
                    command.principal().fullyQualifiedName(), cpu(command), utilization(command), properties(command), command.workloadGroup(), "");
        }
        return rows.done();
    }

    private static CommandResult showCommandsAndQueries(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var request : visible(context, _ -> true)) {
            boolean isCommand = request.kind() == RunningQuery.Kind.COMMAND;
            rows.row(
                    request.clientRequestId(), isCommand ? Commands.typeOf(request.text()) : "Query", request.text(),
                    request.database(), Moments.ticks(request.startedOn()),
                    Moments.ticks(request.startedOn().plus(request.duration())), ticks(request.duration()),
                    request.state().serviceName(), request.failureReason(), UUID.fromString(request.activityId()),
                    request.user(), request.application(), request.principal().fullyQualifiedName(), properties(request), cpu(request),
                    request.usage().peakMemoryBytes(), NO_CACHE, isCommand ? UNKNOWN_EXTENTS : extents(request), statistics(request), request.workloadGroup(), "");
        }
        return rows.done();
    }

    private static boolean isRunning(RunningQuery query) {
        return switch (query.state()) {
            case RUNNING, WAITING -> true;
            case THROTTLED, COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    private static String statistics(RunningQuery query) {
        return "[{\"TableRowCount\":" + query.usage().rows() + ",\"TableSize\":" + query.usage().bytes() + "}]";
    }

    /// DuckDB does not tell which rows it has passed over: all that a query could have read counts as scanned.
    private static String extents(RunningQuery query) {
        var scanned = query.usage().scanned();
        return "{\"MinDataScannedTime\":" + time(scanned.oldest()) + ",\"MaxDataScannedTime\":" + time(scanned.newest())
                + ",\"TotalExtentsCount\":" + scanned.extents() + ",\"ScannedExtentsCount\":" + scanned.extents()
                + ",\"TotalRowsCount\":" + scanned.rows() + ",\"ScannedRowsCount\":" + scanned.rows() + "}";
    }

    private static String time(Optional<Instant> moment) {
        return moment.map(m -> "\"" + DateTimeText.format(Moments.ticks(m)) + "\"").orElse("null");
    }

    private static String utilization(RunningQuery command) {
        return "{\"ScannedExtentsStatistics\":" + UNKNOWN_EXTENTS + ",\"CacheStatistics\":" + NO_CACHE + ",\"MemoryPeak\":"
                + command.usage().peakMemoryBytes() + ",\"TotalCpu\":\"" + TimeSpanText.format(ticksOfCpu(command)) + "\"}";
    }

    private static String properties(RunningQuery request) {
        var json = JSON.createObjectNode();
        json.set("Options", JSON.valueToTree(request.options()));
        return json.toString();
    }

    private static Object cpu(RunningQuery query) {
        return ticksOfCpu(query);
    }

    private static long ticksOfCpu(RunningQuery query) {
        return query.usage().cpuMicros() * TICKS_PER_MICROSECOND;
    }

    private static long ticks(Duration duration) {
        return duration.toNanos() / 100;
    }

    private static CommandResult cancel(CommandContext context) {
        var id = context.match().text("ClientRequestId");
        int cancelled = context.services().cancel(context.request().principal(), id);
        return CommandResult.of(CANCELLED).row(id, context.property("reason").orElse(""), cancelled > 0).done();
    }

    private static CommandResult showVersion(CommandContext context) {
        var version = Optional.ofNullable(RequestCommands.class.getPackage().getImplementationVersion()).orElse("development");
        return CommandResult.of(context.match().command())
                .row(version, NULL, "Engine", "Conshelf " + version)
                .done();
    }

    /// The bytes of the machine, or of the container, in all and those free.
    private static long[] machineMemory() {
        return switch (ManagementFactory.getOperatingSystemMXBean()) {
            case com.sun.management.OperatingSystemMXBean system ->
                new long[] {system.getTotalMemorySize(), system.getFreeMemorySize()};
            case OperatingSystemMXBean _ -> new long[] {Runtime.getRuntime().maxMemory(), Runtime.getRuntime().freeMemory()};
        };
    }

    private static CommandResult showCluster(CommandContext context) {
        long[] memory = machineMemory();
        var cells = new ArrayList<Object>(List.of(
                        "node0", "127.0.0.1", "conshelf", Moments.ticks(ProcessHandle.current().info().startInstant().orElseThrow()),
                        true, memory[0], memory[1], Runtime.getRuntime().availableProcessors(), "Conshelf"));
        if (context.match().has("details")) {
            cells.add("Java " + Runtime.version());
        }
        return CommandResult.of(context.match().command()).row(cells.toArray()).done();
    }
}
