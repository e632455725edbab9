package io.conshelf.streams.input;

import io.conshelf.streams.format.AddedColumns;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Record;
import java.time.Instant;
import java.util.function.UnaryOperator;

/// Passes events on with the columns that their store adds and with the time of their arrival. Belongs to one thread.
final class ReadEvents implements EventSink {
    private final EventPartition.Events out;
    private UnaryOperator<Record> added = UnaryOperator.identity();
    private EventMetadata metadata = EventMetadata.NONE;
    private long number;
    private long arrivalTicks;
    private long count;

    ReadEvents(EventPartition.Events out) {
        this.out = out;
    }

    void of(long arrivalTicks, UnaryOperator<Record> added) {
        of(arrivalTicks, added, EventMetadata.NONE, 0);
    }

    /// @param number of the next event in its message or file
    void of(long arrivalTicks, UnaryOperator<Record> added, EventMetadata metadata, long number) {
        this.arrivalTicks = arrivalTicks;
        this.added = added;
        this.metadata = metadata;
        this.number = number;
    }

    @Override
    public void event(Record event) {
        count++;
        Record whole = added.apply(event);
        out.event(metadata == EventMetadata.NONE ? whole : whole.withMetadata(metadata.of(number++)), arrivalTicks);
    }

    @Override
    public void broken(DataError error) {
        out.broken(error);
    }

    /// How many events it has passed on.
    long count() {
        return count;
    }

    /// Those of Event Hubs: `EventProcessedUtcTime`, `PartitionId`, `EventEnqueuedUtcTime`.
    ///
    /// @param more what comes behind them
    static UnaryOperator<Record> hub(AddedColumns columns, Value partition, long enqueuedTicks, Value... more) {
        Value[] added = new Value[3 + more.length];
        added[0] = new DateTime(Ticks.of(Instant.now()));
        added[1] = partition;
        added[2] = new DateTime(enqueuedTicks);
        System.arraycopy(more, 0, added, 3, more.length);
        return event -> columns.to(event, added);
    }

    static Value partition(int number) {
        return new BigInt(number);
    }
}
