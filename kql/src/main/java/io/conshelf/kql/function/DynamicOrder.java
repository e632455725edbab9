package io.conshelf.kql.function;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Equality and order of the elements of dynamic arrays.
final class DynamicOrder {
    /// From here on some whole numbers are no doubles.
    static final long DOUBLES_APART = 1L << 53;

    private DynamicOrder() {}

    /// Numbers are the same by value, everything else by its text: 1 is 1.0 but not "1".
    static boolean isSame(String a, String b) {
        if (a.equals(b)) {
            return true;
        }
        return DynamicNumbers.isNumber(a) && DynamicNumbers.isNumber(b) && compareNumbers(a, b) == 0;
    }

    /// What two elements that are the same have in common.
    static Object key(String element) {
        if (!DynamicNumbers.isNumber(element)) {
            return element;
        }
        double value = Double.parseDouble(element);
        return DynamicNumbers.isReal(element) || Math.abs(value) < DOUBLES_APART ? key(value) : element;
    }

    static Object key(double value) {
        // Longs that a double can't tell apart keep their digits, which a real among them has too. The sum makes -0.0 zero.
        return Math.abs(value) < DOUBLES_APART || !Double.isFinite(value) ? (Object) (value + 0.0) : new BigDecimal(value).toPlainString();
    }

    /// Sorted, nulls apart. Arrays of one kind of value have an order; a mixed array sorts by kind first, in both directions:
    /// numbers, datetimes and timespans, then texts, guids, and all else.
    static List<String> sorted(List<String> array, boolean descending, boolean nullsLast) {
        return order(array, descending, nullsLast).stream().map(array::get).toList();
    }

    /// The indices of an array's elements in order, nulls apart.
    static List<Integer> order(List<String> array, boolean descending, boolean nullsLast) {
        Comparator<String> values = Comparator.<String>comparingInt(DynamicOrder::kind)
                .thenComparing(descending ? (a, b) -> compareSameKind(b, a) : DynamicOrder::compareSameKind);
        Comparator<Integer> nulls = Comparator.comparing(i -> array.get(i).equals(DynamicParts.NULL) == nullsLast);
        return IntStream.range(0, array.size())
                .boxed()
                .sorted(nulls.thenComparing(array::get, (a, b) -> a.equals(DynamicParts.NULL) ? 0 : values.compare(a, b)))
                .toList();
    }

    static int compare(String a, String b) {
        int kind = Integer.compare(kind(a), kind(b));
        return kind != 0 ? kind : compareSameKind(a, b);
    }

    private static int compareSameKind(String a, String b) {
        char tag = DynamicText.tag(a);
        if (tag == 't' || tag == 's') {
            return Long.compare(Long.parseLong(DynamicText.payload(a)), Long.parseLong(DynamicText.payload(b)));
        }
        if (kind(a) == 0) {
            return compareNumbers(digits(a), digits(b));
        }
        return StringKernels.text(a).compareTo(StringKernels.text(b));
    }

    private static String digits(String number) {
        return DynamicText.tag(number) == 'd' ? DynamicText.payload(number) : number;
    }

    private static int compareNumbers(String a, String b) {
        if (!DynamicNumbers.isReal(a) && !DynamicNumbers.isReal(b) && a.length() < 19 && b.length() < 19) {
            return Long.compare(Long.parseLong(a), Long.parseLong(b));
        }
        return DynamicNumbers.toDecimal(a).compareTo(DynamicNumbers.toDecimal(b));
    }

    private static int kind(String element) {
        if (DynamicNumbers.isNumber(element)) {
            return 0;
        }
        return switch (element.charAt(0)) {
            case '"' -> switch (DynamicText.tag(element)) {
                case 'd' -> 0;
                case 't' -> 1;
                case 's' -> 2;
                case 'g' -> 4;
                default -> 3;
            };
            case 't', 'f' -> 5;
            case '[' -> 6;
            default -> 7;
        };
    }
}
