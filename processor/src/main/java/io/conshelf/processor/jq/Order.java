package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;

/// How jq sorts and compares: null, false, true, numbers, texts, bytes, arrays, objects.
public final class Order {
    public static final Comparator<Value> VALUES = Order::compare;
    static final Comparator<String> TEXTS = Order::compare;

    private static final long EXACT_MAX = 1L << 53;

    private Order() {}

    static boolean equal(Value a, Value b) {
        if (a instanceof Value.Text(String x) && b instanceof Value.Text(String y)) {
            return x.equals(y);
        }
        return compare(a, b) == 0;
    }

    public static int compare(Value a, Value b) {
        Kind kind = Kind.of(a);
        int kinds = kind.compareTo(Kind.of(b));
        if (kinds != 0) {
            return kinds;
        }
        return switch (kind) {
            case NULL, FALSE, TRUE -> 0;
            case NUMBER -> numbers(a, b);
            case TEXT -> compare(((Value.Text) a).value(), ((Value.Text) b).value());
            case BINARY -> Arrays.compareUnsigned(((Value.Binary) a).value(), ((Value.Binary) b).value());
            case ARRAY -> items(((Value.Items) a).items(), ((Value.Items) b).items());
            case OBJECT -> members(((Value.Members) a).members(), ((Value.Members) b).members());
        };
    }

    private static int numbers(Value a, Value b) {
        if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y)) {
            return Long.compare(x, y);
        }
        double x = Numbers.real(a);
        double y = Numbers.real(b);
        if (Double.isNaN(x)) {
            // jq's nan is less than any number, itself included
            return -1;
        }
        if (Double.isNaN(y)) {
            return 1;
        }
        if (Double.isInfinite(x) || Double.isInfinite(y) || isReal(a) && isReal(b)) {
            return x == y ? 0 : Double.compare(x, y);
        }
        return exact(a).compareTo(exact(b));
    }

    /// Whether a real says exactly what the number is.
    private static boolean isReal(Value number) {
        return number instanceof Value.Real || number instanceof Value.Whole(long value) && Math.abs(value) <= EXACT_MAX;
    }

    private static BigDecimal exact(Value number) {
        return switch (number) {
            case Value.Whole(long value) -> BigDecimal.valueOf(value);
            case Value.Large(BigInteger value) -> new BigDecimal(value);
            case Value.Real(double value) -> new BigDecimal(value);
            case Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new IllegalArgumentException("no number");
        };
    }

    /// By code points, which UTF-16 orders otherwise beyond the first plane.
    static int compare(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Character.isSurrogate(x) == Character.isSurrogate(y) ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static int items(List<Value> a, List<Value> b) {
        int shorter = Math.min(a.size(), b.size());
        for (int i = 0; i < shorter; i++) {
            int order = compare(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int members(SequencedMap<String, Value> a, SequencedMap<String, Value> b) {
        List<String> names = names(a);
        List<String> others = names(b);
        int shorter = Math.min(names.size(), others.size());
        for (int i = 0; i < shorter; i++) {
            int order = compare(names.get(i), others.get(i));
            if (order != 0) {
                return order;
            }
        }
        if (names.size() != others.size()) {
            return Integer.compare(names.size(), others.size());
        }
        for (String name : names) {
            int order = compare(a.get(name), b.get(name));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    static List<String> names(SequencedMap<String, Value> members) {
        List<String> names = new java.util.ArrayList<>(members.keySet());
        names.sort(TEXTS);
        return names;
    }
}
