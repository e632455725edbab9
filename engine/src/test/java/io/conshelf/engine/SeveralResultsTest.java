package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What several results of one request have in common is computed once.
class SeveralResultsTest extends OnDatabase {
    private static final String NUMBERS = "range i from 1 to 1000000 step 1";

    /// The first row of each result.
    private List<String> firstRows(String text) {
        List<String> rows = new ArrayList<>();
        boolean isRow = false;
        for (String line : run(text)) {
            boolean isHeader = rows.isEmpty() && !isRow || line.startsWith("table ");
            if (isRow && !isHeader) {
                rows.add(line);
                isRow = false;
            } else if (line.contains(":") && !line.startsWith("table ")) {
                isRow = true;
            }
        }
        return rows;
    }

    @Test
    void aValueIsDrawnOnce() {
        List<String> rows = firstRows("let r = toscalar(rand()); let g = toscalar(new_guid()); print a = r, b = g; print a = r, b = g; print c = rand()");
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).isEqualTo(rows.get(1));
    }

    @Test
    void aValueInsideOfAnotherIsDrawnOnce() {
        List<String> rows = firstRows("let a = toscalar(" + NUMBERS + " | sample 1); let b = toscalar(print a * 2); print x = b; print x = a + a; print x = toscalar(print b)");
        assertThat(rows).hasSize(3);
        assertThat(rows.stream().distinct()).hasSize(1);
    }

    @Test
    void materializedRowsAreTheSame() {
        List<String> rows = firstRows("let M = materialize(" + NUMBERS + " | sample 5); M | summarize x = sum(i), n = count(); M | sort by i asc | summarize x = sum(i), n = count();"
                + " let N = M | join kind=inner M on i; N | summarize x = sum(i), n = count()");
        assertThat(rows).hasSize(3);
        assertThat(rows.stream().distinct()).hasSize(1);
        assertThat(rows.getFirst()).endsWith(" | 5");
    }

    @Test
    void branchesReadTheSameRows() {
        List<String> rows = firstRows(NUMBERS + " | extend r = rand() | fork (summarize x = max(r), y = min(r)) (summarize x = max(r), y = min(r))");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).isEqualTo(rows.get(1));
    }

    @Test
    void whatIsReadInABodyIsTheSame() {
        List<String> rows = firstRows("let r = toscalar(rand()); range i from 1 to 2 step 1 | mv-apply k = range(1, 2) to typeof(long) on (extend d = r)"
                + " | summarize x = take_any(d), n = dcount(d); print x = r, n = 1");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).isEqualTo(rows.get(1));
    }

    @Test
    void whatFailsFailsWithTheFirstResultThatReadsIt() {
        String bad = "let bad = toscalar(range i from 1 to 100 step 1 | partition by i (summarize x = count()) | count); ";
        try (var answer = engine.query(request(Principal.LOCAL_ADMINISTRATOR, Map.of()), bad + "print z = 1; print y = bad; print x = bad")) {
            assertThat(answer.nextTable()).isPresent();
            assertThatThrownBy(() -> answer.nextTable().orElseThrow().next()).isInstanceOf(KustoException.class);
        }
    }

    @Test
    void theNextRequestFindsNothingOfIt() {
        for (int i = 0; i < 3; i++) {
            String request = "let r = toscalar(rand()); let M = materialize(" + NUMBERS + " | sample 3); print a = r; print b = r; M | count; M | count";
            assertThat(run(request)).contains("3");
        }
        assertThat(run("print a = 1")).containsExactly("a:long", "1");
        assertThatThrownBy(() -> run("v1")).isInstanceOf(KustoException.class);
        run(".create table Kept (a:long)");
        run(".ingest inline into table Kept <| 7");
        assertThat(run("let n = toscalar(Kept | summarize sum(a)); Kept | where a == n; Kept | extend b = n")).containsExactly("a:long", "7", "table PrimaryResult", "a:long | b:long", "7 | 7");
    }
}
