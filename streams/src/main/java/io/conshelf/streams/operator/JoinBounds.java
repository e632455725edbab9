package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.Step.TimeBound;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value.DateTime;
import java.util.List;

/// What DATEDIFF conditions of a join say about times. They count borders of units between two times: `00:00:59` and `00:01:00` are a minute apart.
final class JoinBounds {
    static final long NOWHERE = Long.MIN_VALUE;

    private record Bound(Evaluator leftTime, boolean isOfRow, long unit, long low, long high) {
        /// In units.
        long difference(long left, long right) {
            return Math.floorDiv(right, unit) - Math.floorDiv(left, unit);
        }

        boolean holds(long left, long right) {
            long difference = difference(left, right);
            return difference >= low && difference <= high;
        }

        /// The last time of the right that is within the bound.
        long latestRight(long left) {
            return high == Long.MAX_VALUE ? Long.MAX_VALUE : (Math.floorDiv(left, unit) + high + 1) * unit - 1;
        }

        long earliestRight(long left) {
            return low == Long.MIN_VALUE ? Long.MIN_VALUE : (Math.floorDiv(left, unit) + low) * unit;
        }

        /// The last time of the left that is within the bound.
        long latestLeft(long right) {
            return low == Long.MIN_VALUE ? Long.MAX_VALUE : (Math.floorDiv(right, unit) - low + 1) * unit - 1;
        }

        long earliestLeft(long right) {
            return high == Long.MAX_VALUE ? Long.MIN_VALUE : (Math.floorDiv(right, unit) - high) * unit;
        }
    }

    private final Bound[] bounds;
    private final long delay;

    /// @param delay how much later a row of the left may be than the events in it
    JoinBounds(List<TimeBound> bounds, long delay, Evaluation evaluation) {
        this.bounds = bounds.stream().map(bound -> new Bound(evaluation.of(bound.leftTime()), bound.leftTime() instanceof Expression.Timestamp,
                bound.unit().ticks(), bound.low(), bound.high())).toArray(Bound[]::new);
        this.delay = delay;
    }

    /// Whether all bounds are on the times of the rows themselves, as in a join of two.
    boolean areOfRows() {
        for (Bound bound : bounds) {
            if (!bound.isOfRow) {
                return false;
            }
        }
        return true;
    }

    boolean hold(Row left, Row right) {
        for (Bound bound : bounds) {
            long time = time(bound, left);
            if (time == NOWHERE || !bound.holds(time, right.ticks())) {
                return false;
            }
        }
        return true;
    }

    /// NOWHERE where the event is not there: then nothing is within the bound.
    private static long time(Bound bound, Row left) {
        if (bound.isOfRow) {
            return left.ticks();
        }
        return bound.leftTime.value(left) instanceof DateTime(long ticks) ? ticks : NOWHERE;
    }

    /// The last time at which a partner of this row can come; MIN_VALUE where none can.
    long latestRight(Row left) {
        long latest = Long.MAX_VALUE;
        for (Bound bound : bounds) {
            long time = time(bound, left);
            latest = Math.min(latest, time == NOWHERE ? Long.MIN_VALUE : bound.latestRight(time));
        }
        return latest;
    }

    long earliestRight(Row left) {
        long earliest = Long.MIN_VALUE;
        for (Bound bound : bounds) {
            long time = time(bound, left);
            earliest = Math.max(earliest, time == NOWHERE ? Long.MAX_VALUE : bound.earliestRight(time));
        }
        return earliest;
    }

    /// The last time of a row of the left that can be a partner.
    long latestLeft(Row right) {
        long latest = Long.MAX_VALUE;
        for (Bound bound : bounds) {
            long time = bound.latestLeft(right.ticks());
            latest = Math.min(latest, bound.isOfRow || time == Long.MAX_VALUE ? time : time + delay);
        }
        return latest;
    }

    long earliestLeft(Row right) {
        long earliest = Long.MIN_VALUE;
        for (Bound bound : bounds) {
            earliest = Math.max(earliest, bound.earliestLeft(right.ticks()));
        }
        return earliest;
    }

    /// The time of a row of the left that found no partner: its own plus the upper bound, and no earlier than its own.
    long unmatchedAt(Row left) {
        long at = Long.MAX_VALUE;
        for (Bound bound : bounds) {
            long time = time(bound, left);
            if (time == NOWHERE) {
                return left.ticks();
            }
            if (bound.high != Long.MAX_VALUE) {
                at = Math.min(at, time + bound.high * bound.unit);
            }
        }
        return Math.max(left.ticks(), at == Long.MAX_VALUE ? left.ticks() : at);
    }

    /// How far a row without partner may be behind the watermark that lets it go.
    long lag() {
        long lag = 0;
        for (Bound bound : bounds) {
            lag = Math.max(lag, bound.unit);
        }
        return lag;
    }
}
