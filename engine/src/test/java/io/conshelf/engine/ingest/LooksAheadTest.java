package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Await;
import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Outcome;
import io.conshelf.engine.BatchIngestion.Status;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LooksAheadTest {
    /// Of so many that a file is looked at ahead.
    private static final int ROWS = 50_000;
    /// As many, of short ones.
    private static final int SHORT_ROWS = 300_000;

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    @BeforeEach
    void tables() {
        cluster.create("Ahead", "a:int, b:datetime, c:string");
        cluster.create("AtOnce", "a:int, b:datetime, c:string");
    }

    private static byte[] text(String lastRecord) {
        return ("7,2014-05-25T08:20:03,\"x, y\"\n".repeat(ROWS) + lastRecord).getBytes(StandardCharsets.UTF_8);
    }

    private static BatchIngestion batch(String table, BatchIngestion.Source source) {
        return TestCluster.batch(table, "csv", new BatchIngestion.Mapping.Identity(), source);
    }

    private Outcome loadAhead(String table, BatchIngestion.Source source) {
        cluster.ingestion.lookAhead(batch(table, source));
        return load(table, source);
    }

    private Outcome load(String table, BatchIngestion.Source source) {
        return cluster.load(batch(table, source)).outcomes().getFirst();
    }

    private List<String> sorted(String table) {
        return cluster.rows(table).stream().sorted().toList();
    }

    @Test
    void aFileThatWasLookedAtAheadGivesTheSame() {
        var lastRecords = List.of("8,2014-05-26,z\n", "many,soon,z\n", "8,2014-05-26,\n", "1e1,2014-05-26,\"open", "1,2014-05-26\n", "8,,\"a\"b\n");
        for (String lastRecord : lastRecords) {
            var source = cluster.source("source", text(lastRecord));
            Outcome ahead = loadAhead("Ahead", source);
            Outcome atOnce = load("AtOnce", source);
            assertThat(ahead.status()).as(lastRecord).isEqualTo(atOnce.status());
            assertThat(ahead.error()).as(lastRecord).isEqualTo(atOnce.error());
            assertThat(ahead.rows()).as(lastRecord).isEqualTo(atOnce.rows());
            assertThat(ahead.rawBytes()).as(lastRecord).isEqualTo(atOnce.rawBytes());
        }
        // Sorted here: AssertJ would look for each of the rows among all others.
        assertThat(sorted("Ahead").equals(sorted("AtOnce"))).as("the same rows").isTrue();
    }

    @Test
    void whatWasSeenAheadIsNotLookedAtAgain() throws IOException {
        var thread = new AtomicReference<Thread>();
        Path file = Files.writeString(cluster.staging.resolve("seen.csv"), "1,22\n".repeat(SHORT_ROWS));
        var written = Files.getLastModifiedTime(file);
        var columns = List.of(new TableColumn("c1", "a", Type.INT, ""), new TableColumn("c2", "b", Type.STRING, ""));
        var mapping = RecordMapping.identity(columns, Format.CSV);
        var options = new ReadOptions("", false, false);
        try (var looks = new LooksAhead(Long.MAX_VALUE, work -> {
            thread.set(new Thread(work, "looks"));
            return thread.get();
        })) {
            looks.begin(file, Format.CSV, mapping, options);
            Await.until("the look to end", () -> thread.get() != null && thread.get().getState() == Thread.State.WAITING);
            Files.writeString(file, "1,2,\n".repeat(SHORT_ROWS));
            Files.setLastModifiedTime(file, written);
            assertThat(looks.delimited(file, Format.CSV, mapping, options).orElseThrow().fieldCount()).as("of the look").isEqualTo(2);
            assertThat(looks.delimited(file, Format.CSV, mapping, options).orElseThrow().fieldCount()).as("of the file").isEqualTo(3);
        }
    }

    @Test
    void aFileThatWasWrittenSinceIsLookedAtAnew() {
        cluster.ingestion.lookAhead(batch("Ahead", cluster.source("source", text("8,2014-05-26,z\n"))));
        Outcome outcome = load("Ahead", cluster.source("source", text("many,2014-05-26,z\n")));
        assertThat(outcome.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(cluster.rows("Ahead")).filteredOn(row -> row.endsWith("|z"))
                .containsExactly("null|2014-05-26T00:00:00.0000000Z|z");
    }

    @Test
    void whatCannotBeLookedAtIsToldByTheLoad() {
        var missing = new BatchIngestion.Source("missing", cluster.staging.resolve("missing.csv"), false, 0);
        Outcome outcome = loadAhead("Ahead", missing);
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.error().orElseThrow().code()).isEqualTo("Download_SourceNotFound");
    }

    @Test
    void moreFilesThanAreKeptInMindAreAllLoaded() {
        byte[] text = text("");
        var sources = IntStream.range(0, 70)
                .mapToObj(i -> cluster.source("source" + i, i < 4 ? text : "1,,z\n".repeat(SHORT_ROWS).getBytes(StandardCharsets.UTF_8)))
                .toList();
        sources.forEach(source -> cluster.ingestion.lookAhead(batch("Ahead", source)));
        assertThat(load("Ahead", sources.getFirst()).rows()).isEqualTo(ROWS);
        assertThat(load("Ahead", sources.getLast()).rows()).isEqualTo(SHORT_ROWS);
    }
}
