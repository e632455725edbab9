package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The programs that document the official clients, each as printed: create a table, stream a row, queue a row, ask.
class ClientProgramsTest {
    private Server server;
    private String url;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        url = "http://localhost:" + server.port();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Path clients() {
        return Surroundings.shared().resolve("reference/clients.md");
    }

    @Test
    void theJavaProgramRuns() throws IOException {
        var program = Files.writeString(folder.resolve("Roundtrip.java"), Surroundings.program(clients(), "java"));
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var kusto = System.getProperty("java.class.path");

        var finished = Surroundings.run(folder, Map.of(), List.of(java, "-cp", kusto, program.toString(), url));

        // The program asks for the status once, at once.
        assertThat(finished.output()).contains("pump-1").containsAnyOf("Pending", "Queued", "Succeeded");
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThatBothRowsArrive();
    }

    @Test
    void thePythonProgramRuns() throws IOException {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        var program = Files.writeString(folder.resolve("roundtrip.py"), Surroundings.program(clients(), "python"));

        var finished = Surroundings.run(folder, Map.of(), List.of(python.toString(), program.toString(), url));

        assertThat(finished.output()).contains("'Device': 'pump-1'").contains("QUEUED");
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThatBothRowsArrive();
    }

    @Test
    void theNodeProgramRuns() throws IOException {
        var packages = Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients");
        Files.createSymbolicLink(folder.resolve("node_modules"), packages);
        var program = Files.writeString(folder.resolve("roundtrip.mjs"), Surroundings.program(clients(), "js"));

        var finished = Surroundings.run(
                folder, Map.of(), List.of("node", "--preserve-symlinks-main", program.toString(), url));

        assertThat(finished.output()).contains("pump-1");
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThatBothRowsArrive();
    }

    private void assertThatBothRowsArrive() {
        var answer = Eventually.holds(
                () -> Rest.query(url, "Lab", "Readings | order by Device asc"), rows -> rows.contains("pump-2"));
        assertThat(answer).contains("[\"pump-1\",1.5]", "[\"pump-2\",2.5]");
    }
}
