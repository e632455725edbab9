package io.conshelf.engine.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Folders;
import io.conshelf.engine.KilledProcess;
import io.conshelf.engine.ServiceError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of the data folder that is damaged, gone, or another's: said by name, and nothing else suffers.
class DamagedFileTest {
    /// What every test begins with, filled once.
    @TempDir
    private static Path filled;
    private static String before;
    private static String hurtFile;
    private static String wellFile;

    @TempDir
    private Path folder;

    private Path hurt;
    private Path well;

    @BeforeAll
    static void fill() {
        Path data = filled.resolve("data");
        try (var cluster = FaultCluster.open(data, filled.resolve("scratch")).filled()) {
            before = cluster.contents("Hurt");
        }
        hurtFile = FaultCluster.file(data, "Hurt").getFileName().toString();
        wellFile = FaultCluster.file(data, "Well").getFileName().toString();
    }

    @BeforeEach
    void copy() throws Exception {
        Folders.copy(filled.resolve("data"), data());
        hurt = data().resolve("databases").resolve(hurtFile);
        well = data().resolve("databases").resolve(wellFile);
        Files.copy(hurt, folder.resolve("copy"));
    }

    private interface Damage {
        void to(Path file) throws IOException;
    }

    @Test
    void garbageInTheHeader() throws Exception {
        isToldAndMended(file -> garble(file, 0, 4_096), "cannot be opened", "restore");
    }

    @Test
    void garbageInTheRootBlocks() throws Exception {
        isToldAndMended(file -> garble(file, 4_096, 8_192), "cannot be opened", "restore");
    }

    @Test
    void aFileCutShort() throws Exception {
        cut(hurt, Files.size(hurt) / 2);
        try (var cluster = open()) {
            assertThat(FaultCluster.refusal(() -> cluster.contents("Hurt")).message()).contains(hurt.getFileName().toString(), "restore");
            assertThat(cluster.contents("Well")).isEqualTo(before);
        }
        Files.copy(folder.resolve("copy"), hurt, StandardCopyOption.REPLACE_EXISTING);
        try (var cluster = open()) {
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
        }
    }

    @Test
    void anEmptyFile() throws Exception {
        isToldAndMended(file -> cut(file, 0), "cannot be opened", "restore");
    }

    @Test
    void aMissingFile() throws Exception {
        isToldAndMended(Files::delete, "is not there", "restore");
    }

    @Test
    void aFileThatIsNoDatabase() throws Exception {
        isToldAndMended(file -> Files.writeString(file, "a letter to somebody\n".repeat(1_000)), "cannot be opened", "restore");
    }

    @Test
    void aDatabaseOfSomethingElse() throws Exception {
        isToldAndMended(file -> {
            Files.delete(file);
            try (var other = java.sql.DriverManager.getConnection("jdbc:duckdb:"); var statement = other.createStatement()) {
                statement.execute("ATTACH '" + file + "' AS o (STORAGE_VERSION 'v1.4.0')");
                statement.execute("CREATE TABLE o.letters (a INTEGER)");
            } catch (java.sql.SQLException e) {
                throw new AssertionError(e);
            }
        }, "restore");
    }

    @Test
    void theFileOfAnotherDatabase() throws Exception {
        isToldAndMended(file -> Files.copy(well, file, StandardCopyOption.REPLACE_EXISTING), "another database");
    }

    @Test
    void garbageInTheMiddleIsToldByTheQueryThatMeetsIt() throws Exception {
        long size = Files.size(hurt);
        // All but what is read at the start.
        garble(hurt, 300 << 10, (int) Math.min(64 << 10, size - (300 << 10)));
        try (var cluster = open()) {
            ServiceError said = FaultCluster.refusal(() -> {
                cluster.contents("Hurt");
                cluster.query("Hurt", "T | summarize count(), countif(Text has 'x'), dcount(Text)");
            });
            assertThat(said.message()).contains(hurt.getFileName().toString(), "damaged", "restore");
            assertThat(cluster.contents("Well")).isEqualTo(before);
        }
    }

