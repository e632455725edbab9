package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.OrderedRows;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.value.BinaryValues;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupStatePartitionStreamProvider;
import org.apache.flink.runtime.state.KeyedStateCheckpointOutputStream;

/// The states of an operator's keys in one task, in memory. A checkpoint holds them by groups of keys, so that more or fewer tasks can go on with them.
///
/// They are kept here and not in Flink's keyed state because a state is one mutable object that a row changes in place, and because what is due next is known
/// by the operator, in ticks: Flink's timers would have to be set and deleted with every row.
final class KeyStates {
    static final class Entry {
        final Key key;
        final Object state;
        /// When it is looked at next; it may turn out that nothing is due yet. NEVER: it is not in the queue.
        private long looked = Operator.NEVER;

        private Entry(Key key, Object state) {
            this.key = key;
            this.state = state;
        }
    }

    private final Operator<Object> operator;
    private final int groupsMax;
    private final KeyGroupRange groups;
    private final Map<Key, Entry> byKey = new HashMap<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>();

    /// An entry and when it is looked at: left behind where the entry is to be looked at earlier.
    private record Due(long ticks, Entry entry) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return Long.compare(ticks, other.ticks);
        }
    }

    KeyStates(Operator<Object> operator, int groupsMax, KeyGroupRange groups) {
        this.operator = operator;
        this.groupsMax = groupsMax;
        this.groups = groups;
    }

    Entry of(Key key) {
        Entry entry = byKey.get(key);
        if (entry == null) {
            entry = new Entry(key, operator.create());
            byKey.put(key, entry);
        }
        return entry;
    }

    boolean isEmpty() {
        return byKey.isEmpty();
    }

    /// A row has changed the state.
    void changed(Entry entry) {
        long next = operator.next(entry.state);
        if (next < entry.looked) {
            entry.looked = next;
            due.add(new Due(next, entry));
        }
    }

    void time(long watermark, Operator.Emit out) {
        while (!due.isEmpty() && due.peek().ticks() <= watermark) {
            Due first = due.poll();
            Entry entry = first.entry();
            if (entry.looked != first.ticks()) {
                continue;
            }
            entry.looked = Operator.NEVER;
            if (operator.next(entry.state) <= watermark) {
                operator.time(entry.state, watermark, out);
            }
            if (operator.isEmpty(entry.state)) {
                byKey.remove(entry.key);
            } else {
                changed(entry);
                assert entry.looked > watermark : "the step is due at " + entry.looked + " after it was told of " + watermark;
            }
        }
    }

    /// What a group of keys has, and the rows that wait for it.
    record Part(List<Entry> entries, OrderedRows waiting) {
        private Part() {
            this(new ArrayList<>(), new OrderedRows());
        }
    }

    Map<Integer, Part> parts(RowsByTime waiting, StepKeys keys) {
        Map<Integer, Part> parts = new HashMap<>();
        byKey.values().forEach(entry -> parts.computeIfAbsent(group(entry.key), _ -> new Part()).entries.add(entry));
        waiting.each((input, row) -> parts.computeIfAbsent(group(keys.key(input, row)), _ -> new Part()).waiting.add(input, row));
        return parts;
    }

    void write(Part part, DataOutputStream out) throws IOException {
        BinaryValues.writeCount(part.entries.size(), out);
        for (Entry entry : part.entries) {
            entry.key.write(out);
            operator.write(entry.state, out);
        }
        part.waiting.write(out);
    }

    void snapshot(KeyedStateCheckpointOutputStream out, RowsByTime waiting, StepKeys keys) throws IOException {
        Map<Integer, Part> parts = parts(waiting, keys);
        DataOutputStream data = new DataOutputStream(new java.io.BufferedOutputStream(out, 64 * 1024));
        for (int group : groups) {
            Part part = parts.get(group);
            if (part == null) {
                continue;
            }
            out.startNewKeyGroup(group);
            BinaryValues.writeCount(BinaryValues.VERSION, data);
            write(part, data);
            data.flush();
        }
    }

    private int group(Key key) {
        return KeyGroupRangeAssignment.assignToKeyGroup(key, groupsMax);
    }

    void restore(Iterable<KeyGroupStatePartitionStreamProvider> groups, RowsByTime waiting) throws IOException {
        for (KeyGroupStatePartitionStreamProvider group : groups) {
            // not closed: the groups share one stream
            DataInputStream in = new DataInputStream(new BufferedInputStream(group.getStream(), 64 * 1024));
            if (hasContent(in)) {
                read(in, waiting);
            }
        }
    }

    /// Whether a group has anything, of this version.
    static boolean hasContent(DataInputStream in) throws IOException {
        int version;
        try {
            version = BinaryValues.readCount(in);
        } catch (EOFException e) {
            return false;
        }
        if (version != BinaryValues.VERSION) {
            throw new IOException("the checkpoint was written in version %d of the format; this build reads version %d".formatted(version,
                    BinaryValues.VERSION));
        }
        return true;
    }

    void read(DataInputStream in, RowsByTime waiting) throws IOException {
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Entry entry = new Entry(Key.read(in), operator.read(in));
            byKey.put(entry.key, entry);
            changed(entry);
        }
        OrderedRows.read(in).release(Long.MAX_VALUE, waiting::add);
    }
}
