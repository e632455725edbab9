package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.store.PolicyKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// What [CrashTest] runs in a process of its own and kills: it writes in every way there is at once and says on standard
/// output what was acknowledged.
public final class CrashWriter {
    private static final int STREAMS = 4;
    private static final int ROWS = 20;

    private CrashWriter() {}

    /// @param arguments the folder, and the first number to write
    public static void main(String[] arguments) throws Exception {
        var cluster = TestCluster.inFolder(Path.of(arguments[0]));
        var next = new AtomicLong(Long.parseLong(arguments[1]));
        if (cluster.storage.snapshot().database(TestCluster.DATABASE).orElseThrow().table("T").isEmpty()) {
            cluster.create("T", "id:long, text:string, d:dynamic");
        }
        for (int i = 0; i < STREAMS; i++) {
            Thread.ofPlatform().start(() -> {
                while (true) {
                    long first = next.getAndAdd(ROWS);
                    cluster.stream("T", "csv", Optional.empty(), rows(first));
                    acknowledge(first);
                }
            });
        }
        Thread.ofPlatform().start(() -> {
            while (true) {
                long first = next.getAndAdd(ROWS);
                BatchIngestion batch = TestCluster.batch(
                        "T", "csv", new BatchIngestion.Mapping.Identity(), cluster.source("file-" + first, rows(first)));
                var withId = new BatchIngestion(
                        batch.database(), batch.table(), batch.format(), batch.sources(), batch.mapping(), Set.of(),
                        Set.of(), Optional.empty(), false, batch.validation(), Optional.of("message-" + first));
                cluster.load(withId);
                // Repeating what may or may not have been done changes nothing.
                cluster.load(withId);
                acknowledge(first);
            }
        });
        Thread.ofPlatform().start(() -> {
            while (true) {
                cluster.storage.seal(TestCluster.DATABASE);
            }
        });
        Thread.ofPlatform().start(() -> {
            for (long i = 0; ; i++) {
                String policy = "{\"n\":" + i + "}";
                cluster.storage.writer(TestCluster.DATABASE).change(tx -> {
                    tx.setPolicy(PolicyKind.CACHING, Optional.of(policy));
                    return 0;
                });
            }
        });
    }

    private static byte[] rows(long first) {
        var text = new StringBuilder();
        for (long id = first; id < first + ROWS; id++) {
            text.append(id).append(",\"row ").append(id).append("\",{}\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void acknowledge(long first) {
        synchronized (System.out) {
            System.out.println("acknowledged " + first + " " + ROWS);
            System.out.flush();
        }
    }
}
