package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Key;
import io.conshelf.streams.value.Row;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.plugable.SerializationDelegate;
import org.apache.flink.streaming.runtime.partitioner.KeyGroupStreamPartitioner;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Sends rows where their key is, and marks where they say.
final class InBandPartitioner extends KeyGroupStreamPartitioner<Row, Key> {
    InBandPartitioner(KeySelector<Row, Key> key, int groupsMax) {
        super(key, groupsMax);
    }

    @Override
    public int selectChannel(SerializationDelegate<StreamRecord<Row>> element) {
        Row row = element.getInstance().getValue();
        return InBand.isMark(row) ? InBand.to(row) % numberOfChannels : super.selectChannel(element);
    }

    @Override
    public String toString() {
        return "HASH with times";
    }
}
