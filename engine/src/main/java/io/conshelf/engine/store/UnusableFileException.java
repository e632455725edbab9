package io.conshelf.engine.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/// A file of the data folder that cannot be used: which one, why, and what to do.
final class UnusableFileException extends Exception {
    private static final long serialVersionUID = 1;
    private static final String RESTORE =
            "put back a copy of it, or restore the folder from a backup with './conshelf restore'";

    private UnusableFileException(String message, Throwable cause) {
        super(message, cause);
    }

    private UnusableFileException(String message) {
        super(message);
    }

    static UnusableFileException missing(String kind, Path file) {
        return new UnusableFileException("The file of the " + kind + " is not there: '" + file + "'. " + upper(RESTORE) + ".");
    }

    static UnusableFileException foreign(String kind, Path file) {
        return new UnusableFileException("'" + file + "' is not the file of a " + kind + " of this product, though it has its name."
                + " Move it away; then " + RESTORE + ".");
    }

    static UnusableFileException otherDatabase(Path file, String id) {
        return new UnusableFileException("'" + file + "' is the file of another database, '" + id + "'. Give the files their names"
                + " back, or " + RESTORE + ".");
    }

    static UnusableFileException newer(String kind, Path file, int found, int newest) {
        return new UnusableFileException("'" + file + "' was written by a newer release: the " + kind + " has format " + found
                + ", this release reads up to " + newest + ". Start a release that reads format " + found + ".");
    }

    static UnusableFileException noRoomToUpgrade(String kind, Path file, long needed, long free) {
        return new UnusableFileException("The " + kind + " in '" + file + "' is of an older format, and there is no room to keep a"
                + " copy while it is brought up: " + needed + " bytes are needed and " + free + " free. Free some and start again.");
    }

    static UnusableFileException notUpgraded(String kind, Path file, int from, int to, Path copy, Throwable cause) {
        return new UnusableFileException("The " + kind + " in '" + file + "' could not be brought from format " + from + " to " + to
                + " and stays as it was (a copy is '" + copy + "'): " + cause.getMessage(), cause);
    }

    static UnusableFileException damaged(String kind, Path file, String reason, Throwable cause) {
        String said = DiskTrouble.isDamage(String.valueOf(reason)) ? "a part of it is damaged (" + strip(reason) + ")" : reason;
        return new UnusableFileException("The " + kind + " in '" + file + "' cannot be opened: " + firstLine(said)
                + " Nothing was changed. " + advice(reason), cause);
    }

    static UnusableFileException damagedLog(String kind, Path log, int at) {
        return new UnusableFileException("The write-ahead log of the " + kind + ", '" + log + "', is damaged from byte " + at
                + " on, and what was committed after that is behind the damage. Nothing was changed. " + upper(RESTORE)
                + "; or shorten the log to " + at + " bytes, which gives up what was committed after.");
    }

    static UnusableFileException unreachable(String kind, Path file, IOException cause) {
        String reason = cause instanceof AccessDeniedException ? "access is denied"
                : cause instanceof FileSystemException known && known.getReason() != null ? known.getReason()
                : String.valueOf(cause.getMessage());
        return new UnusableFileException("The " + kind + " in '" + file + "' cannot be used: " + reason + ". " + advice(reason), cause);
    }

    private static String advice(String reason) {
        String lower = String.valueOf(reason).toLowerCase(Locale.ROOT);
        if (lower.contains("lock on file") || lower.contains("conflicting lock")) {
            return "Stop the process that uses the folder, or choose another folder.";
        }
        if (lower.contains("read-only") || lower.contains("permission denied") || lower.contains("access is denied")) {
            return "Let this process write to the folder and start again.";
        }
        if (lower.contains("storage version")) {
            return "It was written by a newer release: start that one.";
        }
        if (lower.contains("no space left") || lower.contains("quota")) {
            return "Free some space and start again.";
        }
        return upper(RESTORE) + ".";
    }

    private static String strip(String reason) {
        return reason.lines().findFirst().orElse("").strip();
    }

    private static String firstLine(String text) {
        String line = String.valueOf(text).lines().findFirst().orElse("").strip();
        return line.endsWith(".") || line.endsWith("!") ? line : line + ".";
    }

    private static String upper(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
