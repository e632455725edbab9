package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.operator.MatchProgram.Instruction;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// MATCH_RECOGNIZE. An attempt begins at each row and follows the ways through the pattern side by side, the preferred one first (more rows before fewer,
/// what stands first before what stands later). Of an attempt the match that no preferred way can replace any more is given out, at the time at which that
/// is certain: when the row comes that ends the other ways, or when the longest duration is over. No rows are kept, only what is read of them.
final class MatchOperator implements Operator<List<MatchOperator.Attempt>> {
    /// What is given up beyond them is told.
    ///
    /// @param ways     of an attempt that are followed at once; the least preferred are given up. Without conditions on what was matched before, a pattern
    ///                 needs no more than it has steps
    /// @param attempts under way for a key; the oldest is ended as if its duration were over
    /// @param allWays  those of all attempts of a key
    record Limits(int ways, int attempts, int allWays) {
        static final Limits DEFAULT = new Limits(1_000, 10_000, 100_000);
    }

    private static final Row NO_ROW = new Row(Long.MIN_VALUE, new Value[0]);

    private final List<Instruction> program;
    private final Map<String, Evaluator> conditions = new HashMap<>();
    private final MatchReads reads;
    private final Evaluator[] measures;
    private final Shape shape;
    private final long limit;
    private final Limits limits;
    private final Loss.Told told;

    MatchOperator(MatchPattern pattern, Evaluation evaluation, Limits limits, Loss.Told told) {
        this.limits = limits;
        this.told = told;
        this.program = MatchProgram.of(pattern.pattern());
        pattern.definitions().forEach(definition ->
                conditions.put(definition.name().toLowerCase(Locale.ROOT), evaluation.of(definition.condition())));
        this.reads = new MatchReads(pattern, evaluation);
        this.measures = pattern.measures().stream().map(measure -> evaluation.of(measure.value())).toArray(Evaluator[]::new);
        this.shape = Shape.of(pattern.measures().stream().map(MatchPattern.Measure::name).toList());
        this.limit = pattern.limit();
    }

    /// @param at    the instruction that waits for a row
    /// @param read  what was read of the rows matched so far
    record Way(int at, Value[] read) {}

    static final class Attempt {
        private long begin;
        private List<Way> ways = new ArrayList<>();
        /// The record of the measures of the best match so far, if there is one.
        private Value match = Value.Null.NULL;
    }

    @Override
    public List<Attempt> create() {
        return new ArrayList<>();
    }

    @Override
    public void row(List<Attempt> state, int input, Row row, Emit out) {
        time(state, row.ticks() - 1, out);
        Attempt begun = new Attempt();
        begun.begin = row.ticks();
        new Following(begun, NO_ROW).follow(0, reads.nothing());
        state.add(begun);
        Map<Object, Boolean> verdicts = new HashMap<>();
        for (Iterator<Attempt> attempts = state.iterator(); attempts.hasNext();) {
            Attempt attempt = attempts.next();
            take(attempt, row, verdicts);
            if (attempt.ways.isEmpty()) {
                attempts.remove();
                emit(attempt, row.ticks(), out);
            }
        }
        int ways = 0;
        for (Attempt attempt : state) {
            ways += attempt.ways.size();
        }
        while (state.size() > limits.attempts() || ways > limits.allWays()) {
            Attempt oldest = state.removeFirst();
            ways -= oldest.ways.size();
            told.lost(Loss.ATTEMPTS, row);
            emit(oldest, row.ticks(), out);
        }
    }

    /// Takes the row on all ways that can take it. What stands behind a match is less preferred than it.
    ///
    /// @param verdicts whether the row can be taken, by [MatchReads#deciding]: attempts that differ in nothing else are not asked one by one
    private void take(Attempt attempt, Row row, Map<Object, Boolean> verdicts) {
        List<Way> ways = attempt.ways;
        attempt.ways = new ArrayList<>(ways.size());
        Following following = new Following(attempt, row);
        for (Way way : ways) {
            Optional<Value[]> read = taken(way, row, verdicts);
            if (read.isPresent() && attempt.ways.size() >= limits.ways()) {
                told.lost(Loss.WAYS, row);
                break;
            }
            if (read.isPresent() && following.follow(way.at + 1, read.get())) {
                break;
            }
        }
    }

