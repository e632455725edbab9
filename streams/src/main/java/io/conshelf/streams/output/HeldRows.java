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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Rows that wait for their file, by its folder. They are kept as bytes, because checkpoints hold them as long as they wait.
final class HeldRows {
    private static final byte FORMAT = 1;

    private final Batching batching;
    private final Clock clock;
    private final long bytesMax;
    private final Map<String, Batch> open = new LinkedHashMap<>();
    /// Those of another hour than what came behind them.
    private final Deque<Batch> ended = new ArrayDeque<>();
    private long bytes;
    private long passedTicks = Long.MIN_VALUE;
    private boolean isLetGo;

    /// @param bytesMax more than that is not held
    HeldRows(Batching batching, Clock clock, long bytesMax) {
        this.batching = batching;
        this.clock = clock;
        this.bytesMax = bytesMax;
    }

    /// Rows of one folder and one hour.
    static final class Batch {
        private final String folder;
        private final long hour;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private long sinceMs;
        private long fromTicks = Long.MAX_VALUE;
        private int rows;

        private Batch(String folder, long hour, long sinceMs) {
            this.folder = folder;
            this.hour = hour;
            this.sinceMs = sinceMs;
        }

        String folder() {
            return folder;
        }

        List<Row> rows() {
            return read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), rows);
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
        Batch batch = open.get(folder);
        if (batch != null && batch.hour != hour) {
            ended.add(batch);
            batch = null;
        }
        if (batch == null) {
            batch = new Batch(folder, hour, sinceMs);
            open.put(folder, batch);
        }
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
        return bytes > bytesMax;
    }

    /// The files that have all their rows, and those that there is no more room for; they are not held any more.
    List<Batch> due() {
        List<Batch> due = new ArrayList<>(ended);
        ended.clear();
        open.values().stream().filter(this::isDue).forEach(due::add);
        due.forEach(batch -> open.remove(batch.folder, batch));
        bytes -= due.stream().mapToLong(batch -> batch.bytes.size()).sum();
        while (bytes > bytesMax / 2) {
            due.add(largest());
        }
        return due;
    }

    private boolean isDue(Batch batch) {
        return isLetGo || switch (batching) {
            case Batching.Limits limits -> batch.rows >= limits.rowsMin() || clock.millis() - batch.sinceMs >= limits.timeMax().toMillis();
            // a row of the hour's end belongs to the next
            case Batching.WholeHours _ -> passedTicks >= (batch.hour + 1) * Ticks.PER_HOUR - 1;
        };
    }

    /// Not held any more.
    Batch largest() {
        Batch largest = open.values().stream().max((one, other) -> Integer.compare(one.bytes.size(), other.bytes.size())).or(() -> ended.stream().findFirst()).orElseThrow();
        if (!open.remove(largest.folder, largest)) {
            ended.remove(largest);
        }
        bytes -= largest.bytes.size();
        return largest;
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
                out.writeUTF(batch.folder);
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
