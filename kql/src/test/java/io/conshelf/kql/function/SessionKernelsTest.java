package io.conshelf.kql.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Rows told in several blocks begin the same sessions as rows told in one.
class SessionKernelsTest {
    private static final long FROM_FIRST = 40;
    private static final long BETWEEN_NEIGHBORS = 9;

    @Test
    void blocksGoOnWhereTheOneBeforeEnded() {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                rows.add(row(random, i));
            }
            String whole = new SessionKernels("").starts(String.join(",", rows), FROM_FIRST, BETWEEN_NEIGHBORS);
            var inBlocks = new StringBuilder();
            String state = "";
            for (int from = 0; from < rows.size();) {
                int to = Math.min(rows.size(), from + 1 + random.nextInt(7));
                var sessions = new SessionKernels(state);
                inBlocks.append(sessions.starts(String.join(",", rows.subList(from, to)), FROM_FIRST, BETWEEN_NEIGHBORS));
                state = sessions.state();
                from = to;
            }
            assertThat(inBlocks.toString()).as("seed " + seed).isEqualTo(whole).hasSize(rows.size()).startsWith("1");
        }
    }

    private static String row(Random random, int i) {
        String restart = random.nextInt(12) == 0 ? "!" : "";
        String moment = random.nextInt(10) == 0 ? "" : Long.toString(4L * i - 20 + random.nextInt(9));
        String distances = random.nextInt(8) == 0 ? random.nextBoolean() ? "::5" : ":30:" : "";
        return restart + moment + distances;
    }

    @Test
    void rowsBeginSessionsByTheirDistances() {
        assertThat(new SessionKernels("").starts("0,8,16,25,!26,,27,20,60:50:,61::1,-5", FROM_FIRST, BETWEEN_NEIGHBORS)).isEqualTo("10011110010");
    }
}
