package io.conshelf.server;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.server.tls.Tls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the server keeps for itself: databases of all, keys, credentials, and the secrets that it was given. A folder that commands may read has nothing of it.
final class PrivateFolders {
    private PrivateFolders() {}

    /// @throws IllegalArgumentException when what is allowed to commands and what is the server's own overlap
    static void requireApart(ServerConfig config) {
        config.data().ifPresent(folder -> requireApart(config, folder, "the data folder"));
        config.tls().map(Tls::source).ifPresent(source -> {
            switch (source) {
                case Tls.Local(Path folder) -> requireApart(config, folder, "the folder of the certificate authority");
                case Tls.Given(Path _, Path key) -> requireMoved(config, new KeptApart("the certificate's key (--key)", key));
            }
        });
        config.keptApart().forEach(kept -> requireMoved(config, kept));
    }

    /// Of a server whose data is in memory. Where nobody signs in, there is nothing in its folder that who asks may not have.
    static void requireApart(ServerConfig config, Path temporary) {
        if (config.auth() == ServerConfig.Auth.ENTRA) {
            requireApart(config, temporary, "the folder of the credentials");
        }
    }

    private static void requireApart(ServerConfig config, Path own, String what) {
        new AllowedFolders(config.allowedFolders()).overlapping(own).ifPresent(allowed -> {
            throw new IllegalArgumentException("'" + allowed + "' of 'allowedFolders' and " + what + ", '" + own.toAbsolutePath().normalize()
                    + "', are one, or one lies in the other: whoever runs commands could read the rows and keys of all; allow a folder beside it");
        });
    }

    private static void requireMoved(ServerConfig config, KeptApart kept) {
        requireOutside(config, kept, kept.path());
        if (Files.isDirectory(kept.path())) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(kept.path())) {
                for (Path entry : entries) {
                    requireOutside(config, kept, entry);
                }
            } catch (IOException e) {
                throw new IllegalArgumentException("It cannot be told where the files of " + kept.what() + ", '" + kept.path() + "', lead: " + e.getMessage()
                        + "; let the server list that folder", e);
            }
        }
    }

    private static void requireOutside(ServerConfig config, KeptApart kept, Path path) {
        var folders = new AllowedFolders(config.allowedFolders());
        folders.overlapping(path).or(() -> besideItsLink(folders, path)).ifPresent(allowed -> {
            throw new IllegalArgumentException("'" + allowed + "' of 'allowedFolders' and " + kept.what() + " are one, or one lies in the other: whoever runs"
                    + " commands could read it; move '" + path.toAbsolutePath().normalize() + "', or what it links to, to where no command may read, or allow another folder");
        });
    }

    // Where a link lies it could be put in the place of another, whatever it leads to.
    private static Optional<Path> besideItsLink(AllowedFolders folders, Path path) {
        Path folder = path.toAbsolutePath().normalize().getParent();
        return Files.isSymbolicLink(path) && folder != null && folders.allows(folder) ? folders.overlapping(folder) : Optional.empty();
    }
}
