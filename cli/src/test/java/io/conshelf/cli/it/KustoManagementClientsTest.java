package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official management client for Azure Data Explorer, from the cluster to the deletion.
class KustoManagementClientsTest {
    @TempDir
    private Path folder;

    @Test
    void thePythonClientManagesTheCluster() {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        try (var server = Server.start(ServerConfig.local())) {
            var finished = Surroundings.run(folder, Map.of(), List.of(
                    python.toString(), Surroundings.root().resolve("it/python/kusto_management.py").toString(), "http://localhost:" + server.port()));
            assertThat(finished.output()).contains("managed");
            assertThat(finished.exitCode()).as(finished.output()).isZero();
        }
    }
}
