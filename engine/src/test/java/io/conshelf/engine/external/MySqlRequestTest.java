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
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// `mysql_request` against a MariaDB.
@EnabledIf("io.conshelf.engine.external.MariaDb#isInstalled")
class MySqlRequestTest extends OnAnEngine {
    private static MariaDb server;

    @BeforeAll
    static void start() throws Exception {
        server = MariaDb.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void open() throws SQLException {
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")));
        server.execute("DROP DATABASE lab", "CREATE DATABASE lab");
        policy("[{\"CalloutType\":\"mysql\",\"CalloutUriRegex\":\"^127\\\\.0\\\\.0\\\\.1/?$\",\"CanCall\":true}]");
    }

    private void policy(String entries) {
        run(".alter cluster policy callout ```" + entries + "```");
    }

    private static String ask(String sql) {
        return ask("", sql);
    }

    private static String ask(String settings, String sql) {
        return "evaluate mysql_request(h@'" + (server.connectionString() + settings).replace("'", "''") + "', " + sql + ")";
    }

    @Test
    void theColumnsAreDeclaredOrAskedFor() throws SQLException {
        server.execute("""
                CREATE TABLE t (b boolean, y tinyint unsigned, i int, u int unsigned, l bigint, w bigint unsigned, r double, m decimal(10, 2), d datetime(6),
                  z timestamp NULL, day date, t time(6), year year, s varchar(20), x longtext, j json, o blob, bits bit(8))""",
                "SET time_zone = '+02:00'",
                """
                INSERT INTO t VALUES (true, 200, 1, 4294967295, 2, 18446744073709551615, 1.5, 12.25, '2026-03-01 10:00:00.123456', '2026-03-01 10:00:00', '2026-03-01', '-26:02:03.5', 2026,
                  'ä', 'y', '{"a":[1]}', x'00ff', b'101'), (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)""");
        assertThat(run(ask("'select * from t order by i'") + " | getschema | project strcat(ColumnName, ':', ColumnType)")).containsExactly(
                "b:bool", "y:int", "i:int", "u:long", "l:long", "w:decimal", "r:real", "m:decimal", "d:datetime", "z:datetime", "day:datetime", "t:timespan",
                "year:int", "s:string", "x:string", "j:dynamic", "o:string", "bits:string");
        assertThat(run(ask("'select * from t'") + " | where i == 1")).containsExactly("true | 200 | 1 | 4294967295 | 2 | 18446744073709551615 | 1.5 | 12.25 "
                + "| 2026-03-01T10:00:00.1234560Z | 2026-03-01T08:00:00.0000000Z | 2026-03-01T00:00:00.0000000Z | -1.02:02:03.5000000 | 2026 | ä | y | {\"a\":[1]} | 00FF | b'101'");
        assertThat(run(ask("'select * from t'") + " | where isnull(i) | project l, isnull(d), isnull(t), s, o")).containsExactly("null | true | true | \"\" | \"\"");
        assertThat(run(ask("'select i, s from t where i = 1'") + " : (S:string, I:long) | where I > 0 | project S")).containsExactly("ä");
        assertThatThrownBy(() -> run(ask("'select i, s from t'") + " : (i:datetime, s:string)")).hasMessageContaining("(i:int, s:string), which are not (i:datetime, s:string)");
        assertThat(run(ask("'select seq, clock_t from (select seq, uuid() as clock_t from seq_1_to_5000) as q'") + " | summarize count(), dcount(seq, 4)")).containsExactly("5000 | 5000");
        assertThat(run(ask("'select uuid() as k'") + " | evaluate pivot(k)")).as("asked once").containsExactly("1");
    }

    @Test
    void anAnswerIsReadAsItComesWhetherItsColumnsAreDeclaredOrNot() {
        // The server does not tell what parameters are before it is asked, and never comes to the end.
        String endless = ask("'select seq as s, @a as a, sleep(if(seq > 100000, 600, 0)) as z from seq_1_to_200000', dynamic({'a': 1})");
        assertThat(run(endless + " | take 1 | project s")).containsExactly("1");
        assertThat(run(endless + " : (s:decimal, a:long, z:int) | take 1 | project s")).containsExactly("1");
    }

    @Test
    void aRequestFetchesSoMuch() {
        engine.close();
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")).withLimits(Limits.ofThisMachine().withFetchedBytesMax(4 << 20)));
        policy("[{\"CalloutType\":\"mysql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true}]");
        String large = ask("'select repeat(@a, 3000) as x from seq_1_to_5000', dynamic({'a': 'x'})");
        assertThatThrownBy(() -> run(large + " | summarize max(x)")).hasMessageContaining("at most 4 MB from elsewhere");
        assertThatThrownBy(() -> run(large + " : (x:string) | summarize max(x)")).hasMessageContaining("at most 4 MB from elsewhere");
    }

    @Test
    void parametersHaveTheValuesOfABag() throws SQLException {
        server.execute("CREATE TABLE t (id bigint, name varchar(20))", "INSERT INTO t VALUES (1, 'a''b'), (2, 'c')");
        assertThat(run(ask("'select id, @dt as dt from t where name = @name or id = @id', dynamic({'name': \"a'b\", '@id': 7, "
                + "'dt': datetime(2020-01-01 16:47:26.7423305)})") + " : (id:long, dt:datetime)")).containsExactly("1 | 2020-01-01T16:47:26.7423300Z");
        assertThat(run(ask("'select @a as a, @b as b, @c as c, @d as d, @e as e, \\'@a\\' as f, \"\\\\\"@a\" as g -- @a', bag_merge(dynamic({'a': 1.5, 'b': true, 'c': null, "
                + "'e': guid(74be27de-1e4e-49d9-b579-fe0b331d3642)}), bag_pack('d', time(01:02:03)))"))).containsExactly("1.5 | 1 | \"\" | 01:02:03 | 74be27de-1e4e-49d9-b579-fe0b331d3642 | @a | \"\\\"@a\"");
        assertThat(run(ask("'select @other is null as a', dynamic({'x': 1})"))).containsExactly("1");
    }

    @Test
    void nothingIsChanged() throws SQLException {
        server.execute("CREATE TABLE t (id bigint)", "CREATE PROCEDURE put() BEGIN INSERT INTO t VALUES (1); SELECT 1 AS a; END");
        assertThatThrownBy(() -> run(ask("'call put()'"))).hasMessageContaining("READ ONLY transaction");
        assertThatThrownBy(() -> run(ask("'call put()'") + " : (a:long)")).hasMessageContaining("READ ONLY transaction");
        assertThatThrownBy(() -> run(ask("'select 1 as a; insert into t values (1)'"))).hasMessageContaining("syntax");
        for (String text : List.of("insert into t values (1) returning id", "create table other (a int)", "commit", "begin not atomic commit; insert into t values (1); commit; select 1; end",
                "/*! insert into t values (1) */", "/*M! insert into t values (1) */", "-- \\n insert into t values (1)", "set session transaction read write")) {
            assertThatThrownBy(() -> run(ask("\"" + text + "\""))).as(text).hasMessageContaining("the text begins with SELECT");
        }
        for (String text : List.of("/* a */ -- b\\n # c\\n (select 1 as a)", "with x as (select 1 as a) select * from x", "values (1)")) {
            assertThat(run(ask("\"" + text + "\""))).as(text).containsExactly("1");
        }
        assertThat(run(ask("'show tables'"))).containsExactly("t");
        assertThat(server.rows("select count(*) from t")).containsExactly("0");
    }

    @Test
    void onlyServersThatThePolicyNamesAreAsked() {
        policy("[{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true}]");
        assertThatThrownBy(() -> run(ask("'select 1 as a'"))).hasMessageContaining("no entry of the cluster's callout policy").hasMessageContaining("mysql");
        policy("[{\"CalloutType\":\"mysql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true}]");
        assertThatThrownBy(() -> run("evaluate mysql_request('Server=contoso.mysql.database.azure.com; Port = 3306;Database=Fabrikam;UID=u;Pwd=s3cret;', 'select 1')"))
                .hasMessageContaining("'live'").hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> run(ask("allowLocalInfile=true", "'select 1'"))).hasMessageContaining("'allowLocalInfile'");
        assertThatThrownBy(() -> run(ask("Database=lab?allowLocalInfile=true", "'select 1 as a'"))).hasMessageContaining("name of a database of MySQL");
        assertThatThrownBy(() -> run(ask("Pwd=wr0ngs3cret", "'select 1 as a'"))).hasMessageContaining("Access denied").hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> run(ask("'select cast(@v as date) as a, nothing', dynamic({'v': h's3cret'})"))).hasMessageContaining("nothing").hasMessageNotContaining("s3cret");
        assertThat(run(".show queries | project Text, FailureReason")).isNotEmpty().noneMatch(row -> row.contains("s3cret") || row.contains("=secret"));
    }

    @Test
    void theConnectionStringDecidesOnThisMachineWhetherItIsEncrypted() {
        String cipher = "'show status like \"Ssl_version\"'";
        assertThat(run(ask(cipher) + " | project Value")).containsExactly("\"\"");
        assertThat(run(ask("SslMode=Required", cipher) + " | project Value")).singleElement().asString().startsWith("TLS");
        assertThatThrownBy(() -> run(ask("SslMode=VerifyFull", cipher))).as("nobody vouches for the certificate").isInstanceOf(KustoException.class)
                .hasMessageContaining("SQL server '127.0.0.1:").hasMessageNotContaining("secret");
    }

    @Test
    void aQueryThatIsStoppedStopsAtTheServerToo() {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "slow", UUID.randomUUID(), Map.of(), Map.of(), "test", "test", Instant.now(),
                Duration.ofSeconds(2), false);
        assertThatThrownBy(() -> engine.query(request, ask("'select sleep(600) as a'") + " : (a:long)").close()).hasMessageContaining("E_TIMEOUT");
        Await.until("the server to stop", () -> {
            try {
                return server.rows("select id from information_schema.processlist where info like '%sleep(600)%' and info not like '%processlist%'").isEmpty();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
        Await.until("the query to end", () -> engine.runningQueries().isEmpty());
    }
}
