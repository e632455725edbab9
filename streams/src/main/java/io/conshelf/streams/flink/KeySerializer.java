package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Key;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/// Keys, which never change.
public final class KeySerializer extends TypeSerializerSingleton<Key> {
    static final KeySerializer INSTANCE = new KeySerializer();

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Key createInstance() {
        return Key.NONE;
    }

    @Override
    public Key copy(Key from) {
        return from;
    }

    @Override
    public Key copy(Key from, Key reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Key key, DataOutputView target) throws IOException {
        key.write(target);
    }

    @Override
    public Key deserialize(DataInputView source) throws IOException {
        return Key.read(source);
    }

    @Override
    public Key deserialize(Key reuse, DataInputView source) throws IOException {
        return Key.read(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        Key.read(source).write(target);
    }

    @Override
    public TypeSerializerSnapshot<Key> snapshotConfiguration() {
        return new Snapshot();
    }

    /// What a checkpoint says about how its keys are written.
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Key> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
