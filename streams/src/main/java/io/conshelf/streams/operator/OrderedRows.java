package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// Rows that wait for the watermark and leave in the order of their time, and where times are equal in the order in which they came.
///
/// Mostly rows come in order: then they are appended and leave from the front. One that comes late is put in its place from the end.
public final class OrderedRows {
    private Row[] rows = new Row[16];
    private int[] inputs = new int[16];
    private int head;
    private int count;

    public interface Release {
        void row(int input, Row row);
    }

    /// @param input the number of the input it came from
    public void add(int input, Row row) {
        if (head + count == rows.length) {
            room();
        }
        int place = head + count;
        if (count > 0 && rows[place - 1].ticks() > row.ticks()) {
            place = after(row.ticks());
            System.arraycopy(rows, place, rows, place + 1, head + count - place);
            System.arraycopy(inputs, place, inputs, place + 1, head + count - place);
        }
        rows[place] = row;
        inputs[place] = input;
        count++;
    }

    /// The first place whose row is later.
    private int after(long ticks) {
        int low = head;
        int high = head + count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (rows[middle].ticks() <= ticks) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void room() {
        if (head > rows.length / 2) {
            System.arraycopy(rows, head, rows, 0, count);
            System.arraycopy(inputs, head, inputs, 0, count);
            Arrays.fill(rows, count, head + count, null);
            head = 0;
            return;
        }
        rows = Arrays.copyOf(rows, rows.length * 2);
        inputs = Arrays.copyOf(inputs, inputs.length * 2);
    }

    /// Lets go what is at or before the watermark. What comes in the meantime may be added.
    public void release(long watermark, Release out) {
        while (count > 0 && rows[head].ticks() <= watermark) {
            Row row = rows[head];
            int input = inputs[head];
            rows[head] = null;
            count--;
            head = count == 0 ? 0 : head + 1;
            out.row(input, row);
        }
    }

    /// The time of the first row that waits.
    public long next() {
        return count == 0 ? Operator.NEVER : rows[head].ticks();
    }

    /// The time of the last row that waits, where there is one.
    public long last() {
        return rows[head + count - 1].ticks();
    }

    public int size() {
        return count;
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(count);
        for (int i = head; i < head + count; i++) {
            BinaryValues.writeCount(inputs[i], out);
            BinaryValues.write(rows[i], out);
        }
    }

    public static OrderedRows read(DataInput in) throws IOException {
        OrderedRows ordered = new OrderedRows();
        for (int count = in.readInt(); count > 0; count--) {
            int input = BinaryValues.readCount(in);
            ordered.add(input, BinaryValues.readRow(in));
        }
        return ordered;
    }
}
