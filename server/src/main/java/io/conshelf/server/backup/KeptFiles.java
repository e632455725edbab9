package io.conshelf.server.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Files that hold a cluster's data: only their owner reads them, and they are on the disk by name and content.
final class KeptFiles {
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");

    private KeptFiles() {}

    /// Makes a folder where there is none, and those above it.
    static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder, isPosix(folder)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FOLDER)} : new FileAttribute<?>[0]);
    }

    static void keep(Path file) throws IOException {
        if (isPosix(file)) {
            Files.setPosixFilePermissions(file, FILE);
        }
        force(file);
    }

    /// That the names in a folder, in all below it and its own are on the disk; the lowest first. Whose folder the upper one is
    /// decides who reads that.
    static void keepNames(Path folder) throws IOException {
        if (!isPosix(folder)) {
            return; // Elsewhere a folder cannot be opened, and names need no such thing.
        }
        List<Path> folders;
        try (Stream<Path> below = Files.walk(folder)) {
            folders = below.filter(Files::isDirectory).toList().reversed();
        }
        for (Path each : folders) {
            if (!each.equals(folder)) {
                Files.setPosixFilePermissions(each, FOLDER);
            }
            force(each);
        }
        Path above = folder.toAbsolutePath().getParent();
        if (Files.isReadable(above)) {
            force(above);
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
