package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Await;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// `postgresql_request` against a PostgreSQL, and what `sql_request` refuses before it asks.
@EnabledIf("io.conshelf.engine.external.Postgres#isInstalled")
class SqlRequestTest extends OnPostgres {
    @BeforeEach
    void allow() {
        policy("[{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\"^127\\\\.0\\\\.0\\\\.1/?$\",\"CanCall\":true}]");
    }

    private void policy(String entries) {
        run(".alter cluster policy callout ```" + entries + "```");
    }

    private static String ask(String sql) {
        return "evaluate postgresql_request(" + literal() + ", " + sql + ")";
    }

    @Test
    void theColumnsAreDeclaredOrAskedFor() throws SQLException {
        postgres.execute("""
                CREATE TABLE t (b boolean, i integer, l bigint, r double precision, m numeric(10, 2), d timestamptz, d2 timestamp, day date, t time, s text, g uuid, j jsonb);
                INSERT INTO t VALUES (true, 1, 2, 1.5, 12.25, '2026-03-01 10:00:00+02', '2026-03-01 10:00:00', '2026-03-01', '01:02:03', 'x',
                  '74be27de-1e4e-49d9-b579-fe0b331d3642', '{"a":[1]}'), (null, null, null, null, null, null, null, null, null, null, null, null)""");
        assertThat(run(ask("'select * from t order by i'") + " | getschema | project strcat(ColumnName, ':', ColumnType)")).containsExactly(
                "b:bool", "i:int", "l:long", "r:real", "m:decimal", "d:datetime", "d2:datetime", "day:datetime", "t:timespan", "s:string", "g:guid", "j:dynamic");
        assertThat(run(ask("'select * from t'") + " | where i == 1")).containsExactly("true | 1 | 2 | 1.5 | 12.25 | 2026-03-01T08:00:00.0000000Z "
                + "| 2026-03-01T10:00:00.0000000Z | 2026-03-01T00:00:00.0000000Z | 01:02:03 | x | 74be27de-1e4e-49d9-b579-fe0b331d3642 | {\"a\":[1]}");
        assertThat(run(ask("'select * from t'") + " | where isnull(i) | project l, isnull(d), s")).containsExactly("null | true | \"\"");
        assertThat(run(ask("'select i as \"Id\", s, l as \"Id\" from t where i = 1'"))).containsExactly("1 | x | 2");
        assertThat(run(ask("'select i, s from t where i = 1'") + " : (S:string, I:long) | where I > 0 | project S")).containsExactly("x");
        assertThat(run(ask("'select i, s from t where i = 1'") + " : (i:real, s:dynamic)")).containsExactly("1.0 | \"x\"");
        assertThat(run(ask("'select 1 as i;'"))).containsExactly("1");
        assertThat(run(ask("@'select b''101'' as b, true as t'") + " | project b, t, gettype(b)")).containsExactly("101 | true | string");
        for (String wrong : List.of("(i:long)", "(i:long, other:string)", "(i:datetime, s:string)", "(i:long, s:string, x:long)")) {
            assertThatThrownBy(() -> run(ask("'select i, s from t'") + " : " + wrong)).hasMessageContaining("(i:int, s:string), which are not " + wrong);
        }
    }

    @Test
    void parametersHaveTheValuesOfABag() throws SQLException {
        postgres.execute("CREATE TABLE t (id bigint, name text, at timestamptz); INSERT INTO t VALUES (1, 'a''b', '2026-03-01T10:00Z'), (2, 'c', '2026-03-02T10:00Z')");
        assertThat(run(ask("'select id, @dt as dt from t where name = @name or id = @id', dynamic({'name': \"a'b\", '@id': 7, "
                + "'dt': datetime(2020-01-01 16:47:26.7423305)})"))).containsExactly("1 | 2020-01-01T16:47:26.7423310Z");
        assertThat(run("let from = datetime(2026-03-02); " + ask("'select id from t where at >= @from', bag_pack('from', from)") + " : (id:long)")).containsExactly("2");
        assertThat(run(ask("'select @a as a, @b as b, @c as c, @d as d, @e as e', bag_merge(dynamic({'a': 1.5, 'b': true, 'c': null, "
                + "'e': guid(74be27de-1e4e-49d9-b579-fe0b331d3642)}), bag_pack('d', time(01:02:03)))"))).containsExactly("1.5 | true | \"\" | 01:02:03 | 74be27de-1e4e-49d9-b579-fe0b331d3642");
        assertThat(run(ask("'select id from t where id = @id or name = @name', dynamic({'id': null, 'name': 'c'})"))).containsExactly("2");
        assertThat(run(ask("'select (@a = 9223372036854775807::bigint)::text as a, pg_typeof(@a)::text as b', dynamic({'a': 9223372036854775807})"))).containsExactly("true | bigint");
        assertThatThrownBy(() -> run(ask("'select @a', bag_pack('a', time(2d))"))).hasMessageContaining("less than 24 hours");
        assertThatThrownBy(() -> run(ask("'select 1', dynamic([1])"))).hasMessageContaining("are a bag");
        assertThatThrownBy(() -> run(ask("'select 1', dynamic({}), dynamic({'token': h't0ken'})"))).hasMessageContaining("'token'").hasMessageNotContaining("t0ken");
    }

