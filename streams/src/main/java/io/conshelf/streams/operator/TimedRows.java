package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// Rows of one side of a join that may still find partners, in the order of their time, each with what is noted about it.
final class TimedRows {
    private Row[] rows = new Row[4];
    private boolean[] matched = new boolean[4];
    private int head;
    private int count;

    void add(Row row) {
        if (head + count == rows.length) {
            if (head > rows.length / 2) {
                System.arraycopy(rows, head, rows, 0, count);
                System.arraycopy(matched, head, matched, 0, count);
                Arrays.fill(rows, count, head + count, null);
                head = 0;
            } else {
                rows = Arrays.copyOf(rows, rows.length * 2);
                matched = Arrays.copyOf(matched, matched.length * 2);
            }
        }
        rows[head + count] = row;
        matched[head + count] = false;
        count++;
    }

    int size() {
        return count;
    }

    Row row(int index) {
        return rows[head + index];
    }

    boolean isMatched(int index) {
        return matched[head + index];
    }

    void match(int index) {
        matched[head + index] = true;
    }

    /// The first row at or after this time.
    int from(long ticks) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (rows[head + middle].ticks() < ticks) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    void removeFirst() {
        rows[head] = null;
        head = --count == 0 ? 0 : head + 1;
    }

    /// Removes the row at this place.
    void remove(int index) {
        if (index == 0) {
            removeFirst();
            return;
        }
        int place = head + index;
        int after = --count - index;
        System.arraycopy(rows, place + 1, rows, place, after);
        System.arraycopy(matched, place + 1, matched, place, after);
        rows[head + count] = null;
    }

    void write(DataOutput out) throws IOException {
        BinaryValues.writeCount(count, out);
        for (int i = 0; i < count; i++) {
            BinaryValues.write(row(i), out);
            out.writeBoolean(isMatched(i));
        }
    }

    static TimedRows read(DataInput in) throws IOException {
        TimedRows rows = new TimedRows();
        int count = BinaryValues.readCount(in);
        for (int i = 0; i < count; i++) {
            rows.add(BinaryValues.readRow(in));
            if (in.readBoolean()) {
                rows.match(i);
            }
        }
        return rows;
    }
}
