package io.conshelf.server.backup;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.FolderLock;
import io.conshelf.server.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/// Writes backups: of a running cluster without stopping it, or of the data folder of one that is stopped.
public final class ClusterBackup {
    /// Where below the data folder a backup may go in any case.
    public static final String FOLDER = "backups";
    /// What the databases' own folder holds and no backup needs.
    private static final List<String> LEFT_OUT = List.of("spill", FOLDER, "folder.lock");
    private static final String KEY = "storage.key";

    private final Engine engine;
    private final Storage storage;
    private final Optional<Path> data;
    private final List<Path> allowed;

    /// @param data    absent when the cluster is in memory
    /// @param allowed folders that the configuration lets the cluster read and write
    public ClusterBackup(Engine engine, Storage storage, Optional<Path> data, List<Path> allowed) {
        this.engine = engine;
        this.storage = storage;
        this.data = data;
        this.allowed = List.copyOf(allowed);
    }

    /// Copies the running cluster into a folder that is empty or not there yet.
    ///
    /// @throws io.conshelf.engine.KustoException when the principal may not, or the engine fails
    public BackupManifest write(Request request, Path target) throws BackupException {
        if (data.isEmpty()) {
            throw new BackupException("This cluster is in memory and has nothing that a restart would find. Start it with --data DIR.");
        }
        Path folder = target.toAbsolutePath().normalize();
        requireAllowed(folder);
        try {
            requireEmpty(folder);
            KeptFiles.createFolder(folder);
            // The queues first: what they still hold may be in the databases by then, where it is known and not taken again.
            storage.backup(Files.createDirectory(folder.resolve("storage")));
            copyKey(data.get(), folder);
            onThreadOfItsOwn(() -> engine.backup(request, folder));
            return BackupManifest.write(folder, request.now());
        } catch (IOException e) {
            throw unwritten(folder, e);
        }
    }

    // DuckDB's calls keep the thread they are made on.
    private static void onThreadOfItsOwn(Runnable work) throws BackupException {
        var task = new FutureTask<Void>(work, null);
        Thread.ofPlatform().daemon().name("conshelf-backup").start(task);
        try {
            task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException("The backup was interrupted; what is in its folder is none.", e);
        }
    }

    private void requireAllowed(Path folder) throws BackupException {
        Path own = data.orElseThrow().toAbsolutePath().normalize().resolve(FOLDER);
        boolean isAllowed = !folder.equals(own) && new AllowedFolders(List.of(own)).allows(folder);
        if (!isAllowed && !new AllowedFolders(allowed).allows(folder)) {
            throw new BackupException("A running cluster writes a backup only into '" + own + "/…' or below one of the 'allowedFolders' of its"
                    + " configuration, found '" + folder + "'. Name such a folder, or stop the cluster and use --data.");
        }
    }

    /// Copies the data folder of a stopped cluster.
    public static BackupManifest ofFolder(Path data, Path target, Instant now) throws BackupException {
        if (!Files.isRegularFile(data.resolve("system.duckdb"))) {
            throw new BackupException("'" + data + "' is not the data folder of a cluster: it has no 'system.duckdb'.");
        }
        Path folder = target.toAbsolutePath().normalize();
        if (folder.startsWith(data.toAbsolutePath().normalize()) && !folder.startsWith(data.toAbsolutePath().normalize().resolve(FOLDER))) {
            throw new BackupException("'" + target + "' is inside the data folder. Name a folder outside it, or below its '" + FOLDER + "'.");
        }
        try (FolderLock _ = lock(data)) {
            requireEmpty(folder);
            KeptFiles.createFolder(folder);
            List<Path> parts;
            try (Stream<Path> files = Files.list(data)) {
                parts = files.filter(file -> !LEFT_OUT.contains(file.getFileName().toString())).sorted().toList();
            }
            for (Path part : parts) {
                copyTree(part, folder.resolve(part.getFileName().toString()));
            }
            return BackupManifest.write(folder, now);
        } catch (IOException e) {
            throw unwritten(folder, e);
        }
    }

    private static FolderLock lock(Path data) throws BackupException {
        try {
            return FolderLock.take(data);
        } catch (IllegalStateException e) {
            throw new BackupException(e.getMessage() + " To back up a running cluster use --cluster.", e);
        }
    }

    /// Makes a data folder of a backup, once everything in the backup has proved to be as it was written.
    public static BackupManifest restore(Path backup, Path data) throws BackupException {
        Path folder = data.toAbsolutePath().normalize();
        try {
            BackupManifest manifest = BackupManifest.verified(backup.toAbsolutePath().normalize());
            requireEmpty(folder);
            KeptFiles.createFolder(folder);
            // The system store last: a folder without it is not taken for a cluster's.
            for (boolean isSystem : List.of(false, true)) {
                for (BackupManifest.Entry entry : manifest.files()) {
                    if (entry.path().startsWith("system.duckdb") == isSystem) {
                        Path file = folder.resolve(entry.path());
                        KeptFiles.createFolder(file.getParent());
                        Files.copy(backup.resolve(entry.path()), file, StandardCopyOption.COPY_ATTRIBUTES);
                        KeptFiles.keep(file);
                    }
                }
                KeptFiles.keepNames(folder);
            }
            return manifest;
        } catch (IOException e) {
            throw new BackupException("The backup could not be restored to '" + folder + "': " + e + ". Empty the folder and try again.", e);
        }
    }

    private static void requireEmpty(Path folder) throws IOException, BackupException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new BackupException("'" + folder + "' is not empty. Name a folder that is empty or not there yet.");
            }
        }
    }

    // It signs what is queued, so without it that would be refused; its permissions go with it.
    private static void copyKey(Path data, Path folder) throws IOException {
        Files.copy(data.resolve(KEY), folder.resolve(KEY), StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    KeptFiles.createFolder(copy);
                } else {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private static BackupException unwritten(Path folder, IOException e) {
        return new BackupException("The backup could not be written to '" + folder + "': " + e + ". What is there is no backup; delete it.", e);
    }
}
