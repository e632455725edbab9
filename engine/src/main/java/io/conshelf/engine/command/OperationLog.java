package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.command.CommandMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// The last commands that were run since the cluster was started, and those that run now.
public final class OperationLog {
    private static final int KEPT = 5_000;
    private static final int TEXT_CHARS_MAX = 2_000;

    private final Map<UUID, Entry> entries = new LinkedHashMap<>();

    /// What is known of an operation: how it began, and how it ended if it has.
    private record Entry(Operation begun, long startedNanos, Optional<Operation> ended) {
        Operation now() {
            return ended.orElseGet(() -> with(begun, Operation.State.IN_PROGRESS, startedNanos, Optional.empty(), Optional.empty()));
        }
    }

    private static Operation with(
            Operation begun, Operation.State state, long startedNanos, Optional<ServiceError> error,
            Optional<CommandResult> result) {
        return new Operation(
                begun.id(), begun.type(), begun.text(), begun.database(), begun.table(), begun.principal(), begun.user(),
                begun.clientRequestId(), begun.activityId(),
                begun.startedOn(), Duration.ofNanos(System.nanoTime() - startedNanos), state, error, result);
    }

    /// Runs a command under an id and remembers how it went.
    ///
    /// @param keepsResult whether the answer can be asked for later
    public CommandResult run(UUID id, Request request, CommandMatch match, boolean keepsResult, Supplier<CommandResult> command) {
        begin(id, request, match);
        try {
            var result = command.get();
            end(id, Operation.State.COMPLETED, Optional.empty(), keepsResult ? Optional.of(result) : Optional.empty());
            return result;
        } catch (KustoException e) {
            end(id, Operation.State.FAILED, Optional.of(e.error()), Optional.empty());
            throw e;
        } catch (RuntimeException | Error e) {
            end(id, Operation.State.FAILED, Optional.of(StorageErrors.internal(String.valueOf(e.getMessage()))), Optional.empty());
            throw e;
        }
    }

    /// An operation that ended before its command began.
    public synchronized void fail(UUID id, RuntimeException reason) {
        if (find(id).filter(o -> o.state() == Operation.State.IN_PROGRESS).isPresent()) {
            var error = reason instanceof KustoException known ? known.error() : StorageErrors.internal(String.valueOf(reason.getMessage()));
            end(id, Operation.State.FAILED, Optional.of(error), Optional.empty());
        }
    }

    /// Makes an operation known before it runs. Beginning it again changes nothing.
    public synchronized void begin(UUID id, Request request, CommandMatch match) {
        if (entries.containsKey(id)) {
            return;
        }
        var table = CommandContext.tableNames(match).stream().findFirst().orElse("");
        var begun = new Operation(
                id, CommandType.of(match.command()), text(match), request.database(), table, request.principal(), request.user(),
                request.clientRequestId(), request.activityId(), request.now(), Duration.ZERO, Operation.State.IN_PROGRESS, Optional.empty(),
                Optional.empty());
        entries.put(id, new Entry(begun, System.nanoTime(), Optional.empty()));
        var oldest = entries.values().iterator();
        while (entries.size() > KEPT && oldest.hasNext()) {
            if (oldest.next().ended().isPresent()) {
                oldest.remove();
            }
        }
    }

    private static String text(CommandMatch match) {
        var text = ObfuscatedText.ofRequest(match.text().strip());
        return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
    }

    private synchronized void end(
            UUID id, Operation.State state, Optional<ServiceError> error, Optional<CommandResult> result) {
        entries.computeIfPresent(id, (_, entry) -> new Entry(
                entry.begun(), entry.startedNanos(), Optional.of(with(entry.begun(), state, entry.startedNanos(), error, result))));
    }

    /// The latest first.
    synchronized List<Operation> all() {
        return new ArrayList<>(entries.values()).reversed().stream().map(Entry::now).toList();
    }

    synchronized Optional<Operation> find(UUID id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::now);
    }
}
