package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Windows over random events are those that come of their definitions, each worked out by itself over all events.
class WindowsTest {
    private static final int ROUNDS = 200;

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void windowsAreAsDefined(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Window window = RandomSteps.window(random);
            List<Row> rows = RandomSteps.rows(random, random.nextInt(1, 80));
            var keys = RandomSteps.keys(random);
            Step step = new Step.Aggregate(0, keys, RandomSteps.ORDER_FREE.subList(0, 3), List.of(new Step.NamedWindow("", window)), Partitioning.NONE);
            List<String> expected = new ArrayList<>();
            Evaluation evaluation = Evaluation.in(Context.DEFAULT);
            var key = StepKeys.all(keys, evaluation);
            var groups = rows.stream().map(row -> Key.of(StepKeys.values(key, row))).distinct().toList();
            for (Key group : groups) {
                Predicate<Row> isOfGroup = row -> Key.of(StepKeys.values(key, row)).equals(group);
                if (window instanceof Window.Session session) {
                    var over = StepKeys.all(session.over(), evaluation);
                    for (Key one : rows.stream().map(row -> Key.of(StepKeys.values(over, row))).distinct().toList()) {
                        sessions(session, rows.stream().filter(row -> Key.of(StepKeys.values(over, row)).equals(one)).toList())
                                .forEach((end, content) -> add(group, end, content.stream().filter(isOfGroup).toList(), expected));
                    }
                } else {
                    List<Row> content = rows.stream().filter(isOfGroup).toList();
                    for (long end : ends(window, content)) {
                        add(group, end, content.stream().filter(row -> isIn(window, row.ticks(), end)).toList(), expected);
                    }
                }
            }
            List<String> actual = LocalSteps.rows(step, rows, List.of());
            assertThat(actual).as("seed %d, round %d: %s by %s over%n%s", seed, round, window, keys, rows).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static void add(Key group, long end, List<Row> content, List<String> expected) {
        if (content.isEmpty()) {
            return;
        }
        List<Long> values = content.stream().map(row -> row.event().field("v")).filter(BigInt.class::isInstance).map(value -> ((BigInt) value).value()).toList();
        List<Value> slots = new ArrayList<>(List.of(group.values()));
        slots.add(new BigInt(content.size()));
        slots.add(values.isEmpty() ? Value.Null.NULL : new BigInt(values.stream().mapToLong(Long::longValue).sum()));
        slots.add(values.isEmpty() ? Value.Null.NULL : new BigInt(values.stream().mapToLong(Long::longValue).max().getAsLong()));
        slots.add(Value.Null.NULL);
        expected.add(AnyHostTest.text(new Row(end, slots.toArray(Value[]::new))));
    }

    /// The times at which a window can end that has one of the rows in it.
    private static TreeSet<Long> ends(Window window, List<Row> rows) {
        TreeSet<Long> ends = new TreeSet<>();
        for (Row row : rows) {
            switch (window) {
                case Window.Tumbling(long size, long offset) -> aligned(row.ticks(), size, size, offset, ends);
                case Window.Hopping(long size, long hop, long offset) -> aligned(row.ticks(), size, hop, offset, ends);
                case Window.Sliding(long size) -> ends.addAll(List.of(row.ticks(), row.ticks() + size));
                case Window.Snapshot _ -> ends.add(row.ticks());
                case Window.Session _ -> throw new IllegalArgumentException("sessions end by their rows");
            }
        }
        return ends;
    }

    private static void aligned(long ticks, long size, long hop, long offset, TreeSet<Long> ends) {
        for (long number = Math.floorDiv(ticks - offset, hop); number * hop + offset < ticks + size; number++) {
            ends.add(number * hop + offset);
        }
    }

    private static boolean isIn(Window window, long ticks, long end) {
        long size = switch (window) {
            case Window.Tumbling tumbling -> tumbling.size();
            case Window.Hopping hopping -> hopping.size();
            case Window.Sliding sliding -> sliding.size();
            case Window.Snapshot _ -> 1;
            case Window.Session _ -> throw new IllegalArgumentException("sessions end by their rows");
        };
        return ticks > end - size && ticks <= end;
    }

    /// Second by half second and row by row, as the condition of their end is written down: `t - last > timeout`, or `t % max = 0 and t - first >= max`.
    private static Map<Long, List<Row>> sessions(Window.Session session, List<Row> rows) {
        Map<Long, List<Row>> sessions = new java.util.TreeMap<>();
        List<Row> open = new ArrayList<>();
        for (Row row : rows) {
            close(session, open, row.ticks() - 1, sessions);
            open.add(row);
        }
        close(session, open, Long.MAX_VALUE / 2, sessions);
        return sessions;
    }

    private static void close(Window.Session session, List<Row> open, long upTo, Map<Long, List<Row>> sessions) {
        if (open.isEmpty()) {
            return;
        }
        long end = open.getLast().ticks() + session.timeout();
        for (long check = open.getFirst().ticks() / session.maxDuration() * session.maxDuration(); check < end; check += session.maxDuration()) {
            if (check - open.getFirst().ticks() >= session.maxDuration()) {
                end = check;
            }
        }
        if (end <= upTo) {
            sessions.put(end, List.copyOf(open));
            open.clear();
        }
    }
}
