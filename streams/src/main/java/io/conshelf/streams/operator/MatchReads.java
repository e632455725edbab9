package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.operator.MatchCell.Part;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.plan.MatchPattern.Read;
import io.conshelf.streams.plan.MatchPattern.ReadFunction;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What conditions and measures read of the rows that a match has taken: a value for each, kept up row by row.
final class MatchReads {
    private final List<Read> reads;
    private final Evaluator[] values;
    private final int[] deciding;
    private final boolean[] isDeciding;
    private final Evaluator isLess;

    MatchReads(MatchPattern pattern, Evaluation evaluation) {
        this.reads = pattern.reads();
        this.deciding = pattern.definitions().stream().flatMap(definition -> ReadSlots.of(definition.condition()).stream())
                .filter(slot -> slot > 0).mapToInt(slot -> slot - 1).distinct().toArray();
        this.isDeciding = new boolean[reads.size()];
        Arrays.stream(deciding).forEach(index -> isDeciding[index] = true);
        this.values = reads.stream().map(read -> evaluation.of(read.value())).toArray(Evaluator[]::new);
        this.isLess = evaluation.of(new Expression.Binary(Expression.BinaryOperator.LESS, new Expression.Slot(0, Span.NONE),
                new Expression.Slot(1, Span.NONE), Span.NONE));
    }

    /// Tells ways apart that may take other rows: by the instruction, and those of the values that conditions read. What else was read changes nothing.
    Object deciding(int at, MatchCell[] cells) {
        if (deciding.length == 0) {
            return at;
        }
        List<Object> all = new ArrayList<>(1 + deciding.length);
        all.add(at);
        for (int index : deciding) {
            all.add(cells[index]);
        }
        return all;
    }

    /// What ways of several attempts have in common where those can go on as one: what decides, and the kinds of what their rows are compared with.
    Object alike(int at, MatchCell[] cells) {
        List<Object> all = new ArrayList<>();
        all.add(deciding(at, cells));
        for (int i = 0; i < cells.length; i++) {
            if (!isDeciding[i]) {
                all.add(kind(i, cells[i]));
            }
        }
        return all;
    }

    private Object kind(int index, MatchCell cell) {
        return switch (cell) {
            case MatchCell.Fixed(Value value) -> kind(reads.get(index).function(), value);
            case MatchCell.Own(Object kind) -> kind;
            case MatchCell.Extreme(Object kind, _) -> kind;
            case MatchCell.Names _ -> Kind.ANY;
        };
    }

    private enum Kind { ANY, NOTHING, SOMETHING }

    /// Values of one kind have one order, by which the lesser of several is the same whichever are compared first.
    private static Object kind(ReadFunction function, Value value) {
        return switch (function) {
            case LAST, CLASSIFIER -> Kind.ANY;
            case FIRST -> value == Null.NULL ? Kind.NOTHING : Kind.SOMETHING;
            case MIN, MAX -> switch (value) {
                case Null _ -> Kind.NOTHING;
                case Value.BigInt _, Value.Text _, Value.DateTime _ -> value.getClass();
                case Value.FloatingPoint(double number) when !Double.isNaN(number) -> value.getClass();
                // of a kind of its own
                case Value.FloatingPoint _, Value.Bit _, Value.Record _, Value.Array _ -> new Object();
            };
        };
    }

    MatchCell[] nothing() {
        return cells(Collections.nCopies(values.length, (Value) Null.NULL).toArray(Value[]::new));
    }

