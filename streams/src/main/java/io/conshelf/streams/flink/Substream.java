package io.conshelf.streams.flink;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Value;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// What a task knows of a substream: the rows that wait in it, the states of its keys, and who has told which time of it.
final class Substream {
    /// Those who are ahead are told apart by steps of this size, so that they are few.
    private static final long STEP = 4 * 10_000_000;

    final Value.Array key;
    final KeyStates states;
    final RowsByTime waiting = new RowsByTime();
    /// By sender.
    final Map<String, Told> times = new HashMap<>();
    /// Those who are ahead of others, in the order in which their events arrived.
    private final Deque<Ahead> ahead = new ArrayDeque<>();
    /// Rows of it have come to this task, which may have given windows of it.
    boolean hasRows;
    long watermark = Long.MIN_VALUE;
    /// The time that the steps after have been told.
    long told = Long.MIN_VALUE;
    /// Of the latest events that have told a time.
    long arrival = Long.MIN_VALUE;

    /// @param arrival of the events that have told it
    record Told(long time, long arrival) {
        private Told and(Told later) {
            return new Told(Math.max(time, later.time), Math.max(arrival, later.arrival));
        }
    }

    /// Somebody has told this time by events of these arrivals.
    private record Ahead(long first, long last, long time) {}

    Substream(Value.Array key, KeyStates states) {
        this.key = key;
        this.states = states;
    }

    /// @return whether it is news
    boolean tells(String sender, long time, long arrival) {
        this.arrival = Math.max(this.arrival, arrival);
        return times.merge(sender, new Told(time, arrival), Told::and).time() == time;
    }

    /// Somebody is ahead of what all have told.
    void ahead(long time, long arrival) {
        Ahead last = ahead.peekLast();
        if (last == null) {
            ahead.add(new Ahead(arrival, arrival, time));
        } else if (time > last.time()) {
            if (arrival - last.first() < STEP) {
                ahead.removeLast();
                ahead.add(new Ahead(last.first(), Math.max(last.last(), arrival), time));
            } else {
                ahead.add(new Ahead(arrival, arrival, time));
            }
        }
    }

    /// The furthest time that somebody has told by events that arrived up to then.
    ///
    /// @param most who still has events has not come further
    long aheadBy(long arrival, long most) {
        long time = Long.MIN_VALUE;
        while (!ahead.isEmpty() && ahead.peekFirst().last() <= arrival) {
            if (ahead.peekFirst().time() > most) {
                return Math.max(time, most);
            }
            time = ahead.removeFirst().time();
        }
        return time;
    }

    /// Since when, by arrival, somebody is ahead of the others.
    long waitsSince() {
        return ahead.isEmpty() ? Long.MAX_VALUE : ahead.peekFirst().first();
    }

    long furthest() {
        return ahead.isEmpty() ? watermark : Math.max(watermark, ahead.peekLast().time());
    }

    void advanced(long to) {
        watermark = to;
        while (!ahead.isEmpty() && ahead.peekFirst().time() <= to) {
            ahead.removeFirst();
        }
    }

    /// @param times of those who are there again
    void writeTimes(Map<String, Told> times, DataOutputStream out) throws IOException {
        out.writeLong(watermark);
        BinaryValues.writeCount(times.size(), out);
        for (Map.Entry<String, Told> time : times.entrySet()) {
            out.writeUTF(time.getKey());
            out.writeLong(time.getValue().time());
        }
    }

    void readTimes(DataInputStream in) throws IOException {
        watermark = in.readLong();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            times.put(in.readUTF(), new Told(in.readLong(), Long.MIN_VALUE));
        }
    }

    /// @param times of those who are there again
    void writeAhead(Map<String, Told> times, DataOutputStream out) throws IOException {
        out.writeLong(arrival);
        BinaryValues.writeCount(times.size(), out);
        for (Map.Entry<String, Told> time : times.entrySet()) {
            out.writeUTF(time.getKey());
            out.writeLong(time.getValue().arrival());
        }
        BinaryValues.writeCount(ahead.size(), out);
        for (Ahead one : ahead) {
            out.writeLong(one.first());
            out.writeLong(one.last());
            out.writeLong(one.time());
        }
    }

    void readAhead(DataInputStream in) throws IOException {
        arrival = in.readLong();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            times.merge(in.readUTF(), new Told(Long.MIN_VALUE, in.readLong()), Told::and);
        }
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            ahead.add(new Ahead(in.readLong(), in.readLong(), in.readLong()));
        }
    }
}
