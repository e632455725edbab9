package io.conshelf.streams.value;

import java.io.Serializable;
import java.util.Arrays;

/// What flows between the steps of a plan: an event, or events joined, or what was computed from them.
///
/// The first slots are the events of the sources in FROM, in their order; steps append what they compute. An event by itself is a row of one slot, a record.
///
/// @param ticks the time of the row, `System.Timestamp()`: ticks of 100 ns since 0001-01-01, UTC
/// @param slots never changed once the row is made
public record Row(long ticks, Value[] slots) implements Serializable {
    public static Row event(long ticks, Value.Record event) {
        return new Row(ticks, new Value[] {event});
    }

    /// The event of a row of one slot.
    public Value.Record event() {
        return (Value.Record) slots[0];
    }

    public Row with(Value... appended) {
        Value[] all = Arrays.copyOf(slots, slots.length + appended.length);
        System.arraycopy(appended, 0, all, slots.length, appended.length);
        return new Row(ticks, all);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row that && ticks == that.ticks && Arrays.equals(slots, that.slots);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(ticks) * 31 + Arrays.hashCode(slots);
    }

    @Override
    public String toString() {
        return Ticks.text(ticks) + " " + Arrays.toString(slots);
    }
}
