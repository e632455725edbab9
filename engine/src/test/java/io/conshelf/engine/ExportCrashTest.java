package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that exports what comes, and looks at the artifacts that are listed. `-Dconshelf.full=true` does so thirty times.
class ExportCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 30 : 2;
    private static final long MARKS_A_ROUND = 1_000_000;

    @TempDir
    private Path folder;

    private final Set<Long> told = new HashSet<>();

    @Test
    void eachRowIsInOneListedArtifactAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        long epoch = System.currentTimeMillis();
        var random = new Random(seed);
        var lake = Files.createDirectories(folder.resolve("lake"));
        try (var cluster = new ExportCrashWriter(folder, epoch)) {
            cluster.rows(".create table T (mark:long, i:long)");
            cluster.rows(".alter table T policy streamingingestion enable");
            cluster.rows(".create external table E (mark:long, i:long) kind=storage dataformat=csv (@'" + lake + "')");
            cluster.rows(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m) <| T");
        }
        for (int round = 0; round < ROUNDS; round++) {
            String when = "seed " + seed + ", round " + round;
            KilledProcess.run(
                    ExportCrashWriter.class, List.of(folder.toString(), Long.toString(epoch), Long.toString(round * MARKS_A_ROUND)),
                    100 + random.nextInt(600), () -> whileExporting(lake, random.nextLong(10_000_000)), line -> listen(line, when));
            try (var cluster = new ExportCrashWriter(folder, epoch)) {
                check(cluster, when);
            }
        }
        try (var cluster = new ExportCrashWriter(folder, epoch)) {
            System.out.println("artifacts: " + artifacts(cluster).size() + ", files: " + names(lake).length
                    + ", loads: " + told.size());
        }
    }

    /// From when a new file is there: it is to be filled, closed and listed.
    private static void whileExporting(Path lake, long nanoseconds) {
        String[] before = names(lake);
        Await.until("another artifact", () -> names(lake).length > before.length);
        LockSupport.parkNanos(nanoseconds);
    }

    private static String[] names(Path lake) {
        return Objects.requireNonNull(lake.toFile().list());
    }

    private void listen(String line, String when) {
        var words = line.split(" ");
        switch (words[0]) {
            case "loaded", "streamed" -> told.add(Long.parseLong(words[1]));
            default -> throw new AssertionError(when + ": the writer says '" + line + "'");
        }
    }

    private void check(ExportCrashWriter cluster, String when) throws IOException {
        var rows = cluster.rows("T | project strcat(mark, ',', i)");
        assertThat(rows).as("%s: rows", when).doesNotHaveDuplicates();
        // Sets of our own: AssertJ looks for each element of one among all of the other, which are tens of thousands.
        var known = Set.copyOf(rows);
        assertThat(told.stream().flatMap(mark -> Stream.of(1, 2, 3).map(i -> mark + "," + i)).filter(row -> !known.contains(row)))
                .as("%s: acknowledged rows that are lost", when).isEmpty();

        var listedBefore = listed(cluster);
        assertThat(listedBefore).as("%s: rows listed before the next run", when).doesNotHaveDuplicates();
        assertThat(listedBefore.stream().filter(row -> !known.contains(row)))
                .as("%s: rows listed before the next run that are not there", when).isEmpty();
        // What the run that died wrote may still lie there; what comes after is in an artifact of its own.
        Await.until("the export of what is left", () -> {
            cluster.look();
            return records(cluster) >= rows.size();
        });
        var listed = listed(cluster);
        assertThat(listed).as("%s: rows listed", when).doesNotHaveDuplicates();
        assertThat(Set.copyOf(listed)).as("%s: rows listed", when).isEqualTo(known);
        assertThat(cluster.rows(".show continuous-export X failures")).as("%s: failures", when).isEmpty();
    }

    private record Artifact(Path file, long records) {}

    private static List<Artifact> artifacts(ExportCrashWriter cluster) {
        return cluster.rows(".show continuous-export X exported-artifacts | project Path, NumRecords").stream()
                .map(row -> row.split(" \\| "))
                .map(cells -> new Artifact(Path.of(cells[0]), Long.parseLong(cells[1])))
                .toList();
    }

    private static long records(ExportCrashWriter cluster) {
        return artifacts(cluster).stream().mapToLong(Artifact::records).sum();
    }

    private static List<String> listed(ExportCrashWriter cluster) throws IOException {
        var rows = new ArrayList<String>();
        for (Artifact artifact : artifacts(cluster)) {
            var lines = Files.readAllLines(artifact.file());
            assertThat(lines).as("rows of %s", artifact.file()).hasSize((int) artifact.records());
            rows.addAll(lines);
        }
        return rows;
    }
}
