package io.conshelf.streams.value;

import io.conshelf.streams.value.Value.FloatingPoint;

/// Keys of groups, partitions and joins. Two values are one key where they are the same, a bigint and a float where they are worth the same; texts where
/// they are the same to the letter.
public final class Keys {
    private Keys() {}

    /// The value that stands for all that are this key: equal keys give equal values, with equal hash codes.
    public static Value of(Value value) {
        if (value instanceof FloatingPoint(double number) && number == Math.rint(number) && number >= -0x1p63 && number < 0x1p63) {
            return Value.of((long) number);
        }
        return value;
    }

    /// Whether two values are one key.
    public static boolean areEqual(Value left, Value right) {
        return of(left).equals(of(right));
    }
}
