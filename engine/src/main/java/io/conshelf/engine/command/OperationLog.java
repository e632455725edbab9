package io.conshelf.engine.command;

import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.Request;
import io.conshelf.engine.command.Operation.State;
import io.conshelf.engine.store.ChangeOrigin.Author;
import io.conshelf.engine.store.IngestionFailures;
import io.conshelf.engine.store.LogEntry;
import io.conshelf.engine.store.LogEntry.Kind;
import io.conshelf.engine.store.LogHome;
import io.conshelf.engine.store.Storage;
import io.conshelf.kql.command.CommandMatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// The operations of a cluster: those that run, and those that ended, on disk for two weeks. What only shows something is
/// remembered in memory.
public final class OperationLog {
    private static final int SHOWN_KEPT = 2_000;
    private static final int TEXT_CHARS_MAX = 2_000;

    private final Storage storage;
    private final Map<UUID, OperationRun> running = new ConcurrentHashMap<>();
    private final Deque<Operation> shown = new ArrayDeque<>();

    /// Also finds what an earlier process left unfinished.
    public OperationLog(Storage storage) {
        this.storage = storage;
        abandonUnended();
    }

    /// What began and did not end, since the process did.
    private void abandonUnended() {
        var unended = storage.log().unended(Kind.OPERATION);
        var ids = unended.values().stream().flatMap(List::stream).map(entry -> UUID.fromString(entry.id())).distinct().toList();
        var latest = latest(storage.log().read(storage.log().homes(), Kind.OPERATION, ids));
        var homes = new LinkedHashMap<UUID, LogHome>();
        unended.forEach((home, entries) -> entries.forEach(entry -> homes.putIfAbsent(UUID.fromString(entry.id()), home)));
        latest.forEach((id, operation) -> {
            if (!operation.state().isEnd()) {
                boolean isPartial = !operation.status().isEmpty();
                var state = isPartial ? State.PARTIALLY_SUCCEEDED : State.ABANDONED;
                var status = "The cluster was stopped while the operation ran. "
                        + (isPartial ? "What it had committed until then is there: " + operation.status() : "Nothing of it was committed");
                storage.log().addDurably(
                        homes.get(id), List.of(entry(operation.after(operation.duration(), state, status, Optional.empty()))));
            }
        });
    }

    /// Makes an operation known before it runs.
    public OperationRun begin(UUID id, Request request, CommandMatch match) {
        return begin(id, request, match, false);
    }

    /// As [#begin], of one that nobody waits for: it is on disk before its id is told.
    public OperationRun beginAside(UUID id, Request request, CommandMatch match) {
        return begin(id, request, match, true);
    }

    private OperationRun begin(UUID id, Request request, CommandMatch match, boolean isAside) {
        var type = CommandType.of(match.command());
        var text = ObfuscatedText.ofRequest(match.text().strip(), TEXT_CHARS_MAX);
        var database = concerned(request, match);
        var begun = new Operation(
                id, type, text, database, CommandContext.tableNames(match).stream().findFirst().orElse(""),
                request.principal().fullyQualifiedName(), request.user(), request.clientRequestId(), request.activityId(),
                request.now(), Duration.ZERO, State.IN_PROGRESS, "", Optional.empty());
        var author = new Author(
                request.principal().fullyQualifiedName(), request.user(), request.clientRequestId(), request.activityId(), text);
        boolean isWritten = !match.command().notation().startsWith(".show");
        boolean keepsResult = isAside || Optional.ofNullable(match.properties().get("persistdetails"))
                .filter(argument -> argument.text().equalsIgnoreCase("true"))
                .isPresent();
        var run = new OperationRun(this, begun, author, new OperationRun.Mode(isAside, keepsResult, isWritten, false));
        if (isAside && isWritten) {
            storage.log().addDurably(home(begun), List.of(entry(begun)));
        }
        running.put(id, run);
        return run;
    }

    /// A load that no command asked for; its id is the request's activity id.
    public OperationRun beginQueued(Request request, String table, int sources) {
        var text = "queued ingestion into table ['" + table + "'] of " + sources + (sources == 1 ? " source" : " sources");
        var begun = new Operation(
                request.activityId(), CommandType.INGESTION, text, request.database(), table,
                request.principal().fullyQualifiedName(), request.user(), request.clientRequestId(), request.activityId(),
                request.now(), Duration.ZERO, State.IN_PROGRESS, "", Optional.empty());
        var author = new Author(
                request.principal().fullyQualifiedName(), request.user(), request.clientRequestId(), request.activityId(), text);
        var run = new OperationRun(this, begun, author, new OperationRun.Mode(false, false, true, true));
        running.put(begun.id(), run);
        return run;
    }

    private static String concerned(Request request, CommandMatch match) {
        return CommandContext.namedDatabase(match).orElse(request.database());
    }

    private LogHome home(Operation operation) {
        return storage.snapshot().database(operation.database()).map(LogHome::of).orElse(LogHome.CLUSTER);
    }

