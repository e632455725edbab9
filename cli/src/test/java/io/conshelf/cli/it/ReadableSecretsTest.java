package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf up` where commands could read what it keeps secret: it does not start, and tells what to move.
class ReadableSecretsTest {
    @TempDir
    private Path folder;

    @Test
    void theFolderOfSecretsIsNotWhereCommandsMayRead() throws Exception {
        Path secrets = Files.createDirectories(folder.resolve("allowed/secrets"));
        refused(settings("up.yaml", "secretsFolder: '" + secrets + "'"), "'secretsFolder'", "move '" + secrets + "'");
    }

    @Test
    void norAreSettingsWithSecretsInThem() throws Exception {
        Files.createDirectories(folder.resolve("allowed"));
        Path settings = settings("allowed/up.yaml", "secrets: {password: hidden}");
        refused(settings, "--config", "move '" + settings + "'");
        refused(Files.createSymbolicLink(folder.resolve("link.yaml"), settings), "--config", "link.yaml', or what it links to");
    }

    @Test
    void norIsTheKeyOfACertificate() throws Exception {
        Path key = Files.writeString(Files.createDirectories(folder.resolve("allowed")).resolve("key.pem"), "");
        refused(settings("up.yaml", ""), List.of("--certificate", folder.resolve("certificate.pem").toString(), "--key", key.toString()), "--key", "move '" + key + "'");
    }

    private Path settings(String name, String more) throws Exception {
        return Files.writeString(folder.resolve(name), "allowedFolders: ['" + folder.resolve("allowed") + "']\n" + more + "\n");
    }

    private void refused(Path settings, String... told) throws Exception {
        refused(settings, List.of(), told);
    }

    private void refused(Path settings, List<String> options, String... told) throws Exception {
        var arguments = new ArrayList<>(List.of("up", "--port", "0", "--config", settings.toString()));
        arguments.addAll(options);
        Path log = folder.resolve("up.log");
        Process up = UpProcess.command(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertThat(up.waitFor(5, TimeUnit.MINUTES)).as("ends").isTrue();
        } finally {
            up.destroyForcibly().waitFor();
        }
        assertThat(up.exitValue()).isEqualTo(1);
        assertThat(Files.readString(log)).startsWith("conshelf: '" + folder.resolve("allowed") + "' of 'allowedFolders'").contains(told).doesNotContain("hidden");
    }
}
