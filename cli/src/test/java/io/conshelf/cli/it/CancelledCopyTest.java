package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.PipelineHandle;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.Status;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy into a cluster that is cancelled while chunks of it are on their way.
class CancelledCopyTest {
    private static final int FILES = 60;
    private static final int ROWS = 500;

    @TempDir
    Path folder;

    @Test
    void whatWasHandedOverArrivesWholeAndNothingElseDoes() throws Exception {
        AtomicInteger staged = new AtomicInteger();
        CountDownLatch someAreStaged = new CountDownLatch(2);
        try (Server server = Server.start(ServerConfig.local())) {
            Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
            factory();
            List<Path> before = chunks();
            try (KustoCluster cluster = KustoCluster.connect(endpoints.resolve("https://any.kusto.windows.net"), new KustoCredential.None())) {
                cluster.ensureDatabase("Cut");
                cluster.command("Cut", ".create table T (id: long, file: string)", Duration.ofMinutes(1));
                PipelineHandle run = new FactoryRunner(Factory.load(folder), endpoints, event -> {
                    if (event instanceof RunEvent.ActivityProgressed(var _, var _, var progress)) {
                        staged.set(progress.chunksStaged());
                        if (progress.chunksStaged() > 0) {
                            someAreStaged.countDown();
                        }
                    }
                }).start("p", Map.of());
                assertThat(someAreStaged.await(2, TimeUnit.MINUTES)).isTrue();

                run.cancel();

                assertThat(run.await().status()).isEqualTo(Status.CANCELLED);
                int handedOver = staged.get();
                assertThat(handedOver).as("chunks of %d", FILES).isBetween(1, FILES - 1);
                assertThat(chunks()).as("files of chunks").isEqualTo(before);
                assertThat(Eventually.holds(() -> rows(cluster, "T | count"), List.of((long) handedOver * ROWS)::equals)).containsExactly((long) handedOver * ROWS);
                assertThat(rows(cluster, "T | summarize n = count(), d = count_distinct(id) by file | where n != " + ROWS + " or d != " + ROWS + " | count"))
                        .containsExactly(0L);
                assertThat(staged.get()).as("nothing was handed over after the end").isEqualTo(handedOver);
            }
        }
    }

    /// The files that lie below this process's own folders of chunks.
    private static List<Path> chunks() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            List<Path> own = folders.filter(path -> path.getFileName().toString().startsWith("conshelf-copy-" + ProcessHandle.current().pid() + "-")).toList();
            List<Path> files = new ArrayList<>();
            for (Path each : own) {
                try (Stream<Path> below = Files.walk(each)) {
                    below.filter(Files::isRegularFile).forEach(files::add);
                }
            }
            return files.stream().sorted().toList();
        }
    }

    private static List<Long> rows(KustoCluster cluster, String query) {
        try (RowReader rows = cluster.query("Cut", query, new QueryOptions(Duration.ofMinutes(1), false))) {
            return List.of(rows.next().orElseThrow().getFirst().longValue());
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void factory() throws IOException {
        ManyFiles.in(folder, FILES, ROWS).into("""
                {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://any.westeurope.kusto.windows.net", "database": "Cut"}}""",
                "AzureDataExplorerTable", "T", "{\"type\": \"AzureDataExplorerSink\", \"flushImmediately\": true}");
    }
}