    LogEntry entry(Operation operation) {
        return storage.log().entry(Kind.OPERATION, operation.id().toString(), operation.state().isEnd(), OperationDocument.of(operation));
    }

    /// Nothing where it is too long to be kept.
    List<LogEntry> resultEntry(UUID id, CommandResult result) {
        var document = OperationDocument.of(result);
        return document.length() > OperationRun.resultCharsMax()
                ? List.of()
                : List.of(storage.log().entry(Kind.RESULT, id.toString(), true, document));
    }

    /// @param isRecorded whether its end is on disk already
    /// @param failures   of what it ingested
    void end(OperationRun run, Operation end, boolean isRecorded, Optional<CommandResult> result, List<LogEntry> failures) {
        if (!run.mode().isWritten()) {
            synchronized (shown) {
                shown.addFirst(end);
                if (shown.size() > SHOWN_KEPT) {
                    shown.removeLast();
                }
            }
        } else if (!isRecorded) {
            var entries = new ArrayList<LogEntry>();
            entries.add(entry(end));
            result.ifPresent(r -> entries.addAll(resultEntry(end.id(), r)));
            entries.addAll(failures);
            boolean isFailure = end.isIngestion() && end.error().isPresent() && end.state() != State.CANCELED;
            if (isFailure && failures.isEmpty() && !run.mode().isQueued()) {
                entries.add(storage.ingestionFailures().entry(failure(end, run)));
            }
            var home = home(end);
            if (run.mode().isAside() || isFailure || !failures.isEmpty() || run.hasCommitted()) {
                // Whoever is told finds it written down, whatever happens next.
                addDurably(home, entries);
            } else {
                storage.log().add(home, entries);
            }
        }
        running.remove(end.id());
    }

    void forget(OperationRun run) {
        running.remove(run.begun().id());
    }

    /// Writes down what failed outside of an operation, before it returns where that is possible.
    public void addFailures(String database, List<LogEntry> failures) {
        addDurably(storage.snapshot().database(database).map(LogHome::of).orElse(LogHome.CLUSTER), failures);
    }

    private void addDurably(LogHome home, List<LogEntry> entries) {
        try {
            storage.log().addDurably(home, entries);
        } catch (RuntimeException e) {
            // The end itself is no reason to fail; it is tried again with what else waits.
            storage.log().add(home, entries);
        }
    }

    private static IngestionFailures.Failure failure(Operation end, OperationRun run) {
        return IngestionFailures.Failure.of(
                end.id(), end.database(), end.table(), end.startedOn().plus(end.duration()), run.source(),
                end.error().orElseThrow(), end.type(), run.author(), "");
    }

    /// All that is known, each operation's states in their order, the latest operations first.
    List<Operation> all() {
        var now = runningNow();
        var written = storage.log().read(storage.log().homes(), Kind.OPERATION).stream()
                .map(entry -> OperationDocument.operation(entry.json()))
                .toList();
        var all = new ArrayList<>(written.reversed());
        written.forEach(operation -> now.remove(operation.id()));
        all.addAll(0, now.values());
        synchronized (shown) {
            all.addAll(shown);
        }
        all.sort(Comparator.comparing((Operation o) -> o.startedOn().plus(o.duration())).reversed());
        return all;
    }

    private Map<UUID, Operation> runningNow() {
        var now = new HashMap<UUID, Operation>();
        running.forEach((id, run) -> now.put(id, run.now()));
        return now;
    }

    /// The latest state of each of these.
    List<Operation> latest(Collection<UUID> ids) {
        // In this order, so that one that ends meanwhile is found at its end.
        var now = runningNow();
        var found = latest(storage.log().read(storage.log().homes(), Kind.OPERATION, ids));
        synchronized (shown) {
            shown.stream().filter(operation -> ids.contains(operation.id())).forEach(operation -> found.put(operation.id(), operation));
        }
        ids.forEach(id -> {
            var run = now.get(id);
            if (run != null && (!found.containsKey(id) || !found.get(id).state().isEnd())) {
                found.put(id, run);
            }
        });
        return List.copyOf(found.values());
    }

    Optional<Operation> find(UUID id) {
        return latest(List.of(id)).stream().findFirst();
    }

    Optional<OperationRun> findRunning(UUID id) {
        return Optional.ofNullable(running.get(id));
    }

    /// Operations that run, of all principals.
    List<Operation> running() {
        return running.values().stream().map(OperationRun::now).toList();
    }

    /// What an operation answered, if that is kept.
    Optional<CommandResult> result(UUID id) {
        return storage.log().read(storage.log().homes(), Kind.RESULT, List.of(id)).stream()
                .findFirst()
                .map(entry -> OperationDocument.result(entry.json()));
    }

    // An end counts more than what was written after it by another thread.
    private static Map<UUID, Operation> latest(List<LogEntry> entries) {
        var latest = new LinkedHashMap<UUID, Operation>();
        for (LogEntry entry : entries) {
            var operation = OperationDocument.operation(entry.json());
            latest.merge(operation.id(), operation, (old, next) -> old.state().isEnd() && !next.state().isEnd() ? old : next);
        }
        return latest;
    }
}
