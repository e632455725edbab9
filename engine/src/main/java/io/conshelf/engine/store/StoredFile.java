package io.conshelf.engine.store;

import io.conshelf.engine.duck.DuckInstance;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Attaches a file that was written before, and brings it from an older format to this release's: in one transaction, with a
/// copy of the file beside it until that is done.
final class StoredFile {
    private static final Logger LOG = LoggerFactory.getLogger(StoredFile.class);
    /// What an upgrade writes beside the copy.
    private static final long UPGRADE_BYTES = 32L << 20;

    private final DuckInstance duck;
    private final Path file;
    private final String alias;
    private final FileFormat format;

    private StoredFile(DuckInstance duck, Path file, String alias, FileFormat format) {
        this.duck = duck;
        this.file = file;
        this.alias = alias;
        this.format = format;
    }

    /// @throws UnusableFileException when it is not there, not readable, or of another release; it is not attached then
    static void attach(DuckInstance duck, Path file, String alias, FileFormat format) throws UnusableFileException {
        var stored = new StoredFile(duck, file, alias, format);
        boolean isUsable = false;
        try {
            stored.open();
            int found = stored.found();
            if (found < format.newest()) {
                duck.detach(alias);
                stored.upgrade(found);
            }
            stored.deleteCopies();
            isUsable = true;
        } catch (SQLException e) {
            throw UnusableFileException.damaged(format.kind(), file, e.getMessage(), e);
        } catch (IOException e) {
            throw UnusableFileException.unreachable(format.kind(), file, e);
        } finally {
            if (!isUsable) {
                stored.detachQuietly();
            }
        }
    }

    private void open() throws SQLException, IOException, UnusableFileException {
        // Attaching would make an empty one.
        if (!Files.exists(file)) {
            throw UnusableFileException.missing(format.kind(), file);
        }
        for (Path log : DuckInstance.writeAheadLogs(file)) {
            OptionalInt damage = WriteAheadLog.damage(log);
            if (damage.isPresent()) {
                throw UnusableFileException.damagedLog(format.kind(), log, damage.getAsInt());
            }
        }
        duck.attach(file, alias);
    }

    private int found() throws SQLException, UnusableFileException {
        try (Connection connection = duck.connect()) {
            int found = format.of(connection, alias);
            if (found == 0) {
                throw UnusableFileException.foreign(format.kind(), file);
            }
            if (found > format.newest()) {
                throw UnusableFileException.newer(format.kind(), file, found, format.newest());
            }
            return found;
        }
    }

    private void upgrade(int found) throws SQLException, IOException, UnusableFileException {
        Path copy = copyOf(file, found);
        long bytes = Files.size(file);
        long free = Files.getFileStore(file).getUsableSpace();
        if (free < bytes + UPGRADE_BYTES) {
            throw UnusableFileException.noRoomToUpgrade(format.kind(), file, bytes + UPGRADE_BYTES, free);
        }
        copy(file, copy);
        List<Path> logs = DuckInstance.writeAheadLogs(file);
        for (int i = 0; i < logs.size(); i++) {
            if (Files.exists(logs.get(i))) {
                copy(logs.get(i), DuckInstance.writeAheadLogs(copy).get(i));
            }
        }
        duck.attach(file, alias);
        try (Connection connection = duck.connect()) {
            Jdbc.execute(connection, "BEGIN TRANSACTION");
            boolean isCommitted = false;
            try {
                format.bringUp(connection, alias, found);
                Jdbc.execute(connection, "COMMIT");
                isCommitted = true;
            } catch (SQLException e) {
                throw UnusableFileException.notUpgraded(format.kind(), file, found, format.newest(), copy, e);
            } finally {
                if (!isCommitted) {
                    Jdbc.rollback(connection);
                }
            }
            Jdbc.execute(connection, "CHECKPOINT " + alias);
        }
        LOG.info("{} was brought from format {} to {}", file, found, format.newest());
    }

    /// Those of an upgrade that a kill came into once it was done.
    private void deleteCopies() throws IOException {
        for (int old = 1; old < format.newest(); old++) {
            Path copy = copyOf(file, old);
            Files.deleteIfExists(copy);
            for (Path log : DuckInstance.writeAheadLogs(copy)) {
                Files.deleteIfExists(log);
            }
        }
    }

    static Path copyOf(Path file, int format) {
        return file.resolveSibling(file.getFileName() + ".format-" + format);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel written = FileChannel.open(to, StandardOpenOption.WRITE)) {
            written.force(true);
        }
    }

    private void detachQuietly() {
        try {
            duck.detach(alias);
        } catch (SQLException _) {
            // It was not attached.
            return;
        }
    }
}
