package io.conshelf.server.audit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Lines in a file for its owner's eyes. When it is full it is moved aside as `name.1.jsonl`, the one before it as `name.2.jsonl`, and the oldest goes.
final class RotatingFile implements Closeable {
    private final Path folder;
    private final String name;
    private final long bytesMax;
    private final int filesMax;
    private Optional<FileChannel> open = Optional.empty();
    private long bytes;
    private boolean isDirty;

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
        FileChannel channel = open.isPresent() ? open.get() : opened();
        try {
            for (var left = ByteBuffer.wrap(line); left.hasRemaining(); ) {
                bytes += channel.write(left);
            }
            isDirty = true;
        } catch (IOException e) {
            // The next line begins with a new one, wherever this one was cut off.
            close();
            throw e;
        }
    }

    private FileChannel opened() throws IOException {
        Path file = file(0);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException _) {
                // It is gone on with.
            }
        }
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        open = Optional.of(channel);
        bytes = channel.size();
        channel.position(bytes);
        if (bytes > 0) {
            var last = ByteBuffer.allocate(1);
            channel.read(last, bytes - 1);
            if (last.get(0) != '\n') {
                bytes += channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
            }
        }
        return channel;
    }

    private void moveAside() throws IOException {
        force();
        close();
        for (int age = filesMax - 1; age > 0; age--) {
            if (Files.exists(file(age - 1))) {
                Files.move(file(age - 1), file(age), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path file(int age) {
        return folder.resolve(age == 0 ? name + ".jsonl" : name + "." + age + ".jsonl");
    }

    /// Makes what was appended last through a failure of the machine.
    synchronized void force() throws IOException {
        if (isDirty && open.isPresent()) {
            open.get().force(false);
            isDirty = false;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (open.isPresent()) {
            try (var channel = open.get()) {
                open = Optional.empty();
                if (isDirty) {
                    channel.force(false);
                    isDirty = false;
                }
            }
        }
    }
}
