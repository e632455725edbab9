package io.conshelf.engine.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps a data folder for one process. The system gives it back when the process ends, however it ends.
public final class FolderLock implements AutoCloseable {
    private static final String FILE = "folder.lock";
    // The system forgets all locks of a process on a file as soon as the process closes the file once, so a folder that is
    // taken is not even looked at again.
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /// @throws IllegalStateException when another process, or another part of this one, uses the folder, or it is none
    public static FolderLock take(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IllegalStateException("The data folder '" + folder + "' is a file. Name a folder, or one that is yet to be made.");
        }
        Path file = folder.resolve(FILE);
        try {
            Path real = Files.createDirectories(folder).toRealPath();
            if (!TAKEN.add(real)) {
                throw inUse(folder, Long.toString(ProcessHandle.current().pid()));
            }
            boolean isTaken = false;
            try {
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                if (channel.tryLock() == null) {
                    channel.close();
                    throw inUse(folder, Files.readString(file, StandardCharsets.US_ASCII).strip());
                }
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
                isTaken = true;
                return new FolderLock(real, channel);
            } finally {
                if (!isTaken) {
                    TAKEN.remove(real);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(UnusableFileException.unreachable("lock of the data folder", file, e).getMessage(), e);
        }
    }

    private static IllegalStateException inUse(Path folder, String pid) {
        return new IllegalStateException("The data folder '" + folder + "' is in use" + (pid.isEmpty() ? "" : " by process " + pid)
                + ". Stop that process, or choose another folder.");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // The lock goes with the process at the latest.
        }
        TAKEN.remove(folder);
    }
}
