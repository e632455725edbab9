package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// Stored query results and graphs: whose they are, how long they stay, and that they outlast the process.
class StoredResultTest extends OnDatabase {
    private static final Principal READER = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "reader", false);

    private Instant now = NOW;

    @Override
    InstantSource clock() {
        return this::now;
    }

    @Override
    Instant now() {
        return now;
    }

    @Test
    void aResultOutlastsTheProcess() {
        run(".set stored_query_result Kept <| range a from 1 to 3 step 1 | extend b = tostring(a)");
        reopen();
        assertThat(run("stored_query_result('Kept') | sort by a asc")).containsExactly("a:long | b:string", "1 | 1", "2 | 2", "3 | 3");
        assertThat(run(".show stored_query_results | project Name, RowCount")).containsExactly("Name:string | RowCount:long", "Kept | 3");
    }

    @Test
    void aGraphAndItsModelOutlastTheProcess() {
        run(".set Calls <| datatable(From:string, To:string)['a', 'b', 'b', 'c']");
        run("""
                .create-or-alter graph_model Net '{"Definition":{"Steps":[
                {"Kind":"AddEdges","Query":"Calls","SourceColumn":"From","TargetColumn":"To","Labels":["CALLS"]}]}}'""");
        run(".make graph_snapshot Kept from Net");
        run(".append Calls <| print From = 'c', To = 'd'");
        reopen();
        String count = " | graph-match (a)-[e]->(b) where labels(e) has 'CALLS' project From = e.From | count";
        assertThat(run("graph('Net')" + count)).containsExactly("Count:long", "2");
        assertThat(run("graph('Net', true)" + count)).containsExactly("Count:long", "3");
        run(".drop graph_snapshots Net");
        reopen();
        assertThat(run("graph('Net')" + count)).containsExactly("Count:long", "3");
        assertThat(run(".show graph_models | count")).containsExactly("Count:long", "1");
    }

    @Test
    void aResultIsSeenByWhoeverAskedAndByAdministratorsOfTheDatabase() {
        run(".add database Db viewers ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        run(".set stored_query_result Mine <| print a = 1");
        run(READER, ".set stored_query_result Theirs <| print a = 2");

        assertThat(run(READER, "stored_query_result('Theirs')")).containsExactly("a:long", "2");
        assertThatThrownBy(() -> run(READER, "stored_query_result('Mine')")).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run("stored_query_result('Theirs')")).isInstanceOf(KustoException.class);
        assertThat(run(READER, ".show stored_query_results | project Name")).containsExactly("Name:string", "Theirs");
        assertThat(run(".show stored_query_results | project Name")).containsExactly("Name:string", "Mine", "Theirs");
        assertThatThrownBy(() -> run(READER, ".drop stored_query_result Mine")).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run(READER, ".set-or-replace stored_query_result Mine <| print a = 3")).isInstanceOf(KustoException.class);
    }

    @Test
    void anAdministratorDropsWhatAUserKeeps() {
        run(".add database Db viewers ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        run(READER, ".set stored_query_result Theirs <| print a = 2");
        run(".set stored_query_result Mine <| print a = 1");
        assertThatThrownBy(() -> run(READER, ".drop stored_query_results by user 'aadapp=11111111-2222-3333-4444-555555555555;t'"))
                .isInstanceOf(KustoException.class);
        assertThat(run(".drop stored_query_results by user 'aadapp=11111111-2222-3333-4444-555555555555'")).hasSize(2);
        assertThat(run(".show stored_query_results | project Name")).containsExactly("Name:string", "Mine");
    }

    @Test
    void aResultGoesWhenItsTimeHasCome() {
        run(".set stored_query_result Short with (expiresAfter=1h) <| print a = 1");
        run(".set stored_query_result Long <| print a = 2");
        now = now.plus(Duration.ofMinutes(61));
        assertThat(run(".show stored_query_results | project Name")).containsExactly("Name:string", "Long");
        run(".set stored_query_result Short with (expiresAfter=1h) <| print a = 3");
        assertThat(run("stored_query_result('Short')")).containsExactly("a:long", "3");
        now = now.plus(Duration.ofHours(24));
        engine.retention().look();
        assertThatThrownBy(() -> run("stored_query_result('Short')")).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run("stored_query_result('Long')")).isInstanceOf(KustoException.class);
    }

    @Test
    void rowsOfASecretTableStayAsTheyWereSeen() {
        run(".set-or-append T <| range a from 1 to 3 step 1");
        run(".alter table T policy row_level_security enable 'T | where a == 2'");
        run(".set stored_query_result Seen <| T");
        run(".delete table T policy row_level_security");
        assertThat(run("stored_query_result('Seen')")).containsExactly("a:long", "2");
    }

    /// Both look before either has stored anything.
    @Test
    void ofTwoWhoStoreUnderOneNameAtOnceOneIsRefused() throws Exception {
        run(".add database Db viewers ('aadapp=11111111-2222-3333-4444-555555555555;t', 'aadapp=11111111-2222-3333-4444-666666666666;t')");
        var other = new Principal("aadapp=11111111-2222-3333-4444-666666666666;t", "other", false);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var stored = List.of(READER, other).stream().map(principal -> threads.submit(() -> {
                try {
                    run(principal, ".set-or-replace stored_query_result R <| range a from 1 to 3000000 step 1 | summarize sum(a % 7)");
                    return true;
                } catch (KustoException e) {
                    assertThat(e.error().httpStatus()).isEqualTo(403);
                    return false;
                }
            })).toList();
            assertThat(List.of(stored.get(0).get(), stored.get(1).get())).containsExactlyInAnyOrder(true, false);
        }
    }

    @Test
    void aSchemaIsJson() {
        run(".set stored_query_result R <| print ['a b.c'] = 1, d = 'x'");
        assertThat(run(".show stored_query_result R schema | extend s = todynamic(Schema) | project n = tostring(s[0].Column), t = tostring(s[1].Type)"))
                .containsExactly("n:string | t:string", "a b.c | string");
    }
}
