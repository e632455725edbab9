package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.command.Operation.State;
import io.conshelf.engine.store.ChangeOrigin;
import io.conshelf.engine.store.DataOperation;
import io.conshelf.engine.store.LogEntry;
import io.conshelf.engine.store.LogEntry.Kind;
import io.conshelf.engine.store.LogHome;
import io.conshelf.engine.store.StorageErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// An operation while it runs. What it commits carries its record: where the last commit it makes is known, its completion is
/// durable with the rows, so that neither is ever there without the other.
public final class OperationRun implements ChangeOrigin {
    private static final ScopedValue<OperationRun> CURRENT = ScopedValue.newInstance();
    // Nobody asks for the rows of an answer as long as this.
    private static final int RESULT_CHARS_MAX = 32 << 20;

    private final OperationLog log;
    private final Operation begun;
    private final Author author;
    private final Mode mode;
    private final long startedNanos = System.nanoTime();
    private final CompletableFuture<State> ended = new CompletableFuture<>();

    // Guarded by this.
    private Optional<CommandResult> answer = Optional.empty();
    private Optional<Consumer<ServiceError>> stop = Optional.empty();
    private Optional<ServiceError> cancelled = Optional.empty();
    private Optional<String> skipped = Optional.empty();
    private String source = "";
    private boolean hasBegunWork;
    private int commits;
    private int commitsExpected;
    private boolean isEndCommitted;
    private boolean hasEnded;

    /// @param isAside     nobody waits for it
    /// @param keepsResult what it answers can be asked for later
    /// @param isWritten   it is remembered on disk
    /// @param isQueued    whoever runs it says which failures are to be told, and whether any
    record Mode(boolean isAside, boolean keepsResult, boolean isWritten, boolean isQueued) {}

    OperationRun(OperationLog log, Operation begun, Author author, Mode mode) {
        this.log = log;
        this.begun = begun;
        this.author = author;
        this.mode = mode;
        // Of most commands. One that nobody waits for says when it commits for the last time.
        this.commitsExpected = mode.isAside() || mode.keepsResult() ? 0 : 1;
    }

    /// The operation that this thread works for.
    static Optional<OperationRun> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /// The operation will have committed everything with its next commits.
    synchronized void willCommit(int times) {
        if (!mode.keepsResult()) {
            commitsExpected = commits + times;
        }
    }

    /// The next commit is the last, and this is what the operation answers.
    synchronized void willAnswer(CommandResult result) {
        answer = Optional.of(result);
        commitsExpected = commits + 1;
    }

    /// There was nothing to do, for a reason that its properties gave.
    public synchronized void skip(String reason) {
        skipped = Optional.of(reason);
    }

    /// Where the data comes from that it is at now.
    synchronized void ingests(String path) {
        source = path;
    }

    synchronized String source() {
        return source;
    }

    /// How it can be stopped.
    public synchronized void stopsBy(Consumer<ServiceError> how) {
        stop = Optional.of(how);
        cancelled.ifPresent(how);
    }

    /// Stops it, unless it is past that.
    ///
    /// @return whether it ended so
    boolean cancel(ServiceError reason, Duration patience) {
        synchronized (this) {
            if (cancelled.isEmpty()) {
                cancelled = Optional.of(reason);
                stop.ifPresent(how -> how.accept(reason));
            }
        }
        try {
            return ended.get(patience.toMillis(), TimeUnit.MILLISECONDS) == State.CANCELED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | java.util.concurrent.ExecutionException _) {
            return false;
        }
    }

