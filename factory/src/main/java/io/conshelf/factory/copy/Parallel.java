package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// The driver in this process: runs the parts of a copy, several at a time. The first failure stops the others.
final class Parallel {
    @FunctionalInterface
    interface Work<T> {
        void on(T part) throws StoreException, InterruptedException;
    }

    private Parallel() {}

    static <T> void run(List<T> parts, int width, Work<T> work) throws StoreException, InterruptedException {
        if (parts.size() <= 1 || width <= 1) {
            for (T part : parts) {
                work.on(part);
            }
            return;
        }
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        Runnable loop = () -> {
            try {
                for (int i = next.getAndIncrement(); i < parts.size() && failure.get() == null; i = next.getAndIncrement()) {
                    work.on(parts.get(i));
                }
            } catch (StoreException | InterruptedException | RuntimeException | Error thrown) {
                failure.compareAndSet(null, thrown);
            }
        };
        try {
            for (int i = 0; i < Math.min(width, parts.size()); i++) {
                threads.add(Thread.ofVirtual().name("copy-" + i).start(loop));
            }
            for (Thread thread : threads) {
                while (!thread.join(Duration.ofMillis(100))) {
                    if (failure.get() != null) {
                        threads.forEach(Thread::interrupt);
                    }
                }
            }
        } catch (InterruptedException cancelled) {
            failure.compareAndSet(null, cancelled);
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        switch (failure.get()) {
            case null -> {}
            case StoreException store -> throw store;
            case InterruptedException interrupted -> throw interrupted;
            case RuntimeException defect -> throw defect;
            case Error error -> throw error;
            case Throwable other -> throw new AssertionError(other);
        }
    }
}
