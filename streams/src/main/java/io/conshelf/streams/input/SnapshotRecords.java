package io.conshelf.streams.input;

import io.conshelf.streams.value.HeapBytes;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;

/// The records of a snapshot while they are read: no more than the memory is meant to hold.
final class SnapshotRecords {
    private final long bytesMax;
    private final List<Value.Record> records = new ArrayList<>();
    private long bytes;

    SnapshotRecords(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void add(Value.Record record) throws InputException {
        bytes += HeapBytes.of(record);
        if (bytes > bytesMax) {
            throw new InputException("""
                    the reference data takes more than %d MB of memory, which is what this job has for a snapshot of it (%d records fit); have fewer rows or columns \
                    in it, or give the process more memory""".formatted(Math.max(1, bytesMax >> 20), records.size()));
        }
        records.add(record);
    }

    List<Value.Record> all() {
        return List.copyOf(records);
    }
}
