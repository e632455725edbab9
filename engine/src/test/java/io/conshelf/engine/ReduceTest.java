package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `reduce` holds of the texts that it is given.
class ReduceTest {
    @TempDir
    private Path folder;

    /// Four thousand patterns of two rows, each with a word that is as long as is said, a number and in turns `0` or `1`; before them
    /// a row that has only the `0` in common, around which all gather whose pattern is whole.
    private static List<String> run(Engine engine, int wordLength) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "reduce", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = engine.query(request, "range x from 1 to 8000 step 1 | extend i = x / 2 | project line = iff(x == 1, 'once more 0', strcat(strrep(strrep('w', 100), "
                + wordLength / 100 + "), ' ', i, ' ', i % 2)) | reduce by line with threshold=0.0002 | project Count | sort by Count asc")) {
            return ResultText.of(answer);
        }
    }

    @Test
    void patternsOfLongWordsAreBoundedByTheirBytes() {
        try (var engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")))) {
            // With short words all are whole. Of those beyond the bound only the long word is left.
            assertThat(run(engine, 100)).containsExactly("Count:long", "3999", "4001");
            assertThat(run(engine, 10_000)).containsExactly("Count:long", "209", "7791");
        }
    }
}
