package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.KilledProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a writing process and looks at what it left. `-Dconshelf.full=true` does so a hundred times.
class CrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 100 : 2;

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedIsThereOnceAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var acknowledged = new ArrayList<Long>();
        long first = 0;
        for (int round = 0; round < ROUNDS; round++) {
            acknowledged.addAll(writeAndKill(first, 20 + random.nextInt(400)));
            first += 10_000_000;

            Map<Long, Integer> found = new HashMap<>();
            try (var cluster = TestCluster.inFolder(folder)) {
                for (String row : cluster.rows("T")) {
                    String[] cells = row.split("\\|");
                    assertThat(cells[1]).isEqualTo("row " + cells[0]);
                    found.merge(Long.parseLong(cells[0]), 1, Integer::sum);
                }
            }

            assertThat(found.values()).as("seed %d, round %d: rows that are there twice", seed, round).allMatch(n -> n == 1);
            List<Long> missing = acknowledged.stream().filter(id -> !found.containsKey(id)).toList();
            assertThat(missing).as("seed %d, round %d: acknowledged rows that are gone", seed, round).isEmpty();
        }
        assertThat(acknowledged).isNotEmpty();
    }

    /// @param lines how many acknowledgements to wait for before the kill
    private List<Long> writeAndKill(long first, int lines) throws Exception {
        Process writer = new ProcessBuilder(KilledProcess.command(CrashWriter.class, List.of(folder.toString(), Long.toString(first))))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var acknowledged = new ArrayList<Long>();
        try (var out = new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ");
                if (words.length == 3 && words[0].equals("acknowledged")) {
                    long from = Long.parseLong(words[1]);
                    for (long id = from; id < from + Long.parseLong(words[2]); id++) {
                        acknowledged.add(id);
                    }
                }
                if (--lines == 0) {
                    writer.toHandle().destroyForcibly();
                }
            }
        }
        writer.waitFor();
        return acknowledged;
    }
}
