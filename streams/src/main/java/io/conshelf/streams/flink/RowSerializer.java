package io.conshelf.streams.flink;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/// Rows between the tasks of a job. They never change, so none is copied.
public final class RowSerializer extends TypeSerializerSingleton<Row> {
    static final RowSerializer INSTANCE = new RowSerializer();
    private static final Row EMPTY = new Row(0, new Value[0]);

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Row createInstance() {
        return EMPTY;
    }

    @Override
    public Row copy(Row from) {
        return from;
    }

    @Override
    public Row copy(Row from, Row reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Row row, DataOutputView target) throws IOException {
        BinaryValues.write(row, target);
    }

    @Override
    public Row deserialize(DataInputView source) throws IOException {
        return BinaryValues.readRow(source);
    }

    @Override
    public Row deserialize(Row reuse, DataInputView source) throws IOException {
        return BinaryValues.readRow(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        BinaryValues.write(BinaryValues.readRow(source), target);
    }

    @Override
    public TypeSerializerSnapshot<Row> snapshotConfiguration() {
        return new Snapshot();
    }

    /// What a checkpoint says about how its rows are written.
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Row> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