    /// Of one attempt.
    MatchCell[] cells(Value[] read) {
        MatchCell[] cells = new MatchCell[read.length];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = isDeciding[i] || reads.get(i).function() != ReadFunction.CLASSIFIER ? new MatchCell.Fixed(read[i])
                    : new MatchCell.Names(true, read[i] instanceof Value.Array(List<Value> names) ? new Part.Some(names) : Part.None.NONE);
        }
        return cells;
    }

    /// What is known of them all; null where each attempt has its own.
    Value[] values(MatchCell[] cells) {
        Value[] values = new Value[cells.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (cells[i]) {
                case MatchCell.Fixed(Value value) -> value;
                case MatchCell.Names(boolean isWhole, Part names) when isWhole && !(names instanceof Part.None) -> new Value.Array(names.all());
                case MatchCell.Names _, MatchCell.Own _, MatchCell.Extreme _ -> Null.NULL;
            };
        }
        return values;
    }

    /// Of ways that are alike, as a run above them has it.
    MatchCell[] together(List<MatchCell[]> ways) {
        MatchCell[] first = ways.getFirst();
        MatchCell[] together = new MatchCell[first.length];
        for (int i = 0; i < together.length; i++) {
            int index = i;
            together[i] = switch (first[i]) {
                case MatchCell.Names _ -> new MatchCell.Names(false, Part.None.NONE);
                case MatchCell.Fixed(Value value) when isDeciding[index] || ways.stream().allMatch(way -> way[index] instanceof MatchCell.Fixed(Value other)
                        && isSame(value, other)) -> first[i];
                case MatchCell.Fixed _, MatchCell.Own _, MatchCell.Extreme _ -> new MatchCell.Own(kind(i, first[i]));
            };
        }
        return together;
    }

    /// Values that are large are not looked through.
    private static boolean isSame(Value one, Value other) {
        return one == other || !(one instanceof Value.Record) && !(one instanceof Value.Array) && one.equals(other);
    }

    /// @param below what they were before
    MatchCell[] after(MatchCell[] cells, MatchCell[] below) {
        MatchCell[] after = new MatchCell[cells.length];
        for (int i = 0; i < after.length; i++) {
            after[i] = switch (cells[i]) {
                case MatchCell.Fixed fixed -> fixed;
                case MatchCell.Own _ -> below[i];
                case MatchCell.Extreme(_, Value of) -> further(i, below[i], of).orElseThrow();
                case MatchCell.Names names when names.isWhole() -> names;
                case MatchCell.Names(_, Part names) -> {
                    MatchCell.Names before = (MatchCell.Names) below[i];
                    yield new MatchCell.Names(before.isWhole(), Part.of(before.names(), names));
                }
            };
        }
        return after;
    }

    /// With a row taken as this name.
    ///
    /// @param name empty for a row that may be any
    /// @return empty where attempts that have read values of their own read one of another kind now
    Optional<MatchCell[]> taken(MatchCell[] before, String name, Row row) {
        MatchCell[] after = before.clone();
        for (int i = 0; i < after.length; i++) {
            Read read = reads.get(i);
            if (read.function() == ReadFunction.CLASSIFIER) {
                after[i] = classified(before[i], name.isEmpty() ? "." : name);
            } else if (read.name().equalsIgnoreCase(name)) {
                Optional<MatchCell> further = further(i, before[i], values[i].value(row));
                if (further.isEmpty()) {
                    return Optional.empty();
                }
                after[i] = further.get();
            }
        }
        return Optional.of(after);
    }

    /// The same of what conditions read alone, which is all that they need.
    MatchCell[] decidingTaken(MatchCell[] before, String name, Row row) {
        MatchCell[] after = before.clone();
        for (int i : deciding) {
            Read read = reads.get(i);
            if (read.function() == ReadFunction.CLASSIFIER) {
                after[i] = classified(before[i], name.isEmpty() ? "." : name);
            } else if (read.name().equalsIgnoreCase(name)) {
                after[i] = further(i, before[i], values[i].value(row)).orElseThrow();
            }
        }
        return after;
    }

    private static MatchCell classified(MatchCell before, String name) {
        Value.Text named = new Value.Text(name);
        return switch (before) {
            case MatchCell.Names(boolean isWhole, Part names) -> new MatchCell.Names(isWhole, Part.of(names, new Part.Some(List.of(named))));
            case MatchCell.Fixed(Value value) -> {
                List<Value> names = value instanceof Value.Array(List<Value> elements) ? new ArrayList<>(elements) : new ArrayList<>();
                names.add(named);
                yield new MatchCell.Fixed(new Value.Array(names));
            }
            case MatchCell.Own _, MatchCell.Extreme _ -> throw new IllegalStateException("names are no values of each attempt");
        };
    }

    private Optional<MatchCell> further(int index, MatchCell before, Value now) {
        ReadFunction function = reads.get(index).function();
        return switch (before) {
            case MatchCell.Fixed(Value value) -> Optional.of(new MatchCell.Fixed(read(function, value, now)));
            case MatchCell.Own(Object kind) -> switch (function) {
                case LAST -> Optional.of(new MatchCell.Fixed(now));
                // theirs is none that is null
                case FIRST -> Optional.of(before);
                case MIN, MAX -> now == Null.NULL ? Optional.of(before) : kind(function, now).equals(kind) ? Optional.of(new MatchCell.Extreme(kind, now)) : Optional.empty();
                case CLASSIFIER -> throw new IllegalStateException("names are no values of each attempt");
            };
            case MatchCell.Extreme(Object kind, Value of) -> now == Null.NULL ? Optional.of(before)
                    : kind(function, now).equals(kind) ? Optional.of(new MatchCell.Extreme(kind, read(function, of, now))) : Optional.empty();
            case MatchCell.Names _ -> throw new IllegalStateException("names are no values of each attempt");
        };
    }

    private Value read(ReadFunction function, Value before, Value now) {
        return switch (function) {
            case FIRST -> before == Null.NULL ? now : before;
            case LAST -> now;
            case MIN -> now != Null.NULL && (before == Null.NULL || isLess(now, before)) ? now : before;
            case MAX -> now != Null.NULL && (before == Null.NULL || isLess(before, now)) ? now : before;
            case CLASSIFIER -> before;
        };
    }

    private boolean isLess(Value one, Value other) {
        return isLess.holds(new Row(0, new Value[] {one, other}));
    }

    /// The row that conditions and measures are evaluated on: the event, then what was read.
    Row row(Row row, Value[] read) {
        Value[] slots = new Value[1 + read.length];
        slots[0] = row.slots()[0];
        System.arraycopy(read, 0, slots, 1, read.length);
        return new Row(row.ticks(), slots);
    }
}
