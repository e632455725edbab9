package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.DeclaredSchema.Checked;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.TimeUnit;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Gives the events of an input their times and their order: TIMESTAMP BY, then what came too late or too early, then what came out of order. There is a
/// [Timeline] for each partition of the input, and with `TIMESTAMP BY … OVER` for each key in it ([StepKeys] of the source tells it).
///
/// Rows leave in the order of their time, as soon as no earlier one can come; those of the same time that follow are behind them anyway. Belongs to one
/// thread.
public final class EventOrdering {
    /// Events may be ahead of their arrival by this much, always.
    public static final long EARLY_MAX = 5 * TimeUnit.MINUTE.ticks();

    /// Whether events have arrival times of their own. In a local run over files they have not: then nothing is late or early.
    public enum Arrivals { TOLD, UNKNOWN }

    /// Who wants to know what becomes of events.
    public interface Findings {
        /// @param outcome whether the event goes on
        void found(InputProblem problem, Outcome outcome, Record event, String message);
    }

    public enum Outcome { ADJUSTED, DROPPED }

    private final DeclaredSchema schema;
    private final Optional<Evaluator> time;
    /// Fields without any one of which the event has no time.
    private final List<String> timeFields;
    private final boolean hasKeys;
    private final StepKeys keys;
    private final Arrivals arrivals;
    private final long lateMax;
    private final long outOfOrderMax;
    private final Ordering ordering;
    private final Findings findings;

    public EventOrdering(Step.Source source, Policies policies, Arrivals arrivals, Evaluation evaluation, Findings findings) {
        this.schema = new DeclaredSchema(source.schema(), Compatibility.of(policies.compatibility()).orElse(Compatibility.V1_2));
        this.time = source.time() instanceof Step.EventTime.By by ? Optional.of(evaluation.of(by.value())) : Optional.empty();
        this.timeFields = source.time() instanceof Step.EventTime.By by ? fields(by.value()).toList() : List.of();
        this.hasKeys = source.time() instanceof Step.EventTime.By by && !by.over().isEmpty();
        this.keys = StepKeys.of(source, evaluation);
        this.arrivals = arrivals;
        this.lateMax = policies.lateArrivalMax().map(Ticks::of).orElse(Long.MAX_VALUE);
        this.outOfOrderMax = time.isPresent() ? Ticks.of(policies.outOfOrderMax()) : 0;
        this.ordering = policies.ordering();
        this.findings = findings;
    }

    /// Of the event, where the value is NULL when one of them is.
    private static Stream<String> fields(Expression value) {
        return switch (value) {
            case Expression.Field(Expression.Slot _, String name, _) -> Stream.of(name);
            case Expression.Field(Expression of, _, _) -> fields(of);
            case Expression.Element(Expression of, _, _) -> fields(of);
            case Expression.Cast cast -> fields(cast.of());
            case Expression.Call call when call.function().equals("DATEADD") -> call.arguments().stream().flatMap(EventOrdering::fields);
            case Expression.Literal _, Expression.Slot _, Expression.Timestamp _, Expression.Unary _, Expression.Binary _, Expression.Like _, Expression.Between _,
                    Expression.In _, Expression.IsNull _, Expression.Case _, Expression.Call _, Expression.UserCall _ -> Stream.empty();
        };
    }

    /// Of one partition of the input, or of one key in it.
    public static final class Timeline {
        /// No event before this time is let through any more.
        private long watermark = Long.MIN_VALUE;
        private OrderedRows waiting = new OrderedRows();

        /// No row at or before this time leaves this timeline any more; one of the next instant still may.
        public long watermark() {
            return watermark == Long.MIN_VALUE ? watermark : watermark - 1;
        }

        /// Whether no event waits in it.
        public boolean isEmpty() {
            return waiting.size() == 0;
        }

        public void write(DataOutput out) throws IOException {
            out.writeLong(watermark);
            waiting.write(out);
        }

        public static Timeline read(DataInput in) throws IOException {
            Timeline timeline = new Timeline();
            timeline.watermark = in.readLong();
            timeline.waiting = OrderedRows.read(in);
            return timeline;
        }
    }

    /// An event that has a time, before the order of its timeline is looked at.
    ///
    /// @param key of the timeline in its partition
    public record Timed(Key key, Row row) {}

