package io.conshelf.server;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.server.tls.Tls;
import java.nio.file.Path;

/// What the server keeps for itself: databases of all, keys, credentials. A folder that commands may read has nothing of it.
final class PrivateFolders {
    private PrivateFolders() {}

    /// @throws IllegalArgumentException when what is allowed to commands and what is the server's own overlap
    static void requireApart(ServerConfig config) {
        config.data().ifPresent(folder -> requireApart(config, folder, "the data folder"));
        config.tls().map(Tls::source).ifPresent(source -> {
            switch (source) {
                case Tls.Local(Path folder) -> requireApart(config, folder, "the folder of the certificate authority");
                case Tls.Given(Path _, Path key) -> requireApart(config, key, "the certificate's key");
            }
        });
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
}
