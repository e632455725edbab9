package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Which folders of this machine a definition may name.
public sealed interface FolderAccess {
    /// Whoever runs the command owns the machine.
    FolderAccess ANY = new Any();

    /// The folder that a definition means.
    ///
    /// @param base where relative folders begin
    Path resolve(Path base, String folder) throws StoreException;

    /// Only these and what lies in them. A relative folder begins in the first of them.
    static FolderAccess within(List<Path> folders) {
        return new Within(folders.stream().map(folder -> folder.toAbsolutePath().normalize()).toList());
    }

    record Any() implements FolderAccess {
        @Override
        public Path resolve(Path base, String folder) throws StoreException {
            return FolderAccess.path(base, folder);
        }
    }

    record Within(List<Path> folders) implements FolderAccess {
        @Override
        public Path resolve(Path base, String folder) throws StoreException {
            if (folders.isEmpty()) {
                throw refused(folder, "none is");
            }
            Path resolved = FolderAccess.path(folders.getFirst(), folder);
            try {
                for (Path allowed : folders) {
                    if (Files.exists(allowed) && FolderAccess.encloses(allowed, resolved)) {
                        return resolved;
                    }
                }
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileReadFailure", "The folder '" + folder + "' cannot be resolved: " + failure.getMessage(), failure);
            }
            throw refused(folder, "allowed are " + folders.stream().map(Path::toString).collect(Collectors.joining(", ")));
        }

        private static StoreException refused(String folder, String allowed) {
            return StoreException.user("UserErrorFolderNotAllowed", "The folder '" + folder
                    + "' may not be reached; list it under 'allowedFolders' in the file given with --config (" + allowed + ")");
        }
    }

    /// Whether a path lies in a folder that is there: a link on the way may lead outside, and so may the folder itself be one.
    static boolean encloses(Path folder, Path path) throws IOException {
        Path existing = path;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return path.startsWith(folder) && existing != null && existing.toRealPath().startsWith(folder.toRealPath());
    }

    private static Path path(Path base, String folder) throws StoreException {
        try {
            return base.toAbsolutePath().resolve(Path.of(folder)).normalize();
        } catch (InvalidPathException invalid) {
            throw StoreException.user("UserErrorInvalidFilePath", "'" + folder + "' is not a path: " + invalid.getReason());
        }
    }
}