    @Test
    void itIsJoinedWithTables() throws SQLException {
        postgres.execute("CREATE TABLE big AS SELECT i AS id, 'n' || i AS name FROM generate_series(1, 50000) AS i");
        run(".create table T (id:long)");
        run(".set-or-append T <| range id from 49999 to 50001 step 1");
        assertThat(run("T | join kind=inner (" + ask("'select * from big'") + " : (id:long, name:string)) on id | project name | order by name asc"))
                .containsExactly("n49999", "n50000");
        assertThat(run(ask("'select * from big'") + " | summarize count(), sum(id)")).containsExactly("50000 | 1250025000");
        assertThat(run(ask("'select * from big'") + " | take 3 | count")).containsExactly("3");
        run(".set-or-append T <| " + ask("'select id from big where id < 3'") + " : (id:long)");
        assertThat(run("T | count")).containsExactly("5");
    }

    @Test
    void whatALookWasToldIsWhatTheQueryReads() {
        assertThat(run(ask("'select pg_sleep(0.001)::text || clock_timestamp()::text as k'") + " : (k:string) | evaluate pivot(k)")).containsExactly("1");
        assertThat(run(ask("'select json_build_object(clock_timestamp()::text, 7) as j from generate_series(1, 3)'") + " | take 1 | evaluate bag_unpack(j)")).containsExactly("7");
        assertThat(run("let t = materialize(" + ask("'select i, clock_timestamp()::text as k from generate_series(1, 9000) as i'") + " : (i:long, k:string) | where i % 3000 == 0); t | evaluate pivot(k, count(), i) | project i"))
                .containsExactlyInAnyOrder("3000", "6000", "9000");
        String swapped = ask("'select ''1'' as a, ''2'' as b from generate_series(1, 3)'");
        assertThat(run("union (" + swapped + " : (a:string, b:string) | take 1 | evaluate pivot(a, max(b))), (" + swapped
                + " : (b:string, a:string) | take 1 | project a, b), (" + swapped + " : (a:string, b:string) | take 1 | project a, b) | project s = strcat(['1'], a, b)"))
                .as("declared in another order").containsExactlyInAnyOrder("2", "12", "12");
        Await.until("the kept rows to be gone", () -> staged().isEmpty());
    }

    @Test
    void whatIsOnlyDeclaredAsksNobody() {
        String wrong = ask("'select nothing from nowhere'");
        assertThat(run("let f = () { " + wrong + " | where nothing > 1 | summarize count() by nothing }; print 1")).containsExactly("1");
        assertThatThrownBy(() -> run("let f = () { " + wrong + " | where nothing > 1 }; f | count")).hasMessageContaining("nowhere");
        run(".create function g() { " + wrong + " | project nothing }");
        assertThatThrownBy(() -> run("g | count")).hasMessageContaining("nowhere");
        run(".alter function g() { " + ask("'select 7 as i'") + " | project i }");
        assertThat(run("g | extend j = i + 1")).containsExactly("7 | 8");
    }

