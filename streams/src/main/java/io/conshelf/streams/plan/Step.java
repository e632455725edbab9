package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.query.Span;
import java.io.Serializable;
import java.util.List;

/// A step of a plan. What it reads are ids of steps before it. See [io.conshelf.streams.value.Row] for what flows between steps.
public sealed interface Step extends Serializable {
    /// Where rows of a step are kept apart: by the values of these expressions, each group with a time of its own. Empty: not apart.
    ///
    /// `PARTITION BY` makes time and windows run apart; `TIMESTAMP BY … OVER` gives every key its own watermark.
    record Partitioning(List<Expression> keys) implements Serializable {
        public static final Partitioning NONE = new Partitioning(List.of());

        public Partitioning {
            keys = List.copyOf(keys);
        }
    }

    /// The events of a stream input, in the order of their time: the ordering policies are applied before. One slot.
    ///
    /// @param input as the job's definition spells it
    record Source(String input, List<DeclaredColumn> schema, EventTime time, Partitioning partitioning, Span span) implements Step {
        public Source {
            schema = List.copyOf(schema);
        }
    }

    /// A column of CREATE TABLE.
    record DeclaredColumn(String name, Type type) implements Serializable {}

    sealed interface EventTime extends Serializable {
        /// When the input got it.
        record Arrival() implements EventTime {}

        /// TIMESTAMP BY.
        ///
        /// @param value over the event as slot 0
        /// @param over  the keys of substreams, each with its own watermark; empty without OVER
        record By(Expression value, List<Expression> over) implements EventTime {
            public By {
                over = List.copyOf(over);
            }
        }
    }

    /// Reference data: an input's snapshot, or one computed from it by steps over reference data alone. It has no time and gives no rows by itself;
    /// [ReferenceJoin] reads it whole. `Filter`, `Project`, `Union` and `ReferenceJoin` may stand between it and the join.
    record Reference(String input, List<DeclaredColumn> schema, Span span) implements Step {
        public Reference {
            schema = List.copyOf(schema);
        }
    }

    record Filter(int from, Expression predicate) implements Step {}

    /// Makes one record of each row: one slot. A column whose name (whatever the case) is there already is left out.
    record Project(int from, List<Item> items) implements Step {
        public Project {
            items = List.copyOf(items);
        }
    }

    sealed interface Item extends Serializable {
        record Named(String name, Expression value) implements Item {}

        /// All fields of a record.
        record All(Expression of) implements Item {}
    }

    /// Appends computed slots to the row.
    record Extend(int from, List<Expression> values) implements Step {
        public Extend {
            values = List.copyOf(values);
        }
    }

    /// Two streams, joined in time. The slots of the left row, then of the right; a left row without partner has NULL in the slots of the right. The time
    /// of a pair is the later one; a left row without partner comes when no partner is possible any more, at its time plus the upper bound.
    ///
    /// @param bounds      every DATEDIFF condition between a slot of the left and one of the right; all must hold
    /// @param equal       keys that must be equal, over the left row and over the right row by itself
    /// @param residual    over the joined row; [Expression#TRUE] where nothing else is asked
    /// @param rightSlots  how many slots a row of the right has
    record StreamJoin(int left, int right, JoinKind kind, List<TimeBound> bounds, List<EqualKey> equal, Expression residual, int rightSlots,
            Partitioning partitioning) implements Step {
        public StreamJoin {
            bounds = List.copyOf(bounds);
            equal = List.copyOf(equal);
        }
    }

    enum JoinKind { INNER, LEFT }

    /// @param right over a row of the right alone
    record EqualKey(Expression left, Expression right) implements Serializable {}

    /// `low <= DATEDIFF(unit, left's time, right's time) <= high`, which counts the borders of units that are crossed.
    ///
    /// @param leftTime of the event that is bounded, over the left row: of several joined events each has its own time, and the row has the latest.
    ///                 NULL where a LEFT JOIN found no such event: then nothing is within the bound
    /// @param low      `Long.MIN_VALUE` where another bound sets it
    /// @param high     `Long.MAX_VALUE` where another bound sets it
    record TimeBound(TimeUnit unit, Expression leftTime, long low, long high) implements Serializable {}

    /// Joins reference data as it was at the row's time. Slots as in [StreamJoin].
    record ReferenceJoin(int left, int reference, JoinKind kind, List<EqualKey> equal, Expression residual, int rightSlots) implements Step {
        public ReferenceJoin {
            equal = List.copyOf(equal);
        }
    }

    /// CROSS or OUTER APPLY: appends a slot, a record of ArrayIndex and ArrayValue, or of PropertyName and PropertyValue.
    record Apply(int from, ApplyFunction function, Expression argument, ApplyKind kind, Span span) implements Step {}

    enum ApplyFunction { ARRAY_ELEMENTS, RECORD_PROPERTIES }

    enum ApplyKind { CROSS, OUTER }

    /// Appends a slot for each analytic call, computed on the raw rows of FROM.
    record Analytics(int from, List<AnalyticCall> calls, Partitioning partitioning) implements Step {
        public Analytics {
            calls = List.copyOf(calls);
        }
    }

    /// GROUP BY: appends nothing, but replaces the row by its keys, its aggregates, and the window's id (a text, or NULL): `keys.size() +
    /// aggregates.size() + 1` slots. The time of the row is the end of the window. A group without rows gives no row.
    ///
    /// @param windows at least one
    record Aggregate(int from, List<Expression> keys, List<AggregateCall> aggregates, List<NamedWindow> windows, Partitioning partitioning)
            implements Step {
        public Aggregate {
            keys = List.copyOf(keys);
            aggregates = List.copyOf(aggregates);
            windows = List.copyOf(windows);
        }
    }

    /// @param id empty where it has none
    record NamedWindow(String id, Window window) implements Serializable {}

    /// MATCH_RECOGNIZE: one row a match, a record of the measures: one slot.
    record Match(int from, MatchPattern pattern, Partitioning partitioning) implements Step {}

    record Union(List<Integer> from) implements Step {
        public Union {
            from = List.copyOf(from);
        }
    }
}
