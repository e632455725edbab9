package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentChangesTest {
    private static final int ROUNDS = 12;

    @TempDir
    Path folder;

    @FunctionalInterface
    private interface Work {
        void run(int round);
    }

    @Test
    void loadsStreamsAndChangesOfShapeDoNotDisturbOneAnother() throws Exception {
        List<String> before;
        List<String> extents;
        try (var cluster = TestCluster.inFolder(folder)) {
            cluster.create("T", "a:long, s:string");
            cluster.create("R", "a:long");
            var writer = cluster.storage.writer(TestCluster.DATABASE);
            Table table = cluster.table("T");
            run(
                    round -> assertThat(cluster.load(TestCluster.batch(
                                            "T", "csv", new BatchIngestion.Mapping.Identity(),
                                            cluster.source("f" + round, "1,x\n2,y\n".getBytes(StandardCharsets.UTF_8))))
                                    .outcomes()
                                    .getFirst()
                                    .error())
                            .isEmpty(),
                    round -> cluster.stream("T", "json", Optional.empty(), "{\"a\":3}".getBytes(StandardCharsets.UTF_8)),
                    round -> writer.reshape(table.id(), tx ->
                            tx.addColumns(tx.table("T"), List.of(new ColumnSchema("c" + round, Type.LONG)))),
                    round -> cluster.create("New" + round, "a:long"),
                    round -> cluster.storage.seal(TestCluster.DATABASE),
                    round -> writer.loadAlone(cluster.table("R").id(), tx -> {
                        Table empty = tx.clearRows(tx.table("R"));
                        return tx.extents().open(empty, Set.of(), tx.now())
                                .append("SELECT " + round + " FROM range(10)", empty.columns(), 1);
                    }),
                    round -> {
                        assertThat(cluster.count("R")).isIn(0L, 10L);
                        assertThat(cluster.count("T")).isNotNegative();
                    });
            assertThat(cluster.count("T")).isEqualTo(ROUNDS * 3);
            assertThat(cluster.table("T").columns()).hasSize(2 + ROUNDS);
            assertThat(cluster.count("R")).isEqualTo(10);
            cluster.storage.seal(TestCluster.DATABASE);
            before = cluster.rows("T").stream().sorted().toList();
            extents = cluster.storage.extents(cluster.table("T")).stream().map(e -> e.id() + " " + e.rowCount()).toList();
        }
        try (var cluster = TestCluster.inFolder(folder)) {
            assertThat(cluster.rows("T").stream().sorted().toList()).isEqualTo(before);
            assertThat(cluster.storage.extents(cluster.table("T")).stream().map(e -> e.id() + " " + e.rowCount()).toList())
                    .isEqualTo(extents);
            assertThat(cluster.storage.snapshot().database(TestCluster.DATABASE).orElseThrow().tables()).hasSize(2 + ROUNDS);
        }
    }

    private static void run(Work... works) throws InterruptedException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        var threads = new ArrayList<Thread>();
        for (Work work : works) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int round = 0; round < ROUNDS; round++) {
                        work.run(round);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (Throwable failure : failures) {
            throw new AssertionError(failure);
        }
    }
}
