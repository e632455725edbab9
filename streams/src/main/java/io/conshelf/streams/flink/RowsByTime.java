package io.conshelf.streams.flink;

import io.conshelf.streams.operator.OrderedRows;
import io.conshelf.streams.value.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Rows that wait for the watermark and leave in the order of their time, and where times are equal in the order in which they came.
///
/// Where one part of an input is far ahead of another, much waits while rows come in front of it. So rows wait in spans of time, and only the span that the
/// watermark has come to is put in order.
final class RowsByTime {
    /// 0.8 seconds.
    private static final int SPAN_BITS = 23;
    private static final Comparator<Held> BY_TIME = Comparator.comparingLong(held -> held.row().ticks());

    private record Held(int input, Row row) {}

    private final TreeMap<Long, List<Held>> spans = new TreeMap<>();
    /// Rows mostly go where the one before went.
    private long lastSpan = Long.MIN_VALUE;
    private List<Held> last = List.of();
    private int count;

    void add(int input, Row row) {
        long span = row.ticks() >> SPAN_BITS;
        if (span != lastSpan) {
            last = spans.computeIfAbsent(span, _ -> new ArrayList<>());
            lastSpan = span;
        }
        last.add(new Held(input, row));
        count++;
    }

    /// Lets go what is at or before the watermark.
    void release(long watermark, OrderedRows.Release out) {
        while (!spans.isEmpty() && spans.firstKey() <= watermark >> SPAN_BITS) {
            Map.Entry<Long, List<Held>> first = spans.pollFirstEntry();
            lastSpan = Long.MIN_VALUE;
            List<Held> held = first.getValue();
            held.sort(BY_TIME);
            int leaving = 0;
            while (leaving < held.size() && held.get(leaving).row().ticks() <= watermark) {
                leaving++;
            }
            count -= leaving;
            for (Held one : held.subList(0, leaving)) {
                out.row(one.input(), one.row());
            }
            if (leaving < held.size()) {
                spans.put(first.getKey(), new ArrayList<>(held.subList(leaving, held.size())));
                return;
            }
        }
    }

    int size() {
        return count;
    }

    /// All of them, in the order in which they leave.
    void each(OrderedRows.Release out) {
        for (List<Held> held : spans.values()) {
            held.sort(BY_TIME);
            held.forEach(one -> out.row(one.input(), one.row()));
        }
    }
}
