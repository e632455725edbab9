package io.conshelf.server.audit;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Lines in a file for its owner's eyes. When it is full it is moved aside as `name.1.jsonl`, the one before it as `name.2.jsonl`, and the oldest goes.
///
/// The file is no channel: one would be closed, and its line lost, when a thread that is interrupted writes, as those that answer requests are when the
/// server stops.
final class RotatingFile implements Closeable {
    private final Path folder;
    private final String name;
    private final long bytesMax;
    private final int filesMax;
    private Optional<RandomAccessFile> open = Optional.empty();
    private long bytes;
    private boolean isDirty;

    /// @param folder   of the machine's own file system
    /// @param bytesMax of one file
    /// @param filesMax together with those that were moved aside
    RotatingFile(Path folder, String name, long bytesMax, int filesMax) {
        this.folder = folder;
        this.name = name;
        this.bytesMax = bytesMax;
        this.filesMax = filesMax;
    }

    synchronized void append(byte[] line) throws IOException {
        if (open.isPresent() && bytes > 0 && bytes + line.length > bytesMax) {
            moveAside();
        }
        RandomAccessFile file = open.isPresent() ? open.get() : opened();
        try {
            file.write(line);
            bytes += line.length;
            isDirty = true;
        } catch (IOException e) {
            // The next line begins with a new one, wherever this one was cut off.
            close();
            throw e;
        }
    }

    private RandomAccessFile opened() throws IOException {
        Path path = path(0);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try {
                Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException _) {
                // It is gone on with.
            }
        }
        var file = new RandomAccessFile(path.toFile(), "rw");
        open = Optional.of(file);
        bytes = file.length();
        if (bytes > 0) {
            file.seek(bytes - 1);
            if (file.read() != '\n') {
                file.write('\n');
                bytes++;
            }
        }
        return file;
    }

    private void moveAside() throws IOException {
        close();
        for (int age = filesMax - 1; age > 0; age--) {
            if (Files.exists(path(age - 1))) {
                Files.move(path(age - 1), path(age), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path path(int age) {
        return folder.resolve(age == 0 ? name + ".jsonl" : name + "." + age + ".jsonl");
    }

    /// Makes what was appended last through a failure of the machine. Nobody who appends waits for it.
    void force() throws IOException {
        RandomAccessFile file;
        synchronized (this) {
            if (!isDirty || open.isEmpty()) {
                return;
            }
            file = open.get();
            isDirty = false;
        }
        try {
            file.getFD().sync();
        } catch (IOException e) {
            synchronized (this) {
                // One that was moved aside or closed meanwhile was forced then.
                if (open.filter(now -> now == file).isPresent()) {
                    isDirty = true;
                    throw e;
                }
            }
        }
    }

    /// Forces the file even where nothing was appended since: a [#force] may be under way that this takes the file from.
    @Override
    public synchronized void close() throws IOException {
        if (open.isPresent()) {
            try (var file = open.get()) {
                open = Optional.empty();
                isDirty = false;
                file.getFD().sync();
            }
        }
    }
}
