package io.conshelf.engine.command;

import io.conshelf.engine.external.ExternalTables;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Brings a complete file to its place so that it is there whole or not at all, also after a failure of the machine: what is told
/// of it afterwards, such as the cursor of a continuous export, is durable too.
final class ExportedFile {
    private ExportedFile() {}

    /// @param target which nothing is at yet
    static void place(Path file, Path target) throws IOException {
        Path folder = target.getParent();
        Path known = folder;
        while (!Files.exists(known)) {
            known = known.getParent();
        }
        Files.createDirectories(folder);
        // Between file systems a move is a copy that can be seen half done.
        Path partial = folder.resolve(ExternalTables.partialName(target.getFileName().toString()));
        try {
            Files.move(file, partial);
            try (var written = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                written.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
        for (Path above = folder; above.startsWith(known); above = above.getParent()) {
            force(above);
            if (above.equals(known)) {
                break;
            }
        }
    }

    private static void force(Path folder) throws IOException {
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