    /// Runs the command.
    ///
    /// @param preparation refuses what cannot begin
    public CommandResult run(Supplier<Supplier<CommandResult>> preparation) {
        try {
            var result = within(() -> {
                var command = preparation.get();
                synchronized (this) {
                    hasBegunWork = true;
                }
                return command.get();
            });
            complete(Optional.of(result).filter(_ -> mode.keepsResult()), List.of());
            return result;
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /// Works for it; whoever calls says how it ended.
    public <T> T within(Supplier<T> work) {
        return ScopedValue.where(CURRENT, this).call(() -> ChangeOrigin.super.call(work));
    }

    /// It ended well, or but for some of its sources.
    ///
    /// @param failures of these
    public void complete(Optional<CommandResult> result, List<LogEntry> failures) {
        Optional<String> reason;
        boolean isWritten;
        synchronized (this) {
            reason = skipped;
            isWritten = isEndCommitted && reason.isEmpty() && failures.isEmpty();
        }
        var end = !failures.isEmpty()
                ? now(hasCommitted() ? State.PARTIALLY_SUCCEEDED : State.FAILED, "Sources that failed: " + failures.size(),
                        Optional.empty())
                : now(reason.isPresent() ? State.SKIPPED : State.COMPLETED, reason.orElse(""), Optional.empty());
        end(end, isWritten, result, failures);
    }

    private void end(Operation end, boolean isWritten, Optional<CommandResult> result, List<LogEntry> failures) {
        synchronized (this) {
            if (hasEnded) {
                return;
            }
            hasEnded = true;
        }
        try {
            log.end(this, end, isWritten, result, failures);
        } finally {
            ended.complete(end.state());
        }
    }

    /// It ended badly, or could not begin. Only the first end counts.
    public void fail(Throwable reason) {
        fail(reason, List.of());
    }

    /// It did not come to anything and is tried again as if it had not been.
    public void withdraw() {
        synchronized (this) {
            if (hasEnded) {
                return;
            }
            hasEnded = true;
        }
        log.forget(this);
        ended.complete(State.FAILED);
    }

    /// @param failures of what it ingests, where more is known than of the operation
    public void fail(Throwable reason, List<LogEntry> failures) {
        var error = reason instanceof KustoException known
                ? known.error()
                : StorageErrors.internal(String.valueOf(reason.getMessage()));
        end(now(stateAfter(error), error.message(), Optional.of(error)), false, Optional.empty(), failures);
    }

    private synchronized State stateAfter(ServiceError error) {
        // By '.cancel query' too, and when the cluster is closed.
        if (cancelled.filter(error::equals).isPresent() || error.type().endsWith("KustoRequestCancelledException")) {
            return State.CANCELED;
        }
        if (error.httpStatus() == 429) {
            return State.THROTTLED;
        }
        if (!hasBegunWork && error.httpStatus() == 400) {
            return State.BAD_INPUT;
        }
        return begun.isIngestion() && commits > 0 ? State.PARTIALLY_SUCCEEDED : State.FAILED;
    }

    /// What its work is, for the places it takes.
    public enum Weight { SMALL, INGESTION, EXPORT }

    /// As [CommandType] names it.
    public String type() {
        return begun.type();
    }

    public Weight weight() {
        return CommandType.weight(begun.type());
    }

    synchronized boolean hasCommitted() {
        return commits > 0;
    }

    Operation begun() {
        return begun;
    }

    Mode mode() {
        return mode;
    }

    /// As it is now.
    Operation now() {
        return now(State.IN_PROGRESS, "", Optional.empty());
    }

    private Operation now(State state, String status, Optional<ServiceError> error) {
        return begun.after(Duration.ofNanos(System.nanoTime() - startedNanos), state, status, error);
    }

    @Override
    public Author author() {
        return author;
    }

    @Override
    public Optional<DataOperation.Kind> dataOperation() {
        return !begun.isIngestion()
                ? Optional.empty()
                : Optional.of(begun.type().equals(CommandType.INGESTION)
                        ? DataOperation.Kind.BATCH_INGEST
                        : DataOperation.Kind.SET_OR_APPEND);
    }

    @Override
    public synchronized List<LogEntry> committing(LogHome home) {
        if (!mode.isWritten()) {
            return List.of();
        }
        boolean isLast = commits + 1 == commitsExpected && (!mode.keepsResult() || answer.isPresent());
        var entries = new ArrayList<LogEntry>();
        entries.add(log.entry(isLast
                ? now(State.COMPLETED, "", Optional.empty())
                : now(State.IN_PROGRESS, "Committed " + (commits + 1) + (commits == 0 ? " part" : " parts"), Optional.empty())));
        if (isLast && mode.keepsResult()) {
            entries.addAll(log.resultEntry(begun.id(), answer.orElseThrow()));
        }
        return entries;
    }

    @Override
    public synchronized void committed(LogHome home) {
        commits++;
        isEndCommitted = commits == commitsExpected && (!mode.keepsResult() || answer.isPresent());
    }

    static int resultCharsMax() {
        return RESULT_CHARS_MAX;
    }
}
