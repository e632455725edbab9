package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions follow from each row and the one before it. So they are looked at: each begin is either the row's own moment or the begin
/// before, as the distances say, in few rows of many shapes and in more rows than are gone through together.
class SessionsOfManyRowsTest {
    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> query(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "test", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(10), false);
        try (var answer = engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    /// Of rows with `i`, a moment `t` and whether they restart, `r`: how many there are, and of how many the begin is not as it has to be.
    private String counts(String rows, String fromFirst, String between) {
        return query(rows + " | sort by i asc | extend s = row_window_session(t, " + fromFirst + ", " + between + ", r) | extend p = prev(s), q = prev(t)"
                + " | extend e = iff(isnull(t) or isnull(p) or coalesce(r, false) or t - p >= " + fromFirst + " or t - q >= " + between + ", t, p)"
                + " | summarize n = count(), wrong = countif(tostring(s) != tostring(e)), sessions = countif(isnotnull(s) and (isnull(p) or s != p))").getLast();
    }

    @Test
    void fewRowsOfManyShapes() {
        for (int seed = 1; seed <= 10; seed++) {
            String rows = "range i from 1 to 300 step 1 | extend h = hash(i + " + 1_000 * seed + "), t = datetime(2024-01-01) + i * 1s"
                    + " | extend t = iff(h % 11 == 0, datetime(null), t + (h % 9) * 1s), r = iff(h % 17 == 0, bool(null), h % 13 == 0),"
                    + " f = iff(h % 7 == 0, timespan(null), (h % 50) * 1s)";
            assertThat(counts(rows, "20s", "5s")).as("seed " + seed).startsWith("300 | 0 | ");
            assertThat(counts(rows, "f", "6s")).as("seed " + seed).startsWith("300 | 0 | ");
            assertThat(counts(rows, "40s", "f")).as("seed " + seed).startsWith("300 | 0 | ");
        }
    }

    @Test
    void aMillionRowsWithManySessions() {
        String rows = "range i from 1 to 1000000 step 1 | extend h = hash(i) | extend t = iff(h % 1009 == 0, datetime(null),"
                + " datetime(2024-01-01) + i * 1s + (h % 7) * 1s), r = h % 997 == 0";
        assertThat(counts(rows, "100s", "7s")).startsWith("1000000 | 0 | ");
    }

    @Test
    void aMillionRowsWithSessionsLongerThanWhatIsTakenTogether() {
        String rows = "range i from 1 to 1000000 step 1 | extend t = datetime(2024-01-01) + i * 1s, r = false";
        assertThat(counts(rows, "100000s", "1h")).isEqualTo("1000000 | 0 | 10");
        assertThat(counts(rows, "1000d", "1h")).isEqualTo("1000000 | 0 | 1");
    }
}
