package io.conshelf.server.tls;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;

/// How https is served, beside http.
///
/// @param port 0 picks a free one
public record Tls(int port, Source source) {
    /// Where the certificate comes from.
    public sealed interface Source {}

    /// Issued by the local authority in a folder, both made where they are missing.
    public record Local(Path folder) implements Source {}

    /// Given as files of PEM.
    ///
    /// @param certificate the server's certificate, followed by those that issued it
    /// @param key         its private key, in PKCS #8 without a password
    public record Given(Path certificate, Path key) implements Source {}

    /// @param names under which clients reach the server: the certificate is for them
    /// @throws IllegalArgumentException when what was given cannot be used; the message says why
    public ServerCertificate certificate(Collection<String> names) {
        return certificate(names, Set.of());
    }

    /// @param accounts names of accounts of the storage, which the certificate is for too
    public ServerCertificate certificate(Collection<String> names, Collection<String> accounts) {
        return switch (source) {
            case Local(Path folder) -> LocalAuthority.in(folder).certificate(names, accounts);
            case Given(Path certificate, Path key) -> PemFiles.read(certificate, key);
        };
    }
}
