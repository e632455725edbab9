package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.FileRows.SourceFile;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/// Files being parsed one after the other, each by one thread at a time; only as many are open as threads ask.
final class FilesScan implements ForeignRows.Scan {
    /// As of a source of a batch: what is compressed may be far larger than it looks.
    private static final long FILE_BYTES_MAX = 6L << 30;

    private final Iterator<SourceFile> rest;
    private final Format format;
    private final Function<SourceFile, RecordMapping> mapping;
    private final Deque<OpenFile> idle = new ArrayDeque<>();
    private final Set<OpenFile> open = new HashSet<>();
    private boolean isClosed;

    FilesScan(Iterator<SourceFile> files, Format format, Function<SourceFile, RecordMapping> mapping) {
        this.rest = files;
        this.format = format;
        this.mapping = mapping;
    }

    @Override
    public Optional<Rows> next() {
        while (true) {
            var file = taken();
            if (file.isEmpty()) {
                return Optional.empty();
            }
            Optional<Rows> rows = file.get().next();
            if (rows.isPresent()) {
                giveBack(file.get());
                return rows;
            }
            finished(file.get());
        }
    }

    private Optional<OpenFile> taken() {
        SourceFile next;
        synchronized (this) {
            if (isClosed) {
                return Optional.empty();
            }
            if (!idle.isEmpty()) {
                return Optional.of(idle.pop());
            }
            if (!rest.hasNext()) {
                return Optional.empty();
            }
            next = rest.next();
        }
        var file = new OpenFile(next);
        synchronized (this) {
            if (!isClosed) {
                open.add(file);
                return Optional.of(file);
            }
        }
        file.close();
        return Optional.empty();
    }

    private synchronized void giveBack(OpenFile file) {
        idle.push(file);
    }

    private void finished(OpenFile file) {
        synchronized (this) {
            open.remove(file);
        }
        file.close();
    }

    /// A thread may still be reading: what it reads from is closed under it, and it stops.
    @Override
    public void close() {
        Set<OpenFile> left;
        synchronized (this) {
            isClosed = true;
            left = Set.copyOf(open);
            open.clear();
            idle.clear();
        }
        left.forEach(OpenFile::close);
    }

    /// One file, or the files of one archive.
    private final class OpenFile {
        private final SourceFile source;
        private final InputStream content;
        private Optional<SourceFeed> feed = Optional.empty();
        private boolean isEnded;

        OpenFile(SourceFile source) {
            this.source = source;
            try {
                Path path = source.content().get();
                InputStream raw;
                try {
                    raw = Files.newInputStream(path);
                } catch (NoSuchFileException _) {
                    // Written anew since it was looked up.
                    path = source.content().get();
                    raw = Files.newInputStream(path);
                }
                content = Sources.isZip(path) ? new ZipInputStream(raw) : raw;
                if (!(content instanceof ZipInputStream)) {
                    feed = Optional.of(feed(content));
                }
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        private SourceFeed feed(InputStream in) throws IOException {
            return Sources.feed(
                    Sources.stream(in, FILE_BYTES_MAX), format, mapping.apply(source),
                    new ReadOptions(source.location(), source.hasHeader(), false));
        }

        Optional<Rows> next() {
            try {
                while (!isEnded) {
                    var rows = feed.isPresent() ? feed.get().next() : Optional.<Rows>empty();
                    if (rows.isPresent()) {
                        return rows;
                    }
                    nextEntry();
                }
                return Optional.empty();
            } catch (ZipException e) {
                throw new KustoException(IngestionErrors.invalidArchive(String.valueOf(e.getMessage())), e);
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        private void nextEntry() throws IOException {
            isEnded = true;
            if (content instanceof ZipInputStream archive) {
                for (ZipEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                    if (!entry.isDirectory()) {
                        feed = Optional.of(feed(archive));
                        isEnded = false;
                        return;
                    }
                }
            }
        }

        private KustoException unreadable(IOException e) {
            return new KustoException(IngestionErrors.sourceUnreadable(source.location(), String.valueOf(e.getMessage())), e);
        }

        void close() {
            try {
                content.close();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }
    }
}
