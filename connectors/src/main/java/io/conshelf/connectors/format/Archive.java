package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;

/// Unpacks archives into a store.
public final class Archive {
    private static final int BUFFER_BYTES = 1 << 16;
    /// More files and folders than this are an archive made to do harm.
    private static final int ENTRIES_MAX = 1_000_000;
    /// A file that grows by more than this was packed to do harm: text packs to a hundredth, hardly ever to less.
    private static final long GROWTH_MAX = 2_000;
    private static final long SMALL_BYTES = 100L << 20;

    private Archive() {}

    /// Writes the files of an archive below a folder; a name that leads out of the store is the store's to refuse.
    ///
    /// @param name what messages call the archive, and `packedBytes` what it weighs
    public static void unpack(String name, InputStream packed, long packedBytes, Compression kind, FileStore target, String folder)
            throws StoreException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        int entries = 0;
        try (ArchiveInputStream<?> archive = open(packed, kind)) {
            for (ArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                if (++entries > ENTRIES_MAX) {
                    throw StoreException.user("UserErrorInvalidArchive", "The archive '" + name + "' holds more than " + ENTRIES_MAX + " files and folders");
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (entry.isDirectory() || entry instanceof TarArchiveEntry tar && !tar.isFile()) {
                    continue; // links have no content of their own
                }
                String path = StorePath.of(entry.getName());
                if (path.isEmpty() || ("/" + path + "/").contains("/../")) {
                    throw StoreException.user("UserErrorInvalidArchive", "The archive '" + name + "' holds a file '" + entry.getName()
                            + "', which leads out of it");
                }
                try (FileStore.PendingFile file = target.create(StorePath.join(folder, path))) {
                    for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
                        file.stream().write(buffer, 0, count);
                        bytes += count;
                        if (bytes > SMALL_BYTES && bytes / GROWTH_MAX > packedBytes) {
                            throw StoreException.user("UserErrorInvalidArchive", "The archive '" + name + "' grows to more than " + GROWTH_MAX
                                    + " times its size");
                        }
                        if (Thread.interrupted()) {
                            throw new InterruptedException();
                        }
                    }
                    file.commit();
                }
            }
        } catch (IOException failure) {
            throw StoreException.user("UserErrorInvalidArchive", "The archive '" + name + "' cannot be unpacked: " + failure.getMessage());
        }
    }

    private static ArchiveInputStream<?> open(InputStream packed, Compression kind) throws IOException {
        InputStream bytes = new BufferedInputStream(packed, BUFFER_BYTES);
        return switch (kind) {
            case ZIP_DEFLATE -> new ZipArchiveInputStream(bytes);
            case TAR -> new TarArchiveInputStream(bytes);
            case TAR_GZIP -> new TarArchiveInputStream(new GzipMembers(bytes, BUFFER_BYTES));
            case NONE, GZIP, DEFLATE, BZIP2, SNAPPY, LZ4 -> throw new IllegalArgumentException(kind + " is no archive");
        };
    }
}
