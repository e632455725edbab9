package io.conshelf.cli.progress;

import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunListener;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Tells of a pipeline run while it runs. What it has told stays when it is closed; the terminal is then as it was before.
public final class RunProgress implements RunListener, AutoCloseable {
    private static final long TICK_MILLIS = 100;

    private final RunView view;
    private final Clock clock = Clock.systemUTC();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private final List<Handler> replacedHandlers;
    private final Warnings warnings = new Warnings();
    private boolean isClosed;

    private RunProgress(RunView view, List<Handler> replacedHandlers) {
        this.view = view;
        this.replacedHandlers = replacedHandlers;
        Logger root = Logger.getLogger("");
        replacedHandlers.forEach(handler -> {
            root.removeHandler(handler);
            warnings.setLevel(handler.getLevel());
        });
        if (!replacedHandlers.isEmpty()) {
            root.addHandler(warnings);
        }
        Thread.ofPlatform().daemon().name("progress").start(this::tick);
    }

    /// A view that changes while the run goes on.
    ///
    /// @param screens the terminal as it is now: it may change its size
    public static RunProgress live(PrintStream terminal, Supplier<Screen> screens) {
        // Another writer to the same terminal would break what is drawn there.
        List<Handler> consoles = Arrays.stream(Logger.getLogger("").getHandlers()).filter(ConsoleHandler.class::isInstance).toList();
        return new RunProgress(new LiveView(terminal, screens), consoles);
    }

    /// Plain lines, for a file or a pipe.
    public static RunProgress plain(PrintStream out) {
        return new RunProgress(new PlainView(out), List.of());
    }

    @Override
    public void on(RunEvent event) {
        lock.lock();
        try {
            if (!isClosed) {
                view.on(event, clock.instant());
            }
        } finally {
            lock.unlock();
        }
    }

    public void say(String text) {
        lock.lock();
        try {
            if (!isClosed) {
                view.say(text);
                view.tick(clock.instant());
            }
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        lock.lock();
        try {
            while (!isClosed) {
                view.tick(clock.instant());
                closing.await(TICK_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
            closing.signalAll();
            view.close();
        } finally {
            lock.unlock();
        }
        Logger root = Logger.getLogger("");
        root.removeHandler(warnings);
        replacedHandlers.forEach(root::addHandler);
    }

    /// What the log has to say scrolls up like the rest.
    private final class Warnings extends Handler {
        private Warnings() {
            setFormatter(new SimpleFormatter());
        }

        @Override
        public void publish(LogRecord event) {
            if (isLoggable(event)) {
                say(getFormatter().format(event).stripTrailing());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
