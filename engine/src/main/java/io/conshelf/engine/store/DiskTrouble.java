package io.conshelf.engine.store;

import io.conshelf.engine.ServiceError;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.ReadOnlyFileSystemException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/// What a failing disk means for whoever asked for something, in the service's terms. None of it is permanent: the same request
/// succeeds once somebody has seen to the disk, and what is queued waits for that.
public final class DiskTrouble {
    /// The code of requests that can be repeated when the disk is well again.
    public static final String CODE = "ServiceUnavailable";
    private static final String TYPE = "Kusto.Data.Exceptions.KustoServiceException";

    private DiskTrouble() {}

    /// Empty where the disk has no part in the failure.
    public static Optional<ServiceError> of(SQLException failure) {
        return of(String.valueOf(failure.getMessage()));
    }

    /// What a failure of a query means whose file is damaged: one of these databases'. Empty where that is not it.
    ///
    /// @param databases the ids of those that the query reads
    public static Optional<ServiceError> ofReading(SQLException failure, Set<String> databases) {
        String message = String.valueOf(failure.getMessage());
        if (!isDamage(message) || databases.isEmpty()) {
            return Optional.empty();
        }
        String files = String.join(", ", databases.stream().sorted().map(id -> "'databases/" + id + ".duckdb'").toList());
        return Optional.of(error("A part of " + (databases.size() == 1 ? "the file " : "one of the files ") + files
                + " of the data folder is damaged: " + cause(message) + " Other data can be read."
                + " Check the disk and restore the folder from a backup with './conshelf restore'."));
    }

    /// Java tells what is denied by an exception of its own, which may stand behind others and has no words.
    public static Optional<ServiceError> of(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AccessDeniedException denied) {
                return of("Permission denied: " + denied.getFile());
            }
            if (cause instanceof ReadOnlyFileSystemException) {
                return of("Read-only file system");
            }
        }
        return of(String.valueOf(failure.getMessage()));
    }

    private static Optional<ServiceError> of(String message) {
        if (isInvalidated(message)) {
            return Optional.of(error("A write to the database's file failed (" + cause(message)
                    + "), so the file is opened again as soon as the disk allows. Nothing that was acknowledged is lost."));
        }
        if (isFull(message)) {
            return Optional.of(error("The disk is full: " + cause(message) + " Nothing of the request was kept."
                    + " Free some space and repeat it; what is stored can be queried meanwhile."));
        }
        if (message.contains("Read-only file system") || message.contains("Permission denied")
                || message.contains("Operation not permitted")) {
            return Optional.of(error("The data folder cannot be written: " + cause(message) + " Nothing of the request was kept."
                    + " Let this process write there and repeat it; what is stored can be queried meanwhile."));
        }
        if (isDamage(message)) {
            return Optional.of(error("A part of a database's file is damaged: " + cause(message) + " Other data can be read."
                    + " Check the disk and restore the folder from a backup with './conshelf restore'."));
        }
        return Optional.empty();
    }

    static ServiceError noRoom(long freeBytes, long keptBytes) {
        return error("The disk of the data folder is full: " + freeBytes + " bytes are free and " + keptBytes
                + " are kept for what was acknowledged already. Nothing of the request was kept. Free some space, or drop tables, extents"
                + " or rows that are not needed, and repeat it; what is stored can be queried meanwhile.");
    }

    static ServiceError noRoomForMemory(long freeBytes) {
        return error("The disk is full: what memory has no room for goes there, and " + freeBytes + " bytes are free. Nothing of the request was kept."
                + " Free some space and repeat it; what is stored can be queried meanwhile.");
    }

    /// Whether DuckDB takes nothing more for a file until it is attached anew.
    static boolean isInvalidated(String message) {
        return message.contains("has been invalidated");
    }

    /// The driver has lost the reason where a result breaks off at a block that cannot be read.
    static boolean isDamage(String message) {
        return message.contains("Data Corruption Error") || message.contains("Corrupt database file")
                || message.contains("Could not read enough bytes from file") || message.contains("Invalid result set");
    }

    private static boolean isFull(String message) {
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private static String cause(String message) {
        String line = message.lines().findFirst().orElse(message).strip();
        int original = line.indexOf("Original error: ");
        String said = original < 0 ? line : line.substring(original + "Original error: ".length());
        String plain = said.replaceFirst("^(?:[A-Za-z]+ (?:Error|Exception): )+", "").replaceFirst("^Failed to commit: ", "");
        return plain.endsWith(".") || plain.endsWith("!") ? plain : plain + ".";
    }

    private static ServiceError error(String message) {
        return new ServiceError(503, CODE, TYPE, message, false, Optional.empty());
    }
}