    @Test
    void aWriteAheadLogCutShortKeepsWhatIsInIt() throws Exception {
        Path log = withLog();
        cut(log, Files.size(log) - 20);
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "T | summarize count(), max(Id)").getLast()).isEqualTo("20009 | 100008");
            cluster.append("Hurt", 200_000, 1);
        }
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "T | count").getLast()).isEqualTo("20010");
        }
    }

    @Test
    void garbageInTheWriteAheadLogIsNotTakenForItsEnd() throws Exception {
        Path log = withLog();
        Path copy = Files.copy(log, folder.resolve("log"));
        for (long at : List.of(0L, Files.size(log) / 2)) {
            garble(log, at, 64);
            try (var cluster = open()) {
                assertThat(FaultCluster.refusal(() -> cluster.contents("Hurt")).message())
                        .contains(log.toString(), "damaged from byte", "Nothing was changed", "restore");
                assertThat(cluster.query("Well", "T | count").getLast()).isEqualTo("20000");
            }
            Files.copy(copy, log, StandardCopyOption.REPLACE_EXISTING);
        }
        try (var cluster = open()) {
            assertThat(cluster.query("Hurt", "T | count").getLast()).isEqualTo("20010");
        }
    }

    @Test
    void aRowLogCutShortKeepsTheRecordsThatAreWhole() throws Exception {
        Path log = withRowLog();
        cut(log, Files.size(log) - 5);
        try (var cluster = open()) {
            assertThat(streamed(cluster)).isEqualTo("18");
        }
        try (var cluster = open()) {
            assertThat(streamed(cluster)).isEqualTo("18");
        }
    }

    @Test
    void garbageInTheRowLogCostsTheRecordItIsInAndNoOther() throws Exception {
        Path log = withRowLog();
        long size = Files.size(log);
        // One of ten records of the same length; then its length field as well.
        garble(log, size / 10 * 4 + 20, 16);
        garble(log, size / 10 * 6, 8);
        try (var cluster = open()) {
            assertThat(streamed(cluster)).isEqualTo("16");
        }
        assertThat(log.resolveSibling(log.getFileName() + ".damaged")).exists();
        try (var cluster = open()) {
            assertThat(streamed(cluster)).isEqualTo("16");
            assertThat(cluster.contents("Well")).isEqualTo(before);
        }
    }

    @Test
    void withoutTheSystemStoreNothingIsBegunAnew() throws Exception {
        Path system = data().resolve("system.duckdb");
        Files.move(system, folder.resolve("system"));
        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(system.toString(), "is not there", "restore");
        assertThat(system).doesNotExist();
        Files.move(folder.resolve("system"), system);
        try (var cluster = open()) {
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
        }
    }

    @Test
    void twoProcessesDoNotShareAFolder() throws Exception {
        try (var cluster = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(data().toString(), "in use by process " + ProcessHandle.current().pid(), "choose another");
            var other = new ProcessBuilder(KilledProcess.command(SecondProcess.class, List.of(data().toString())))
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(other.getInputStream().readAllBytes()))
                    .contains("in use by process " + ProcessHandle.current().pid());
            cluster.append("Hurt", 500_000, 1);
        }
    }

    /// Tries to open a folder that is in use.
    static final class SecondProcess {
        private SecondProcess() {}

        public static void main(String[] arguments) {
            try (var cluster = FaultCluster.open(Path.of(arguments[0]), Path.of(arguments[0]).resolveSibling("scratch2"))) {
                System.out.println(cluster.contents("Hurt"));
            }
        }
    }

    /// The damage is told where the database is asked for, the others are open; with the file put back all is there.
    private void isToldAndMended(Damage damage, String... said) throws Exception {
        damage.to(hurt);
        try (var cluster = open()) {
            ServiceError refusal = FaultCluster.refusal(() -> cluster.contents("Hurt"));
            assertThat(refusal.httpStatus()).isEqualTo(503);
            assertThat(refusal.isPermanent()).isFalse();
            assertThat(refusal.message()).contains("'Hurt' is not available", hurt.toString()).contains(said);
            assertThat(FaultCluster.refusal(() -> cluster.append("Hurt", 1, 1)).message()).contains("not available");
            assertThat(FaultCluster.refusal(() -> cluster.stream("Hurt", 1, 1)).message()).contains("not available");
            assertThat(FaultCluster.refusal(() -> cluster.run("Hurt", ".create database Hurt persist (@'x', @'y')")).message())
                    .isNotEmpty();
            assertThat(cluster.contents("Well")).isEqualTo(before);
            cluster.append("Well", 300_000, 1);
        }
        Files.deleteIfExists(hurt);
        Files.copy(folder.resolve("copy"), hurt);
        try (var cluster = open()) {
            assertThat(cluster.contents("Hurt")).isEqualTo(before);
            assertThat(cluster.query("Well", "T | where Id == 300000 | count").getLast()).isEqualTo("1");
        }
    }

    private static String streamed(FaultCluster cluster) {
        return cluster.query("Hurt", "S | where Id >= 100 | count").getLast();
    }

    /// Ten commits that are in the write-ahead log alone, as a kill leaves them.
    private Path withLog() throws Exception {
        return leftByAKill(".wal", cluster -> {
            for (int i = 0; i < 10; i++) {
                cluster.append("Hurt", 100_000 + i, 1);
            }
        });
    }

    /// Ten streamed requests of two rows that are in the row log alone.
    private Path withRowLog() throws Exception {
        return leftByAKill(".rows.", cluster -> {
            for (int i = 0; i < 10; i++) {
                cluster.stream("Hurt", 100 + 2 * i, 2);
            }
        });
    }

    private interface Writing {
        void in(FaultCluster cluster);
    }

    private Path leftByAKill(String kind, Writing writing) throws Exception {
        Path killed = folder.resolve("killed");
        try (var cluster = open()) {
            writing.in(cluster);
            Folders.copy(data(), killed);
        }
        Folders.delete(data());
        Folders.copy(killed, data());
        try (var files = Files.list(data().resolve("databases"))) {
            String name = hurt.getFileName().toString().replace(".duckdb", "");
            return files.filter(f -> f.getFileName().toString().startsWith(name) && f.toString().contains(kind)).findFirst().orElseThrow();
        }
    }

    private static void garble(Path file, long at, int length) throws IOException {
        byte[] garbage = new byte[length];
        new Random(7).nextBytes(garbage);
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(at);
            out.write(garbage);
        }
    }

    private static void cut(Path file, long size) throws IOException {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(size);
        }
    }

    private FaultCluster open() {
        return FaultCluster.open(data(), folder.resolve("scratch"));
    }

    private Path data() {
        return folder.resolve("data");
    }
}
