package io.conshelf.engine.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.DiskTrouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A data folder on a disk that is full or cannot be written.
@Timeout(300)
class DiskFaultTest {
    private static final int DISK_MEGABYTES = 128;

    @TempDir
    private Path folder;

    private SmallDisk disk;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(folder.resolve("disk"), DISK_MEGABYTES);
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void aDiskThatFillsUpRefusesRowsAndLosesNone() throws Exception {
        String before;
        long acknowledged = 0;
        try (var cluster = open().filled()) {
            // Most of it is others'.
            disk.fillBut(40L << 20);
            ServiceError refusal = null;
            boolean takesFew = true;
            // What was refused gives its room back, and a checkpoint may make some: then there is enough for a few.
            while (takesFew) {
                for (refusal = null; refusal == null; ) {
                    try {
                        cluster.append("Hurt", 1_000_000 + acknowledged, 50_000);
                        acknowledged += 50_000;
                    } catch (KustoException e) {
                        refusal = e.error();
                    }
                }
                try {
                    cluster.stream("Well", 100, 5_000);
                } catch (KustoException e) {
                    assertThat(e.error().message()).contains("full");
                    takesFew = false;
                }
            }
            assertThat(refusal.httpStatus()).isEqualTo(503);
            assertThat(refusal.code()).isEqualTo(DiskTrouble.CODE);
            assertThat(refusal.isPermanent()).isFalse();
            assertThat(refusal.message()).contains("disk", "full", "Free some space");
            assertThat(cluster.query("Hurt", "T | count").getLast()).isEqualTo(Long.toString(20_000 + acknowledged));
            before = cluster.contents("Hurt");
            // What makes room is done.
            cluster.run("Well", ".drop table T");
            cluster.run("Well", ".create table T (Id:long, Text:string)");
        }
        try (var cluster = open()) {
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
            cluster.run("Hurt", ".clear table T data");
            awaitTrue(() -> {
                cluster.append("Well", 1, 10);
                return true;
            });
            assertThat(cluster.query("Well", "T | count").getLast()).isEqualTo("10");
        }
    }

