package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a query could have read is told with it.
class RequestStatisticsTest {
    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
        run("", ".create table A (a:long)");
        run("", ".create table B (a:long)");
        run("", ".alter table A policy streamingingestion enable");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static Request request(String id) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", id, UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    private List<String> run(String id, String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(id), text) : engine.query(request(id), text)) {
            return ResultText.of(answer);
        }
    }

    private String scanned(String id) {
        return run("", ".show queries | where ClientActivityId == '" + id + "' | extend s = ScannedExtentsStatistics"
                + " | project strcat(s.TotalExtentsCount, ' ', s.ScannedExtentsCount, ' ', s.TotalRowsCount, ' ', s.ScannedRowsCount,"
                + " ' ', isnotnull(todatetime(s.MinDataScannedTime)), ' ', isnotnull(todatetime(s.MaxDataScannedTime)))").getLast();
    }

    @Test
    void extentsAndRowsOfTheTablesThatAQueryReadsAreTold() {
        run("", ".append A <| print a = 1");
        run("", ".append A <| range a from 2 to 10 step 1");
        run("", ".append B <| print a = 1");
        run("one", "A | where a > 5");
        run("both", "A | join kind=inner (B | union A) on a");
        run("none", "print 1");
        assertThat(scanned("one")).isEqualTo("2 2 10 10 True True");
        assertThat(scanned("both")).isEqualTo("3 3 11 11 True True");
        assertThat(scanned("none")).isEqualTo("0 0 0 0 False False");
    }

    @Test
    void theyAreThoseOfTheLastCommit() {
        run("", ".append A <| print a = 1");
        run("first", "A");
        run("", ".append A <| print a = 2");
        run("second", "A");
        engine.ingestStream(request("stream"), new StreamingIngestion("NetDefaultDB", "A", "csv", Optional.empty(),
                new ByteArrayInputStream("3\n4\n".getBytes(StandardCharsets.UTF_8)), Optional.empty()));
        run("streamed", "A");
        run("", ".clear table A data");
        run("cleared", "A");
        assertThat(List.of(scanned("first"), scanned("second"), scanned("streamed"), scanned("cleared"))).containsExactly(
                "1 1 1 1 True True", "2 2 2 2 True True", "2 2 4 4 True True", "0 0 0 0 False False");
        assertThat(run("", ".show table A details | project TotalExtents, TotalRowCount").getLast()).isEqualTo("0 | 0");
    }
}
