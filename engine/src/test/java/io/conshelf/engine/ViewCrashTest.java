package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that writes and materializes, and looks at what it left. `-Dconshelf.full=true` does so more often.
class ViewCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 40 : 2;

    @TempDir
    private Path folder;

    @Test
    void aViewIsWhatItsQueryGivesAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        long rows = 0;
        for (int round = 0; round < ROUNDS; round++) {
            KilledProcess.run(
                    ViewWriter.class, List.of(folder.toString(), Long.toString(seed + round)), 20 + random.nextInt(150), () -> {}, _ -> {});
            try (var cluster = new ViewWriter(folder)) {
                String[] as = {"seed " + seed + ", round " + round};
                rows = cluster.count("T");
                for (int i = 0; i < ViewWriter.QUERIES.size(); i++) {
                    var expected = cluster.sorted(ViewWriter.QUERIES.get(i));
                    assertThat(cluster.sorted("V" + i)).as(as[0]).isEqualTo(expected);
                    cluster.materialize();
                    assertThat(cluster.sorted("materialized_view('V" + i + "')")).as(as[0]).isEqualTo(expected);
                }
                assertThat(cluster.sorted("D | project k")).as(as[0]).isEqualTo(cluster.sorted("T | distinct k"));
            }
        }
        assertThat(rows).isPositive();
    }
}