    @Test
    void whatIsDroppedOfADiskThatOwnRowsFilledIsFreeAgainWhileTheClusterRuns() throws Exception {
        try (var cluster = open().filled()) {
            cluster.run("Hurt", ".create table Kept (Id:long, Text:string)");
            disk.fillBut(64L << 20);
            for (String drop : List.of(
                    ".drop table T",
                    ".clear table T data",
                    ".drop extents <| .show table T extents")) {
                cluster.run("Hurt", ".create-merge table T (Id:long, Text:string)");
                // The log holds the last rows of the drop before, and may first have to go for these.
                awaitTrue(() -> {
                    cluster.append("Hurt", 500_000, 200_000);
                    return true;
                });
                // Rows in the midst of the file, so that it does not just become shorter.
                awaitTrue(() -> {
                    cluster.run("Hurt", ".set-or-replace Kept <| T | take 1000");
                    return true;
                });
                fill(cluster);
                cluster.run("Hurt", drop);
                cluster.run("Hurt", ".create-merge table T (Id:long, Text:string)");
                awaitTrue(() -> {
                    cluster.append("Hurt", 5_000_000, 100_000);
                    return true;
                });
                assertThat(cluster.query("Hurt", "T | where Id >= 5000000 | count").getLast()).as(drop).isEqualTo("100000");
                awaitTrue(() -> {
                    cluster.stream("Hurt", 10_000, 10);
                    return true;
                });
            }
            assertThat(cluster.query("Hurt", "Kept | count").getLast()).isEqualTo("1000");
            assertThat(cluster.query("Hurt", "S | where Id >= 10000 | count").getLast()).isEqualTo("30");
        }
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "Kept | count").getLast()).isEqualTo("1000");
            assertThat(cluster.query("Hurt", "S | where Id >= 10000 | count").getLast()).isEqualTo("30");
        }
    }

    @Test
    void rowsOfOneRequestThatAreTooManyAreStoppedBeforeTheDiskIsFull() throws Exception {
        try (var cluster = open().filled()) {
            String before = cluster.contents("Hurt");
            long free = disk.free();
            ServiceError refusal = FaultCluster.refusal(() -> cluster.append("Hurt", 1_000_000, 20_000_000));
            assertThat(refusal.code()).as(refusal.message()).isEqualTo(DiskTrouble.CODE);
            assertThat(refusal.isPermanent()).isFalse();
            assertThat(refusal.message()).contains("drop tables");
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
            // A schema can be changed all the while, and the room of the rows comes back.
            cluster.run("Hurt", ".create table Another (A:long)");
            awaitTrue(() -> disk.free() > free - (8L << 20));
            // For a moment it may be taken once more, by what writes down that it is free.
            awaitTrue(() -> {
                cluster.append("Hurt", 90_000, 10);
                return true;
            });
            awaitTrue(() -> {
                cluster.stream("Well", 90_000, 10);
                return true;
            });
        }
    }

    @Test
    void streamedRowsLeaveTheRoomThatTheyNeedOnTheirWayIntoFreeBlocks() throws Exception {
        try (var cluster = open().filled()) {
            cluster.append("Hurt", 500_000, 2_000_000);
            // Rows in the midst of the file, so that it does not just become shorter.
            cluster.run("Hurt", ".create table Kept (Id:long, Text:string)");
            cluster.run("Hurt", ".set-or-replace Kept <| T | take 1000");
            disk.fillBut(30L << 20);
            cluster.run("Hurt", ".clear table T data");
            awaitTrue(() -> {
                disk.fillBut(12L << 20);
                cluster.stream("Hurt", 10_000, 10);
                return true;
            });
            long streamed = 10;
            ServiceError refusal = null;
            while (refusal == null) {
                try {
                    cluster.stream("Hurt", 1_000_000 + streamed, 2_000);
                    streamed += 2_000;
                } catch (KustoException e) {
                    refusal = e.error();
                }
            }
            assertThat(refusal.code()).as(refusal.message()).isEqualTo(DiskTrouble.CODE);
            assertThat(streamed).as("rows taken for the free blocks").isGreaterThan(4_000);
            // Rows that are on their way take of the room that was left for them.
            awaitTrue(() -> disk.free() > 9L << 20);
            awaitTrue(() -> {
                cluster.stream("Hurt", 20_000, 10);
                return true;
            });
            assertThat(cluster.query("Hurt", "S | where Id >= 10000 | count").getLast()).isEqualTo(Long.toString(streamed + 10));
        }
    }

    @Test
    void extentsThatAreMovedNeedRoomForTheirRows() throws Exception {
        try (var cluster = open().filled()) {
            cluster.run("Hurt", ".create table Moved (Id:long, Text:string)");
            String before = cluster.contents("Hurt");
            disk.fillBut(10L << 20);
            ServiceError refusal = FaultCluster.refusal(() -> cluster.run("Hurt", ".move extents all from table T to table Moved"));
            assertThat(refusal.code()).as(refusal.message()).isEqualTo(DiskTrouble.CODE);
            assertThat(refusal.isPermanent()).isFalse();
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
            disk.empty();
            awaitTrue(() -> {
                cluster.run("Hurt", ".move extents all from table T to table Moved");
                return true;
            });
            assertThat(cluster.query("Hurt", "Moved | count").getLast()).isEqualTo("20000");
        }
    }

    /// What memory has no room for goes to the same disk.
    @Test
    void aDeletionThatTheDiskHasNoRoomForTakesNoRow() throws Exception {
        // Each thread takes of the memory, and how much is written elsewhere depends on it.
        Limits little = Limits.ofThisMachine().withMemoryBytes(128L << 20).withDuckThreads(2);
        try (var cluster = FaultCluster.open(data(), folder.resolve("scratch"), little)) {
            cluster.run("Hurt", ".create table Large (Id:long)");
            cluster.run("Hurt", ".set-or-append Large <| range Id from 1 to 8000000 step 1");
            disk.fillBut(1L << 20);
            String delete = ".delete table Large records <| Large | where Id % 1000 != 0";
            ServiceError refusal = FaultCluster.refusal(() -> cluster.run("Hurt", delete));
            assertThat(refusal.code()).as(refusal.message()).isEqualTo(DiskTrouble.CODE);
            assertThat(refusal.isPermanent()).isFalse();
            assertThat(refusal.message()).contains("The disk is full", "Nothing of the request was kept");
            assertThat(cluster.query("Hurt", "Large | count").getLast()).isEqualTo("8000000");
        }
    }

    /// Appends until the disk takes no more.
    private static void fill(FaultCluster cluster) {
        for (long id = 1_000_000; ; id += 200_000) {
            try {
                cluster.append("Hurt", id, 200_000);
            } catch (KustoException e) {
                assertThat(e.error().code()).as(e.error().message()).isEqualTo(DiskTrouble.CODE);
                return;
            }
        }
    }

    @Test
    void aDiskThatOthersFillToTheLastByteLosesNothing() throws Exception {
        String before;
        try (var cluster = open().filled()) {
            before = cluster.contents("Hurt");
            disk.fillBut(0);
            for (Runnable write : new Runnable[] {
                () -> cluster.append("Hurt", 90_000, 1_000),
                () -> cluster.stream("Hurt", 90_000, 10),
                () -> cluster.run("Hurt", ".create table Another (A:long)"),
                () -> cluster.run("Hurt", ".alter table T docstring '" + "long ".repeat(2_000) + "'")
            }) {
                ServiceError refusal = FaultCluster.refusal(write);
                assertThat(refusal.httpStatus()).as(refusal.message()).isEqualTo(503);
                assertThat(refusal.isPermanent()).isFalse();
            }
            awaitTrue(() -> cluster.contents("Hurt").equals(before));
            assertThat(cluster.query("Well", "T | count").getLast()).isEqualTo("20000");
            disk.empty();
            awaitTrue(() -> {
                cluster.stream("Hurt", 90_000, 10);
                return true;
            });
            // A file whose checkpoint failed may still have to be opened again.
            awaitTrue(() -> {
                cluster.append("Hurt", 90_100, 10);
                return true;
            });
            cluster.run("Hurt", ".create table Another (A:long)");
            assertThat(cluster.query("Hurt", "union T, S | where Id >= 90000 | count").getLast()).isEqualTo("20");
            // What was refused holds no cursor back.
            assertThat(cluster.query("Hurt", "union T, S | where Id >= 90000 and cursor_before_or_at('') | count").getLast()).isEqualTo("20");
        }
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "union T, S | where Id < 90000 | summarize count(), sum(Id)").getLast()).isEqualTo(before);
            assertThat(cluster.query("Hurt", "union T, S | where Id >= 90000 | count").getLast()).isEqualTo("20");
        }
    }

    @Test
    void aFileWhoseCheckpointFailedIsOpenedAgain() throws Exception {
        try (var cluster = open().filled()) {
            // The log is nearly as long as makes a checkpoint, and there is room for the log and not for the checkpoint.
            long id = 1_000_000;
            while (logBytes() < 15_500_000) {
                cluster.append("Hurt", id, 2_000);
                id += 2_000;
            }
            String before = cluster.contents("Hurt");
            disk.fillBut(1_500_000);
            ServiceError refusal = null;
            for (int i = 0; i < 200 && refusal == null; i++) {
                try {
                    cluster.run("Hurt", ".alter table T docstring '" + "long ".repeat(2_000) + i + "'");
                } catch (KustoException e) {
                    refusal = e.error();
                }
            }
            assertThat(refusal).as("a refused change").isNotNull();
            assertThat(refusal.httpStatus()).as(refusal.message()).isEqualTo(503);
            assertThat(cluster.query("Well", "T | count").getLast()).isEqualTo("20000");
            disk.empty();
            awaitTrue(() -> cluster.contents("Hurt").equals(before));
            cluster.append("Hurt", 90_000, 10);
            cluster.stream("Hurt", 90_000, 10);
            assertThat(cluster.query("Hurt", "union T, S | where Id between (90000 .. 90010) | count").getLast()).isEqualTo("20");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsRefusedAtTheStart() throws Exception {
        try (var cluster = open().filled()) {
            assertThat(cluster.query("Well", "T | count").getLast()).isEqualTo("20000");
        }
        disk.remount("ro");
        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(data().toString(), "Let this process write");
        disk.remount("rw");
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "T | count").getLast()).isEqualTo("20000");
        }
    }

    private long logBytes() throws Exception {
        try (var files = Files.list(data().resolve("databases"))) {
            return files.filter(file -> file.toString().endsWith(".wal")).mapToLong(file -> file.toFile().length()).max().orElse(0);
        }
    }

    private static void awaitTrue(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (KustoException e) {
                assertThat(e.error().isPermanent()).as(e.error().message()).isFalse();
            }
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
        }
    }

    private FaultCluster open() {
        return FaultCluster.open(data(), folder.resolve("scratch"));
    }

    private Path data() {
        return folder.resolve("disk/data");
    }
}
