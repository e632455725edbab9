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
import java.util.OptionalLong;

/// Rows that wait for their file, by its folder. They are kept as bytes, because checkpoints hold them as long as they wait.
final class HeldRows {
    private static final byte FORMAT = 1;
    /// Each is a file that is written by itself.
    private static final int BATCHES_MAX = 10_000;
    /// What one takes beside its rows.
    private static final int BATCH_BYTES = 500;

    private final Batching batching;
    private final Clock clock;
    private final long bytesMax;
    /// The eldest first.
    private final Map<Place, Batch> open = new LinkedHashMap<>();
    private long bytes;
    private long passedTicks = Long.MIN_VALUE;
    private boolean isLetGo;

    /// @param bytesMax more than that is not held
    HeldRows(Batching batching, Clock clock, long bytesMax) {
        this.batching = batching;
        this.clock = clock;
        this.bytesMax = bytesMax;
    }

    private record Place(String folder, long hour) {}

    /// Rows of one folder and one hour.
    static final class Batch {
        private final Place place;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
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

        List<Row> rows() {
            return read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), rows);
        }

        private long size() {
            return BATCH_BYTES + bytes.size();
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        int count() {
            return rows;
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

    static List<Row> read(DataInputStream in, int count) {
        List<Row> rows = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                rows.add(BinaryValues.readRow(in));
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return rows;
    }

    void add(String folder, Row row) {
        Batch batch = batch(folder, row.ticks() / Ticks.PER_HOUR, clock.millis());
        long before = batch.bytes.size();
        batch.add(row);
        bytes += batch.bytes.size() - before;
    }

    private Batch batch(String folder, long hour, long sinceMs) {
        Batch batch = open.computeIfAbsent(new Place(folder, hour), place -> {
            bytes += BATCH_BYTES;
            return new Batch(place, sinceMs);
        });
        batch.sinceMs = Math.min(batch.sinceMs, sinceMs);
        return batch;
    }

    void passed(long ticks) {
        passedTicks = Math.max(passedTicks, ticks);
    }

    void letGo() {
        isLetGo = true;
    }

    /// More is held than may be.
    boolean isFull() {
        return bytes > bytesMax || open.size() > BATCHES_MAX;
    }

    /// The files that have all their rows, and those that there is no more room for; they are not held any more.
    List<Batch> due() {
        List<Batch> due = new ArrayList<>(open.values().stream().filter(this::isDue).toList());
        due.forEach(this::let);
        while (open.size() > BATCHES_MAX / 2) {
            due.add(let(open.values().iterator().next()));
        }
        if (bytes > bytesMax / 2) {
            for (Batch largest : open.values().stream().sorted(Comparator.comparingLong(Batch::size).reversed()).toList()) {
                if (bytes <= bytesMax / 2) {
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

    /// Where more is held than may be: what makes most room, or the eldest of too many. It is not held any more.
    Batch excess() {
        return let(bytes > bytesMax ? open.values().stream().max(Comparator.comparingLong(Batch::size)).orElseThrow() : open.values().iterator().next());
    }

    private Batch let(Batch batch) {
        open.remove(batch.place);
        bytes -= batch.size();
        return batch;
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
                out.writeLong(batch.sinceMs);
                out.writeInt(batch.rows);
                batch.bytes.writeTo(out);
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
            String folder = in.readUTF();
            long sinceMs = in.readLong();
            for (Row row : read(in, in.readInt())) {
                Batch batch = batch(folder, row.ticks() / Ticks.PER_HOUR, sinceMs);
                long before = batch.bytes.size();
                batch.add(row);
                bytes += batch.bytes.size() - before;
            }
        } catch (IOException unreadable) {
            throw new OutputException("what a checkpoint holds of the output cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
