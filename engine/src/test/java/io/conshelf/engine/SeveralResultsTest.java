package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.duck.QueryConnection;
import io.conshelf.engine.duck.QueryConnections;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /// Which of equal rows come first, and in which order, DuckDB's threads decide.
    @ParameterizedTest
    @ValueSource(strings = {
        "summarize n = count() by k = i % 100000 | take 3 | mv-expand j = range(1, 2) to typeof(long)",
        "summarize n = count() by k = i % 100000 | top 3 by n | mv-apply j = range(1, 2) to typeof(long) on (where j > 0)",
        "extend k = i % 3 | summarize arg_max(k, i) | project k = i | join kind=inner (" + NUMBERS + ") on $left.k == $right.i",
        "summarize k = take_any(i) by g = i % 100 | where g < 5 | mv-expand j = range(1, 2) to typeof(long)",
        "where i % 100 == 0 | summarize l = make_list(i) by g = i % 700 | mv-expand k = l to typeof(long) | serialize | extend k = k * row_number()",
        "summarize by k = i % 100000 | serialize | extend k = k * row_number() | mv-expand j = range(1, 2) to typeof(long)",
        "where i in ((" + NUMBERS + " | summarize by k = i % 100000 | take 3)) | extend k = i",
        "extend k = i % 10 | join kind=innerunique (range k from 1 to 3 step 1) on k | project k = i"
    })
    void rowsThatThreadsChooseAreTheSame(String rows) {
        List<String> sums = firstRows("let M = materialize(" + NUMBERS + " | " + rows + "); M | summarize s = sum(k), n = count();"
                + " M | where isnotnull(k) | summarize s = sum(k), n = count(); M | summarize s = sum(k), n = count()");
        assertThat(sums).hasSize(3);
        assertThat(sums.stream().distinct()).hasSize(1);
    }

    @Test
    void whatNobodyReadsIsNotMissed() {
        String rows = "let M = materialize(range i from 1 to 3 step 1 | extend r = rand(), t = strcat('t', i), d = todynamic('[1]'), n = decimal(1)"
                + " | sort by i asc | as N | join kind=leftouter N on i); ";
        assertThat(run(rows + "M | count; M | where r >= 0 | sort by i desc | take 2 | project i; M | union (M | where i == 1) | summarize sum(i);"
                + " let O = materialize(M | summarize take_any(i1), any = take_any(t) by i); O | count; O | summarize sum(i)"))
                .containsExactly("Count:long", "3", "table PrimaryResult", "i:long", "3", "2", "table PrimaryResult", "sum_i:long", "7",
                        "table PrimaryResult", "Count:long", "3", "table PrimaryResult", "sum_i:long", "6");
        assertThat(run(rows + "M | count; M | project t, d, n | order by t asc | take 1")).endsWith("t:string | d:dynamic | n:decimal", "t1 | [1] | 1");
    }

    /// The names of the temporary tables that the connections have that wait for requests.
    private List<String> left() {
        Await.until("the request to end", () -> engine.queries().inWork() == 0);
        QueryConnections connections = engine.queries().connections();
        List<QueryConnection> lent = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try {
            for (int waiting = connections.waiting(); waiting > 0; waiting--) {
                lent.add(connections.lend());
            }
            for (QueryConnection connection : lent) {
                try (var statement = connection.connection().createStatement();
                        var tables = statement.executeQuery("SELECT table_name FROM duckdb_tables() WHERE temporary")) {
                    while (tables.next()) {
                        names.add(tables.getString(1));
                    }
                }
                connections.takeBack(connection);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    private static final String KEPT = "let r = toscalar(rand()); let M = materialize(" + NUMBERS + " | sample 3); ";

    @Test
    void theNextRequestFindsNothingOfIt() {
        for (int i = 0; i < 3; i++) {
            assertThat(run(KEPT + "print a = r; print b = r; M | count; M | count")).contains("3");
            assertThat(left()).isEmpty();
            assertThat(engine.queries().connectionsWaiting()).isPositive();
        }
        run(".create table Kept (a:long)");
        run(".ingest inline into table Kept <| 7");
        assertThat(run("let n = toscalar(Kept | summarize sum(a)); Kept | where a == n; Kept | extend b = n")).containsExactly("a:long", "7", "table PrimaryResult", "a:long | b:long", "7 | 7");
    }

    @Test
    void whatFailsLeavesNothing() {
        String bad = "let bad = toscalar(range i from 1 to 100 step 1 | partition by i (summarize x = count()) | count); ";
        assertThatThrownBy(() -> run(KEPT + bad + "M | count; M | count; print y = bad; print x = bad")).isInstanceOf(KustoException.class);
        assertThat(left()).isEmpty();
    }

    @Test
    void whatIsCancelledWhileItIsComputedLeavesNothing() {
        String endless = "let N = materialize(range i from 1 to 1000000000000 step 1 | summarize x = max(i) by k = i % 3); ";
        try (var answer = engine.query(request(Principal.LOCAL_ADMINISTRATOR, Map.of()), KEPT + endless + "M | count; M | count; N; N")) {
            assertThat(answer.nextTable()).isPresent();
            assertThat(answer.nextTable()).isPresent();
            var third = CompletableFuture.supplyAsync(answer::nextTable);
            assertThat(engine.cancel(Principal.LOCAL_ADMINISTRATOR, "test")).isEqualTo(1);
            assertThatThrownBy(third::join).hasRootCauseInstanceOf(KustoException.class);
        }
        assertThat(left()).isEmpty();
    }

    @Test
    void whoLeavesAfterTheFirstResultLeavesNothing() {
        try (var answer = engine.query(request(Principal.LOCAL_ADMINISTRATOR, Map.of()), KEPT + "M | count; M | count; print r; print r")) {
            var first = answer.nextTable().orElseThrow();
            while (first.next().isPresent()) {
                assertThat(first.columns()).hasSize(1);
            }
        }
        assertThat(left()).isEmpty();
    }

    @Test
    void rowsOfOnePrincipalAreNotKeptForAnother() {
        var other = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "other", false);
        run(".create table Owned (owner:string, v:long)");
        run(".set-or-append Owned <| union (print owner = '" + Principal.LOCAL_ADMINISTRATOR.fullyQualifiedName() + "', v = 1), (print owner = '"
                + other.fullyQualifiedName() + "', v = 2)");
        run(".alter table Owned policy row_level_security enable \"Owned | where owner == current_principal()\"");
        run(".add database Db viewers ('" + other.fullyQualifiedName() + "')");
        String request = "let M = materialize(Owned | summarize s = sum(v)); let n = toscalar(Owned | summarize max(v)); M | extend n = n; M | extend n = n";
        for (int i = 0; i < 2; i++) {
            assertThat(run(request)).containsExactly("s:long | n:long", "1 | 1", "table PrimaryResult", "s:long | n:long", "1 | 1");
            assertThat(left()).isEmpty();
            assertThat(engine.queries().connectionsWaiting()).isEqualTo(1);
            assertThat(run(other, request)).containsExactly("s:long | n:long", "2 | 2", "table PrimaryResult", "s:long | n:long", "2 | 2");
            assertThat(left()).isEmpty();
            assertThat(engine.queries().connectionsWaiting()).isEqualTo(1);
        }
    }
}
