package io.conshelf.processor.run;

import io.conshelf.processor.stage.Message;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits for a partition, bounded in number and in bytes. One thread puts, one takes.
final class Inbox {
    private static final int ITEMS_MAX = 4_096;
    private static final long BYTES_MAX = 32L << 20;
    private static final int TAKEN_MAX = 512;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Item> items = new ArrayDeque<>();
    private long bytes;
    private int heartbeats;
    private boolean isEnded;
    private boolean isAbandoned;

    sealed interface Item {
        Deliveries.Held delivery();

        int bytes();

        /// @param readNanos when it was read, by the machine's clock for durations
        record Arrived(Message message, Deliveries.Held delivery, int bytes, long readNanos) implements Item {}

        record Unreadable(DeadLetter letter, Deliveries.Held delivery, int bytes) implements Item {}
    }

    /// Takes as many of the first of these as there is room for; once nobody takes any more, all of them, and forgets them.
    ///
    /// @return how many
    int offer(List<Item> more) {
        lock.lock();
        try {
            int offered = 0;
            while (offered < more.size() && !isFull()) {
                Item item = more.get(offered++);
                if (!isAbandoned) {
                    items.addLast(item);
                    bytes += item.bytes();
                }
            }
            changed.signalAll();
            return offered;
        } finally {
            lock.unlock();
        }
    }

    /// Returns when there is room for something, or after so long.
    void awaitRoom(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (isFull() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    // what is larger than all of it comes alone
    private boolean isFull() {
        return !isAbandoned && (items.size() >= ITEMS_MAX || bytes >= BYTES_MAX);
    }

    /// Nothing more will be put.
    void end() {
        lock.lock();
        try {
            isEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Nobody takes any more.
    void abandon() {
        lock.lock();
        try {
            isAbandoned = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What is there, after waiting so long where nothing is.
    List<Item> take(long waitNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = waitNanos;
            while (items.isEmpty() && heartbeats == 0 && !isEnded && left > 0) {
                left = changed.awaitNanos(left);
            }
            boolean wasFull = isFull();
            List<Item> taken = new ArrayList<>(Math.min(items.size(), TAKEN_MAX));
            while (!items.isEmpty() && taken.size() < TAKEN_MAX) {
                Item item = items.removeFirst();
                bytes -= item.bytes();
                taken.add(item);
            }
            if (wasFull) {
                changed.signalAll();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// Something that whoever takes passes on, and that takes no room.
    void beat() {
        lock.lock();
        try {
            heartbeats++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How often it has, since this was asked last.
    int heartbeats() {
        lock.lock();
        try {
            int beats = heartbeats;
            heartbeats = 0;
            return beats;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return items.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return items.size();
        } finally {
            lock.unlock();
        }
    }

    /// Whether nothing more will be put.
    boolean isEnded() {
        lock.lock();
        try {
            return isEnded;
        } finally {
            lock.unlock();
        }
    }

    /// Whether all has been taken, and nothing will come.
    boolean isDone() {
        lock.lock();
        try {
            return isEnded && items.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
