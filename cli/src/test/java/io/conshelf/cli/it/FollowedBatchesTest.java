package io.conshelf.cli.it;

import static io.conshelf.cli.it.ExplorerTables.accept;
import static io.conshelf.cli.it.ExplorerTables.refused;
import static io.conshelf.cli.it.ExplorerTables.rowsLeft;
import static io.conshelf.cli.it.ExplorerTables.show;
import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.explorer.ExplorerCluster;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of batches that the cluster has taken and may still refuse, also where the pipeline is started again meanwhile.
class FollowedBatchesTest {
    private static final Following ENDED_AT_ONCE = new Following(900, Long.MAX_VALUE, Duration.ZERO, Duration.ofSeconds(30));
    private static final Following LOOKING = new Following(900, Long.MAX_VALUE, Duration.ofHours(1), Duration.ofMillis(200));
    private static ExplorerLab lab;

    @TempDir
    Path folder;

    private ExplorerTables tables;

    @BeforeAll
    static void start() throws Exception {
        lab = ExplorerLab.start();
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
    }

    @BeforeEach
    void aTable() {
        tables = lab.tables(folder);
    }

    @AfterEach
    void close() {
        tables.close();
    }

    @Test
    void aBatchThatIsRefusedOnceItWasQueuedIsLeftInAFileThatIsTold() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        accept(destination, Map.of("n", Value.of(41)));
        byte[] prepared = destination.prepare(1);
        tables.command(".drop table " + tables.table());
        destination.commit(prepared);
        List<Refused> refused = Eventually.holds(() -> refused(destination), told -> !told.isEmpty());
        assertThat(refused).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("BatchNotIngested");
            assertThat(one.message()).contains(tables.table(), "Failed");
            assertThat(one.left()).singleElement().satisfies(left -> {
                Path rows = Path.of(((Value.Text) ((Value.Members) left).member("batch")).value());
                assertThat(rows).content().contains("41");
                assertThat(((Value.Members) left).members()).containsEntry("table", Value.of(tables.table())).containsEntry("database", Value.of("Lab"))
                        .containsEntry("columns", Value.items(List.of(Value.of("n"))));
            });
        });
        assertThat(refused(destination)).as("told once").isEmpty();

        // nobody kept what was told: whoever goes on tells it again
        ExplorerDestination second = tables.open("n");
        List<Refused> again = refused(second);
        assertThat(again).singleElement().satisfies(one -> assertThat(one.left()).isEqualTo(refused.getFirst().left()));
        second.completed();
        assertThat(refused(tables.open("n"))).isEmpty();
        assertThat(tables.files()).singleElement().asString().startsWith("left-");
    }

    @Test
    void aBatchThatIsRefusedIsToldAlsoWhileValuesThatDoNotFitKeepComing() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        accept(destination, Map.of("n", Value.of("x")));
        byte[] prepared = destination.prepare(1);
        tables.command(".drop table " + tables.table());
        destination.commit(prepared);
        List<String> codes = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            try {
                accept(destination, Map.of("n", Value.of("y")));
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
            refused(destination).forEach(one -> codes.add(one.code()));
            return codes;
        }, told -> told.contains("BatchNotIngested"))).contains("BatchNotIngested", "ValueNotTaken");
    }

    @Test
    void whatBecameOfABatchIsFoundOutByWhoeverGoesOn() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        show(first, 1);
        assertThat(tables.files()).hasSize(2);
        tables.awaitRows(1);
        ExplorerDestination second = tables.open("n");
        assertThat(refused(second)).isEmpty();
        assertThat(tables.files()).isEmpty();
        assertThat(tables.query(tables.table())).containsExactly("[1]");
    }

    @Test
    void aBatchOfWhichNothingCanBeKnownAnyMoreIsLeftInAFile() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        show(first, 42);
        tables.awaitRows(1);
        String before = tables.next();
        tables.create("n:long");
        tables.command(".drop table " + before);
        ExplorerDestination early = tables.open("n");
        assertThat(refused(early)).as("it may be known later").isEmpty();
        assertThat(early.followed()).isEqualTo(1);
        ExplorerDestination second = tables.open(ENDED_AT_ONCE, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains(before);
            assertThat(rowsLeft(one)).content().contains("42");
        });
        assertThat(refused(second)).isEmpty();
    }

    @Test
    void aBatchWhoseExtentsAreGoneIsNotIngestedTwice() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        show(first, 43);
        tables.awaitRows(1);
        tables.command(".clear table " + tables.table() + " data");
        ExplorerDestination second = tables.open(ENDED_AT_ONCE, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains("no extent");
            assertThat(rowsLeft(one)).content().contains("43");
        });
        assertThat(second.followed()).isZero();
    }

    @Test
    void aBatchOfAnotherClusterIsLeftInAFileAndNeverQueuedHere() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        accept(first, Map.of("n", Value.of(44)));
        byte[] prepared = first.prepare(1);
        first.commit(prepared);
        ExplorerDestination second = tables.open("https://other.westeurope.kusto.windows.net", ExplorerCluster.TYPES_AGE_MAX, Following.DEFAULT, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains("https://lab.westeurope.kusto.windows.net", "ingest-by:conshelf-");
            assertThat(rowsLeft(one)).content().contains("44");
        });
        assertThat(second.followed()).isZero();
        second.completed();
        assertThat(tables.files()).singleElement().asString().startsWith("left-");
    }

    @Test
    void aBatchThatIsRefusedWhenItsRowsAreGoneIsToldAndThoseBehindItToo() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        accept(destination, Map.of("n", Value.of(1)));
        byte[] one = destination.prepare(1);
        tables.command(".drop table " + tables.table());
        destination.commit(one);
        Files.delete(tables.file("queued-", ".json"));
        show(destination, 2);
        List<Refused> told = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            told.addAll(refused(destination));
            return told;
        }, all -> all.size() == 2)).extracting(refused -> refused.left().size()).containsExactly(0, 1);
        assertThat(told.getFirst().message()).contains("rows is gone");
        assertThat(destination.followed()).isZero();
    }

    @Test
    void manyBatchesThatWaitForTheClusterAreAllFollowed() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        for (int n = 0; n < 300; n++) {
            show(first, n);
        }
        assertThat(first.followed()).isEqualTo(300);
        // nothing can be known of them now
        String before = tables.next();
        tables.create("n:long");
        tables.command(".drop table " + before);
        ExplorerDestination second = tables.open("n");
        assertThat(refused(second)).isEmpty();
        assertThat(refused(second)).isEmpty();
        assertThat(second.followed()).isEqualTo(300);
        accept(second, Map.of("n", Value.of(300)));
        assertThat(second.isFull()).isFalse();
    }

    @Test
    void itIsFullWhileTooMuchIsFollowed() throws Exception {
        tables.create("n:long");
        for (Following limit : List.of(new Following(2, Long.MAX_VALUE, Duration.ofHours(1), Duration.ofSeconds(30)),
                new Following(1_000, 10, Duration.ofHours(1), Duration.ofSeconds(30)))) {
            ExplorerDestination destination = tables.open(limit, "n");
            for (int n = 0; n < 2; n++) {
                show(destination, n);
            }
            assertThat(destination.isFull()).as("nothing gathers").isFalse();
            accept(destination, Map.of("n", Value.of(2)));
            assertThat(destination.isFull()).isTrue();
            assertThat(Eventually.holds(() -> {
                assertThat(refused(destination)).isEmpty();
                return destination.isFull();
            }, isFull -> !isFull)).isFalse();
            destination.close();
        }
    }

    @Test
    void aBatchOfWhichAPowerFailureHasCutWhatIsKeptIsLeftInAFileAndStopsNoOther() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        show(first, 1);
        Path about = tables.file("queued-", ".about");
        byte[] whole = Files.readAllBytes(about);
        Path rows = tables.file("queued-", ".json");
        byte[] row = Files.readAllBytes(rows);
        tables.awaitRows(1);
        byte[] ofNothing = new byte[whole.length];
        ofNothing[0] = whole[0];
        List<byte[]> broken = new ArrayList<>(List.of(ofNothing, new byte[whole.length], "{\"batches\": [".getBytes(StandardCharsets.UTF_8)));
        for (int length = 0; length < whole.length; length += 1 + length / 4) {
            broken.add(Arrays.copyOf(whole, length));
        }
        for (byte[] cut : broken) {
            for (Path left : List.of(about, rows)) {
                Files.deleteIfExists(left);
            }
            show(first, 2);
            Files.write(about, cut);
            Files.write(rows, row);
            ExplorerDestination second = tables.open("n");
            assertThat(refused(second)).as("%d bytes", cut.length).singleElement().satisfies(one -> {
                assertThat(one.code()).isEqualTo("StatusUnknown");
                assertThat(one.message()).contains("cannot be read", "ingest-by:conshelf-");
                assertThat(rowsLeft(one)).content().isEqualTo(new String(row, StandardCharsets.UTF_8));
            });
            assertThat(refused(second)).isEmpty();
            second.completed();
            assertThat(Eventually.holds(() -> {
                assertThat(refused(first)).isEmpty();
                return tables.files();
            }, files -> files.stream().noneMatch(file -> file.startsWith("queued-")))).singleElement().asString().startsWith("left-queued-");
        }
    }

    @Test
    void howLongABatchHasBeenQueuedOutlivesTheProcess() throws Exception {
        tables.create("n:long");
        show(tables.open("n"), 49);
        tables.awaitRows(1);
        tables.command(".clear table " + tables.table() + " data");
        Path about = tables.file("queued-", ".about");
        Files.setLastModifiedTime(about, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        assertThat(refused(tables.open("n"))).as("by a clock that was set back meanwhile").isEmpty();
        Files.setLastModifiedTime(about, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        assertThat(refused(tables.open("n"))).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(rowsLeft(one)).content().contains("49");
        });
    }

    @Test
    void rowsOfWhichNothingIsKeptAreLeftInAFile() throws Exception {
        tables.create("n:long");
        show(tables.open("n"), 45);
        Files.delete(tables.file("queued-", ".about"));
        ExplorerDestination second = tables.open("n");
        assertThat(refused(second)).singleElement().satisfies(one -> assertThat(rowsLeft(one)).content().contains("45"));
        second.completed();
        assertThat(tables.files()).singleElement().asString().startsWith("left-");
    }

    @Test
    void whoeverCommitsAgainMendsWhatIsKeptOfTheBatch() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        accept(first, Map.of("n", Value.of(46)));
        byte[] prepared = first.prepare(1);
        first.commit(prepared);
        Files.write(tables.file("queued-", ".about"), new byte[0]);
        ExplorerDestination second = tables.open(LOOKING, "n");
        second.commit(prepared);
        assertThat(Eventually.holds(() -> {
            assertThat(refused(second)).isEmpty();
            return tables.files();
        }, List::isEmpty)).isEmpty();
        assertThat(tables.query(tables.table())).containsExactly("[46]");
    }
}
