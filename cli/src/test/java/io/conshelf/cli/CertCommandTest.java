package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CertCommandTest {
    @TempDir
    private Path data;

    @Test
    void aDamagedStoreOfTheServersKeyIsExplained() throws IOException {
        var command = CommandLine.populateCommand(new CertCommand(), "--data", data.toString());
        command.run();
        Files.writeString(data.resolve("tls").resolve("server.p12"), "damaged");
        assertThatThrownBy(command::run).isInstanceOf(CommandFailure.class).hasMessageContaining("cannot be used").hasMessageContaining("Deleting the folder");
    }
}
