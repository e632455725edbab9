package io.conshelf.processor.dataset;

import io.conshelf.processor.value.Value;
import io.conshelf.processor.value.ValueBytes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file of batches, one behind another. What a crash has left half-written at its end is taken away.
final class JournalFile implements RecordJournal {
    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);
    private static final int MAGIC = 0x43_44_52_31; // "CDR1"
    private static final int FRAME_MAX = 1 << 30;
    private static final int SPARE_MIN = 10_000;

    private final Path file;
    private FileChannel channel;
    private long records;

    JournalFile(Path file) throws IOException {
        this.file = file;
        this.channel = open(file);
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void read(Consumer<Batch> batches) throws IOException {
        if (channel.size() < Integer.BYTES) {
            channel.truncate(0);
            channel.write(ByteBuffer.allocate(Integer.BYTES).putInt(MAGIC).flip());
            channel.force(true);
            return;
        }
        long whole = Integer.BYTES;
        channel.position(0);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
        if (in.readInt() != MAGIC) {
            throw new IOException("'" + file + "' holds no dataset, or that of another version");
        }
        try {
            while (true) {
                int length = in.readInt();
                int sum = in.readInt();
                if (length < 0 || length > FRAME_MAX || length > channel.size() - whole) {
                    break;
                }
                byte[] frame = in.readNBytes(length);
                if (frame.length < length || sum(frame) != sum) {
                    break;
                }
                Batch batch = batch(frame);
                records += batch.records().size();
                batches.accept(batch);
                whole += 2L * Integer.BYTES + length;
            }
        } catch (EOFException end) {
            // as it should be, or in the middle of what was never complete
        }
        if (whole < channel.size()) {
            LOG.warn("'{}': {} bytes at the end are of a batch that was never complete", file, channel.size() - whole);
            channel.truncate(whole);
            channel.force(true);
        }
        channel.position(whole);
    }

    private static int sum(byte[] frame) {
        CRC32C sum = new CRC32C();
        sum.update(frame);
        return (int) sum.getValue();
    }

    private static byte[] frame(Batch batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        ValueBytes.writeText(batch.writer(), out);
        out.writeLong(batch.number());
        out.writeLong(batch.arrived().getEpochSecond());
        out.writeInt(batch.arrived().getNano());
        out.writeInt(batch.records().size());
        for (Value record : batch.records()) {
            ValueBytes.write(record, out);
        }
        return bytes.toByteArray();
    }

    private static Batch batch(byte[] frame) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(frame));
        String writer = ValueBytes.readText(in);
        long number = in.readLong();
        Instant arrived = Instant.ofEpochSecond(in.readLong(), in.readInt());
        List<Value> records = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            records.add(ValueBytes.read(in));
        }
        return new Batch(writer, number, arrived, records);
    }

    private static ByteBuffer framed(Batch batch) throws IOException {
        byte[] frame = frame(batch);
        return ByteBuffer.allocate(2 * Integer.BYTES + frame.length).putInt(frame.length).putInt(sum(frame)).put(frame).flip();
    }

    @Override
    public void append(Batch batch) throws IOException {
        long before = channel.position();
        try {
            ByteBuffer framed = framed(batch);
            while (framed.hasRemaining()) {
                channel.write(framed);
            }
            channel.force(false);
        } catch (IOException failed) {
            // what follows must not stand behind half a batch
            channel.truncate(before);
            channel.position(before);
            throw failed;
        }
        records += batch.records().size();
    }

    @Override
    public boolean isWorthRewriting(int live) {
        return records - live > Math.max(SPARE_MIN, live);
    }

    @Override
    public void rewrite(Map<String, Long> writers, Iterator<Batch> live) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel written = open(fresh);
        long count = 0;
        try {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(written), 1 << 16);
            out.write(ByteBuffer.allocate(Integer.BYTES).putInt(MAGIC).array());
            for (Map.Entry<String, Long> writer : writers.entrySet()) {
                out.write(framed(new Batch(writer.getKey(), writer.getValue(), Instant.EPOCH, List.of())).array());
            }
            while (live.hasNext()) {
                Batch batch = live.next();
                count += batch.records().size();
                out.write(framed(batch).array());
            }
            out.flush();
            written.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            written.close();
            throw failed;
        }
        channel.close();
        channel = written;
        records = count;
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyDurable) {
            LOG.debug("closing '{}'", file, alreadyDurable);
        }
    }
}
