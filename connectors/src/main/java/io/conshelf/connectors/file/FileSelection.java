package io.conshelf.connectors.file;

import java.time.Instant;

/// Which files of a store are meant.
public record FileSelection(Where where, Depth depth, Window modified) {

    /// Where the files stand.
    public sealed interface Where {
        /// One file, which must exist.
        record File(String path) implements Where {}

        /// The files of a folder, which must exist.
        record Folder(String folder, Wildcard names) implements Where {}

        /// The files of every folder whose path matches a pattern.
        record Folders(String pattern, Wildcard names) implements Where {}

        /// The files whose paths begin with a text, across folders.
        record Prefix(String prefix, Wildcard names) implements Where {}

        /// The files that a text file lists, one path a line, relative to a folder.
        record Listed(String folder, String list, Absent absent) implements Where {
            public Listed(String folder, String list) {
                this(folder, list, Absent.FAILS);
            }
        }
    }

    /// What becomes of a file that is listed and not there.
    public enum Absent {
        FAILS,
        /// It is found, as an empty one of long ago, and whoever opens it is told.
        IS_KEPT
    }

    public enum Depth { FOLDER_ALONE, WITH_SUBFOLDERS }

    /// A time of modification.
    ///
    /// @param from inclusive
    /// @param to   exclusive
    public record Window(Instant from, Instant to) {
        public static final Window ALWAYS = new Window(Instant.MIN, Instant.MAX);

        public boolean holds(Instant time) {
            return !time.isBefore(from) && time.isBefore(to);
        }
    }

    public static FileSelection of(Where where) {
        return new FileSelection(where, Depth.WITH_SUBFOLDERS, Window.ALWAYS);
    }

    public static FileSelection of(String folder, String file) {
        return of(new Where.File(StorePath.join(folder, file)));
    }

    public FileSelection with(Depth other) {
        return new FileSelection(where, other, modified);
    }

    public FileSelection within(Window window) {
        return new FileSelection(where, depth, window);
    }

    /// The same, and a file that is listed and not there is found too.
    public FileSelection keepingAbsent() {
        return where instanceof Where.Listed(String folder, String list, _) ? new FileSelection(new Where.Listed(folder, list, Absent.IS_KEPT), depth, modified)
                : this;
    }

    /// Whether it is one file, named outright.
    public boolean isOneFile() {
        return where instanceof Where.File;
    }

    /// The folder that the paths of what is found are kept relative to, and below which folders named `key=value` are partitions.
    public String base() {
        return switch (where) {
            case Where.File(String path) -> StorePath.parent(StorePath.of(path));
            case Where.Folder(String folder, _) -> StorePath.of(folder);
            case Where.Folders(String pattern, _) -> Wildcard.fixedFolders(pattern);
            case Where.Prefix(String prefix, _) -> StorePath.parent(prefix);
            case Where.Listed(String folder, _, _) -> StorePath.of(folder);
        };
    }
}
