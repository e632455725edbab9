package io.conshelf.processor.destination;

import io.conshelf.processor.dataset.Dataset;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import io.conshelf.processor.value.ValueBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A dataset of the instance. A checkpoint holds the records themselves, and the dataset knows which checkpoints it has.
public final class ReferenceDestination implements Destination {
    /// Records are looked up by others, so that they do not wait long.
    private static final Duration BATCH_TIME = Duration.ofMillis(200);

    private final Dataset dataset;
    /// Of this run: checkpoints of one that began anew have numbers that were there before.
    private final String writer = UUID.randomUUID().toString();
    private final List<Arrived> gathered = new ArrayList<>();

    private record Arrived(Instant at, List<Value> records) {}

    public ReferenceDestination(Dataset dataset) {
        this.dataset = dataset;
    }

    @Override
    public void accept(Message message) throws StageException {
        List<Value> records = dataset.records(message.content());
        if (records.isEmpty()) {
            throw new StageException("MissingRecord", "the message has nothing at the path of the dataset '" + dataset.definition().name() + "'");
        }
        // what came together is added together
        if (gathered.isEmpty() || !gathered.getLast().at().equals(message.received())) {
            gathered.add(new Arrived(message.received(), new ArrayList<>()));
        }
        gathered.getLast().records().addAll(records);
    }

    @Override
    public Optional<Instant> due() {
        return gathered.isEmpty() ? Optional.empty() : Optional.of(gathered.getFirst().at().plus(BATCH_TIME));
    }

    @Override
    public byte[] prepare(long checkpoint) {
        if (gathered.isEmpty()) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            ValueBytes.writeText(writer, out);
            out.writeLong(checkpoint);
            out.writeInt(gathered.size());
            for (Arrived one : gathered) {
                out.writeLong(one.at().getEpochSecond());
                out.writeInt(one.at().getNano());
                ValueBytes.write(Value.items(one.records()), out);
            }
        } catch (IOException impossible) {
            throw new AssertionError("memory takes all", impossible);
        }
        gathered.clear();
        return bytes.toByteArray();
    }

    @Override
    public void commit(byte[] prepared) throws DestinationException {
        read(prepared, dataset::add);
    }

    @Override
    public Optional<byte[]> adopt(byte[] prepared) {
        return Optional.of(prepared);
    }

    @Override
    public List<Value> leave(byte[] prepared) throws DestinationException {
        List<Value> left = new ArrayList<>();
        read(prepared, (_, _, records, _) -> left.addAll(records));
        return left;
    }

    @FunctionalInterface
    private interface Taker {
        void take(String by, long number, List<Value> records, Instant at) throws IOException;
    }

    private void read(byte[] prepared, Taker taker) throws DestinationException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(prepared))) {
            String by = ValueBytes.readText(in);
            long checkpoint = in.readLong();
            int count = in.readInt();
            for (int place = 0; place < count; place++) {
                Instant at = Instant.ofEpochSecond(in.readLong(), in.readInt());
                // numbers that grow within a checkpoint too
                taker.take(by, (checkpoint << 20) + place, ((Value.Items) ValueBytes.read(in)).items(), at);
            }
        } catch (IOException failed) {
            throw new DestinationException(Lasting.TRANSIENT, "the dataset '" + dataset.definition().name() + "' takes nothing: " + failed.getMessage(), failed);
        }
    }

    @Override
    public void close() {}
}
