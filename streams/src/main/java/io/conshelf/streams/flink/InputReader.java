package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.flink.PartitionThread.Batch;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.input.EventPartition.Position;
import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/// Reads partitions of an input in one task, puts their events in order, and tells the time of all of them together.
final class InputReader implements SourceReader<Row, InputSplit> {
    private static final Duration STANDING = Duration.ofSeconds(10);

    private final InputSource source;
    private final SourceReaderContext context;
    private final RunCounters counters;
    private final EventOrdering ordering;
    private final String name;
    private final HeldRoom room;
    private final Runnable woken = this::arrived;
    private final Map<String, Reading> readings = new LinkedHashMap<>();
    /// Positions that checkpoints hold which are not complete yet.
    private final TreeMap<Long, Map<String, byte[]>> held = new TreeMap<>();
    private final AtomicReference<CompletableFuture<Void>> available = new AtomicReference<>(new CompletableFuture<>());
    private boolean isAssigned;
    private boolean isOver;
    private boolean isIdle;
    private long watermark = Long.MIN_VALUE;

    private static final class Reading {
        private final PartitionThread thread;
        private final PartitionOrder order;
        private final Value.Array substream;
        private final Start begin;
        /// Behind what was handled last.
        private Optional<Position> reached = Optional.empty();
        /// The time that was told of it as a substream.
        private long told = Long.MIN_VALUE;
        private boolean isHoldingUp;

        private Reading(PartitionThread thread, PartitionOrder order, Start begin) {
            this.thread = thread;
            this.order = order;
            this.begin = begin;
            this.substream = new Value.Array(List.of(new Value.Text(thread.partition)));
        }

        private Start at() {
            return reached.<Start>map(position -> new Start.At(position.bytes())).orElse(begin);
        }
    }

