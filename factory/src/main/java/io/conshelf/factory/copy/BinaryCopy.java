package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Copies files byte by byte.
final class BinaryCopy {
    private final CopySource.Files source;
    private final FileSink sink;
    private final Tally tally;

    BinaryCopy(CopySource.Files source, FileSink sink, Tally tally) {
        this.source = source;
        this.sink = sink;
        this.tally = tally;
    }

    void run() throws StoreException, InterruptedException {
        tally.hasRows = false;
        if (sink.behavior() == FileSink.Behavior.MERGE_FILES) {
            try (FileStore.PendingFile pending = sink.store().create(sink.path(0))) {
                for (StoredFile file : source.files()) {
                    copy(file, pending.stream());
                }
                pending.commit();
                tally.filesWritten++;
            }
            return;
        }
        for (StoredFile file : source.files()) {
            boolean isNamed = sink.fileName().isPresent() && source.isOneFile();
            try (FileStore.PendingFile pending = sink.store().create(isNamed ? sink.path(0) : sink.path(source, file))) {
                copy(file, pending.stream());
                pending.commit();
                tally.filesWritten++;
            }
        }
    }

    private void copy(StoredFile file, OutputStream target) throws StoreException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream bytes = tally.counted(source.store().open(file))) {
            OutputStream counted = tally.counted(target);
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                counted.write(buffer, 0, count);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be copied: " + failure.getMessage(), failure);
        }
        tally.filesRead++;
    }
}
