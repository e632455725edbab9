package io.conshelf.server.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/// Copies blobs, queues and tables as they are at one moment. Nobody waits for more than that moment: contents are files that are
/// written once, so a second name keeps them while they are copied.
final class StorageBackup {
    private static final String KEPT = "backup-";

    private StorageBackup() {}

    /// What the journals would be if they were written anew now.
    record Moment(List<byte[]> queues, List<byte[]> tables, List<byte[]> blobs) {}

    /// @param own     the folder of the storage
    /// @param content the folder of the contents
    static void write(StoreLog queues, StoreLog tables, StoreLog blobs, Contents contents, Path own, Path content, Path target)
            throws IOException {
        Path kept = Files.createDirectory(own.resolve(KEPT + UUID.randomUUID()));
        try {
            Moment moment = queues.locked(() -> tables.locked(() -> blobs.locked(() -> {
                link(contents.referred(), content, kept);
                return new Moment(queues.snapshot(), tables.snapshot(), blobs.snapshot());
            })));
            journal(target.resolve("queues.journal"), moment.queues());
            journal(target.resolve("tables.journal"), moment.tables());
            journal(target.resolve("blobs.journal"), moment.blobs());
            Path copies = Files.createDirectory(target.resolve("blobs"));
            try (Stream<Path> files = Files.list(kept)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Files.copy(file, copies.resolve(file.getFileName()));
                }
            }
        } finally {
            delete(kept);
        }
    }

    /// The contents that blobs have.
    interface Contents {
        Set<String> referred();
    }

    private static void link(Set<String> names, Path from, Path to) {
        for (String name : names) {
            try {
                Files.createLink(to.resolve(name), from.resolve(name));
            } catch (IOException | UnsupportedOperationException e) {
                throw StorageException.io("keeping the contents for a backup", e instanceof IOException io ? io : new IOException(e));
            }
        }
    }

    private static void journal(Path file, List<byte[]> events) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(FileJournal.header());
            for (byte[] event : events) {
                out.write(FileJournal.frame(event));
            }
        }
    }

    /// Those that a kill came into.
    static void deleteLeftOver(Path own) throws IOException {
        var left = new ArrayList<Path>();
        try (var folders = Files.newDirectoryStream(own, KEPT + "*")) {
            folders.forEach(left::add);
        }
        for (Path folder : left) {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
