package io.conshelf.connectors.sql;

import java.util.ArrayList;
import java.util.List;

/// Divides the values of a column into ranges that together hold every row once, also those beyond the bounds and those without a value.
final class SqlRanges {
    private SqlRanges() {}

    /// Bounds that a definition states set the stride: what lies beyond them goes into ranges of its own. From 20 to 80 by four: up to 20, 21 to 50,
    /// 51 to 80, and from 81.
    static List<Long> borders(long lower, long upper, int count) {
        List<Long> borders = new ArrayList<>();
        if (count == 2) {
            borders.add(between(lower, upper, 1, 2));
        }
        for (int i = 0; count > 2 && i <= count - 2; i++) {
            borders.add(between(lower, upper, i, count - 2));
        }
        return borders.stream().distinct().toList();
    }

    /// Bounds that the data has: equal ranges between them.
    static List<Long> bordersWithin(long lower, long upper, int count) {
        List<Long> borders = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            borders.add(between(lower, upper, i, count));
        }
        return borders.stream().distinct().filter(border -> border < upper).toList();
    }

    private static long between(long lower, long upper, int step, int steps) {
        return lower + Math.floorDiv(Math.subtractExact(upper, lower), (long) steps) * step + Math.floorMod(upper - lower, (long) steps) * step / steps;
    }

    /// The conditions, one a range. The first one takes the rows without a value.
    static List<String> conditions(String column, RangeBound kind, List<Long> borders) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i <= borders.size(); i++) {
            String above = i == 0 ? "" : column + " > " + kind.literal(borders.get(i - 1));
            String upTo = i == borders.size() ? "" : column + " <= " + kind.literal(borders.get(i));
            if (borders.isEmpty()) {
                conditions.add("(1 = 1)");
            } else if (i == 0) {
                conditions.add("(" + upTo + " OR " + column + " IS NULL)");
            } else {
                conditions.add("(" + above + (upTo.isEmpty() ? "" : " AND " + upTo) + ")");
            }
        }
        return conditions;
    }

    /// A range from one value to another, both of them in it.
    record Span(long from, long to) {}

    /// The spans of the form of queries that filters by its bounds: from 1 to 80 by four: 1 to 20, 21 to 40, 41 to 60, 61 to 80.
    static List<Span> spans(long lower, long upper, int count) {
        List<Span> spans = new ArrayList<>();
        long from = lower;
        for (long border : bordersWithin(lower - 1, upper, count)) {
            spans.add(new Span(from, border));
            from = border + 1;
        }
        spans.add(new Span(from, upper));
        return spans;
    }
}
