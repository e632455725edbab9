package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.operator.MatchProgram.Instruction;
import io.conshelf.streams.operator.MatchRun.Attempt;
import io.conshelf.streams.operator.MatchRun.Match;
import io.conshelf.streams.operator.MatchRun.Way;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// MATCH_RECOGNIZE. An attempt begins at each row and follows the ways through the pattern side by side, the preferred one first (more rows before fewer,
/// what stands first before what stands later). Of an attempt the match that no preferred way can replace any more is given out, at the time at which that
/// is certain: when the row comes that ends the other ways, or when the longest duration is over. No rows are kept, only what is read of them.
///
/// There may be an attempt for each row of the longest duration, so attempts that no condition can tell apart any more go on as one ([MatchRun]).
final class MatchOperator implements Operator<MatchOperator.Attempts> {
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

    static final class Attempts {
        /// In the order in which they began; those that are over are passed over.
        private final ArrayDeque<Attempt> begun = new ArrayDeque<>();
        private List<MatchRun> runs = new ArrayList<>();
        private int underWay;
        private long number;

        /// How many ways attempts go.
        int runs() {
            return runs.size();
        }

        private Attempt begin(long ticks) {
            Attempt attempt = new Attempt(number++, ticks);
            begun.add(attempt);
            underWay++;
            return attempt;
        }

        private void end(Attempt attempt) {
            attempt.isOver = true;
            underWay--;
            while (!begun.isEmpty() && begun.peekFirst().isOver) {
                begun.removeFirst();
            }
        }
    }

    @Override
    public Attempts create() {
        return new Attempts();
    }

    @Override
    public void row(Attempts state, int input, Row row, Emit out) {
        time(state, row.ticks() - 1, out);
        MatchRun begun = MatchRun.of(state.begin(row.ticks()), List.of());
        Following following = new Following(NO_ROW);
        following.follow(0, 0, reads.nothing());
        begun.ways = following.ways;
        state.runs.add(begun);
        List<MatchRun> going = new ArrayList<>();
        List<MatchRun> ended = new ArrayList<>();
        Map<Object, Boolean> verdicts = new HashMap<>();
        for (MatchRun run : state.runs) {
            for (MatchRun taking : taking(run, row, verdicts)) {
                (taking.ways.isEmpty() ? ended : going).add(taking);
            }
        }
        state.runs = going;
        ended.stream().flatMap(run -> run.members().stream()).sorted(Comparator.comparingLong(attempt -> attempt.number)).forEach(attempt -> {
            state.end(attempt);
            emit(attempt, row.ticks(), out);
        });
        long ways = 0;
        for (MatchRun run : going) {
            ways += (long) run.attempts * run.ways.size();
        }
        while (state.underWay > limits.attempts() || ways > limits.allWays()) {
            ways -= MatchRun.of(state.begun.getFirst(), reads).ways.size();
            told.lost(Loss.ATTEMPTS, row);
            endOldest(state, row.ticks(), out);
        }
        meet(state);
    }

    private void endOldest(Attempts state, long ticks, Emit out) {
        Attempt oldest = state.begun.getFirst();
        MatchRun run = MatchRun.of(oldest, reads);
        state.end(oldest);
        run.left();
        if (run.attempts == 0) {
            state.runs.remove(run);
        }
        emit(oldest, ticks, out);
    }

    /// Those that have come to be alike go on as one.
    private void meet(Attempts state) {
        if (state.runs.size() < 2) {
            return;
        }
        Map<Object, List<MatchRun>> alike = new LinkedHashMap<>();
        for (MatchRun run : state.runs) {
            alike.computeIfAbsent(run.ways.stream().map(way -> reads.alike(way.at(), way.cells())).toList(), _ -> new ArrayList<>(1)).add(run);
        }
        if (alike.size() < state.runs.size()) {
            state.runs = new ArrayList<>(alike.values().stream().map(met -> met.size() == 1 ? met.getFirst() : MatchRun.above(met, reads)).toList());
        }
    }

    /// @return the run with the row taken; or its attempts, each by itself, where what it reads is of another kind than what they had read
    private List<MatchRun> taking(MatchRun run, Row row, Map<Object, Boolean> verdicts) {
        if (take(run, row, verdicts)) {
            return List.of(run);
        }
        List<MatchRun> apart = new ArrayList<>();
        for (Attempt attempt : run.members()) {
            apart.add(apart(attempt));
        }
        apart.forEach(one -> take(one, row, verdicts));
        return apart;
    }

    private MatchRun apart(Attempt attempt) {
        MatchRun run = MatchRun.of(attempt, reads);
        List<MatchCell[]> read = run.read(attempt, reads);
        List<Way> ways = new ArrayList<>();
        for (int way = 0; way < read.size(); way++) {
            ways.add(new Way(run.ways.get(way).at(), 0, read.get(way)));
        }
        Match match = run.match(attempt, reads);
        MatchRun lone = MatchRun.of(attempt, ways);
        lone.match = match;
        return lone;
    }

