package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;

/// The values by which rows belong together. A float without a fraction is the bigint of its value, NULL is a value like any other, text keeps its case.
public final class Key implements Serializable {
    public static final Key NONE = new Key(new Value[0]);

    private final Value[] values;
    private final int hash;

    private Key(Value[] values) {
        this.values = values;
        this.hash = mixed(hash(values));
    }

    /// @param values not changed afterwards by the caller
    static Key of(Value[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof FloatingPoint(double number)) {
                long whole = (long) number;
                if (whole == number && whole != Long.MAX_VALUE) {
                    values[i] = new BigInt(whole);
                }
            }
        }
        return values.length == 0 ? NONE : new Key(values);
    }

    /// Not to be changed.
    public Value[] values() {
        return values;
    }

    public void write(DataOutput out) throws IOException {
        BinaryValues.writeAll(values, out);
    }

    public static Key read(DataInput in) throws IOException {
        Value[] values = BinaryValues.readAll(in);
        return values.length == 0 ? NONE : new Key(values);
    }

    // Hosts spread keys over processes by this, so it is not left to the hash of an enum, which every process has its own of.
    private static int hash(Value[] values) {
        int hash = 1;
        for (Value value : values) {
            hash = 31 * hash + hash(value);
        }
        return hash;
    }

    private static int hash(Value value) {
        return switch (value) {
            case Value.Null _ -> 0;
            case BigInt(long number) -> Long.hashCode(number);
            case FloatingPoint(double number) -> Double.hashCode(number);
            case Value.Text(String text) -> text.hashCode();
            case Value.DateTime(long ticks) -> Long.hashCode(ticks) + 1;
            case Value.Bit(boolean bit) -> bit ? 3 : 5;
            case Value.Record(var shape, Value[] fields, _) -> 31 * shape.hashCode() + hash(fields);
            case Value.Array(var elements) -> 7 * hash(elements.toArray(Value[]::new));
        };
    }

    // Small numbers must not all fall together.
    private static int mixed(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ mixed >>> 16;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Key that && hash == that.hash && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
