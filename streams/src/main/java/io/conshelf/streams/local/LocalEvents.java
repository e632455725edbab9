package io.conshelf.streams.local;

import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.value.Value;
import java.util.List;

/// The events of an input of a local run, in the order in which they arrived.
///
/// @param arrivals whether the events tell when they arrived. Events of a file do not: then all have the time of the run, and none is late or early
public record LocalEvents(Arrivals arrivals, List<Arrived> events) {
    public LocalEvents {
        events = List.copyOf(events);
    }

    /// @param arrivalTicks when the input got it
    public record Arrived(Value.Record event, long arrivalTicks) {}

    /// Those of a file.
    ///
    /// @param runTicks the time of the run
    public static LocalEvents ofFile(List<Value.Record> events, long runTicks) {
        return new LocalEvents(Arrivals.UNKNOWN, events.stream().map(event -> new Arrived(event, runTicks)).toList());
    }
}
