package io.conshelf.server.storage;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A journal in one file: a header, then frames of length, checksum and event.
///
/// Plain file access and no channel for writing: an interrupt closes a channel, and one cancelled request must not take
/// the journal from all others.
final class FileJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(FileJournal.class);
    private static final byte[] HEADER = "conshelf journal 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FRAME_HEAD_BYTES = 8;
    private static final int EVENT_BYTES_MAX = 64 * 1024 * 1024;
    private static final long REWRITE_BYTES_MIN = 4L * 1024 * 1024;

    private final Path path;
    private final RandomAccessFile lockFile;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition syncEnded = lock.newCondition();

    private RandomAccessFile file;
    private long length;
    /// Bytes of earlier files, so that positions keep growing when the file is rewritten.
    private long base;
    private long synced;
    private boolean isSyncing;
    private boolean isBroken;

    private FileJournal(Path path, RandomAccessFile lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    static FileJournal open(Path path, Consumer<byte[]> replay) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        RandomAccessFile lockFile = lock(path.resolveSibling(path.getFileName() + ".lock"));
        try {
            FileJournal journal = new FileJournal(path, lockFile);
            Files.deleteIfExists(journal.stagedPath());
            if (!Files.exists(path) || Files.size(path) == 0) {
                journal.install(_ -> {});
            } else {
                journal.replay(replay);
            }
            return journal;
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static RandomAccessFile lock(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            FileLock held = file.getChannel().tryLock();
            if (held != null) {
                return file;
            }
        } catch (OverlappingFileLockException _) {
            // held by this process: the same refusal
        }
        file.close();
        throw new IOException("'%s' is in use by another server; stop it or choose another data folder".formatted(path));
    }

    private void replay(Consumer<byte[]> replay) throws IOException {
        long size = Files.size(path);
        long valid = HEADER.length;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            if (!Arrays.equals(in.readNBytes(HEADER.length), HEADER)) {
                throw new IOException("'%s' is not a journal this version reads".formatted(path));
            }
            while (size - valid >= FRAME_HEAD_BYTES) {
                int eventBytes = in.readInt();
                int checksum = in.readInt();
                if (eventBytes <= 0 || eventBytes > EVENT_BYTES_MAX || eventBytes > size - valid - FRAME_HEAD_BYTES) {
                    break;
                }
                byte[] event = in.readNBytes(eventBytes);
                if (checksum != checksum(event)) {
                    break;
                }
                replay.accept(event);
                valid += FRAME_HEAD_BYTES + eventBytes;
            }
        } catch (EOFException e) {
            throw new IOException("'%s' became shorter while it was read".formatted(path), e);
        }
        if (valid < size) {
            cutOff(valid, size);
        }
        file = new RandomAccessFile(path.toFile(), "rw");
        file.seek(valid);
        length = valid;
        synced = valid;
    }

    /// What follows the last whole frame was never acknowledged, unless the disk is at fault; so it is kept aside.
    private void cutOff(long valid, long size) throws IOException {
        Path aside = path.resolveSibling(path.getFileName() + ".torn");
        try (RandomAccessFile torn = new RandomAccessFile(path.toFile(), "rw")) {
            torn.seek(valid);
            byte[] rest = new byte[(int) Math.min(size - valid, EVENT_BYTES_MAX)];
            torn.readFully(rest);
            Files.write(aside, rest, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            torn.setLength(valid);
            torn.getFD().sync();
        }
        LOG.warn("{} ended in {} bytes of an unfinished write; they are in {}", path, size - valid, aside);
    }

    @Override public long append(byte[] event) throws IOException {
        if (event.length == 0 || event.length > EVENT_BYTES_MAX) {
            throw new IOException("an event of %d bytes does not fit the journal".formatted(event.length));
        }
        byte[] frame = frame(event);
        lock.lock();
        try {
            requireWhole();
            try {
                file.write(frame);
            } catch (IOException e) {
                takeBack(e);
                throw e;
            }
            length += frame.length;
            return base + length;
        } finally {
            lock.unlock();
        }
    }

    /// A frame that was written in part, on a full disk, must not stand before the next one.
    private void takeBack(IOException cause) {
        try {
            file.setLength(length);
            file.seek(length);
        } catch (IOException e) {
            isBroken = true;
            cause.addSuppressed(e);
        }
    }

    @Override public void sync(long position) throws IOException {
        lock.lock();
        try {
            while (synced < position) {
                requireWhole();
                if (isSyncing) {
                    syncEnded.awaitUninterruptibly();
                } else {
                    syncAsLeader();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void syncAsLeader() throws IOException {
        long target = base + length;
        RandomAccessFile current = file;
        isSyncing = true;
        lock.unlock();
        boolean isDone = false;
        try {
            current.getFD().sync();
            isDone = true;
        } finally {
            lock.lock();
            isSyncing = false;
            if (isDone) {
                synced = Math.max(synced, target);
            } else {
                isBroken = true; // after a failed fsync nobody knows what is on the disk
            }
            syncEnded.signalAll();
        }
    }

    @Override public boolean isWorthRewriting(LongSupplier liveBytes) {
        lock.lock();
        try {
            return length > REWRITE_BYTES_MIN && length / 4 > liveBytes.getAsLong();
        } finally {
            lock.unlock();
        }
    }

    @Override public void rewrite(Consumer<Consumer<byte[]>> writer) throws IOException {
        lock.lock();
        try {
            requireWhole();
            while (isSyncing) {
                syncEnded.awaitUninterruptibly();
            }
            base += length;
            install(writer);
            synced = base + length;
            syncEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Writes a new file beside the current one and puts it in its place.
    private void install(Consumer<Consumer<byte[]>> writer) throws IOException {
        Path staged = stagedPath();
        Files.deleteIfExists(staged);
        RandomAccessFile next = new RandomAccessFile(staged.toFile(), "rw");
        boolean isInPlace = false;
        try {
            next.write(HEADER);
            writer.accept(event -> {
                try {
                    next.write(frame(event));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            next.getFD().sync();
            Files.move(staged, path, StandardCopyOption.ATOMIC_MOVE);
            isInPlace = true;
            Folders.sync(path.toAbsolutePath().getParent());
        } catch (UncheckedIOException e) {
            next.close();
            throw e.getCause();
        } catch (IOException e) {
            next.close();
            isBroken = isInPlace; // then the open file is no longer the one that a restart reads
            throw e;
        }
        if (file != null) {
            file.close();
        }
        file = next;
        length = next.getFilePointer();
        synced = base + length;
    }

    private Path stagedPath() {
        return path.resolveSibling(path.getFileName() + ".new");
    }

    private void requireWhole() throws IOException {
        if (isBroken) {
            throw new IOException("'%s' could not be written earlier; restart the server when the disk is well".formatted(path));
        }
    }

    static byte[] header() {
        return HEADER.clone();
    }

    static byte[] frame(byte[] event) {
        return ByteBuffer.allocate(FRAME_HEAD_BYTES + event.length).putInt(event.length).putInt(checksum(event)).put(event).array();
    }

    private static int checksum(byte[] event) {
        CRC32C crc = new CRC32C();
        crc.update(event);
        return (int) crc.getValue();
    }

    @Override public void close() throws IOException {
        lock.lock();
        try {
            while (isSyncing) {
                syncEnded.awaitUninterruptibly();
            }
            if (!isBroken) {
                file.getFD().sync();
                synced = base + length;
            }
            isBroken = true;
            file.close();
            lockFile.close();
        } finally {
            lock.unlock();
        }
    }
}
