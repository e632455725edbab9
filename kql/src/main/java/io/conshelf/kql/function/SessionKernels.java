package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.Interruption;
import java.util.List;

/// Where the sessions of `row_window_session()` begin. DuckDB hands rows to Java functions in no order and at most 2,048 together, so
/// the rows come as texts, a block of them at a time, and what is known behind a block is a text too.
///
/// In the text of a block the rows stand with commas between them. A row is `!` where it restarts, then its moment in ticks
/// unless that is null, then, where they are not the same for all, `:` with the distance from the first and `:` with that between
/// neighbours, without a number where that is null.
final class SessionKernels {
    /// Between what is known behind one block and the next.
    static final char NEXT_STATE = ';';
    static final char BEGINS = '1';
    static final char GOES_ON = '0';

    private static final char RESTARTS = '!';
    private static final char NEXT_NUMBER = ':';
    private static final int ROWS_BETWEEN_LOOKS = 1 << 12;

    /// No two moments are so far from each other.
    private static final long NEVER = Long.MAX_VALUE;

    static final List<Kernel> ALL = List.of(
            // kql_session_states(states, block, distance from the first, between neighbours): the states, then the one behind the block.
            kernelWithNulls("kql_session_states", STRING, (in, row, out) -> {
                String states = in.text(0, row);
                var sessions = new SessionKernels(states.substring(states.lastIndexOf(NEXT_STATE) + 1));
                sessions.starts(in.text(1, row), distance(in, 2, row), distance(in, 3, row));
                out.text(row, states + NEXT_STATE + sessions.state());
            }, STRING, STRING, LONG, LONG),
            // kql_session_starts(state, block, …): a character a row, by which rows begin sessions.
            kernelWithNulls("kql_session_starts", STRING, (in, row, out) ->
                    out.text(row, new SessionKernels(in.text(0, row)).starts(in.text(1, row), distance(in, 2, row), distance(in, 3, row))),
                    STRING, STRING, LONG, LONG));

    private boolean isOpen;
    private long begin;
    private long last;
    private String block = "";
    private int at;

    /// @param state what is known behind the rows before, nothing before the first
    SessionKernels(String state) {
        int between = state.indexOf(NEXT_NUMBER);
        isOpen = between >= 0;
        if (isOpen) {
            begin = Long.parseLong(state, 0, between, 10);
            last = Long.parseLong(state, between + 1, state.length(), 10);
        }
    }

    String state() {
        return isOpen ? begin + String.valueOf(NEXT_NUMBER) + last : "";
    }

    /// Takes the rows of a block, which has at least one: a row without a moment may be an empty text.
    String starts(String rows, long fromFirst, long betweenNeighbors) {
        block = rows;
        at = 0;
        var starts = new StringBuilder();
        while (true) {
            starts.append(takesRow(fromFirst, betweenNeighbors) ? BEGINS : GOES_ON);
            if (starts.length() % ROWS_BETWEEN_LOOKS == 0) {
                Interruption.look();
            }
            if (at == block.length()) {
                return starts.toString();
            }
            at++;
        }
    }

    private boolean takesRow(long fromFirst, long betweenNeighbors) {
        boolean restarts = skips(RESTARTS);
        boolean hasMoment = isAtNumber();
        long moment = hasMoment ? number() : 0;
        boolean hasOwn = skips(NEXT_NUMBER);
        long ownFromFirst = hasOwn ? numberOrNever() : fromFirst;
        long ownBetween = hasOwn && skips(NEXT_NUMBER) ? numberOrNever() : betweenNeighbors;
        boolean begins = !hasMoment || !isOpen || restarts || moment - begin >= ownFromFirst || moment - last >= ownBetween;
        if (begins) {
            begin = moment;
        }
        last = moment;
        isOpen = hasMoment;
        return begins;
    }

    private boolean skips(char c) {
        boolean isThere = at < block.length() && block.charAt(at) == c;
        if (isThere) {
            at++;
        }
        return isThere;
    }

    private boolean isAtNumber() {
        if (at == block.length()) {
            return false;
        }
        char c = block.charAt(at);
        return c >= '0' && c <= '9' || c == '-';
    }

    private long numberOrNever() {
        return isAtNumber() ? number() : NEVER;
    }

    private long number() {
        int from = at;
        while (isAtNumber()) {
            at++;
        }
        return Long.parseLong(block, from, at, 10);
    }

    private static long distance(Chunk in, int argument, int row) {
        return in.isNull(argument, row) ? NEVER : in.int64(argument, row);
    }
}
