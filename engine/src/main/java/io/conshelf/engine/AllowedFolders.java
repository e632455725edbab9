package io.conshelf.engine;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The folders of this machine that commands may read and write. What counts is where a path leads once its links are followed,
/// so that no link in an allowed folder opens another.
public record AllowedFolders(List<Path> folders) {
    public AllowedFolders {
        folders = List.copyOf(folders);
    }

    /// A file or folder of this machine, as a path or as a `file:` URI.
    public static Path path(String text) {
        try {
            Path path = text.regionMatches(true, 0, "file:", 0, 5) ? Path.of(URI.create(text)) : Path.of(text);
            // A relative one would be of the server's working folder, which is nothing to its clients.
            if (!path.isAbsolute()) {
                throw new KustoException(Errors.badRequest("'" + text + "' is a relative path: give the whole path, from the root of the disk"));
            }
            return path.normalize();
        } catch (IllegalArgumentException e) {
            throw new KustoException(Errors.badRequest("'" + text + "' is not a path: " + e.getMessage()), e);
        }
    }

    /// Whether a file or folder, or what is to become one, lies in one of these.
    public boolean allows(Path path) {
        return real(path).filter(real -> folders.stream().anyMatch(folder -> real(folder).filter(real::startsWith).isPresent())).isPresent();
    }

    /// The one of these that is a folder, lies in it or has it in it, wherever their links lead.
    public Optional<Path> overlapping(Path folder) {
        return real(folder).flatMap(own -> folders.stream()
                .filter(allowed -> real(allowed).filter(real -> real.startsWith(own) || own.startsWith(real)).isPresent())
                .findFirst());
    }

    /// Where a path leads, if that lies in one of these; for what opens it after it was allowed.
    public Path requireReadable(Path path) {
        return real(path).filter(this::allows).orElseThrow(() -> new KustoException(Errors.badRequest("'" + path
                + "' is not in a folder that commands may read: list it, or one above it, under 'allowedFolders' in the configuration")));
    }

    /// Of what is not there yet the folders above it count; empty where a link leads nowhere.
    private static Optional<Path> real(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        Path present = whole;
        while (!Files.exists(present, LinkOption.NOFOLLOW_LINKS)) {
            if (present.getParent() == null) {
                return Optional.empty();
            }
            present = present.getParent();
        }
        try {
            return Optional.of(present.toRealPath().resolve(present.relativize(whole)).normalize());
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
