package io.conshelf.streams.output;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Rows that wait for their file, by its folder. They are kept as bytes, because checkpoints hold them as long as they wait, and are read one by one.
final class HeldRows {
    private static final byte FORMAT = 2;
    /// Each is a file that is written by itself.
    private static final int BATCHES_MAX = 10_000;
    /// What one takes beside its rows.
    private static final int BATCH_BYTES = 500;

    private final Batching batching;
    private final Clock clock;
    private final HeldBytes together;
    /// The eldest first.
    private final Map<Place, Batch> open = new LinkedHashMap<>();
    private long bytes;
    private long prepared;
    private long passedTicks = Long.MIN_VALUE;
    private boolean isLetGo;

    /// @param together what all that wait may take
    HeldRows(Batching batching, Clock clock, HeldBytes together) {
        this.batching = batching;
        this.clock = clock;
        this.together = together;
        together.enter();
    }

    private record Place(String folder, long hour) {}

    private static final class Bytes extends ByteArrayOutputStream {
        /// Not to be written to meanwhile.
        private DataInputStream read() {
            return new DataInputStream(new ByteArrayInputStream(buf, 0, count));
        }
    }

    /// Rows of one folder and one hour.
    static final class Batch {
        private final Place place;
        private final Bytes bytes = new Bytes();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private long sinceMs;
        private long fromTicks = Long.MAX_VALUE;
        private int rows;

        private Batch(Place place, long sinceMs) {
            this.place = place;
            this.sinceMs = sinceMs;
        }

        String folder() {
            return place.folder();
        }

        /// Its rows, for [BinaryValues#readRow].
        DataInputStream read() {
            return bytes.read();
        }

        void writeTo(DataOutputStream target) throws IOException {
            bytes.writeTo(target);
        }

        int count() {
            return rows;
        }

        /// With what it takes beside its rows.
        long size() {
            return BATCH_BYTES + bytes.size();
        }

        private void add(Row row) {
            try {
                BinaryValues.write(row, out);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            rows++;
            fromTicks = Math.min(fromTicks, row.ticks());
        }
    }

    /// Goes through the rows of a batch: the one that it stands at is there until it has been dealt with.
    static final class Rows {
        private final DataInputStream in;
        final long size;
        private int left;
        private Optional<Row> current = Optional.empty();

        Rows(Batch batch) {
            this.in = batch.read();
            this.size = batch.size();
            this.left = batch.count();
            next();
        }

        Optional<Row> current() {
            return current;
        }

        void next() {
            try {
                current = left-- > 0 ? Optional.of(BinaryValues.readRow(in)) : Optional.empty();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }

    void add(String folder, Row row) {
        Batch batch = batch(new Place(folder, row.ticks() / Ticks.PER_HOUR), clock.millis());
        long before = batch.bytes.size();
        batch.add(row);
        grown(batch.bytes.size() - before);
    }

    private Batch batch(Place place, long sinceMs) {
        Batch batch = open.computeIfAbsent(place, _ -> {
            grown(BATCH_BYTES);
            return new Batch(place, sinceMs);
        });
        batch.sinceMs = Math.min(batch.sinceMs, sinceMs);
        return batch;
    }

    private void grown(long difference) {
        bytes += difference;
        together.add(difference);
    }

    void passed(long ticks) {
        passedTicks = Math.max(passedTicks, ticks);
    }

    void letGo() {
        isLetGo = true;
    }

    /// More is held than may be.
    boolean isFull() {
        return open.size() > BATCHES_MAX || together.isTooMuch(bytes, prepared);
    }

    /// So much waits for its checkpoint that what is let go now is to be written at once.
    boolean isTooMuchPrepared() {
        return together.isTooMuchPrepared(prepared);
    }

    /// The files that have all their rows, and those that there is no more room for; they are not held any more.
    List<Batch> due() {
        List<Batch> due = new ArrayList<>(open.values().stream().filter(this::isDue).toList());
        due.forEach(this::let);
        while (open.size() > BATCHES_MAX / 2) {
            due.add(let(open.values().iterator().next()));
        }
        if (together.isTooMuchToKeep(bytes)) {
            for (Batch largest : open.values().stream().sorted(Comparator.comparingLong(Batch::size).reversed()).toList()) {
                if (!together.isTooMuchToKeep(bytes)) {
                    break;
                }
                due.add(let(largest));
            }
        }
        return due;
    }

    private boolean isDue(Batch batch) {
        return isLetGo || switch (batching) {
            case Batching.Limits limits -> batch.rows >= limits.rowsMin() || clock.millis() - batch.sinceMs >= limits.timeMax().toMillis();
            // a row of the hour's end belongs to the next
            case Batching.WholeHours _ -> passedTicks >= (batch.place.hour() + 1) * Ticks.PER_HOUR - 1;
        };
    }

    /// Where more is held than may be: the eldest of too many, or what makes most room. It is not held any more.
    Batch excess() {
        return let(open.size() > BATCHES_MAX ? open.values().iterator().next() : open.values().stream().max(Comparator.comparingLong(Batch::size)).orElseThrow());
    }

    private Batch let(Batch batch) {
        open.remove(batch.place);
        grown(-batch.size());
        prepared(batch.size());
        return batch;
    }

    /// So much waits for its checkpoint.
    void prepared(long size) {
        prepared += size;
        together.addPrepared(size);
    }

    /// So much of what was let go does not wait any more. What an earlier run prepared is not known here.
    void written(long size) {
        prepared(-Math.min(prepared, size));
    }

    OptionalLong from() {
        return open.values().stream().mapToLong(batch -> batch.fromTicks).min();
    }

    /// For [#takeUp]; each batch by itself.
    List<byte[]> held() {
        List<byte[]> held = new ArrayList<>();
        for (Batch batch : open.values()) {
            ByteArrayOutputStream one = new ByteArrayOutputStream(batch.bytes.size() + 100);
            try (DataOutputStream out = new DataOutputStream(one)) {
                out.writeByte(FORMAT);
                out.writeUTF(batch.place.folder());
                out.writeLong(batch.place.hour());
                out.writeLong(batch.sinceMs);
                out.writeLong(batch.fromTicks);
                out.writeInt(batch.rows);
                batch.writeTo(out);
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            held.add(one.toByteArray());
        }
        return held;
    }

    void takeUp(byte[] held) throws OutputException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(held))) {
            if (in.readByte() != FORMAT) {
                throw new IOException("it is of another version");
            }
            Batch batch = batch(new Place(in.readUTF(), in.readLong()), in.readLong());
            batch.fromTicks = Math.min(batch.fromTicks, in.readLong());
            batch.rows += in.readInt();
            // rows that say all of themselves stand behind one another
            grown(in.transferTo(batch.out));
        } catch (IOException unreadable) {
            throw new CheckpointUnreadable(unreadable);
        }
    }

    /// What still waits is in the checkpoint.
    void close() {
        together.add(-bytes);
        prepared(-prepared);
        together.leave();
        open.clear();
        bytes = 0;
    }
}