    InputReader(InputSource source, SourceReaderContext context) {
        this.source = source;
        this.context = context;
        int task = context.getIndexOfSubtask();
        this.counters = source.run().counters();
        this.name = source.step().input() + '#' + task;
        this.room = counters.room(source.group(), source.heldRowsMax());
        room.enter(woken);
        this.ordering = new EventOrdering(source.step(), source.policies(), source.input().tellsArrival() ? Arrivals.TOLD : Arrivals.UNKNOWN,
                Evaluation.in(source.context()), (problem, outcome, event, message) -> counters.error(DataError.of(source.step().input(), problem, outcome, event, message)));
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<InputSplit> splits) {
        for (InputSplit split : splits) {
            try {
                PartitionOrder order = new PartitionOrder(ordering, source.times(), source.silenceMax(), split.order());
                Reading reading = new Reading(new PartitionThread(source.input(), source.step().input(), split, counters, woken), order, split.start());
                readings.put(split.partition(), reading);
                room.time(reading, pace(reading));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private void arrived() {
        available.get().complete(null);
    }

    /// How far a partition has come, for who is read where too much waits: where keys have their own times and nothing limits how late one may be, by arrival.
    /// What ends is read before, and of several the one whose events are furthest behind: when they arrived tells nothing.
    private long pace(Reading reading) {
        if (!isByArrival()) {
            return reading.order.watermark();
        }
        return source.input().isBounded() ? Frontier.watermark(reading.order.furthest()) : reading.order.arrived();
    }

    private boolean isByArrival() {
        return source.times() == SubstreamTimes.OWN && !ordering.goesOnByItself();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Row> output) {
        boolean found = false;
        long bound = room.bound();
        for (Reading reading : readings.values()) {
            Batch batch = pace(reading) <= bound ? reading.thread.take() : null;
            if (batch != null) {
                handle(reading, batch, output);
                room.time(reading, pace(reading));
                found = true;
            }
            tellStanding(reading, bound);
        }
        tellTime(output);
        if (isOver && hasEnded()) {
            if (readings.isEmpty() && source.times() == SubstreamTimes.OWN) {
                // of an input without partitions nobody else tells it
                tellOver("", output);
            }
            return InputStatus.END_OF_INPUT;
        }
        if (found) {
            return InputStatus.MORE_AVAILABLE;
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    /// Where a partition is silent and nothing limits how late its events may be, the others are not read any more when too much waits for it.
    private void tellStanding(Reading reading, long bound) {
        String who = name + '/' + reading.thread.partition + "/held";
        if (pace(reading) != bound || room.standing(bound).compareTo(STANDING) < 0) {
            if (reading.isHoldingUp) {
                reading.isHoldingUp = false;
                counters.goesOn(who);
            }
        } else if (!reading.isHoldingUp) {
            reading.isHoldingUp = true;
            counters.waitsFor(who, """
                    input '%s': %d rows wait for partition '%s', from which no events come; no others are read until time goes on there. \
                    'eventsLateArrivalMaxDelayInSeconds' limits for how long a silent partition is waited for""".formatted(source.step().input(), room.held(),
                    reading.thread.partition));
        }
    }

    private boolean hasEnded() {
        return readings.values().stream().allMatch(reading -> reading.order.isEnded());
    }

    private void handle(Reading reading, Batch batch, ReaderOutput<Row> output) {
        Rows emit = new Rows(source.times(), reading.substream, output);
        counters.inputEvents.add(batch.events().size());
        counters.inputSources.add(batch.messages());
        counters.inputBytes.add(batch.bytes());
        counters.backlog(name + '/' + reading.thread.partition, batch.backlog());
        batch.errors().forEach(error -> counters.errors(error.example(), error.count()));
        try {
            for (int i = 0; i < batch.events().size(); i++) {
                event(reading, batch.events().get(i), batch.arrivals().get(i), emit);
            }
            if (!batch.events().isEmpty()) {
                reading.order.seen(emit);
            } else if (batch.backlog() == 0 && !batch.isLast()) {
                // where nobody knows what waits, time stands: it may be from long ago
                reading.order.idle(batch.readUpTo(), emit);
            }
            if (batch.isLast()) {
                reading.order.end(emit);
                if (source.times() == SubstreamTimes.OWN) {
                    tellOver(reading.thread.partition, output);
                }
                context.sendSourceEventToCoordinator(new InputEnumerator.Ended(reading.thread.partition));
            }
        } catch (RuntimeFault fault) {
            throw source.run().fault(fault);
        }
        reading.reached = Optional.of(batch.position());
    }

    private void event(Reading reading, Value.Record event, long arrival, Rows emit) {
        try {
            reading.order.event(event, arrival, emit);
        } catch (RuntimeFault fault) {
            throw fault.of(Row.event(arrival, event));
        }
    }

    /// Rows as they go on, each with its substream where substreams have their own times.
    private static final class Rows implements PartitionOrder.Outlet {
        private final SubstreamTimes times;
        private final ReaderOutput<Row> output;
        private Value.Array substream;

        private Rows(SubstreamTimes times, Value.Array partition, ReaderOutput<Row> output) {
            this.times = times;
            this.substream = partition;
            this.output = output;
        }

        @Override
        public void timeline(Key key) {
            if (times == SubstreamTimes.OWN) {
                substream = InBand.substream(key);
            }
        }

        @Override
        public void row(Row row) {
            output.collect(times == SubstreamTimes.SHARED ? row : InBand.row(row, substream));
        }
    }

    private void tellSubstreams(ReaderOutput<Row> output) {
        readings.forEach((partition, reading) -> reading.order.tell((key, watermark, arrival) -> {
            Value.Array substream = InBand.substream(key);
            for (int task = 0; task < source.tasks(); task++) {
                output.collect(InBand.mark(substream, watermark, arrival, partition, task));
            }
        }));
    }

    private void tellOver(String partition, ReaderOutput<Row> output) {
        for (int task = 0; task < source.tasks(); task++) {
            output.collect(InBand.over(partition, task));
        }
    }

    private void tellPartitions(ReaderOutput<Row> output) {
        readings.forEach((partition, reading) -> {
            long time = reading.order.watermark();
            if (time > reading.told) {
                reading.told = time;
                for (int task = 0; task < source.tasks(); task++) {
                    output.collect(InBand.mark(reading.substream, time, Long.MIN_VALUE, partition, task));
                }
            }
        });
    }

    private void tellTime(ReaderOutput<Row> output) {
        switch (source.times()) {
            case SHARED -> { }
            case OWN -> tellSubstreams(output);
            case OF_PARTITIONS -> tellPartitions(output);
        }
        if (readings.isEmpty()) {
            if (isAssigned && !isIdle) {
                output.markIdle();
                isIdle = true;
            }
            return;
        }
        long least = Long.MAX_VALUE;
        for (Reading reading : readings.values()) {
            least = Math.min(least, isByArrival() ? Frontier.watermark(reached(reading)) : reading.order.watermark());
        }
        // also at the end, so that it does not hold up the others, for whose end it waits
        if (least > watermark) {
            watermark = least;
            isIdle = false;
            output.emitWatermark(new Watermark(least));
        }
    }

    /// What ends is known when all of it has been read.
    private long reached(Reading reading) {
        return source.input().isBounded() && !reading.order.isEnded() ? Long.MIN_VALUE : reading.order.arrived();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        CompletableFuture<Void> next = new CompletableFuture<>();
        CompletableFuture<Void> current = available.get();
        if (current.isDone()) {
            available.set(next);
            current = next;
        }
        if (room.bound() != Long.MAX_VALUE) {
            room.await();
        }
        long bound = room.bound();
        // a batch that came before the new future was there
        if (readings.values().stream().anyMatch(reading -> reading.thread.hasBatch() && pace(reading) <= bound) || isOver && hasEnded() || isAssigned && readings.isEmpty() && !isIdle) {
            current.complete(null);
        }
        return current;
    }

    @Override
    public List<InputSplit> snapshotState(long checkpoint) {
        List<InputSplit> splits = new ArrayList<>();
        Map<String, byte[]> positions = new LinkedHashMap<>();
        for (Map.Entry<String, Reading> entry : readings.entrySet()) {
            Reading reading = entry.getValue();
            Start at = reading.at();
            splits.add(new InputSplit(entry.getKey(), at, reading.order.state()));
            if (at instanceof Start.At(byte[] position)) {
                positions.put(entry.getKey(), position);
            }
        }
        held.put(checkpoint, positions);
        return splits;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        Map.Entry<Long, Map<String, byte[]>> complete = held.floorEntry(checkpoint);
        if (complete != null) {
            complete.getValue().forEach((partition, position) -> readings.get(partition).thread.acknowledge(position));
            held.headMap(checkpoint, true).clear();
        }
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void handleSourceEvents(SourceEvent event) {
        switch ((InputEnumerator.Told) event) {
            case InputEnumerator.Assigned _ -> isAssigned = true;
            case InputEnumerator.Over _ -> isOver = true;
        }
        arrived();
    }

    @Override
    public void close() {
        room.leave(woken);
        readings.values().forEach(reading -> {
            reading.thread.close();
            room.gone(reading);
            counters.goesOn(name + '/' + reading.thread.partition + "/held");
        });
    }
}