    private List<String> staged() {
        try (var files = Files.walk(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("rows-")).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRequestFetchesSoMuch() {
        engine.close();
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")).withLimits(Limits.ofThisMachine().withFetchedBytesMax(4 << 20)));
        allow();
        assertThat(run(ask("'select repeat(\\'x\\', 1000) as a from generate_series(1, 3000)'") + " | count")).containsExactly("3000");
        assertThatThrownBy(() -> run(ask("'select repeat(\\'x\\', 1000) as a from generate_series(1, 1000000)'") + " | count"))
                .hasMessageContaining("at most 4 MB from elsewhere");
    }

    @Test
    void nothingIsChanged() throws SQLException {
        postgres.execute("CREATE TABLE t (id bigint)");
        assertThatThrownBy(() -> run(ask("'insert into t values (1) returning id'"))).hasMessageContaining("read-only transaction");
        assertThatThrownBy(() -> run(ask("'create table other (a int)'"))).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run(ask("'commit; insert into t values (1) returning id'") + " : (id:long)")).isInstanceOf(KustoException.class);
        for (String text : List.of("commit; begin read write; insert into t values (1); commit; select 1 as a", "select 1 as a; select 2 as a",
                "commit /* ; */ ; select 1 as a", "select ''\\''; commit; begin read write; insert into t values (1); commit; select ''a''",
                "select $x$ ; $x$ as a; commit")) {
            assertThatThrownBy(() -> run(ask("@'" + text.replace("''", "'").replace("'", "''") + "'"))).as(text).hasMessageContaining("several statements");
        }
        assertThatThrownBy(() -> run(ask("\"select 'a' as a -- ;\\n; commit\""))).hasMessageContaining("several statements");
        for (String text : List.of("set transaction read write", "commit", "select set_config('transaction_read_only', 'off', false)",
                "do $$ begin commit; insert into t values (1); commit; end $$")) {
            assertThatThrownBy(() -> run(ask("\"" + text + "\""))).as(text).isInstanceOf(KustoException.class);
        }
        assertThat(run(ask("@'select '';'' as a, $$;$$ as b, \";\".x from (select 1 as x) as \";\" -- ;'"))).containsExactly("; | ; | 1");
        assertThat(postgres.rows("select count(*) from t")).containsExactly("0");
    }

    @Test
    void onlyServersThatThePolicyNamesAreAsked() {
        policy("[]");
        assertThatThrownBy(() -> run(ask("'select 1'"))).hasMessageContaining("no entry of the cluster's callout policy").hasMessageContaining("postgresql");
        assertThatThrownBy(() -> run(ask("'select 1'") + " : (a:long)")).hasMessageContaining("no entry").hasMessageNotContaining("secret");
        policy("[{\"CalloutType\":\"sql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true},{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true},"
                + "{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\"^127\",\"CanCall\":false}]");
        assertThatThrownBy(() -> run(ask("'select 1'"))).hasMessageContaining("forbids");
        assertThatThrownBy(() -> run("evaluate postgresql_request('Host=db.example.com;Database=d;User ID=u;Password=s3cret', 'select 1')"))
                .hasMessageContaining("'live'").hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> run("evaluate sql_request('Server=tcp:acme.database.windows.net,1433;Initial Catalog=d;User ID=u;Password=s3cret', 'select 1')"))
                .hasMessageContaining("'live'");
        assertThatThrownBy(() -> run("evaluate sql_request('Server=tcp:127.0.0.1,1433;Authentication=\"Active Directory Integrated\";Initial Catalog=d', 'select 1') : (a:long)"))
                .hasMessageContaining("Entra");
        assertThatThrownBy(() -> run("evaluate postgresql_request('Host=127.0.0.1;Database=d;sslfactory=evil', 'select 1')")).hasMessageContaining("'sslfactory'");
    }

    @Test
    void aTextThatTheServerRefusesIsSaidWhy() {
        assertThatThrownBy(() -> run(ask("'select nothing from nowhere'"))).hasMessageContaining("nowhere").hasMessageNotContaining("secret");
        assertThatThrownBy(() -> run(ask("'select nothing from nowhere'") + " : (a:long)")).hasMessageContaining("nowhere");
        assertThat(run(".show queries | project Text")).isNotEmpty().noneMatch(row -> row.contains("secret"));
    }

    @Test
    void valuesThatTheServerRepeatsAreNotShown() {
        assertThatThrownBy(() -> run(ask("'select cast(@v as int) as a', dynamic({'v': h's3cret'})") + " : (a:long)"))
                .hasMessageContaining("*****").hasMessageNotContaining("s3cret");
        assertThat(run(".show queries | project FailureReason")).noneMatch(row -> row.contains("s3cret"));
    }

    @Test
    void aQueryThatIsStoppedStopsAtTheServerToo() {
        for (String query : List.of(ask("'select pg_sleep(600)::text as a'") + " : (a:string)",
                ask("'select count(*) as a from generate_series(1, 100000000000) as i'") + " | project a")) {
            var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "slow", UUID.randomUUID(), Map.of(), Map.of(), "test", "test", Instant.now(),
                    Duration.ofSeconds(2), false);
            assertThatThrownBy(() -> engine.query(request, query).close()).hasMessageContaining("E_TIMEOUT");
            Await.until("the server to stop", () -> {
                try {
                    return postgres.rows("select 1 from pg_stat_activity where application_name = 'conshelf' and state = 'active'").isEmpty();
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            Await.until("the query to end", () -> engine.runningQueries().isEmpty());
        }
    }
}
