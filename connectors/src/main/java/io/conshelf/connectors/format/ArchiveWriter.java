package io.conshelf.connectors.format;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/// Writes an archive, file after file. Closing it completes it.
public final class ArchiveWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    /// The first moment that a zip knows: rows have no time, and the same rows make the same archive.
    private static final Instant NO_TIME = Instant.parse("1980-01-01T00:00:00Z");

    private final Form<?> form;

    public ArchiveWriter(OutputStream target, Compression kind) throws IOException {
        this.form = switch (kind) {
            case ZIP_DEFLATE -> new Form<>(new ZipArchiveOutputStream(target)) {
                @Override
                ZipArchiveEntry entry(String name, Instant modified, long bytes) {
                    ZipArchiveEntry entry = new ZipArchiveEntry(name);
                    entry.setLastModifiedTime(FileTime.from(modified));
                    entry.setSize(bytes);
                    return entry;
                }
            };
            case TAR -> tar(new BufferedOutputStream(target, BUFFER_BYTES));
            case TAR_GZIP -> tar(new GZIPOutputStream(target, BUFFER_BYTES));
            case NONE, GZIP, DEFLATE, BZIP2, SNAPPY, LZ4 -> throw new IllegalArgumentException(kind + " is no archive");
        };
    }

    private static Form<TarArchiveEntry> tar(OutputStream target) {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(target, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        return new Form<>(tar) {
            @Override
            TarArchiveEntry entry(String name, Instant modified, long bytes) {
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setLastModifiedTime(FileTime.from(modified));
                entry.setSize(bytes);
                return entry;
            }
        };
    }

    private abstract static class Form<E extends ArchiveEntry> {
        private final ArchiveOutputStream<E> archive;

        Form(ArchiveOutputStream<E> archive) {
            this.archive = archive;
        }

        abstract E entry(String name, Instant modified, long bytes);

        OutputStream open(String name, Instant modified, long bytes) throws IOException {
            archive.putArchiveEntry(entry(name, modified, bytes));
            return new FilterOutputStream(archive) {
                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    out.write(from, offset, length);
                }

                @Override
                public void close() throws IOException {
                    archive.closeArchiveEntry();
                }
            };
        }
    }

    /// Begins a file whose size is known; with another number of bytes it fails.
    public OutputStream entry(String name, Instant modified, long bytes) throws IOException {
        return form.open(name, modified, bytes);
    }

    /// Begins a file whose size is known when it ends: until then it is put aside, because it stands before the content.
    public OutputStream entry(String name, Instant modified) throws IOException {
        Path aside = Files.createTempFile("conshelf-archive-", ".entry");
        return new FilterOutputStream(new BufferedOutputStream(Files.newOutputStream(aside), BUFFER_BYTES)) {
            private boolean isClosed;

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                out.write(from, offset, length);
            }

            @Override
            public void close() throws IOException {
                if (isClosed) {
                    return;
                }
                isClosed = true;
                try {
                    out.close();
                    try (OutputStream entry = form.open(name, modified, Files.size(aside))) {
                        Files.copy(aside, entry);
                    }
                } finally {
                    Files.deleteIfExists(aside);
                }
            }
        };
    }

    /// The content of an archive that holds one file. Closing it completes the archive.
    static OutputStream ofOne(OutputStream target, Compression kind, String name) throws IOException {
        ArchiveWriter writer = new ArchiveWriter(target, kind);
        return new FilterOutputStream(writer.entry(name, NO_TIME)) {
            private boolean isClosed;

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                out.write(from, offset, length);
            }

            @Override
            public void close() throws IOException {
                if (!isClosed) {
                    isClosed = true;
                    out.close();
                    writer.close();
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        form.archive.close();
    }
}
