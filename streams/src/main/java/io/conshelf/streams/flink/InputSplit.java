package io.conshelf.streams.flink;

import io.conshelf.streams.input.EventInput.Start;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/// A partition of an input, where it is read on, and what its order remembers: so that whoever goes on with it goes on with both.
///
/// @param order as [PartitionOrder] writes it; empty at the start
record InputSplit(String partition, Start start, byte[] order) implements SourceSplit {
    @Override
    public String splitId() {
        return partition;
    }

    /// Splits as bytes, in checkpoints and between tasks.
    static final class Serializer implements SimpleVersionedSerializer<InputSplit> {
        static final Serializer INSTANCE = new Serializer();

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(InputSplit split) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeUTF(split.partition);
            write(split.start, out);
            out.writeInt(split.order.length);
            out.write(split.order);
            return bytes.toByteArray();
        }

        @Override
        public InputSplit deserialize(int version, byte[] serialized) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
            String partition = in.readUTF();
            Start start = readStart(in);
            return new InputSplit(partition, start, in.readNBytes(in.readInt()));
        }
    }

    static void write(Start start, DataOutputStream out) throws IOException {
        switch (start) {
            case Start.Earliest _ -> out.writeByte(0);
            case Start.From(long ticks) -> {
                out.writeByte(1);
                out.writeLong(ticks);
            }
            case Start.At(byte[] position) -> {
                out.writeByte(2);
                out.writeInt(position.length);
                out.write(position);
            }
        }
    }

    static Start readStart(DataInputStream in) throws IOException {
        byte kind = in.readByte();
        return switch (kind) {
            case 0 -> new Start.Earliest();
            case 1 -> new Start.From(in.readLong());
            case 2 -> new Start.At(in.readNBytes(in.readInt()));
            default -> throw new IOException("no start has the number " + kind);
        };
    }
}
