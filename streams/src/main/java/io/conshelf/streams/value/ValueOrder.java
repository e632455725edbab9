package io.conshelf.streams.value;

import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.Comparator;
import java.util.List;

/// An order of all values: NULL is the least; then bits, numbers (a bigint and a float by what they are worth, exactly), datetimes, texts by their UTF-16
/// units, arrays, records.
public enum ValueOrder implements Comparator<Value> {
    ASCENDING;

    @Override
    public int compare(Value left, Value right) {
        if (left instanceof BigInt(long a) && right instanceof BigInt(long b)) {
            return Long.compare(a, b);
        }
        if (left instanceof FloatingPoint(double a) && right instanceof FloatingPoint(double b)) {
            return compare(a, b);
        }
        int byKind = Integer.compare(kind(left), kind(right));
        if (byKind != 0) {
            return byKind;
        }
        return switch (left) {
            case Null _ -> 0;
            case Bit(boolean a) -> Boolean.compare(a, ((Bit) right).value());
            case BigInt(long a) -> compare(a, ((FloatingPoint) right).value());
            case FloatingPoint(double a) -> -compare(((BigInt) right).value(), a);
            case DateTime(long a) -> Long.compare(a, ((DateTime) right).ticks());
            case Text(String a) -> a.compareTo(((Text) right).value());
            case Array(List<Value> a) -> compare(a, ((Array) right).elements());
            case Record a -> compare(a, (Record) right);
        };
    }

    private static int kind(Value value) {
        return switch (value) {
            case Null _ -> 0;
            case Bit _ -> 1;
            case BigInt _, FloatingPoint _ -> 2;
            case DateTime _ -> 3;
            case Text _ -> 4;
            case Array _ -> 5;
            case Record _ -> 6;
        };
    }

    /// -0.0 equals 0.0; NaN is greater than every number.
    public static int compare(double left, double right) {
        return left < right ? -1 : left > right ? 1 : left == right ? 0 : Double.compare(left, right);
    }

    /// Exactly, also where the bigint is none that a double can be.
    public static int compare(long left, double right) {
        if (Double.isNaN(right)) {
            return -1;
        }
        if (right >= 0x1p63) {
            return -1;
        }
        if (right < -0x1p63) {
            return 1;
        }
        long whole = (long) right;
        int byWhole = Long.compare(left, whole);
        // The conversion cut the fraction off.
        return byWhole != 0 ? byWhole : Double.compare(0, right - whole);
    }

    private int compare(List<Value> left, List<Value> right) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            int byElement = compare(left.get(i), right.get(i));
            if (byElement != 0) {
                return byElement;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private int compare(Record left, Record right) {
        int common = Math.min(left.shape().size(), right.shape().size());
        for (int i = 0; i < common; i++) {
            int byName = left.shape().name(i).compareTo(right.shape().name(i));
            int byField = byName != 0 ? byName : compare(left.values()[i], right.values()[i]);
            if (byField != 0) {
                return byField;
            }
        }
        return Integer.compare(left.shape().size(), right.shape().size());
    }
}
