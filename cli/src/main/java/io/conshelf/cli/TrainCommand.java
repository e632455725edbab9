package io.conshelf.cli;

import io.conshelf.cli.bench.HttpConnection;
import io.conshelf.cli.output.Output;
import io.conshelf.cli.output.OutputFormat;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.BlobContent;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;

/// What the launcher runs once after a build so that the JVM can keep the loaded classes for later starts: a little of
/// everything that users start with, and enough of streaming that its profile is kept as well: it is to be fast from its first
/// second. It prints nothing.
@Command(name = "train", hidden = true, description = "Exercises the parts that start-up needs.")
final class TrainCommand implements Runnable {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String DATABASE = "Training";
    private static final List<String> COMMANDS = List.of(
            ".create table T (a:long, b:string, t:datetime, d:dynamic)",
            ".alter table T policy ingestionbatching '{\"MaximumNumberOfItems\": 1}'",
            ".ingest inline into table T <| 1,one,2024-01-01,{\"k\":1}",
            ".alter table T policy streamingingestion enable",
            ".set-or-append T <| range a from 1 to 10 step 1 | project a, tostring(a), now(), dynamic([1])",
            ".show tables | count");
    private static final int STREAMS = 4;
    private static final int REQUESTS = 500;
    private static final List<String> QUERIES = List.of(
            "T | where a > 1 and b has 'one' | extend x = strcat(b, '-', a) | summarize count(), avg(a) by bin(t, 1d) | top 3 by count_",
            "T | join kind=inner (T | project a, c = b) on a | mv-expand d | order by a asc | take 5");

    @Override
    public void run() {
        try {
            var data = Files.createTempDirectory("conshelf-train-");
            var file = Files.writeString(data.resolve("t.csv"), "1,one,2024-01-01,{}\n");
            try (var server = Server.start(ServerConfig.local().withData(data.resolve("data")).withDatabases(List.of(DATABASE)))) {
                exercise("http://127.0.0.1:" + server.port(), file);
                TrainingPipeline.run(data, "http://127.0.0.1:" + server.port(), DATABASE);
                stream(server.port());
            } finally {
                TemporaryFolder.delete(data);
            }
        } catch (IOException | StoreException e) {
            throw new CommandFailure("training failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("training was interrupted", e);
        }
    }

    private static void exercise(String url, Path file) throws IOException, StoreException, InterruptedException {
        try (var cluster = KustoCluster.connect(Endpoints.replacedBy(URI.create(url)).resolve(url), new KustoCredential.None())) {
            for (var command : COMMANDS) {
                cluster.command(DATABASE, command, TIMEOUT);
            }
            var batch = cluster.batch(DATABASE, "T", new BatchId("conshelf-training"));
            batch.add(BlobContent.Range.whole(file), "the sample", new IngestionSettings("csv", Optional.empty(), false, true, Map.of()), new BatchId("conshelf-training-1"));
            batch.await();
        }
        for (var query : QUERIES) {
            new ClusterClient(url, DATABASE).run(query, OutputFormat.TABLE, Output.ofText(new StringWriter(), 80));
        }
    }

    private static void stream(int port) throws IOException, InterruptedException {
        byte[] request = HttpConnection.post(
                port, "/v1/rest/ingest/" + DATABASE + "/T?streamFormat=csv", "text/csv",
                "1,one,2024-01-01 00:00:00,\n".repeat(100).getBytes(StandardCharsets.UTF_8));
        var work = Collections.nCopies(STREAMS, (Callable<Void>) () -> {
            try (var connection = new HttpConnection(port)) {
                for (int i = 0; i < REQUESTS; i++) {
                    connection.send(request);
                }
            }
            return null;
        });
        try (var threads = Executors.newFixedThreadPool(STREAMS)) {
            for (var stream : threads.invokeAll(work)) {
                stream.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("streaming failed: " + e.getCause().getMessage(), e);
        }
    }
}
