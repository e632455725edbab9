package io.conshelf.cli;

import io.conshelf.server.tls.LocalAuthority;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `conshelf cert`: where the authority is that certificates of `up --tls` come from, and how clients trust it.
@Command(
        name = "cert",
        description = "Prints what clients set to trust the certificate of 'conshelf up --tls', as lines for a shell.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  eval \"$(conshelf cert)\"", "  eval \"$(conshelf cert --data /data)\""})
final class CertCommand implements Runnable {
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";

    @Option(names = "--data", paramLabel = "DIR", description = "the data folder of the cluster; without it the authority is your own, as of a cluster in memory")
    private Optional<Path> data;

    @Override
    public void run() {
        try {
            print(LocalAuthority.in(folder(data)));
        } catch (UncheckedIOException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }

    /// All that may be damaged is read before anything is printed: a shell is to take all of it or nothing.
    private static void print(LocalAuthority authority) {
        authority.make();
        Set<String> names = authority.namesToBeFound();
        System.out.print("""
                # The authority, valid until %s: %s
                # Java
                export JAVA_TOOL_OPTIONS=%s
                # Python
                export REQUESTS_CA_BUNDLE=%s
                # Node
                export NODE_EXTRA_CA_CERTS=%s
                # Go, .NET on Linux, Python's aiohttp, OpenSSL
                export SSL_CERT_FILE=%4$s
                # curl
                export CURL_CA_BUNDLE=%4$s
                # or this whole machine; Debian:
                #   sudo cp %5$s /usr/local/share/ca-certificates/conshelf.crt && sudo update-ca-certificates
                # macOS:
                #   security add-trusted-cert -k ~/Library/Keychains/login.keychain-db %5$s
                # Windows:
                #   certutil -user -addstore Root %5$s
                """.formatted(
                authority.validUntil().atZone(ZoneOffset.UTC).toLocalDate(), authority.certificate(),
                quoted("-D" + TRUST_STORE + "=" + authority.trustStore() + " -D" + TRUST_STORE + "Password=" + LocalAuthority.trustStorePassword()),
                quoted(authority.bundle().toString()), quoted(authority.certificate().toString())));
        if (!names.isEmpty()) {
            System.out.println("# names of the certificate for the file of hosts (/etc/hosts), where a client asks for one of them; here of a cluster on this machine:");
            names.forEach(name -> System.out.println("#   127.0.0.1 " + name));
        }
    }

    /// A word for a shell.
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./:=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    static Path folder(Optional<Path> data) {
        return data.map(folder -> folder.resolve("tls"))
                .orElseGet(() -> LocalAuthority.folderOfUser(System.getenv(), System.getProperty("user.home")));
    }

    /// So that this command reaches its own clusters by https. A trust store that was given stays.
    static void trustOwnAuthority() {
        LocalAuthority own = LocalAuthority.in(folder(Optional.empty()));
        if (System.getProperty(TRUST_STORE) == null && own.exists()) {
            System.setProperty(TRUST_STORE, own.trustStore().toString());
            System.setProperty(TRUST_STORE + "Password", LocalAuthority.trustStorePassword());
        }
    }
}
