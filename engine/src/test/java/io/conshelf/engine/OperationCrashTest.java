package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that runs commands, and compares what is remembered of them with what they did.
/// `-Dconshelf.full=true` does so thirty times.
class OperationCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 30 : 2;

    @TempDir
    Path folder;

    static Engine open(Path folder) {
        return Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Db"),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), InstantSource.system()));
    }

    static Request request(String id) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "Db", id, UUID.randomUUID(), Map.of("notruncation", true), Map.of(), "test",
                "test", Instant.now(), Duration.ofMinutes(30), false);
    }

    static List<String> run(Engine engine, String text) {
        try (var answer = text.startsWith(".") ? engine.command(request("crash"), text) : engine.query(request("crash"), text)) {
            return ResultText.of(answer);
        }
    }

    private static List<String> rows(Engine engine, String text) {
        var lines = run(engine, text);
        return lines.subList(1, lines.size());
    }

    @Test
    void whatIsRememberedAgreesWithWhatWasDoneAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var told = new Told(new HashMap<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < ROUNDS; round++) {
            KilledProcess.run(
                    OperationCrashWriter.class, List.of(folder.toString(), Long.toString(round * 10_000_000L)),
                    40 + random.nextInt(300), () -> {}, line -> listen(line, told));
            try (var engine = open(folder)) {
                check(engine, told, "seed " + seed + ", round " + round);
            }
        }
        assertThat(told.aside()).isNotEmpty();
    }

    /// @param aside  the mark that each operation was to write
    /// @param failed marks of ingestion that was refused
    private record Told(Map<String, Long> aside, List<Long> ingested, List<Long> altered, List<Long> failed) {}

    private static void check(Engine engine, Told told, String when) {
        Map<Long, Long> rowsOf = new HashMap<>();
        rows(engine, "T | summarize n = count() by mark").forEach(row -> {
            var cells = row.split(" \\| ");
            rowsOf.put(Long.parseLong(cells[0]), Long.parseLong(cells[1]));
        });

        var states = new HashMap<String, String>();
        rows(engine, ".show operations | where isnotempty(Database) and Operation in ('TableSetOrAppend', 'DataIngestPull', 'TableDocStringAlter', 'TableAppend')"
                + " | project OperationId, State, Priority = iff(State == 'InProgress', 0, 1) | summarize arg_max(Priority, State) by OperationId"
                + " | project OperationId, State").forEach(row -> {
            var cells = row.split(" \\| ");
            states.put(cells[0], cells[1]);
        });
        assertThat(states.values()).as("%s: operations for ever running", when).doesNotContain("InProgress");
        told.aside().forEach((id, mark) -> {
            assertThat(states).as("%s: an operation whose id was told", when).containsKey(id);
            assertThat(states.get(id)).as("%s: state of %s", when, id).isIn("Completed", "Abandoned", "Throttled");
            assertThat(rowsOf.getOrDefault(mark, 0L)).as("%s: rows of %s, which is %s", when, id, states.get(id))
                    .isEqualTo(states.get(id).equals("Completed") ? 3L : 0L);
        });

        assertThat(rowsOf.keySet()).as("%s: acknowledged rows", when).containsAll(told.ingested());
        assertThat(count(engine, ".show operations | where Operation == 'DataIngestPull' and State == 'Completed' | count"))
                .as("%s: inline ingestion", when)
                .isEqualTo(count(engine, "T | summarize n = count() by mark | where n == 1 | count"));

        var changes = new HashSet<>(rows(engine, ".show database Db journal | where Event == 'ALTER-TABLE' and EntityName == 'T'"
                + " | project toint(extract(\"'([0-9]+)'\", 1, ChangeCommand))"));
        assertThat(changes).as("%s: acknowledged changes in the journal", when)
                .containsAll(told.altered().stream().map(String::valueOf).toList());
        var last = rows(engine, ".show database Db journal | where Event == 'ALTER-TABLE' and EntityName == 'T'"
                + " | top 1 by EventTimestamp desc | project tostring(parse_json(UpdatedEntityState).docString)");
        assertThat(rows(engine, ".show tables | where TableName == 'T' | project DocString"))
                .as("%s: the schema and the journal's last state", when).isEqualTo(last);

        assertThat(count(engine, ".show ingestion failures | where OperationKind == 'TableAppend' | count"))
                .as("%s: failures that were told", when).isGreaterThanOrEqualTo(told.failed().size());
        assertThat(count(engine, ".show operations | where Operation == 'TableAppend' and State in ('Failed', 'Throttled') | count"))
                .as("%s: failures and their operations", when)
                .isEqualTo(count(engine, ".show ingestion failures | where OperationKind == 'TableAppend' | count"));
    }

    private static long count(Engine engine, String text) {
        return Long.parseLong(run(engine, text).getLast());
    }

    private static void listen(String line, Told told) {
        var words = line.split(" ");
        switch (words[0]) {
            case "aside" -> told.aside().put(words[1], Long.parseLong(words[2]));
            case "ingested" -> told.ingested().add(Long.parseLong(words[1]));
            case "altered" -> told.altered().add(Long.parseLong(words[1]));
            case "failed" -> told.failed().add(Long.parseLong(words[1]));
            default -> throw new AssertionError("the writer says '" + line + "'");
        }
    }
}
