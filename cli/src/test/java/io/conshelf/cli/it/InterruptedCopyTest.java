package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.QueryOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy that is killed while it runs, and a second one in its place, both as their users start them.
class InterruptedCopyTest {
    private static final int FILES = 40;
    private static final int ROWS = 5_000;
    private static final Pattern RUN = Pattern.compile("started \\(run ([0-9a-f-]+)\\)");

    @TempDir
    Path folder;

    @Test
    void noRowIsLostOrDoubledWhenACopyIsKilledAndRunAgain() throws Exception {
        Path factory = factory();
        Process server = UpProcess.command(List.of("up", "--port", "0", "--data", folder.resolve("data").toString())).redirectError(folder.resolve("up.log").toFile()).start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String ready = lines.readLine();
            assertThat(ready).startsWith("ready http://localhost:");
            String url = "http://127.0.0.1:" + ready.substring(ready.lastIndexOf(':') + 1);
            try (KustoCluster cluster = KustoCluster.connect(new KustoEndpoint(URI.create(url), true), new KustoCredential.None())) {
                cluster.command("NetDefaultDB", ".create table T (id: long, file: string)", Duration.ofMinutes(1));
                // What one message makes is one batch: the first is there long before the last.
                cluster.command("NetDefaultDB", ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\": \"00:00:10\", \"MaximumNumberOfItems\": 1}'", Duration.ofMinutes(1));
                String run = kill(factory, url, cluster);
                Path log = folder.resolve("again.log");
                Process again = copy(factory, url, log, "--go-on", run);
                assertThat(again.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(again.exitValue()).as(Files.readString(log)).isZero();
                assertThat(rows(cluster, "T | summarize count(), count_distinct(file)")).isEqualTo("[" + FILES * ROWS + "," + FILES + "]");
                assertThat(rows(cluster, "T | summarize n = count(), d = count_distinct(id) by file | where n != " + ROWS + " or d != " + ROWS + " | count")).isEqualTo("[0]");
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private String kill(Path factory, String url, KustoCluster cluster) throws Exception {
        Path log = folder.resolve("killed.log");
        Process first = copy(factory, url, log);
        try {
            String some = Eventually.holds(() -> rows(cluster, "T | count"), count -> !count.equals("[0]") || !first.isAlive());
            assertThat(first.isAlive()).as("the copy runs when the first rows are there: %s, %s", some, Files.readString(log)).isTrue();
        } finally {
            first.destroyForcibly().waitFor();
        }
        Matcher run = RUN.matcher(Files.readString(log));
        assertThat(run.find()).as(Files.readString(log)).isTrue();
        return run.group(1);
    }

    private static String rows(KustoCluster cluster, String query) {
        try (var rows = cluster.query("NetDefaultDB", query, new QueryOptions(Duration.ofMinutes(1), false))) {
            return rows.next().orElseThrow().toString().replace(" ", "");
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private Process copy(Path factory, String url, Path log, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("pipeline", "run", factory.toString(), "p", "--cluster", url));
        arguments.addAll(List.of(more));
        return UpProcess.command(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private Path factory() throws IOException {
        return ManyFiles.in(folder.resolve("factory"), FILES, ROWS).into("""
                {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://any.westeurope.kusto.windows.net", "database": "NetDefaultDB"}}""",
                "AzureDataExplorerTable", "T", "{\"type\": \"AzureDataExplorerSink\", \"flushImmediately\": true}").folder();
    }
}
