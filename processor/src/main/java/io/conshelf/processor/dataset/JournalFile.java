package io.conshelf.processor.dataset;

import io.conshelf.connectors.file.DurableFile;
import io.conshelf.processor.value.Value;
import io.conshelf.processor.value.ValueBytes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    /// No channel: whoever writes may be interrupted, which would close a channel for all who share the dataset.
    private RandomAccessFile open;
    /// Of the last batch that is whole.
    private long end;
    private long records;

    JournalFile(Path file) throws IOException {
        this.file = file;
        this.open = new RandomAccessFile(file.toFile(), "rw");
    }

    @Override
    public void read(Consumer<Batch> batches) throws IOException {
        long size = open.length();
        if (size < Integer.BYTES) {
            open.setLength(0);
            open.writeInt(MAGIC);
            open.getFD().sync();
            DurableFile.forceNames(file.toAbsolutePath().getParent());
            end = Integer.BYTES;
            return;
        }
        long whole = Integer.BYTES;
        open.seek(0);
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(open.getFD()), 1 << 16));
        if (in.readInt() != MAGIC) {
            throw new IOException("'" + file + "' holds no dataset, or that of another version");
        }
        try {
            while (true) {
                int length = in.readInt();
                int sum = in.readInt();
                if (length < 0 || length > FRAME_MAX || length > size - whole) {
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
        if (whole < size) {
            LOG.warn("'{}': {} bytes at the end are of a batch that was never complete", file, size - whole);
            open.setLength(whole);
            open.getFD().sync();
        }
        end = whole;
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

    private static byte[] framed(Batch batch) throws IOException {
        byte[] frame = frame(batch);
        return ByteBuffer.allocate(2 * Integer.BYTES + frame.length).putInt(frame.length).putInt(sum(frame)).put(frame).array();
    }

    @Override
    public void append(Batch batch) throws IOException {
        // over what an append that failed has left
        open.setLength(end);
        open.seek(end);
        open.write(framed(batch));
        open.getFD().sync();
        end = open.getFilePointer();
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
        RandomAccessFile written = new RandomAccessFile(fresh.toFile(), "rw");
        long count = 0;
        try {
            OutputStream out = new BufferedOutputStream(new FileOutputStream(written.getFD()), 1 << 16);
            out.write(ByteBuffer.allocate(Integer.BYTES).putInt(MAGIC).array());
            for (Map.Entry<String, Long> writer : writers.entrySet()) {
                out.write(framed(new Batch(writer.getKey(), writer.getValue(), Instant.EPOCH, List.of())));
            }
            while (live.hasNext()) {
                Batch batch = live.next();
                count += batch.records().size();
                out.write(framed(batch));
            }
            out.flush();
            written.getFD().sync();
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            written.close();
            throw failed;
        }
        open.close();
        open = written;
        end = written.length();
        records = count;
        DurableFile.forceNames(file.toAbsolutePath().getParent());
    }

    @Override
    public void close() {
        try {
            open.close();
        } catch (IOException alreadyDurable) {
            LOG.debug("closing '{}'", file, alreadyDurable);
        }
    }
}