    /// Takes the row on all ways that can take it. What stands behind a match is less preferred than it.
    ///
    /// @param verdicts whether the row can be taken, by [MatchReads#deciding]: ways that differ in nothing else are not asked one by one
    /// @return whether all attempts of the run have taken it alike; where not, nothing has changed
    private boolean take(MatchRun run, Row row, Map<Object, Boolean> verdicts) {
        Following following = new Following(row);
        boolean isTooMany = false;
        for (Way way : run.ways) {
            Instruction waiting = program.get(way.at());
            if (!mayTake(waiting, way, row, verdicts)) {
                continue;
            }
            if (following.ways.size() >= limits.ways()) {
                isTooMany = true;
                break;
            }
            Optional<MatchCell[]> read = reads.taken(way.cells(), waiting instanceof Instruction.Take(String name) ? name : "", row);
            if (read.isEmpty()) {
                return false;
            }
            if (following.follow(way.at() + 1, way.from(), read.get())) {
                break;
            }
        }
        if (isTooMany) {
            for (int i = 0; i < run.attempts; i++) {
                told.lost(Loss.WAYS, row);
            }
        }
        run.ways = following.ways;
        following.found.ifPresent(match -> run.match = match);
        return true;
    }

    private boolean mayTake(Instruction waiting, Way way, Row row, Map<Object, Boolean> verdicts) {
        return switch (waiting) {
            case Instruction.TakeAny _ -> true;
            case Instruction.Take(String name) -> verdicts.computeIfAbsent(reads.deciding(way.at(), way.cells()),
                    _ -> condition(name).holds(reads.row(row, reads.values(reads.decidingTaken(way.cells(), name, row)))));
            case Instruction.Fork _, Instruction.Accept _ -> throw new IllegalStateException("no way waits at " + way.at());
        };
    }

    /// A name that is not defined may be any row.
    private Evaluator condition(String name) {
        return conditions.getOrDefault(name.toLowerCase(Locale.ROOT), _ -> new Value.Bit(true));
    }

    /// Goes on to where the next row is waited for. A place that a preferred way has reached, having read the same, is not gone to again.
    private final class Following {
        private final Row last;
        private final Set<Object> reached = new HashSet<>();
        private final List<Way> ways = new ArrayList<>();
        private Optional<Match> found = Optional.empty();

        /// @param last the row that was taken
        Following(Row last) {
            this.last = last;
        }

        /// @param from the way that is gone on, as the run below knows it
        /// @return whether the pattern is matched: ways after it are not preferred to it
        boolean follow(int at, int from, MatchCell[] cells) {
            if (!reached.add(reads.deciding(at, cells))) {
                return false;
            }
            return switch (program.get(at)) {
                case Instruction.Fork(int preferred, int other) -> follow(preferred, from, cells) || follow(other, from, cells);
                case Instruction.Take _, Instruction.TakeAny _ -> {
                    ways.add(new Way(at, from, cells));
                    yield false;
                }
                case Instruction.Accept _ -> {
                    // no row is no match
                    if (last != NO_ROW) {
                        found = Optional.of(new Match.Found(last, from, cells));
                    }
                    yield last != NO_ROW;
                }
            };
        }
    }

    private void emit(Attempt attempt, long ticks, Emit out) {
        if (record(attempt) instanceof Value.Record match) {
            out.row(Row.event(ticks, match));
        }
    }

    /// The measures of the best match so far; null where there is none.
    private Value record(Attempt attempt) {
        return switch (MatchRun.of(attempt, reads).match(attempt, reads)) {
            case Match.Found(Row last, _, MatchCell[] cells) -> new Value.Record(shape, StepKeys.values(measures, reads.row(last, reads.values(cells))));
            case Match.Made(Value.Record record) -> record;
            case Match.Known _ -> Value.Null.NULL;
        };
    }

    @Override
    public long next(Attempts state) {
        return state.begun.isEmpty() ? NEVER : state.begun.getFirst().begin + limit;
    }

    @Override
    public void time(Attempts state, long watermark, Emit out) {
        while (!state.begun.isEmpty() && next(state) <= watermark) {
            endOldest(state, next(state), out);
        }
    }

    @Override
    public boolean isEmpty(Attempts state) {
        return state.begun.isEmpty();
    }

    @Override
    public void write(Attempts state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.underWay, out);
        for (Attempt attempt : state.begun) {
            if (attempt.isOver) {
                continue;
            }
            MatchRun run = MatchRun.of(attempt, reads);
            List<MatchCell[]> read = run.read(attempt, reads);
            out.writeLong(attempt.begin);
            BinaryValues.write(record(attempt), out);
            BinaryValues.writeCount(read.size(), out);
            for (int way = 0; way < read.size(); way++) {
                BinaryValues.writeCount(run.ways.get(way).at(), out);
                BinaryValues.writeAll(reads.values(read.get(way)), out);
            }
        }
    }

    @Override
    public Attempts read(DataInput in) throws IOException {
        Attempts state = create();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Attempt attempt = state.begin(in.readLong());
            Value match = BinaryValues.read(in);
            List<Way> ways = new ArrayList<>();
            for (int left = BinaryValues.readCount(in); left > 0; left--) {
                ways.add(new Way(BinaryValues.readCount(in), 0, reads.cells(BinaryValues.readAll(in))));
            }
            MatchRun run = MatchRun.of(attempt, ways);
            run.match = match instanceof Value.Record record ? new Match.Made(record) : Match.Known.NONE;
            state.runs.add(run);
        }
        meet(state);
        return state;
    }
}
