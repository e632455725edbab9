package io.conshelf.engine;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// A bounded number of slots and a bounded, short wait for one.
final class Admission implements Slots {
    private final Semaphore slots;
    private final int slotCount;
    private final int waitingMax;
    private final Duration wait;
    private final AtomicInteger waiting = new AtomicInteger();

    Admission(int slots, int waitingMax, Duration wait) {
        this.slots = new Semaphore(slots, true);
        this.slotCount = slots;
        this.waitingMax = waitingMax;
        this.wait = wait;
    }

    /// Also refuses when too many wait already.
    @Override
    public void enter(BooleanSupplier isStopped) {
        if (slots.tryAcquire()) {
            return;
        }
        if (waiting.incrementAndGet() > waitingMax) {
            waiting.decrementAndGet();
            throw new KustoException(Errors.throttled(slotCount));
        }
        try {
            if (!slots.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new KustoException(Errors.throttled(slotCount));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(Errors.cancelled(), e);
        } finally {
            waiting.decrementAndGet();
        }
    }

    @Override
    public void leave() {
        slots.release();
    }
}
