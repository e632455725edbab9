package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Key;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.Arrays;
import java.util.List;

/// What flows between the tasks of a job whose substreams have their own times: rows that carry the key of their substream behind their slots, and marks, which
/// say that no row of a substream at or before a time comes from a sender any more.
///
/// Flink knows one time of an operator, so these travel among the rows. A record goes to one task, so a mark is sent once for each that may be there.
final class InBand {
    private InBand() {}

    static Value.Array substream(Key key) {
        return new Value.Array(List.of(key.values()));
    }

    static Row row(Row bare, Value.Array substream) {
        return bare.with(substream);
    }

    static Row bare(Row row) {
        return new Row(row.ticks(), Arrays.copyOf(row.slots(), row.slots().length - 1));
    }

    /// @param arrival of the events that tell it: the latest
    /// @param sender  of those that one step or input has
    /// @param to      the task that it is for
    static Row mark(Value.Array substream, long time, long arrival, String sender, int to) {
        return new Row(time, new Value[] {substream, new Value.Text(sender), new Value.BigInt(arrival), new Value.BigInt(to)});
    }

    /// Nothing comes from the sender any more.
    static Row over(String sender, int to) {
        return mark(Value.Array.EMPTY, Long.MAX_VALUE, Long.MAX_VALUE, sender, to);
    }

    /// The mark as that of a sender in a branch.
    static Row of(int branch, Row mark) {
        Value[] slots = mark.slots().clone();
        slots[1] = new Value.Text(Senders.named(branch, sender(mark)));
        return new Row(mark.ticks(), slots);
    }

    /// Rows end with their substream.
    static boolean isMark(Row element) {
        return element.slots()[element.slots().length - 1] instanceof Value.BigInt;
    }

    static Value.Array substream(Row element) {
        return (Value.Array) element.slots()[isMark(element) ? 0 : element.slots().length - 1];
    }

    static String sender(Row mark) {
        return ((Value.Text) mark.slots()[1]).value();
    }

    static long arrival(Row mark) {
        return ((Value.BigInt) mark.slots()[2]).value();
    }

    static boolean isOver(Row mark) {
        return substream(mark).elements().isEmpty();
    }

    static int to(Row mark) {
        return (int) ((Value.BigInt) mark.slots()[3]).value();
    }
}
