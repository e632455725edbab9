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
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The number of a table's rows that is told without reading them is that of reading them, whatever has become of the table.
class KnownCountsTest {
    private static final Principal SOMEBODY = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "somebody", false);

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
        run(".create table T (a:long)");
        run(".create table Other (a:long)");
        run(".alter table T policy streamingingestion enable");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        return run(Principal.LOCAL_ADMINISTRATOR, Map.of(), text);
    }

    private List<String> run(Principal principal, Map<String, Object> options, String text) {
        var request = request(principal, options);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private static Request request(Principal principal, Map<String, Object> options) {
        return new Request(principal, "NetDefaultDB", "test", UUID.randomUUID(), options, Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    private void stream(String rows) {
        engine.ingestStream(request(Principal.LOCAL_ADMINISTRATOR, Map.of()), new StreamingIngestion("NetDefaultDB", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    private long known() {
        return number("T | count");
    }

    private long read() {
        return number("T | extend one = 1 | summarize sum(one)");
    }

    private long number(String query) {
        return Long.parseLong(run(query).getLast());
    }

    private void assertCount(long rows) {
        assertThat(List.of(known(), read())).containsExactly(rows, rows);
    }

    @Test
    void itFollowsWhateverChangesATable() {
        assertCount(0);
        run(".append T <| range a from 1 to 10 step 1");
        assertCount(10);
        stream("11\n12\n");
        assertCount(12);
        stream("13\n");
        assertCount(13);
        run(".append Other <| range a from 1 to 5 step 1");
        assertCount(13);
        run(".delete table T records <| T | where a in (1, 2, 12)");
        assertCount(10);
        run(".move extents all from table Other to table T");
        assertCount(15);
        run(".set-or-replace T <| range a from 1 to 7 step 1");
        stream("8\n");
        assertCount(8);
        run(".alter table T (a:long, b:string)");
        assertCount(8);
        run(".rename tables T = Other, Other = T");
        assertCount(0);
        run(".rename tables T = Other, Other = T");
        assertCount(8);
        run(".clear table T data");
        assertCount(0);
        run(".append T <| range a from 1 to 3 step 1 | extend b = 'x'");
        assertCount(3);
        run(".drop table T");
        run(".create table T (a:long)");
        assertCount(0);
    }

    @Test
    void itIsToldUnderTheNamesOfTheQuery() {
        run(".append T <| range a from 1 to 3 step 1");
        assertThat(run("T | summarize n = count(), count()")).containsExactly("n:long | count_:long", "3 | 3");
        assertThat(run("let f = () { T }; f() | count | extend twice = Count * 2")).containsExactly("Count:long | twice:long", "3 | 6");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, Map.of("query_take_max_records", 0L), "T | count")).containsExactly("Count:long");
    }

    @Test
    void rowsThatAreHiddenOrBehindACursorAreNotCounted() {
        run(".append T <| range a from 1 to 3 step 1");
        run(".add database NetDefaultDB viewers ('" + SOMEBODY.fullyQualifiedName() + "')");
        assertThat(run(SOMEBODY, Map.of(), "T | count")).last().isEqualTo("3");
        String cursor = run("print cursor_current()").getLast();
        run(".append T <| range a from 4 to 5 step 1");
        var scoped = Map.<String, Object>of("query_cursor_after_default", cursor, "query_cursor_scoped_tables", "['T']");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, scoped, "T | count")).last().isEqualTo("2");
        run(".alter table T policy row_level_security enable 'T | where a > 1'");
        assertThat(run(SOMEBODY, Map.of(), "T | count")).last().isEqualTo("4");
        run(".alter table T policy row_level_security disable 'T | where a > 1'");
        assertThat(run(SOMEBODY, Map.of(), "T | count")).last().isEqualTo("5");
        run(".alter table T policy restricted_view_access true");
        Assertions.assertThatThrownBy(() -> run(SOMEBODY, Map.of(), "T | count")).isInstanceOf(KustoException.class);
        run(".delete table T policy restricted_view_access");
        run(".drop database NetDefaultDB viewers ('" + SOMEBODY.fullyQualifiedName() + "')");
        Assertions.assertThatThrownBy(() -> run(SOMEBODY, Map.of(), "T | count")).isInstanceOf(KustoException.class);
    }

    @Test
    void whileRowsComeAndAreSealedItIsNeverBehindNorAheadOfWhatIsRead() {
        var writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 60; i++) {
                stream("1\n2\n");
                if (i % 7 == 0) {
                    engine.storage().seal("NetDefaultDB");
                }
                if (i % 10 == 0) {
                    run(".append T <| range a from 1 to 5 step 1");
                }
            }
        });
        do {
            long before = known();
            long read = read();
            long after = known();
            assertThat(read).isBetween(before, after);
        } while (!writing.isDone());
        writing.join();
        assertCount(150);
    }
}
