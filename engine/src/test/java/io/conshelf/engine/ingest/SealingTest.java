package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows on their way from the row store into extents.
class SealingTest {
    @TempDir
    Path folder;

    private TestCluster cluster;

    @BeforeEach
    void open() {
        cluster = TestCluster.inFolder(folder);
        if (cluster.storage.snapshot().database(TestCluster.DATABASE).orElseThrow().table("T").isEmpty()) {
            cluster.create("T", "a:long, s:string");
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void stream(String table, String text) {
        cluster.stream(table, "csv", Optional.empty(), text.getBytes(StandardCharsets.UTF_8));
    }

    private void seal() {
        cluster.storage.seal(TestCluster.DATABASE);
    }

    @Test
    void aReaderSeesEveryRowOnceWhileRowsAreSealed() throws Exception {
        var acknowledged = new AtomicLong();
        var begun = new AtomicLong();
        var isDone = new AtomicBoolean();
        var writers = List.of(
                Thread.ofPlatform().start(() -> {
                    while (!isDone.get()) {
                        begun.addAndGet(3);
                        stream("T", "1,a\n2,b\n3,c\n");
                        acknowledged.addAndGet(3);
                    }
                }),
                Thread.ofPlatform().start(() -> {
                    while (!isDone.get()) {
                        seal();
                    }
                }));
        try {
            for (int i = 0; i < 60; i++) {
                long least = acknowledged.get();
                long count = cluster.count("T");
                assertThat(count).isBetween(least, begun.get());
                assertThat(count % 3).isZero();
            }
        } finally {
            isDone.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
        }
        assertThat(cluster.count("T")).isEqualTo(acknowledged.get());
    }

    @Test
    void sealedRowsMakeOneExtentAndLeaveTheLog() throws Exception {
        stream("T", "1,a\n");
        stream("T", "2,b\n");
        assertThat(cluster.storage.extents(cluster.table("T"))).isEmpty();

        seal();

        assertThat(cluster.storage.extents(cluster.table("T"))).singleElement().satisfies(extent -> {
            assertThat(extent.rowCount()).isEqualTo(2);
            assertThat(extent.originalBytes()).isEqualTo(8);
        });
        assertThat(cluster.rows("T")).containsExactlyInAnyOrder("1|a", "2|b");
        try (var files = Files.list(folder.resolve("data/databases"))) {
            assertThat(files.filter(f -> f.toString().contains(".rows.")).mapToLong(f -> f.toFile().length()).sum()).isZero();
        }
    }

    @Test
    void columnsMayComeAndGoWhileRowsWait() {
        stream("T", "1,a\n");
        var writer = cluster.storage.writer(TestCluster.DATABASE);
        Table wider = writer.reshape(cluster.table("T").id(), tx -> tx.addColumns(
                tx.table("T"), List.of(new ColumnSchema("n", Type.REAL), new ColumnSchema("t", Type.STRING))));
        stream("T", "2,b,1.5,x\n");
        assertThat(cluster.rows("T")).containsExactly("1|a|null|", "2|b|1.5|x");

        writer.change(tx -> tx.dropColumns(tx.table("T"), List.of("s")));
        assertThat(cluster.rows("T")).containsExactly("1|null|", "2|1.5|x");
        seal();
        assertThat(cluster.rows("T")).containsExactly("1|null|", "2|1.5|x");
        close();
        open();
        assertThat(cluster.rows("T")).containsExactly("1|null|", "2|1.5|x");
        assertThat(wider.columns()).hasSize(4);
    }

    @Test
    void rowsOfADroppedOrEmptiedTableDoNotComeBack() {
        cluster.create("Gone", "a:long");
        stream("Gone", "1\n");
        stream("T", "1,a\n");
        var writer = cluster.storage.writer(TestCluster.DATABASE);
        writer.change(tx -> {
            tx.dropTable(tx.table("Gone"));
            return tx.clearRows(tx.table("T"));
        });
        assertThat(cluster.rows("T")).isEmpty();
        stream("T", "2,b\n");
        cluster.create("Gone", "a:long");
        close();
        open();
        assertThat(cluster.rows("T")).containsExactly("2|b");
        assertThat(cluster.rows("Gone")).isEmpty();
        assertThatThrownBy(() -> stream("Nowhere", "1\n")).isInstanceOf(KustoException.class);
    }

    @Test
    void theSameSourceIsTakenOnce() {
        for (int i = 0; i < 3; i++) {
            cluster.ingestion.stream(Principal.LOCAL_ADMINISTRATOR, new StreamingIngestion(
                    TestCluster.DATABASE, "T", "csv", Optional.empty(),
                    new ByteArrayInputStream("1,a\n".getBytes(StandardCharsets.UTF_8)), Optional.of("id-1")));
        }
        assertThat(cluster.rows("T")).containsExactly("1|a");
    }

    @Test
    void aSourceIsKnownAgainAfterItsRowsWereSealedAndTheDatabaseWasOpenedAnew() {
        streamAs("id-1");
        seal();
        streamAs("id-2");
        close();
        open();
        streamAs("id-1");
        streamAs("id-2");
        seal();
        close();
        open();
        streamAs("id-1");
        assertThat(cluster.rows("T")).containsExactly("1|a", "1|a");
    }

    private void streamAs(String sourceId) {
        cluster.ingestion.stream(Principal.LOCAL_ADMINISTRATOR, new StreamingIngestion(
                TestCluster.DATABASE, "T", "csv", Optional.empty(),
                new ByteArrayInputStream("1,a\n".getBytes(StandardCharsets.UTF_8)), Optional.of(sourceId)));
    }

    @Test
    void requestsAreRefusedWhileTooMuchWaitsToBeSealedAndNothingIsLost() throws Exception {
        var mayGoOn = new CountDownLatch(1);
        var isHeld = new CountDownLatch(1);
        // The writer seals; while it is held, nothing leaves the row store.
        var held = Thread.ofPlatform().start(() -> cluster.storage.writer(TestCluster.DATABASE).change(tx -> {
            isHeld.countDown();
            await(mayGoOn);
            return 0;
        }));
        await(isHeld);
        var text = "1,%s\n".formatted("x".repeat(1_000)).repeat(9_000);
        long taken = 0;
        try {
            while (true) {
                stream("T", text);
                taken++;
                assertThat(taken).isLessThan(100);
            }
        } catch (KustoException e) {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().code()).isEqualTo("General_ThrottledIngestion");
            assertThat(e.error().isPermanent()).isFalse();
        }
        assertThat(taken).isPositive();
        assertThat(cluster.count("T")).isEqualTo(taken * 9_000);
        mayGoOn.countDown();
        held.join();
        seal();
        stream("T", "2,y");
        assertThat(cluster.count("T")).isEqualTo(taken * 9_000 + 1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
