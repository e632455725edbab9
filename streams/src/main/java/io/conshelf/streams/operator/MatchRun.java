package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;

/// Attempts of MATCH_RECOGNIZE that are at the same places of the pattern and that no condition can tell apart any more. They go on as one: what a row does to
/// them is done once, however many they are.
///
/// Where runs meet they get a run above them, and what they had read until then stays with them. So what an attempt has read is found on the way up from its
/// own run, which is made shorter whenever it is gone.
final class MatchRun {
    /// @param at    the instruction that waits for a row
    /// @param from  the way of the run below that it goes on
    /// @param cells what became of what that had read
    record Way(int at, int from, MatchCell[] cells) {}

    /// The best match so far.
    sealed interface Match {
        enum Known implements Match {
            NONE,
            /// What each had.
            OWN
        }

        /// @param last the row that was taken
        record Found(Row last, int from, MatchCell[] cells) implements Match {}

        /// Its measures.
        record Made(Value.Record record) implements Match {}
    }

    static final class Attempt {
        /// In the order in which they began.
        final long number;
        final long begin;
        MatchRun own;
        private Attempt next;
        boolean isOver;

        Attempt(long number, long begin) {
            this.number = number;
            this.begin = begin;
        }
    }

    List<Way> ways;
    Match match = Match.Known.NONE;
    private MatchRun above;
    private Attempt first;
    private Attempt last;
    /// Of attempts that are not over.
    int attempts;

    private MatchRun(List<Way> ways) {
        this.ways = ways;
    }

    /// Of one attempt alone: its cells are what it has read.
    static MatchRun of(Attempt attempt, List<Way> ways) {
        MatchRun run = new MatchRun(ways);
        attempt.own = run;
        attempt.next = null;
        run.first = attempt;
        run.last = attempt;
        run.attempts = 1;
        return run;
    }

    /// A run above these, whose ways are alike.
    static MatchRun above(List<MatchRun> met, MatchReads reads) {
        List<Way> ways = new ArrayList<>();
        for (int way = 0; way < met.getFirst().ways.size(); way++) {
            int at = way;
            ways.add(new Way(met.getFirst().ways.get(way).at, way, reads.together(met.stream().map(run -> run.ways.get(at).cells).toList())));
        }
        MatchRun run = new MatchRun(ways);
        run.match = met.stream().allMatch(one -> one.match == Match.Known.NONE) ? Match.Known.NONE : Match.Known.OWN;
        for (MatchRun one : met) {
            one.above = run;
            if (run.first == null) {
                run.first = one.first;
            } else {
                run.last.next = one.first;
            }
            run.last = one.last;
            run.attempts += one.attempts;
            one.first = null;
            one.last = null;
        }
        return run;
    }

    /// One of its attempts is over. The eldest are so first, and nothing holds on to them.
    void left() {
        attempts--;
        while (first != null && first.isOver) {
            first = first.next;
        }
    }

    /// Those that are not over.
    List<Attempt> members() {
        List<Attempt> members = new ArrayList<>(attempts);
        for (Attempt attempt = first; attempt != null; attempt = attempt.next) {
            if (!attempt.isOver) {
                members.add(attempt);
            }
        }
        return members;
    }

    /// The run that an attempt is in; its own is the next below afterwards, or that itself.
    static MatchRun of(Attempt attempt, MatchReads reads) {
        List<MatchRun> path = new ArrayList<>();
        for (MatchRun run = attempt.own; run != null; run = run.above) {
            path.add(run);
        }
        MatchRun top = path.getLast();
        for (int i = path.size() - 3; i >= 0; i--) {
            path.get(i).pass(path.get(i + 1), top, reads);
        }
        return top;
    }

    /// Takes over what the run above it did, which is the next below the top.
    private void pass(MatchRun over, MatchRun top, MatchReads reads) {
        List<Way> passed = new ArrayList<>(over.ways.size());
        for (Way way : over.ways) {
            passed.add(new Way(way.at, ways.get(way.from).from, reads.after(way.cells, ways.get(way.from).cells)));
        }
        match = switch (over.match) {
            case Match.Found(Row row, int from, MatchCell[] cells) -> new Match.Found(row, ways.get(from).from, reads.after(cells, ways.get(from).cells));
            case Match.Known.OWN -> match;
            case Match.Known.NONE -> Match.Known.NONE;
            case Match.Made made -> made;
        };
        ways = passed;
        above = top;
    }

    /// What an attempt of this run has read on each way.
    List<MatchCell[]> read(Attempt attempt, MatchReads reads) {
        List<MatchCell[]> read = new ArrayList<>();
        for (Way way : ways) {
            read.add(attempt.own == this ? way.cells : reads.after(way.cells, attempt.own.ways.get(way.from).cells));
        }
        return read;
    }

    /// Its best match, by what it has read.
    Match match(Attempt attempt, MatchReads reads) {
        if (attempt.own == this) {
            return match;
        }
        return switch (match) {
            case Match.Found(Row row, int from, MatchCell[] cells) -> new Match.Found(row, 0, reads.after(cells, attempt.own.ways.get(from).cells));
            case Match.Known.OWN -> attempt.own.match;
            case Match.Known.NONE -> Match.Known.NONE;
            case Match.Made made -> made;
        };
    }
}
