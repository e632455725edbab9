package io.conshelf.connectors.file;

import java.time.Instant;
import java.util.Optional;

/// Which files of a store are meant. Wildcards: `*`, `?` (zero or one character), `^` takes the next character as it is.
///
/// @param folder the folder to start from, "" for the root
/// @param file   a name or wildcard; empty means every file
/// @param isFolderWildcard whether `folder` holds wildcards
/// @param isFileWildcard   whether `file` is a wildcard rather than a name
/// @param modifiedFrom inclusive
/// @param modifiedTo   exclusive
public record FileSelection(String folder, Optional<String> file, boolean isFolderWildcard, boolean isFileWildcard, boolean isRecursive,
        Optional<Instant> modifiedFrom, Optional<Instant> modifiedTo) {

    public static FileSelection of(String folder, String file) {
        return new FileSelection(folder, Optional.of(file), false, false, false, Optional.empty(), Optional.empty());
    }

    boolean isOneFile() {
        return file.isPresent() && !isFileWildcard && !isFolderWildcard;
    }
}
