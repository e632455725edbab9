package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that writes and materializes, and looks at what it left. `-Dconshelf.full=true` does so more often.
class ViewCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 40 : 3;

    @TempDir
    private Path folder;

    @Test
    void aViewIsWhatItsQueryGivesAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        long rows = 0;
        for (int round = 0; round < ROUNDS; round++) {
            writeAndKill(seed + round, 20 + random.nextInt(150));
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

    /// @param lines how many lines it writes before the kill
    private void writeAndKill(long seed, int lines) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                        ViewWriter.class.getName(), folder.toString(), Long.toString(seed))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var out = new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (--lines == 0) {
                    writer.toHandle().destroyForcibly();
                }
            }
        }
        writer.waitFor();
    }
}
