package io.conshelf.streams.aggregate;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;

/// A sum of bigints and floats without error: what is taken away again leaves nothing behind, in whatever order it goes.
///
/// Bigints are added in 128 bits. Floats are kept as a few doubles that do not overlap and whose sum is exact (Shewchuk, "Adaptive Precision Floating-Point
/// Arithmetic and Fast Robust Geometric Predicates", 1997); mostly two or three are enough. NaN and infinities are counted.
final class ExactSum {
    private long wholes;
    private long high;
    private long low;

    private long floats;
    private double[] parts = new double[4];
    private int used;
    private long notNumbers;
    private long positiveInfinities;
    private long negativeInfinities;

    void add(long value) {
        wholes++;
        addWhole(value);
    }

    void remove(long value) {
        wholes--;
        addWhole(~value);
        addWhole(1);
    }

    private void addWhole(long value) {
        long sum = low + value;
        high += (value >> 63) + (Long.compareUnsigned(sum, value) < 0 ? 1 : 0);
        low = sum;
    }

    void add(double value) {
        floats++;
        if (Double.isFinite(value)) {
            addPart(value);
        } else {
            special(value, 1);
        }
    }

    void remove(double value) {
        floats--;
        if (Double.isFinite(value)) {
            addPart(-value);
        } else {
            special(value, -1);
        }
    }

    private void special(double value, int count) {
        if (Double.isNaN(value)) {
            notNumbers += count;
        } else if (value > 0) {
            positiveInfinities += count;
        } else {
            negativeInfinities += count;
        }
    }

    private void addPart(double value) {
        double x = value;
        int kept = 0;
        for (int i = 0; i < used; i++) {
            double y = parts[i];
            if (Math.abs(x) < Math.abs(y)) {
                double swapped = x;
                x = y;
                y = swapped;
            }
            double sum = x + y;
            double error = y - (sum - x);
            if (error != 0) {
                parts[kept++] = error;
            }
            x = sum;
        }
        if (x != 0) {
            if (kept == parts.length) {
                parts = Arrays.copyOf(parts, kept * 2);
            }
            parts[kept++] = x;
        }
        used = kept;
    }

    void merge(ExactSum other) {
        wholes += other.wholes;
        long sum = low + other.low;
        high += other.high + (Long.compareUnsigned(sum, other.low) < 0 ? 1 : 0);
        low = sum;
        floats += other.floats;
        notNumbers += other.notNumbers;
        positiveInfinities += other.positiveInfinities;
        negativeInfinities += other.negativeInfinities;
        for (int i = 0; i < other.used; i++) {
            addPart(other.parts[i]);
        }
    }

    long count() {
        return wholes + floats;
    }

    boolean hasFloats() {
        return floats > 0;
    }

    /// Whether the sum of the bigints is one.
    boolean wholeFits() {
        return high == low >> 63;
    }

    long whole() {
        return low;
    }

    /// The sum of all, rounded once.
    double floating() {
        double special = special();
        if (!Double.isNaN(special) && special == 0) {
            return used <= 1 && wholes == 0 ? used == 0 ? 0 : parts[0] : wholes == 0 ? rounded() : exact().doubleValue();
        }
        return special;
    }

    /// 0 where there is neither NaN nor infinity.
    private double special() {
        double overflowed = used > 0 && !Double.isFinite(parts[used - 1]) ? parts[used - 1] : 0;
        if (notNumbers > 0 || Double.isNaN(overflowed) || positiveInfinities > 0 && negativeInfinities > 0) {
            return Double.NaN;
        }
        return positiveInfinities > 0 ? Double.POSITIVE_INFINITY : negativeInfinities > 0 ? Double.NEGATIVE_INFINITY : overflowed;
    }

    private double rounded() {
        double sum = parts[used - 1];
        double error = 0;
        int i = used - 1;
        while (i > 0 && error == 0) {
            double x = sum;
            double y = parts[--i];
            sum = x + y;
            error = y - (sum - x);
        }
        // Exactly halfway: what is left decides.
        if (i > 0 && (error < 0 && parts[i - 1] < 0 || error > 0 && parts[i - 1] > 0)) {
            double y = error * 2;
            double x = sum + y;
            if (y == x - sum) {
                sum = x;
            }
        }
        return sum;
    }

    boolean isFinite() {
        return special() == 0;
    }

    /// Only where [#isFinite].
    BigDecimal exact() {
        BigDecimal sum = new BigDecimal(BigInteger.valueOf(high).shiftLeft(64).add(unsigned(low)));
        for (int i = 0; i < used; i++) {
            sum = sum.add(new BigDecimal(parts[i]));
        }
        return sum;
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(wholes);
        out.writeLong(high);
        out.writeLong(low);
        out.writeLong(floats);
        out.writeLong(notNumbers);
        out.writeLong(positiveInfinities);
        out.writeLong(negativeInfinities);
        out.writeInt(used);
        for (int i = 0; i < used; i++) {
            out.writeDouble(parts[i]);
        }
    }

    static ExactSum read(DataInput in) throws IOException {
        ExactSum sum = new ExactSum();
        sum.wholes = in.readLong();
        sum.high = in.readLong();
        sum.low = in.readLong();
        sum.floats = in.readLong();
        sum.notNumbers = in.readLong();
        sum.positiveInfinities = in.readLong();
        sum.negativeInfinities = in.readLong();
        sum.used = in.readInt();
        sum.parts = new double[Math.max(4, sum.used)];
        for (int i = 0; i < sum.used; i++) {
            sum.parts[i] = in.readDouble();
        }
        return sum;
    }
}
