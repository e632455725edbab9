package io.conshelf.processor.run;

import io.conshelf.processor.source.Source.Identity;
import io.conshelf.processor.value.Value;
import io.conshelf.processor.value.ValueBytes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/// What a partition needs to go on after a restart.
///
/// @param number      grows by one with each
/// @param definition  names what the pipeline was: states and what is prepared mean nothing to another
/// @param states      of the stages that remember something, by their ids
/// @param prepared    what the destination made durable and may not have shown yet
/// @param deliveries  those whose messages are in states, prepared or before, and of which it is not known that their sender will not repeat them
/// @param deadLetters how long the file of dead letters is: what stands behind is of messages that come again
record Checkpoint(long number, String definition, Map<String, Value> states, byte[] prepared, List<Identity> deliveries, long deadLetters) {
    private static final int MAGIC = 0x43_44_50_32; // "CDP2"
    private static final int BUFFER_BYTES = 1 << 16;

    static final Checkpoint NONE = new Checkpoint(0, "", Map.of(), new byte[0], List.of(), 0);

    /// The same after what was prepared is shown.
    Checkpoint committed() {
        return new Checkpoint(number, definition, states, new byte[0], deliveries, deadLetters);
    }

    /// The same of a sender that repeats nothing of it.
    Checkpoint forgotten() {
        return new Checkpoint(number, definition, states, prepared, List.of(), deadLetters);
    }

    /// Whether nothing in it depends on what the pipeline was.
    boolean isFree() {
        return states.isEmpty() && prepared.length == 0;
    }

    /// Replaces the file: after a crash there is the one before or this one, whole.
    ///
    /// @return how many bytes it takes
    long write(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        CRC32 sum = new CRC32();
        long bytes;
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new CheckedOutputStream(Channels.newOutputStream(channel), sum), BUFFER_BYTES));
            write(out);
            out.flush();
            out.writeLong(sum.getValue());
            out.flush();
            channel.force(true);
            bytes = channel.size();
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
        return bytes;
    }

    private void write(DataOutputStream out) throws IOException {
        out.writeInt(MAGIC);
        out.writeLong(number);
        ValueBytes.writeText(definition, out);
        out.writeInt(states.size());
        for (Map.Entry<String, Value> state : states.entrySet()) {
            ValueBytes.writeText(state.getKey(), out);
            ValueBytes.write(state.getValue(), out);
        }
        ValueBytes.writeBytes(prepared, out);
        out.writeInt(deliveries.size());
        for (Identity delivery : deliveries) {
            out.writeInt(delivery.number());
            ValueBytes.writeText(delivery.digest(), out);
        }
        out.writeLong(deadLetters);
    }

    /// @throws IOException where there is one that cannot be read
    static Optional<Checkpoint> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        CRC32 sum = new CRC32();
        try (DataInputStream in = new DataInputStream(new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES), sum))) {
            if (in.readInt() != MAGIC) {
                throw new IOException("it is of another version");
            }
            long number = in.readLong();
            String definition = ValueBytes.readText(in);
            Map<String, Value> states = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                states.put(ValueBytes.readText(in), ValueBytes.read(in));
            }
            byte[] prepared = ValueBytes.readBytes(in);
            List<Identity> deliveries = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                deliveries.add(new Identity(in.readInt(), ValueBytes.readText(in)));
            }
            long deadLetters = in.readLong();
            long expected = sum.getValue();
            if (in.readLong() != expected) {
                throw new IOException("its bytes are not those that were written");
            }
            return Optional.of(new Checkpoint(number, definition, states, prepared, deliveries, deadLetters));
        } catch (IOException | RuntimeException broken) {
            throw new IOException("The checkpoint " + file + " cannot be read: " + broken.getMessage() + ". Where it is taken away, the pipeline begins anew: "
                    + "with what its sender still holds, and without what stages remember", broken);
        }
    }
}