    /// What the event says about its time, by itself: empty where it is dropped.
    ///
    /// @param arrival when the input got it, in ticks
    public Optional<Timed> timed(Record event, long arrival) {
        Record typed;
        switch (schema.check(event)) {
            case Checked.Refused(InputProblem problem, String message) -> {
                return dropped(problem, event, message);
            }
            case Checked.Fits(Record fitting) -> typed = fitting;
        }
        if (time.isEmpty()) {
            return Optional.of(new Timed(Key.NONE, Row.event(arrival, typed)));
        }
        Row row = Row.event(arrival, typed);
        Value stamp = time.get().value(row);
        if (!(Conversions.datetime(stamp).orElse(Null.NULL) instanceof DateTime(long ticks))) {
            List<String> missing = stamp == Null.NULL ? timeFields.stream().filter(name -> event.shape().indexOf(name) < 0).toList() : List.of();
            return missing.isEmpty() ? dropped(InputProblem.INVALID_TIMESTAMP, event, "Cannot convert a TIMESTAMP BY value of type '" + stamp.typeName() + "' to datetime")
                    : dropped(InputProblem.MISSING_COLUMNS, event, DeclaredSchema.missing(missing, event.shape()));
        }
        Key key = hasKeys ? keys.key(0, row) : Key.NONE;
        for (Value value : key.values()) {
            if (value == Null.NULL) {
                return dropped(InputProblem.INVALID_TIMESTAMP_KEY, event, "a key of TIMESTAMP BY … OVER is NULL");
            }
        }
        if (arrivals == Arrivals.UNKNOWN) {
            return Optional.of(new Timed(key, Row.event(ticks, typed)));
        }
        if (ticks - arrival > EARLY_MAX) {
            return dropped(InputProblem.EARLY, event, "Input event arrival time '%s' is earlier than input event application timestamp '%s' by more than 5 minutes.".formatted(
                    text(arrival), text(ticks)));
        }
        if (lateMax != Long.MAX_VALUE && arrival - ticks > lateMax) {
            String message = "Input event with application timestamp '%s' and arrival time '%s' was sent later than configured tolerance.".formatted(
                    text(ticks), text(arrival));
            if (ordering == Ordering.DROP) {
                return dropped(InputProblem.LATE, event, message);
            }
            findings.found(InputProblem.LATE, Outcome.ADJUSTED, event, message);
            ticks = arrival - lateMax;
        }
        return Optional.of(new Timed(key, Row.event(ticks, typed)));
    }

    private Optional<Timed> dropped(InputProblem problem, Record event, String message) {
        findings.found(problem, Outcome.DROPPED, event, message);
        return Optional.empty();
    }

    private static String text(long ticks) {
        return Ticks.isInRange(ticks) ? Ticks.text(ticks) : ticks + " ticks";
    }

    /// Puts the event into its timeline, and lets go what its watermark has passed.
    public void add(Timeline timeline, Row row, Operator.Emit out) {
        long ticks = row.ticks();
        if (ticks < timeline.watermark) {
            // when the time is that of arrival, an input with several writers may still be a little out of order; nothing was asked about it
            if (time.isPresent()) {
                Outcome outcome = ordering == Ordering.DROP ? Outcome.DROPPED : Outcome.ADJUSTED;
                findings.found(InputProblem.OUT_OF_ORDER, outcome, row.event(), "Input event with timestamp '%s' came when time was at '%s'.".formatted(
                        text(ticks), text(timeline.watermark)));
                if (outcome == Outcome.DROPPED) {
                    return;
                }
            }
            ticks = timeline.watermark;
        }
        timeline.waiting.add(0, ticks == row.ticks() ? row : new Row(ticks, row.slots()));
        advance(timeline, ticks - outOfOrderMax, out);
    }

    /// Moves time on where no events come: to the arrival time that is estimated for now, less what may be late. Without a limit for what is late it stands,
    /// and so it does where events have a time and no arrival: what comes next may be of any time.
    ///
    /// @param arrival estimated: that of the last event, and the time since it was seen
    public void idle(Timeline timeline, long arrival, Operator.Emit out) {
        if (time.isEmpty()) {
            advance(timeline, arrival, out);
        } else if (arrivals == Arrivals.TOLD && lateMax != Long.MAX_VALUE) {
            advance(timeline, arrival - lateMax, out);
        }
    }

    /// Whether time goes on where no events come, because it is known how late those may be that still do.
    public boolean goesOnByItself() {
        return time.isEmpty() || arrivals == Arrivals.TOLD && lateMax != Long.MAX_VALUE;
    }

    /// A timeline that begins no earlier than where another is.
    public Timeline begin(Timeline behind) {
        Timeline timeline = new Timeline();
        timeline.watermark = behind.watermark;
        return timeline;
    }

    private void advance(Timeline timeline, long to, Operator.Emit out) {
        timeline.watermark = Math.max(timeline.watermark, to);
        timeline.waiting.release(timeline.watermark, (_, row) -> out.row(row));
    }

    /// Lets go what waits: nothing that belongs before it is expected any more.
    public void settle(Timeline timeline, Operator.Emit out) {
        if (!timeline.isEmpty()) {
            advance(timeline, timeline.waiting.last() + 1, out);
        }
    }

    /// At the end of the input.
    public void end(Timeline timeline, Operator.Emit out) {
        advance(timeline, Long.MAX_VALUE, out);
    }
}
