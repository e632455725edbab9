package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What extents take on the disk, beside what they were.
class StoredSizeTest {
    @TempDir
    private Path folder;

    private Engine inFolder() throws IOException {
        return Engine.open(new EngineConfig(Optional.of(Files.createDirectories(folder.resolve("data"))),
                Files.createDirectories(folder.resolve("staging")), List.of(), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
    }

    private static List<String> run(Engine engine, String database, String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, database, "sizes", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.now(), Duration.ofMinutes(1), false);
        try (var answer = engine.command(request, text)) {
            return ResultText.of(answer);
        }
    }

    @Test
    void extentsAreAsLargeAsTheirShareOfTheFile() throws IOException {
        try (var engine = inFolder()) {
            run(engine, "Db", ".set Alike <| range n from 1 to 300000 step 1 | project n, text = 'the same long text in every row'");
            run(engine, "Db", ".append Alike <| print n = 1, text = 'x'");
        }
        try (var engine = inFolder()) {
            assertThat(run(engine, "Db", ".show table Alike details | project TotalExtentSize > 1000,"
                    + " TotalExtentSize < TotalOriginalSize / 2, HotExtentSize == TotalExtentSize").getLast()).isEqualTo("true | true | true");
            var sums = run(engine, "Db", ".show table Alike extents | summarize tolong(sum(ExtentSize) / 100), tolong(sum(CompressedSize) / 100)").getLast();
            var table = run(engine, "Db", ".show table Alike details | project tolong(TotalExtentSize / 100), tolong(TotalExtentSize / 100)").getLast();
            var database = run(engine, "Db", ".show database details | project tolong(TotalSize / 100), tolong(TotalSize / 100)").getLast();
            var cluster = run(engine, "Db", ".show diagnostics | project tolong(TotalExtentSize / 100), tolong(TotalExtentSize / 100)").getLast();
            assertThat(List.of(sums, database, cluster)).containsOnly(table);
        }
    }

    @Test
    void inMemoryTheyAreWhatTheyWere() {
        try (var engine = Engine.open(EngineConfig.inMemory(folder))) {
            run(engine, "NetDefaultDB", ".set Alike <| range n from 1 to 1000 step 1");
            assertThat(run(engine, "NetDefaultDB", ".show table Alike details | project TotalExtentSize, TotalOriginalSize").getLast())
                    .isEqualTo("8000.0 | 8000.0");
        }
    }
}
