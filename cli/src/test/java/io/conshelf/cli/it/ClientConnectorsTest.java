package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connectors of other systems that stand on the official clients, each in its own system, against a cluster that asks who they are: they know no other way in.
class ClientConnectorsTest {
    @TempDir
    private static Path folder;
    private static SecureUp cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = SecureUp.start(folder, "--auth", "entra");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /// It puts `ingest-` before localhost, so that name has to lead here.
    @Test
    void flinkWritesIntoTables() throws IOException {
        Path classes = Surroundings.root().resolve(".conshelf/flink");
        String libraries = Files.readString(Surroundings.present(classes.resolve("classpath"), "Flink with its connector"));
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost ingest-localhost " + InetAddress.getLocalHost().getHostName() + "\n");

        var finished = Surroundings.run(folder, cluster.signingIn(), List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-Djdk.net.hosts.file=" + hosts,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "--add-opens", "java.base/java.util=ALL-UNNAMED", "-cp", classes + ":" + libraries, "Sink",
                cluster.up().secureUrl(), "Lab"));

        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).contains("ok theWriteAheadSinkCommitsCheckpoints");
    }
}
