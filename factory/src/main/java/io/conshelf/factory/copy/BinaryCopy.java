package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Copies files byte by byte.
final class BinaryCopy {
    private final CopySource.Files source;
    private final FileSink sink;
    private final FileFaults faults;
    private final Optional<CopyLog> log;
    private final Tally tally;

    BinaryCopy(CopySource.Files source, FileSink sink, FileFaults faults, Optional<CopyLog> log, Tally tally) {
        this.source = source;
        this.sink = sink;
        this.faults = faults;
        this.log = log;
        this.tally = tally;
    }

    /// @param width how many files are copied at a time
    void run(int width) throws StoreException, InterruptedException {
        tally.hasNoRows();
        if (faults.isStated()) {
            tally.skips();
        }
        if (sink.behavior() == FileSink.Behavior.MERGE_FILES) {
            try (FileStore.PendingFile pending = sink.store().create(sink.path(0))) {
                for (StoredFile file : source.files()) {
                    copy(file, pending.stream());
                }
                pending.commit();
                tally.wroteFile();
            }
            return;
        }
        Parallel.run(source.files(), width, file -> {
            tally.startsReading();
            try {
                one(file);
            } catch (StoreException failure) {
                // With a single file any error fails the copy.
                if (source.isOneFile() || !faults.skips(failure)) {
                    throw failure;
                }
                tally.skippedFile();
                if (log.isPresent()) {
                    log.get().skipped("FileSkip", file.path(), failure.code() + ": " + failure.getMessage());
                }
            } finally {
                tally.endsReading();
            }
        });
    }

    private void one(StoredFile file) throws StoreException, InterruptedException {
        boolean isNamed = sink.fileName().isPresent() && source.isOneFile();
        String path = isNamed ? sink.path(0) : repacked(sink.path(source, file));
        try (FileStore.PendingFile pending = sink.store().create(path, file)) {
            long copied = copy(file, pending.stream());
            // Before it takes the place of what was there.
            if (!isRepacked() && copied != file.sizeBytes()) {
                throw StoreException.user("UserErrorDataInconsistency", "'" + file.path() + "' changed while it was copied: it was listed with "
                        + file.sizeBytes() + " bytes, and " + copied + " were read");
            }
            pending.commit();
            tally.wroteFile();
        }
        if (log.isPresent()) {
            log.get().done("FileWrite", path, "The file was copied");
        }
    }

    private boolean isRepacked() {
        return source.format().compression() != sink.format().compression();
    }

    /// The name without the ending of the packing that is taken off, and with that of the one that is put on.
    private String repacked(String path) {
        if (!isRepacked()) {
            return path;
        }
        String old = source.format().compression().suffix();
        String plain = !old.isEmpty() && path.endsWith(old) ? path.substring(0, path.length() - old.length()) : path;
        return plain + sink.format().compression().suffix();
    }

    /// @return how many bytes, as they are unpacked
    private long copy(StoredFile file, OutputStream target) throws StoreException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        Compression none = Compression.NONE;
        try (InputStream bytes = (isRepacked() ? source.format().compression() : none).unpack(tally.counted(source.store().open(file)))) {
            OutputStream counted = (isRepacked() ? sink.format().compression() : none).pack(tally.counted(target));
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                counted.write(buffer, 0, count);
                copied += count;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            if (isRepacked() && sink.format().compression() != none) {
                counted.close(); // its end is part of the data
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be copied: " + failure.getMessage(), failure);
        }
        tally.readFile();
        return copied;
    }
}
