package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.EventOrdering.Timeline;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Step.EventTime;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the policies of event ordering make of events. Times are of one hour, `minute:second` in this test.
class EventOrderingTest {
    private static final long HOUR = Ticks.parse("2024-01-01T00:00:00Z");

    private final List<String> found = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();
    private final Timeline timeline = new Timeline();

    /// The example of the documentation on event ordering; its fifth event is above the watermark, so it stays as it is.
    @Test
    void lateIsLookedAtBeforeOutOfOrder() {
        EventOrdering ordering = ordering(15, 8, Ordering.ADJUST);
        event(ordering, "10:00", "10:40");
        event(ordering, "10:30", "10:41");
        event(ordering, "10:42", "10:42");
        event(ordering, "10:38", "10:43");
        event(ordering, "10:35", "10:45");
        event(ordering, "10:31", "10:46");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("10:25 is 10:00", "10:30 is 10:30", "10:34 is 10:31", "10:35 is 10:35", "10:38 is 10:38", "10:42 is 10:42");
        assertThat(found).containsExactly("LateInputEvent ADJUSTED 10:00", "OutOfOrderEvent ADJUSTED 10:31");
    }

    /// Levels after 1.0 hold them against the type that CREATE TABLE states.
    @Test
    void valuesThatAreNoNumbersPassTheTypeOfTheirColumnAtLevelOneOnly() {
        for (String level : List.of("1.0", "1.1", "1.2")) {
            Step.Source source = new Step.Source("input", List.of(new Step.DeclaredColumn("v", Expression.Type.FLOAT)), new Step.EventTime.Arrival(), Step.Partitioning.NONE, Span.NONE);
            Policies policies = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, level, "en-US", 1);
            EventOrdering ordering = new EventOrdering(source, policies, Arrivals.TOLD, Evaluation.in(Context.DEFAULT), (_, _, _, _) -> { });
            for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1.5}) {
                Value.Record event = new Value.Record(Shape.of(List.of("v")), new Value[] {Value.of(number)});
                assertThat(ordering.timed(event, HOUR).isPresent()).as("%s at level %s", number, level).isEqualTo(level.equals("1.0") || number == 1.5);
            }
        }
    }

    @Test
    void dropDropsBoth() {
        EventOrdering ordering = ordering(15, 8, Ordering.DROP);
        event(ordering, "10:00", "10:40");
        event(ordering, "10:42", "10:42");
        event(ordering, "10:34", "10:43");
        event(ordering, "10:33", "10:43");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("10:34 is 10:34", "10:42 is 10:42");
        assertThat(found).containsExactly("LateInputEvent DROPPED 10:00", "OutOfOrderEvent DROPPED 10:33");
    }

    @Test
    void eventsMoreThanFiveMinutesEarlyAreDroppedUnderEitherPolicyAndMoveNoTime() {
        EventOrdering ordering = ordering(60, 0, Ordering.ADJUST);
        event(ordering, "15:00", "10:00");
        event(ordering, "15:01", "10:00");
        event(ordering, "10:00", "10:01");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("15:00 is 15:00", "15:00 is 10:00");
        assertThat(found).containsExactly("EarlyInputEvent DROPPED 15:01", "OutOfOrderEvent ADJUSTED 10:00");
    }

    @Test
    void whatIsNoTimeIsDropped() {
        EventOrdering ordering = ordering(5, 0, Ordering.ADJUST);
        event(ordering, new Value.Text("yesterday"), "10:00");
        event(ordering, Value.Null.NULL, "10:00");
        event(ordering, new Value.BigInt(12), "10:00");
        ordering.end(timeline, this::row);
        assertThat(rows).isEmpty();
        assertThat(found).allMatch(one -> one.startsWith("InvalidInputTimeStamp DROPPED")).hasSize(3);
    }

    @Test
    void anEventWithoutTheFieldOfItsTimeMissesAColumn() {
        EventOrdering ordering = ordering(5, 0, Ordering.ADJUST);
        assertThat(ordering.timed(Value.Record.EMPTY, HOUR)).isEmpty();
        assertThat(found).singleElement().asString().startsWith("InputDeserializerError.MissingColumns DROPPED");
    }

    @Test
    void rowsLeaveWhenNoEarlierOneCanCome() {
        EventOrdering ordering = ordering(60, 10, Ordering.ADJUST);
        event(ordering, "10:20", "10:20");
        assertThat(rows).as("within the tolerance").isEmpty();
        event(ordering, "10:29", "10:29");
        assertThat(rows).as("one of 10:19 can still come").isEmpty();
        event(ordering, "10:30", "10:30");
        assertThat(rows).containsExactly("10:20 is 10:20");
        assertThat(timeline.watermark()).as("one of the same time can still come").isLessThan(HOUR + seconds("10:20"));
        event(ordering, "10:20", "10:31");
        assertThat(rows).containsExactly("10:20 is 10:20", "10:20 is 10:20");
    }

    @Test
    void timeGoesOnWithoutEventsByTheEstimatedArrivalLessWhatMayBeLate() {
        EventOrdering ordering = ordering(5, 10, Ordering.ADJUST);
        event(ordering, "10:20", "10:20");
        ordering.idle(timeline, HOUR + seconds("10:24"), this::row);
        assertThat(rows).isEmpty();
        ordering.idle(timeline, HOUR + seconds("10:26"), this::row);
        assertThat(rows).containsExactly("10:20 is 10:20");
        event(ordering, "10:19", "10:24");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("10:20 is 10:20", "10:21 is 10:19");
    }

    @Test
    void eventsOfFilesAreNeitherLateNorEarly() {
        EventOrdering ordering = ordering(5, 0, Ordering.DROP, Arrivals.UNKNOWN);
        event(ordering, "10:00", "50:00");
        event(ordering, "30:00", "10:00");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("10:00 is 10:00", "30:00 is 30:00");
    }

    @Test
    void withoutArrivalsNoTimePassesWhereNoEventsCome() {
        EventOrdering ordering = ordering(5, 0, Ordering.DROP, Arrivals.UNKNOWN);
        ordering.idle(timeline, HOUR + seconds("59:00"), this::row);
        event(ordering, "10:00", "59:00");
        ordering.idle(timeline, HOUR + seconds("59:30"), this::row);
        event(ordering, "10:01", "59:00");
        ordering.end(timeline, this::row);
        assertThat(rows).containsExactly("10:00 is 10:00", "10:01 is 10:01");
        assertThat(found).isEmpty();
    }

    @Test
    void anyOrderWithinTheToleranceGivesTheSame() throws Exception {
        Random random = new Random(41);
        for (int round = 0; round < 200; round++) {
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                times.add(HOUR + i * 10_000_000L + random.nextLong(9_000_000));
            }
            List<Long> arrived = new ArrayList<>();
            for (int i = 0; i < times.size(); i += 5) {
                List<Long> together = new ArrayList<>(times.subList(i, i + 5));
                Collections.shuffle(together, random);
                arrived.addAll(together);
            }
            List<Long> out = new ArrayList<>();
            EventOrdering ordering = ordering(60, 5, Ordering.DROP);
            Timeline line = new Timeline();
            for (long ticks : arrived) {
                Timeline open = line;
                ordering.timed(record(new Value.DateTime(ticks)), ticks).ifPresent(one -> ordering.add(open, one.row(), row -> out.add(row.ticks())));
                line = random.nextInt(5) == 0 ? restored(line) : line;
            }
            ordering.end(line, row -> out.add(row.ticks()));
            assertThat(out).isEqualTo(times);
        }
    }

    private static Timeline restored(Timeline timeline) throws IOException {
        var bytes = new ByteArrayOutputStream();
        timeline.write(new DataOutputStream(bytes));
        return Timeline.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private void event(EventOrdering ordering, String time, String arrival) {
        event(ordering, new Value.Text(Ticks.text(HOUR + seconds(time))), arrival);
    }

    private void event(EventOrdering ordering, Value time, String arrival) {
        ordering.timed(record(time), HOUR + seconds(arrival)).ifPresent(one -> ordering.add(timeline, one.row(), this::row));
    }

    private static Value.Record record(Value time) {
        return new Value.Record(Shape.of(List.of("t")), new Value[] {time});
    }

    private void row(Row row) {
        rows.add(text(row.ticks()) + " is " + text(Ticks.parse(((Value.Text) row.event().field("t")).value())));
    }

    private static long seconds(String time) {
        return (Integer.parseInt(time.substring(0, 2)) * 60L + Integer.parseInt(time.substring(3))) * 10_000_000;
    }

    private static String text(long ticks) {
        long seconds = (ticks - HOUR) / 10_000_000;
        return "%02d:%02d".formatted(seconds / 60, seconds % 60);
    }

    private EventOrdering ordering(int late, int outOfOrder, Ordering ordering) {
        return ordering(late, outOfOrder, ordering, Arrivals.TOLD);
    }

    private EventOrdering ordering(int late, int outOfOrder, Ordering ordering, Arrivals arrivals) {
        Expression time = RandomSteps.field("t");
        Policies policies = new Policies(Optional.of(Duration.ofSeconds(late)), Duration.ofSeconds(outOfOrder), ordering, OutputError.STOP, "1.2", "en-US", 1);
        return new EventOrdering(new Step.Source("input", List.of(), new EventTime.By(time, List.of()), Partitioning.NONE, Span.NONE), policies, arrivals,
                Evaluation.in(Context.DEFAULT), (problem, outcome, event, _) -> found.add(problem.serviceName() + " " + outcome + " "
                        + (event.field("t") instanceof Value.Text(String t) && t.startsWith("2") ? text(Ticks.parse(t)) : event.field("t"))));
    }
}
