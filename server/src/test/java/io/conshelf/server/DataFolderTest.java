package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.server.tls.Tls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @Test
    void aFolderThatAnotherServerHasIsRefusedWithItsProcess(@TempDir Path folder) {
        try (Server _ = Server.start(ServerConfig.local().withPort(0).withData(folder))) {
            assertThatThrownBy(() -> Server.start(ServerConfig.local().withPort(0).withData(folder)))
                    .hasMessageContainingAll(folder.toString(), "in use by process " + ProcessHandle.current().pid(), "Stop that process");
        }
    }

    @Test
    void aFileIsRefusedAsWhatItIs(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("a"));
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withPort(0).withData(file))).hasMessageContainingAll(file.toString(), "is a file", "Name a folder");
    }

    @Test
    void whatCommandsMayReadHasNothingOfTheServersOwn(@TempDir Path folder) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Path linked = Files.createSymbolicLink(folder.resolve("link"), data);
        Path above = Files.createSymbolicLink(Files.createDirectory(folder.resolve("beside")).resolve("above"), folder);
        for (Path allowed : List.of(data, folder, data.resolve("storage"), data.resolve("not-there-yet"), linked, linked.resolve("x"), above, folder.resolve("beside/../data"))) {
            assertThatThrownBy(() -> Server.start(ServerConfig.local().withData(data).withAllowedFolders(List.of(folder.resolve("beside/other"), allowed))))
                    .as("%s", allowed).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("'" + allowed + "' of 'allowedFolders'", "the data folder", data.toString(), "beside it");
        }
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withData(folder.resolve("link/deeper")).withAllowedFolders(List.of(data))))
                .hasMessageContaining("the data folder");
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withData(data).withTls(new Tls(0, new Tls.Local(folder.resolve("keys"))))
                .withAllowedFolders(List.of(folder.resolve("keys"))))).hasMessageContaining("certificate authority");
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withTls(new Tls(0, new Tls.Given(folder.resolve("c.pem"), folder.resolve("keys/k.pem"))))
                .withAllowedFolders(List.of(folder.resolve("keys"))))).hasMessageContaining("the certificate's key");
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withAllowedFolders(List.of(Path.of(System.getProperty("java.io.tmpdir"))))))
                .hasMessageContaining("the folder of the credentials");
        try (Server server = Server.start(ServerConfig.local().withData(data).withAllowedFolders(List.of(folder.resolve("beside"), folder.resolve("data2"))))) {
            assertThat(server.port()).isPositive();
        }
    }

    /// Links are followed, those of single files in a folder too: whoever runs commands could read the secrets by their other names.
    @Test
    void whatCommandsMayReadHasNoSecretsInIt(@TempDir Path folder) throws Exception {
        Path allowed = Files.createDirectories(folder.resolve("incoming"));
        Path secrets = Files.createDirectories(folder.resolve("secrets"));
        Path settings = Files.writeString(allowed.resolve("up.yaml"), "secrets: {a: b}");
        Path within = Files.createDirectories(allowed.resolve("deeper/secrets"));
        Path linkedFolder = Files.createSymbolicLink(folder.resolve("linked"), within);
        Path linkedFile = Files.createSymbolicLink(folder.resolve("linked.yaml"), settings);
        Path linkWithin = Files.createSymbolicLink(allowed.resolve("link.yaml"), Files.writeString(folder.resolve("elsewhere.yaml"), "secrets: {a: b}"));
        for (Path kept : List.of(settings, within, linkedFolder, linkedFile, linkWithin, allowed, allowed.resolve("not-there-yet"), folder)) {
            assertThatThrownBy(() -> Server.start(apart(allowed, kept))).as("%s", kept).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(
                    "'" + allowed + "' of 'allowedFolders'", "the secrets of the test", "move '" + kept + "'", "or allow another folder");
        }
        try (Server server = Server.start(apart(allowed, secrets))) {
            assertThat(server.port()).isPositive();
        }
        Files.createSymbolicLink(secrets.resolve("password"), Files.writeString(allowed.resolve("password.txt"), "x"));
        assertThatThrownBy(() -> Server.start(apart(allowed, secrets))).hasMessageContainingAll("the secrets of the test", "move '" + secrets.resolve("password") + "', or what it links to");
    }

    private static ServerConfig apart(Path allowed, Path kept) {
        return ServerConfig.local().withAllowedFolders(List.of(allowed)).withKeptApart(List.of(new KeptApart("the secrets of the test", kept)));
    }
}
