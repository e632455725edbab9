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
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The first rows by a column of a table that is large enough for statistics of its numbers to be asked are those of the whole order: where
/// they rule out NaN, and where numbers are looked through apart from NaN and null.
class TopOfLargeTableTest {
    private static final List<String> ORDERS = List.of("x desc", "x asc", "x desc nulls first", "x asc nulls last");

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
        // Numbers that grow in part, each twice.
        run(".set T <| range i from 1 to 1100000 step 1 | extend x = real(0.5) * (i / 2) + 100000 * (i % 7), y = todouble(i % 3), s = strcat('s', i % 5)");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        Request request = request();
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "test", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(5), false);
    }

    /// Asks for the first rows, and for as many behind numbering all, for which all are sorted.
    private void assertFirst(String input, int count, String order) {
        List<String> first = run(input + " | sort by " + order + ", i asc | extend n = row_number() | where n <= " + count + " | project x, s, i");
        assertThat(first).hasSize(count + 1);
        assertThat(run(input + " | sort by " + order + ", i asc | take " + count + " | project x, s, i")).as(input + " by " + order).isEqualTo(first);
        assertThat(run(input + " | sort by " + order + ", i asc | project s, i | take " + count)).as(input + " by " + order)
                .isEqualTo(first.stream().map(row -> row.substring(row.indexOf('|') + 2)).toList());
        assertThat(run(input + " | top " + count + " by " + order.replaceFirst(",.*", "") + " | project x")).as(input + " by " + order)
                .isEqualTo(first.stream().map(row -> row.substring(0, row.indexOf('|') - 1)).toList());
    }

    private void assertFirst() {
        for (String order : ORDERS) {
            assertFirst("T", 5, order);
        }
    }

    @Test
    void allAreNumbers() {
        assertFirst();
    }

    @Test
    void someAreNoneFromNowOn() {
        // By then it is remembered how the queries are run.
        assertFirst();
        run(".append T <| datatable(i:long, x:real, y:real, s:string)[-1, real(nan), 1, 'a', -2, real(null), 2, 'b', -3, real(+inf), 3, 'c',"
                + " -4, real(-inf), 4, 'd', -5, real(nan), real(nan), 'e', -6, real(null), real(null), 'f']");
        assertFirst();
        for (String order : ORDERS) {
            assertThat(run("T | where i < 3 | sort by y asc, " + order + ", i asc | take 4 | project i")).as("by y and " + order)
                    .isEqualTo(run("T | where i < 3 | sort by y asc, " + order + ", i asc | extend n = row_number() | where n <= 4 | project i"));
            assertFirst("T | where i < 3", 7, order);
            assertFirst("T | where i < 0 | project i, s, x", 3, order);
            assertFirst("T | where i < 3", 5, order + ", y desc");
            assertFirst("T | where i in ((T | where i < 4 | project i))", 5, order);
        }
        assertThat(run("T | top 1 by x asc nulls first | extend z = x + 1 | project i < 0, isnull(z)").getLast()).isEqualTo("true | true");
        assertThat(run("let greatest = toscalar(T | top 1 by x | project i); T | where i == greatest | project i, x").getLast()).isEqualTo("-3 | Infinity");
    }

    @Test
    void someAreStreamed() {
        run(".alter table T policy streamingingestion enable");
        String rows = "-1,nan,1,a\n-2,,2,b\n-3,800000.25,3,c\n-4,-7,4,d\n";
        engine.ingestStream(request(), new StreamingIngestion("NetDefaultDB", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
        assertFirst();
        for (String order : ORDERS) {
            assertFirst("T | where i < 2", 4, order);
        }
    }

    @Test
    void rowsThatAreGoneHideNoOthers() {
        String less = ".append T <| datatable(i:long, x:real, y:real, s:string)[-1, real(nan), -1, 'a', -2, -1e9, -1, 'a', 9000000, 1e9, 9, 'z']";
        run(less);
        run(".drop extents <| .show table T extents | where RowCount == 3");
        assertFirst();
        run(less);
        run(".delete table T records <| T | where y < 0 or y > 8");
        assertFirst();
        for (String key : List.of("i asc", "i desc", "y asc", "y desc", "s asc", "s desc")) {
            String name = key.substring(0, 1);
            assertThat(run("T | top 1 by " + key + " | project " + name)).as(key)
                    .isEqualTo(run("T | summarize " + name + " = " + (key.endsWith("asc") ? "min" : "max") + "(" + name + ")"));
            assertThat(run("T | project i, s, y | extend k = " + name + " | sort by " + key + " | take 2 | count")).as(key).last().isEqualTo("2");
        }
    }

    /// What comes with a NaN is less than all others, so that it is first only where the NaN is overlooked.
    private void assertNothingIsOverlooked() {
        // Something long to read behind it, so that commits come in between.
        String longList = IntStream.range(0, 200).mapToObj(n -> "i + " + n).collect(Collectors.joining(", ", "pack_array(", ")"));
        String first = "union (T | top 1 by x asc | project x), (range i from 1 to 1 step 1 | where array_length(" + longList + ") < 0 | project x = 0.5)";
        String least = run(first).getLast();
        var writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 25; i++) {
                run(".append T <| datatable(i:long, x:real, y:real, s:string)[-1, real(nan), 1, 'a', -2, -1e9, 1, 'a']");
                run(".drop extents <| .show table T extents | where RowCount == 2");
            }
        });
        var seen = new TreeSet<String>();
        do {
            seen.add(run(first).getLast());
            seen.add(run("T | where i == 1 | project i; " + first).getLast());
        } while (!writing.isDone());
        writing.join();
        assertThat(seen).isSubsetOf(least, "NaN");
        assertThat(run(first).getLast()).isEqualTo(least);
    }

    @Test
    void whileCommitsComeNothingIsOverlooked() {
        assertNothingIsOverlooked();
    }

    @Test
    void whileCommitsComeToADatabaseWithStreamsNothingIsOverlooked() {
        run(".alter table T policy streamingingestion enable");
        assertNothingIsOverlooked();
    }
}
