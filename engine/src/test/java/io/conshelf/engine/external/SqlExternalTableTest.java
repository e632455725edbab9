package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// External tables that are tables of a PostgreSQL.
@EnabledIf("io.conshelf.engine.external.Postgres#isInstalled")
class SqlExternalTableTest extends OnPostgres {
    private void create(String schema, String table) {
        run(".create external table E (" + schema + ") kind=sql table=['" + table + "'] (" + literal() + ") with (sqlDialect='PostgreSQL')");
    }

    @Test
    void valuesOfEveryTypeAreRead() throws SQLException {
        postgres.execute("""
                CREATE TABLE "Mixed" (b boolean, i integer, l bigint, r double precision, m numeric, d timestamptz, d2 timestamp, t time,
                  s text, g uuid, j jsonb, n smallint, day date);
                INSERT INTO "Mixed" VALUES
                  (true, 1, 9223372036854775807, 1.5, 12.25, '2026-03-01 10:00:00.123456+02', '2026-03-01 10:00:00', '01:02:03',
                   'a "quoted" é', '74be27de-1e4e-49d9-b579-fe0b331d3642', '{"a":[1,2]}', 7, '2026-03-02'),
                  (null, null, null, null, null, null, null, null, null, null, null, null, null),
                  (false, -1, 0, 'NaN', 0, 'infinity', '-infinity', '00:00', '', null, '3', 0, '0001-01-01')""");
        create("b:bool, i:int, l:long, r:real, m:decimal, d:datetime, d2:datetime, t:timespan, s:string, g:guid, j:dynamic, n:long, day:datetime", "Mixed");

        assertThat(run("external_table('E') | order by i asc nulls last")).containsExactly(
                "false | -1 | 0 | NaN | 0 | null | null | 00:00:00 | \"\" | null | 3 | 0 | 0001-01-01T00:00:00.0000000Z",
                "true | 1 | 9223372036854775807 | 1.5 | 12.25 | 2026-03-01T08:00:00.1234560Z | 2026-03-01T10:00:00.0000000Z | 01:02:03 | "
                        + "\"a \\\"quoted\\\" é\" | 74be27de-1e4e-49d9-b579-fe0b331d3642 | {\"a\":[1,2]} | 7 | 2026-03-02T00:00:00.0000000Z",
                "null | null | null | null | null | null | null | null | \"\" | null | null | null | null");
        assertThat(run("external_table('E') | where isnull(i) | project t, s")).hasSize(1);
    }

    @Test
    void theServerLeavesOutWhatIsNotWanted() throws SQLException {
        postgres.execute("CREATE TABLE t (id bigint, name text, at timestamptz); "
                + "INSERT INTO t SELECT i, 'n' || i % 10, '2026-01-01'::timestamptz + i * interval '1 second' FROM generate_series(1, 20000) AS i; "
                + "CREATE TABLE log (text text); "
                + "ALTER DATABASE postgres SET log_statement = 'all'");
        create("id:long, name:string, at:datetime", "t");

        assertThat(run("external_table('E') | where id > 19990 and name == 'n5' | project id")).containsExactly("19995");
        assertThat(run("external_table('E') | where id in (1, 2, 3) or id == 5 | summarize sum(id)")).containsExactly("11");
        assertThat(run("external_table('E') | where at between (datetime(2026-01-01T00:00:01) .. datetime(2026-01-01T00:00:03.9999999)) | count"))
                .containsExactly("3");
        assertThat(run("external_table('E') | where name != 'n5' | count")).containsExactly("18000");
        assertThat(run("external_table('E') | summarize count(), sum(id)")).containsExactly("20000 | 200010000");
        assertThat(run("let a = external_table('E') | where id < 3; a | join kind=inner (external_table('E') | where id > 1) on id | count"))
                .containsExactly("1");
    }

    @Test
    void manyRowsAreReadInPartsOfBoundedSize() throws SQLException {
        postgres.execute("CREATE TABLE wide AS SELECT i AS id, repeat('x', 10000) AS s FROM generate_series(1, 20000) AS i");
        create("id:long, s:string", "public.wide");

        assertThat(run("external_table('E') | summarize count(), sum(strlen(s))")).containsExactly("20000 | 200000000");
        assertThat(run("external_table('E') | take 3 | count")).containsExactly("3");
    }

    @Test
    void secretsAreNotShown() {
        create("a:long", "t");

        assertThat(run(".show external tables").getFirst()).contains("*******").contains("127.0.0.1").doesNotContain("secret");
        assertThat(run(".show queries | project Text")).noneMatch(row -> row.contains("secret"));
        assertThat(run(".show commands | project Text")).noneMatch(row -> row.contains("secret"));
    }

    @Test
    void whatIsMissingIsNamed() throws SQLException {
        postgres.execute("CREATE TABLE t (id bigint)");
        create("id:long, other:string", "t");

        assertThat(run("external_table('E') | count")).containsExactly("0");
        assertThatThrownBy(() -> run("external_table('E') | where other == 'x'")).isInstanceOf(KustoException.class).hasMessageContaining("'other'");
        run(".drop external table E");
        create("id:long", "absent");
        assertThatThrownBy(() -> run("external_table('E')")).hasMessageContaining("no table 'absent'").hasMessageNotContaining("secret");
    }

    @Test
    void nothingLeavesTheMachineUnlessItIsNamed() {
        String start = ".create external table X (a:long) kind=sql table=t (h'";
        assertThatThrownBy(() -> run(start + "Server=tcp:acme.database.windows.net,1433;Database=d;User ID=u;Password=p')"))
                .hasMessageContaining("live");
        assertThatThrownBy(() -> run(start + "Server=127.0.0.1;Database=d;socketFactory=evil.Class')")).hasMessageContaining("'socketFactory'");
        assertThatThrownBy(() -> run(start + "Server=127.0.0.1?ssl=x&y;Database=d')")).hasMessageContaining("'Server'");
        assertThatThrownBy(() -> run(start + "Server=127.0.0.1;Database=d;Authentication=Active Directory Integrated')"))
                .hasMessageContaining("Entra");
        assertThatThrownBy(() -> run(start + "Server=x;Database=d') with (sqlDialect='MySQL')")).hasMessageContaining("MySQL");
        run(".alter cluster policy callout @'[{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\"127\",\"CanCall\":false}]'");
        assertThatThrownBy(() -> create("a:long", "t")).hasMessageContaining("callout policy");
    }
}
