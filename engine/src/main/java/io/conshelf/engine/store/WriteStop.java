package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.duck.KernelCalls;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;

/// What stops the writing of a request, from any thread: it reaches the DuckDB statements that run and the kernels in them,
/// and nothing is committed after it. Writing finds it on the thread that works for the request.
public final class WriteStop implements AutoCloseable {
    private static final ScopedValue<WriteStop> CURRENT = ScopedValue.newInstance();

    private final Set<Statement> running = new HashSet<>();
    private final Set<Runnable> letGo = new HashSet<>();
    private final Function<String, String> marking;
    private final Runnable whenClosed;
    // Kernels ask for every cell, and wait for no lock.
    private volatile Optional<ServiceError> reason = Optional.empty();
    private int committing;
    private boolean hasCommitted;

    /// For work whose kernels nobody stops here.
    public WriteStop() {
        marking = sql -> sql;
        whenClosed = () -> {};
    }

    /// @param kernels that end with the work; the number they know it by is given back by [#close]
    public WriteStop(KernelCalls kernels) {
        long number = kernels.begin(() -> reason.isPresent());
        marking = sql -> KernelCalls.mark(sql, number);
        whenClosed = () -> kernels.end(number);
    }

    /// The statement, or part of one, as one whose kernels end when this is stopped. It runs before [#close] or not at all.
    public String marked(String sql) {
        return marking.apply(sql);
    }

    @Override
    public void close() {
        whenClosed.run();
    }

    /// Of the request this thread works for; one that nobody stops where there is none.
    public static WriteStop current() {
        return isBound() ? CURRENT.get() : new WriteStop();
    }

    /// Whether this thread works for a request that can be stopped.
    public static boolean isBound() {
        return CURRENT.isBound();
    }

    /// Runs work whose statements are only looked at: none of them is [#marked].
    public static <T> T unmarked(Supplier<T> work) {
        return ScopedValue.where(CURRENT, new WriteStop()).call(work::get);
    }

    /// Work for another thread that stops with the request of this one.
    public static <T> Callable<T> carried(Callable<T> work) {
        var stop = current();
        return () -> stop.call(work::call);
    }

    /// Runs work that this stops.
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(CURRENT, this).call(work);
    }

    /// Stops what runs and refuses what comes. DuckDB forgets an interrupt that comes just before a statement starts, so the
    /// caller repeats [#interrupt] until the work has ended.
    ///
    /// @return whether nothing is committed nor will be; otherwise only the work's own end tells how it went
    public boolean stop(ServiceError why) {
        boolean isWithoutEffect;
        Set<Runnable> waiting;
        synchronized (this) {
            if (reason.isEmpty()) {
                reason = Optional.of(why);
            }
            isWithoutEffect = committing == 0 && !hasCommitted;
            waiting = Set.copyOf(letGo);
            letGo.clear();
        }
        interrupt();
        // To tell a server may take as long as the server does.
        waiting.forEach(Thread::startVirtualThread);
        return isWithoutEffect;
    }

    /// Does this when it is stopped, at once where it is already: for what waits for others and looks at nothing meanwhile.
    public void whenStopped(Runnable release) {
        synchronized (this) {
            if (reason.isEmpty()) {
                letGo.add(release);
                return;
            }
        }
        Thread.startVirtualThread(release);
    }

    /// It does not wait any more.
    public synchronized void hasEnded(Runnable release) {
        letGo.remove(release);
    }

    /// Interrupts the statements of what was stopped.
    public void interrupt() {
        List<Statement> statements;
        synchronized (this) {
            statements = List.copyOf(running);
        }
        for (var statement : statements) {
            try {
                statement.cancel();
            } catch (SQLException _) {
                // Closed in the meantime: nothing is left to stop.
                continue;
            }
        }
    }

    public Optional<ServiceError> reason() {
        return reason;
    }

    /// Ends work that was stopped.
    public void check() {
        reason().ifPresent(why -> {
            throw new KustoException(why);
        });
    }

    /// Runs a statement that may take long.
    public <R> R during(Statement statement, Execution<R> execution) throws SQLException {
        synchronized (this) {
            check();
            running.add(statement);
        }
        try {
            return execution.run();
        } finally {
            synchronized (this) {
                running.remove(statement);
            }
        }
    }

    /// What [#during] runs.
    public interface Execution<R> {
        R run() throws SQLException;
    }

    /// Commits, unless it was stopped before.
    <R> R committing(Supplier<R> commit) {
        synchronized (this) {
            check();
            committing++;
        }
        boolean isDone = false;
        try {
            R result = commit.get();
            isDone = true;
            return result;
        } finally {
            synchronized (this) {
                committing--;
                hasCommitted |= isDone;
            }
        }
    }
}
