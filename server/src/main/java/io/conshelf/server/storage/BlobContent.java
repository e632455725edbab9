package io.conshelf.server.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files that hold what is in blobs. Their names are made here and have nothing of the blob's name. A file is written
/// once, before anything refers to it, and deleted when nothing does.
final class BlobContent {
    private static final Logger LOG = LoggerFactory.getLogger(BlobContent.class);
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final long ROOM_BYTES = 1024 * 1024;
    private static final long TRANSFER_BYTES = 16 * ROOM_BYTES;

    /// A stretch of a content file.
    record Slice(String content, long startBytes, long sizeBytes) {}

    private final Path folder;
    private final boolean isDurable;
    private final DiskRoom room;

    private BlobContent(Path folder, boolean isDurable) {
        this.folder = folder;
        this.isDurable = isDurable;
        // The databases of this server likely are on the same disk, and they must not suffer from a large upload.
        this.room = new DiskRoom(() -> Files.getFileStore(folder).getUsableSpace());
    }

    static BlobContent in(Path folder, boolean isDurable) throws IOException {
        Files.createDirectories(folder);
        return new BlobContent(folder.toRealPath(), isDurable);
    }

    Path folder() {
        return folder;
    }

    Path file(String content) {
        return folder.resolve(content);
    }

    /// Writes a stream into a new file and returns its name. Not yet on the disk: see [#keep].
    String write(InputStream in, long sizeBytesMax, long freeBytesMin) throws IOException {
        String content = UUID.randomUUID().toString();
        try (OutputStream out = Files.newOutputStream(file(content), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            copy(in, out, sizeBytesMax, freeBytesMin);
        } catch (IOException | RuntimeException e) {
            delete(List.of(content));
            throw e;
        }
        return content;
    }

    private void copy(InputStream in, OutputStream out, long sizeBytesMax, long freeBytesMin) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        long promisedTo = 0;
        try (DiskRoom.Promised promised = room.promised()) {
            // A connection hands out a few kilobytes at a time: whole buffers are written, which costs the disk's cache half as much.
            for (int read = in.readNBytes(buffer, 0, buffer.length); read > 0; read = in.readNBytes(buffer, 0, buffer.length)) {
                size += read;
                if (size > promisedTo) {
                    promised.more(ROOM_BYTES, freeBytesMin);
                    promisedTo += ROOM_BYTES;
                }
                if (size > sizeBytesMax) {
                    throw new StorageException(StorageCode.REQUEST_BODY_TOO_LARGE,
                            "The content is larger than %d bytes.".formatted(sizeBytesMax));
                }
                out.write(buffer, 0, read);
                promised.written(read);
            }
        }
    }

    /// Puts slices one behind the other into a new file and returns its name. Not yet on the disk: see [#keep].
    String join(List<Slice> slices, long freeBytesMin) throws IOException {
        String content = UUID.randomUUID().toString();
        try (DiskRoom.Promised promised = room.promised()) {
            promised.more(slices.stream().mapToLong(Slice::sizeBytes).sum(), freeBytesMin);
            try (FileChannel out = FileChannel.open(file(content), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (Slice slice : slices) {
                    try (FileChannel in = FileChannel.open(file(slice.content()), StandardOpenOption.READ)) {
                        transfer(in, slice, out, promised);
                    }
                }
            } catch (IOException | RuntimeException e) {
                delete(List.of(content));
                throw e;
            }
        }
        return content;
    }

    private static void transfer(FileChannel in, Slice slice, FileChannel out, DiskRoom.Promised promised) throws IOException {
        long done = 0;
        while (done < slice.sizeBytes()) {
            long moved = in.transferTo(slice.startBytes() + done, Math.min(TRANSFER_BYTES, slice.sizeBytes() - done), out);
            if (moved <= 0) {
                throw new IOException("content %s is shorter than its blob".formatted(slice.content()));
            }
            promised.written(moved);
            done += moved;
        }
    }

    /// Makes a file last, where anything does.
    void keep(String content) throws IOException {
        if (isDurable) {
            Folders.sync(file(content));
            Folders.sync(folder);
        }
    }

    /// Whether the file has its size and is not older than that.
    boolean isWhole(String content, long sizeBytes, Instant oldest) {
        try {
            return Files.size(file(content)) == sizeBytes && !Files.getLastModifiedTime(file(content)).toInstant().isBefore(oldest);
        } catch (IOException _) {
            return false;
        }
    }

    FileChannel open(String content) throws IOException {
        return FileChannel.open(file(content), StandardOpenOption.READ);
    }

    /// What can't be deleted now is deleted at the next start.
    void delete(List<String> contents) {
        for (String content : contents) {
            try {
                Files.deleteIfExists(file(content));
            } catch (IOException e) {
                LOG.warn("content {} could not be deleted", content, e);
            }
        }
    }

    /// Deletes files that a crash left behind without a blob.
    void deleteAllBut(Set<String> referred) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            delete(files.map(file -> file.getFileName().toString()).filter(name -> !referred.contains(name)).toList());
        }
    }
}
