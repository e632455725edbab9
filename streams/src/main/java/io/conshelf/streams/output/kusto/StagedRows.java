package io.conshelf.streams.output.kusto;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Records in a file of this machine that only this user can read: an upload that fails can be tried again.
final class StagedRows {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path path;
    private final OutputStream stream;
    private long bytes;

    private StagedRows(Path path, OutputStream stream) {
        this.path = path;
        this.stream = stream;
    }

    static StagedRows create() throws IOException {
        Path path = Files.createTempFile("conshelf-job-", ".csv");
        return new StagedRows(path, new BufferedOutputStream(Files.newOutputStream(path), BUFFER_BYTES));
    }

    void add(byte[] record) throws IOException {
        stream.write(record);
        bytes += record.length;
    }

    long bytes() {
        return bytes;
    }

    Path finish() throws IOException {
        stream.close();
        return path;
    }
}
