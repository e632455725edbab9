package io.conshelf.engine.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Rows of elsewhere that are asked for once, however often they are read: what has come lies in a file until this is closed, as nobody
/// knows how much will.
public final class KeptRows implements ForeignRows, AutoCloseable {
    private static final String NO_TABLE = "kept";

    private final ForeignRows source;
    private final List<TableColumn> columns;
    private final Path file;
    private final WriteStop stop;
    private final Runnable release = this::letGo;
    private final List<Place> places = new ArrayList<>();
    private volatile Optional<Scan> asked = Optional.empty();
    private Optional<FileChannel> kept = Optional.empty();
    private boolean isAll;

    /// Where a batch lies.
    private record Place(long start, int bytes) {}

    /// @param folder of the file
    /// @param stop   lets go of whoever is asked
    public KeptRows(ForeignRows source, List<TableColumn> columns, Path folder, WriteStop stop) {
        this.source = source;
        this.columns = List.copyOf(columns);
        this.file = folder.resolve("rows-" + UUID.randomUUID());
        this.stop = stop;
        stop.whenStopped(release);
    }

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        return new Scan() {
            private int next;

            @Override
            public synchronized Optional<Rows> next() {
                return batch(next++);
            }

            @Override
            public void close() {
                // Another reading may go on with what this one began.
            }
        };
    }

    private synchronized Optional<Rows> batch(int number) {
        try {
            if (number < places.size()) {
                return Optional.of(read(places.get(number)));
            }
            if (isAll) {
                return Optional.empty();
            }
            if (asked.isEmpty()) {
                asked = Optional.of(source.open(columns));
                stop.check();
            }
            Optional<Rows> batch = asked.get().next();
            isAll = batch.isEmpty();
            if (batch.isPresent()) {
                keep(batch.get());
            }
            return batch;
        } catch (IOException e) {
            throw new UncheckedIOException("rows of elsewhere cannot be kept: " + e.getMessage(), e);
        }
    }

    private void keep(Rows batch) throws IOException {
        if (kept.isEmpty()) {
            kept = Optional.of(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
        }
        DiskRoom.of(file.getParent()).check();
        var record = new RowRecord(NO_TABLE, "", List.of(batch), 0, 0, 0, "");
        var bytes = ByteBuffer.wrap(record.toBytes());
        long start = kept.get().size();
        places.add(new Place(start, bytes.remaining()));
        while (bytes.hasRemaining()) {
            kept.get().write(bytes, start + bytes.position());
        }
    }

    private Rows read(Place place) throws IOException {
        var bytes = ByteBuffer.allocate(place.bytes());
        while (bytes.hasRemaining() && kept.orElseThrow().read(bytes, place.start() + bytes.position()) >= 0) {
            // Until all of it is there.
        }
        return RowRecord.of(bytes.array()).parts().getFirst();
    }

    /// A thread that waits in [#batch] holds the lock, so this takes none.
    private void letGo() {
        asked.ifPresent(Scan::close);
    }

    @Override
    public void close() {
        stop.hasEnded(release);
        letGo();
        synchronized (this) {
            isAll = true;
            try {
                if (kept.isPresent()) {
                    kept.get().close();
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the file of kept rows cannot be deleted: " + e.getMessage(), e);
            }
        }
    }
}