    /// What is read when the way takes the row, if it can.
    private Optional<Value[]> taken(Way way, Row row, Map<Object, Boolean> verdicts) {
        return switch (program.get(way.at)) {
            case Instruction.TakeAny _ -> Optional.of(reads.taken(way.read, "", row));
            case Instruction.Take(String name) -> {
                Object deciding = reads.deciding(way.at, way.read);
                Boolean known = verdicts.get(deciding);
                if (known != null && !known) {
                    yield Optional.empty();
                }
                Value[] with = reads.taken(way.read, name, row);
                if (known == null) {
                    known = condition(name).holds(reads.row(row, with));
                    verdicts.put(deciding, known);
                }
                yield known ? Optional.of(with) : Optional.empty();
            }
            case Instruction.Fork _, Instruction.Accept _ -> throw new IllegalStateException("no way waits at " + way.at);
        };
    }

    /// A name that is not defined may be any row.
    private Evaluator condition(String name) {
        return conditions.getOrDefault(name.toLowerCase(Locale.ROOT), _ -> new Value.Bit(true));
    }

    /// Goes on to where the next row is waited for. A place that a preferred way has reached, having read the same, is not gone to again.
    private final class Following {
        private final Attempt attempt;
        private final Row last;
        private final Set<Object> reached = new HashSet<>();

        /// @param last the row that was taken
        Following(Attempt attempt, Row last) {
            this.attempt = attempt;
            this.last = last;
        }

        /// @return whether the pattern is matched: ways after it are not preferred to it
        boolean follow(int at, Value[] read) {
            if (!reached.add(reads.deciding(at, read))) {
                return false;
            }
            return switch (program.get(at)) {
                case Instruction.Fork(int preferred, int other) -> follow(preferred, read) || follow(other, read);
                case Instruction.Take _, Instruction.TakeAny _ -> {
                    attempt.ways.add(new Way(at, read));
                    yield false;
                }
                case Instruction.Accept _ -> {
                    // no row is no match
                    if (last != NO_ROW) {
                        attempt.match = new Value.Record(shape, StepKeys.values(measures, reads.row(last, read)));
                    }
                    yield last != NO_ROW;
                }
            };
        }
    }

    private static void emit(Attempt attempt, long ticks, Emit out) {
        if (attempt.match instanceof Value.Record match) {
            out.row(Row.event(ticks, match));
        }
    }

    @Override
    public long next(List<Attempt> state) {
        return state.isEmpty() ? NEVER : state.getFirst().begin + limit;
    }

    @Override
    public void time(List<Attempt> state, long watermark, Emit out) {
        while (!state.isEmpty() && next(state) <= watermark) {
            long end = next(state);
            emit(state.removeFirst(), end, out);
        }
    }

    @Override
    public boolean isEmpty(List<Attempt> state) {
        return state.isEmpty();
    }

    @Override
    public void write(List<Attempt> state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.size(), out);
        for (Attempt attempt : state) {
            out.writeLong(attempt.begin);
            BinaryValues.write(attempt.match, out);
            BinaryValues.writeCount(attempt.ways.size(), out);
            for (Way way : attempt.ways) {
                BinaryValues.writeCount(way.at, out);
                BinaryValues.writeAll(way.read, out);
            }
        }
    }

    @Override
    public List<Attempt> read(DataInput in) throws IOException {
        List<Attempt> state = create();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Attempt attempt = new Attempt();
            attempt.begin = in.readLong();
            attempt.match = BinaryValues.read(in);
            for (int ways = BinaryValues.readCount(in); ways > 0; ways--) {
                attempt.ways.add(new Way(BinaryValues.readCount(in), BinaryValues.readAll(in)));
            }
            state.add(attempt);
        }
        return state;
    }
}
