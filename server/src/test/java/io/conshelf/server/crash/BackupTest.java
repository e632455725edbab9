package io.conshelf.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.backup.BackupException;
import io.conshelf.server.backup.ClusterBackup;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class BackupTest {
    @TempDir
    Path folder;

    private final RowLoad rows = new RowLoad();
    private final SchemaLoad schema = new SchemaLoad();

    private interface Writing {
        void run() throws IOException;
    }

    @Test
    void aBackupUnderLoadHasAllThatWasAcknowledgedBeforeItOnce() throws Exception {
        Path first = data().resolve("backups/first");
        Path second = data().resolve("backups/second");
        List<RowLoad.Mark> marks = new ArrayList<>();
        try (Server server = ServedFolder.inProcess(data())) {
            var wire = new Wire(server.uri());
            RowLoad.prepare(wire);
            underLoad(wire, () -> {
                rows.awaitMore(60, 30_000);
                marks.add(rows.mark());
                assertThat(wire.backup(first)).contains("\"files\"");
                rows.awaitMore(60, 30_000);
                marks.add(rows.mark());
                assertThat(wire.backup(second)).contains("\"files\"");
                rows.awaitMore(20, 30_000);
            });
        }
        restoredHas(first, marks.getFirst());
        restoredHas(second, marks.getLast());
    }

    private void restoredHas(Path backup, RowLoad.Mark mark) throws Exception {
        Path restored = folder.resolve("restored-" + backup.getFileName());
        ClusterBackup.restore(backup, restored);
        try (Server server = ServedFolder.inProcess(restored)) {
            var wire = new Wire(server.uri());
            awaitQueued(wire, mark);
            rows.check(wire, mark);
            assertThat(wire.command(".show table Wide cslschema")).isNotEmpty();
            // It goes on as any other.
            wire.stream("Rows", UUID.randomUUID(), "-1,0,row 0\n");
            assertThat(wire.query("Rows | where Batch == -1 | count")).isEqualTo(List.of(List.of("1")));
        }
        FolderCheck.check(restored);
    }

    @Test
    void aStoppedClusterIsCopiedFromItsFolder() throws Exception {
        try (ServedFolder served = ServedFolder.start(data())) {
            var wire = new Wire(served.awaitReady().orElseThrow());
            RowLoad.prepare(wire);
            underLoad(wire, () -> {
                rows.awaitMore(30, 30_000);
                served.killAfter(0);
            });
        }
        Path backup = folder.resolve("copy");
        ClusterBackup.ofFolder(data(), backup, Instant.now());
        restoredHas(backup, rows.mark());
    }

    @Test
    void onlyTheOwnerReadsABackupAndWhatIsRestored() throws Exception {
        Path backup = data().resolve("backups/kept");
        try (Server server = ServedFolder.inProcess(data())) {
            var wire = new Wire(server.uri());
            RowLoad.prepare(wire);
            wire.backup(backup);
        }
        Path restored = folder.resolve("restored");
        ClusterBackup.restore(backup, restored);

        for (Path top : List.of(backup, restored)) {
            try (Stream<Path> all = Files.walk(top)) {
                assertThat(all).isNotEmpty().allSatisfy(file -> assertThat(Files.getPosixFilePermissions(file))
                        .isSubsetOf(PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwx------" : "rw-------")));
            }
        }
    }

    @Test
    void aFolderInUseAndATargetThatIsNotEmptyAreRefused() throws Exception {
        Files.createDirectories(folder.resolve("full/of/things"));
        try (Server server = ServedFolder.inProcess(data())) {
            assertThatThrownBy(() -> ClusterBackup.ofFolder(data(), folder.resolve("copy"), Instant.now()))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContainingAll(data().toString(), "in use by process", "--cluster");
            var wire = new Wire(server.uri());
            assertThatThrownBy(() -> wire.backup(folder.resolve("elsewhere"))).hasMessageContainingAll("400", "allowedFolders", "backups");
            Path full = Files.createDirectories(data().resolve("backups/full/things")).getParent();
            assertThatThrownBy(() -> wire.backup(full)).hasMessageContainingAll("400", "is not empty");
            // Where a link leads is what counts.
            Path link = Files.createSymbolicLink(data().resolve("backups/link"), Files.createDirectories(folder.resolve("outside")));
            assertThatThrownBy(() -> wire.backup(link.resolve("here"))).hasMessageContainingAll("400", "allowedFolders");
            assertThat(folder.resolve("outside/here")).doesNotExist();
        }
        ClusterBackup.ofFolder(data(), folder.resolve("copy"), Instant.now());
        assertThatThrownBy(() -> ClusterBackup.restore(folder.resolve("copy"), folder.resolve("full")))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is not empty");
        assertThatThrownBy(() -> ClusterBackup.ofFolder(folder.resolve("full"), folder.resolve("other"), Instant.now()))
                .hasMessageContaining("is not the data folder");
    }

    @Test
    void aClusterInMemoryHasNoBackup() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            assertThatThrownBy(() -> new Wire(server.uri()).backup(folder.resolve("copy"))).hasMessageContaining("is in memory");
        }
    }

    @Test
    void aBackupThatIsNotAsItWasWrittenIsNotRestored() throws Exception {
        try (Server server = ServedFolder.inProcess(data())) {
            RowLoad.prepare(new Wire(server.uri()));
        }
        Path backup = folder.resolve("copy");
        ClusterBackup.ofFolder(data(), backup, Instant.now());
        Path manifest = backup.resolve("backup.json");
        String written = Files.readString(manifest);

        Files.writeString(manifest, written.replaceFirst("\"databaseFormat\" : \\d+", "\"databaseFormat\" : 99"));
        notRestored(backup, "newer release", "format 99");
        Files.delete(manifest);
        notRestored(backup, "no complete backup");
        Files.writeString(manifest, written.substring(0, 100));
        notRestored(backup, "backup.json");
        Files.writeString(manifest, written);

        Path file = Files.list(backup.resolve("databases")).findFirst().orElseThrow();
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(100_000);
            out.write(77);
        }
        notRestored(backup, file.getFileName().toString(), "checksum");
        Files.delete(file);
        notRestored(backup, file.getFileName().toString(), "lacks");
    }

    private void notRestored(Path backup, String... said) {
        assertThatThrownBy(() -> ClusterBackup.restore(backup, folder.resolve("restored")))
                .isInstanceOf(BackupException.class)
                .hasMessageContainingAll(said);
        assertThat(folder.resolve("restored")).doesNotExist();
    }

    private interface Meanwhile {
        void run() throws Exception;
    }

    private void underLoad(Wire wire, Meanwhile work) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing = new ArrayList<Future<?>>();
            for (Writing way : List.<Writing>of(
                    () -> rows.stream(wire), () -> rows.stream(wire), () -> rows.enqueue(wire), () -> rows.append(wire),
                    () -> schema.run(wire))) {
                writing.add(threads.submit(() -> {
                    way.run();
                    return 0;
                }));
            }
            work.run();
            writing.forEach(writer -> writer.cancel(true));
        }
    }

    private void awaitQueued(Wire wire, RowLoad.Mark mark) throws IOException {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!(wire.metrics().lines().anyMatch(line -> line.equals("conshelf_ingestion_queued_sources 0.0"))
                && rows.missing(wire, mark).isEmpty())) {
            assertThat(System.nanoTime()).as("queued rows wait too long, missing " + rows.missing(wire, mark)).isLessThan(end);
        }
    }

    private Path data() {
        return folder.resolve("data");
    }
}
