package io.conshelf.streams.aggregate;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// What a model of anomalies remembers of a series: the values of late, as many as it is told, and its verdict on the last one.
final class AnomalyHistory {
    static final Shape VERDICT = Shape.of("IsAnomaly", "Score");

    private double[] values = new double[16];
    private int first;
    private int count;
    /// Values that made room for others before their time was over: when it is, there is nothing left to take away.
    private long gone;
    Value verdict = Value.Null.NULL;
    /// What a model makes of all it has seen.
    double evidence;

    int count() {
        return count;
    }

    /// @param index 0 is the oldest
    double value(int index) {
        return values[(first + index) % values.length];
    }

    /// In no order.
    double[] copied() {
        double[] copy = new double[count];
        for (int i = 0; i < count; i++) {
            copy[i] = value(i);
        }
        return copy;
    }

    void add(double value, int max) {
        if (count == max) {
            removeFirst();
            gone++;
        }
        if (count == values.length) {
            double[] longer = Arrays.copyOf(copied(), count * 2);
            values = longer;
            first = 0;
        }
        values[(first + count) % values.length] = value;
        count++;
    }

    void remove() {
        if (gone > 0) {
            gone--;
        } else if (count > 0) {
            removeFirst();
        }
    }

    private void removeFirst() {
        first = (first + 1) % values.length;
        count--;
    }

    static Value verdict(boolean isAnomaly, double score) {
        return new Value.Record(VERDICT, new Value[] {Value.of(isAnomaly ? 1 : 0), Value.of(score)});
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(gone);
        out.writeDouble(evidence);
        BinaryValues.write(verdict, out);
        BinaryValues.writeCount(count, out);
        for (int i = 0; i < count; i++) {
            out.writeDouble(value(i));
        }
    }

    static AnomalyHistory read(DataInput in) throws IOException {
        AnomalyHistory history = new AnomalyHistory();
        history.gone = in.readLong();
        history.evidence = in.readDouble();
        history.verdict = BinaryValues.read(in);
        int count = BinaryValues.readCount(in);
        for (int i = 0; i < count; i++) {
            history.add(in.readDouble(), Integer.MAX_VALUE);
        }
        return history;
    }
}
