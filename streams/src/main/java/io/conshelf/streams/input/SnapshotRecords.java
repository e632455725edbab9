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

    void add(Value.Record record) throws SnapshotTooLarge {
        bytes += HeapBytes.of(record);
        if (bytes > bytesMax) {
            throw new SnapshotTooLarge(bytesMax, records.size());
        }
        records.add(record);
    }

    List<Value.Record> all() {
        return List.copyOf(records);
    }
}
