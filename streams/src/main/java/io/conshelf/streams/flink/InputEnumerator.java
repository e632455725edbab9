package io.conshelf.streams.flink;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventInput.Start;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/// Finds the partitions of an input and spreads them over its readers.
final class InputEnumerator implements SplitEnumerator<InputSplit, InputEnumerator.Known> {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    /// The partitions that have been found, all of which readers have or are about to get.
    record Known(Set<String> partitions) {}

    /// What readers are told.
    sealed interface Told extends SourceEvent {}

    /// All partitions there are have been given out: a reader without any no longer holds up the time of the others.
    record Assigned() implements Told {}

    /// All partitions have ended. A reader that has none, or whose own have ended, does not end before: Flink refuses a stop while a task ends, and begins
    /// all of them anew.
    record Over() implements Told {}

    /// What a reader tells.
    record Ended(String partition) implements SourceEvent {}

    private final SplitEnumeratorContext<InputSplit> context;
    private final EventInput input;
    private final Start start;
    private final String who;
    private final RunId run;
    private final Set<String> known;
    /// By reader; one that is not there yet gets them when it comes.
    private final Map<Integer, List<InputSplit>> toAssign = new LinkedHashMap<>();
    /// As readers have told since this was opened; they tell it again when they go on from a checkpoint.
    private final Set<String> ended = new HashSet<>();
    private boolean isComplete;

    InputEnumerator(SplitEnumeratorContext<InputSplit> context, EventInput input, Start start, String who, RunId run, Set<String> known) {
        this.context = context;
        this.input = input;
        this.start = start;
        this.who = who;
        this.run = run;
        this.known = new LinkedHashSet<>(known);
    }

    @Override
    public void start() {
        context.callAsync(input::partitions, this::found, 0, LOOK_AGAIN.toMillis());
    }

    private void found(List<String> partitions, Throwable failure) {
        if (failure != null) {
            run.counters().waitsFor(who, "input '" + who + "': " + Reason.of(failure));
            return;
        }
        run.counters().goesOn(who);
        // Partitions that come later are new, so there is nothing in them from before the start.
        Start from = isComplete ? new Start.Earliest() : start;
        for (String partition : partitions) {
            if (known.add(partition)) {
                int reader = (known.size() - 1) % context.currentParallelism();
                toAssign.computeIfAbsent(reader, _ -> new ArrayList<>()).add(new InputSplit(partition, from, new byte[0]));
            }
        }
        boolean isFirst = !isComplete;
        isComplete = true;
        for (int reader : List.copyOf(context.registeredReaders().keySet())) {
            assign(reader);
            if (isFirst) {
                told(reader);
            }
        }
    }

    private void assign(int reader) {
        List<InputSplit> splits = toAssign.remove(reader);
        if (splits != null) {
            splits.forEach(split -> context.assignSplit(split, reader));
        }
    }

    private void told(int reader) {
        context.sendEventToSourceReader(reader, new Assigned());
        if (isOver()) {
            context.sendEventToSourceReader(reader, new Over());
        }
    }

    private boolean isOver() {
        return isComplete && input.isBounded() && ended.containsAll(known);
    }

    @Override
    public void handleSourceEvent(int reader, SourceEvent event) {
        ended.add(((Ended) event).partition());
        if (isOver()) {
            context.registeredReaders().keySet().forEach(each -> context.sendEventToSourceReader(each, new Over()));
        }
    }

    @Override
    public void addReader(int reader) {
        assign(reader);
        if (isComplete) {
            told(reader);
        }
    }

    @Override
    public void handleSplitRequest(int reader, String host) {}

    @Override
    public void addSplitsBack(List<InputSplit> splits, int reader) {
        toAssign.computeIfAbsent(reader, _ -> new ArrayList<>()).addAll(splits);
    }

    @Override
    public Known snapshotState(long checkpoint) {
        // Those not given out yet are found anew.
        Set<String> assigned = new LinkedHashSet<>(known);
        toAssign.values().forEach(splits -> splits.forEach(split -> assigned.remove(split.partition())));
        return new Known(assigned);
    }

    @Override
    public void close() {}

    /// What checkpoints hold of the enumerator.
    static final class Serializer implements SimpleVersionedSerializer<Known> {
        static final Serializer INSTANCE = new Serializer();

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Known known) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(known.partitions().size());
            for (String partition : known.partitions()) {
                out.writeUTF(partition);
            }
            return bytes.toByteArray();
        }

        @Override
        public Known deserialize(int version, byte[] serialized) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
            Set<String> partitions = new LinkedHashSet<>();
            for (int count = in.readInt(); count > 0; count--) {
                partitions.add(in.readUTF());
            }
            return new Known(partitions);
        }
    }
}
