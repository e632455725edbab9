package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// `.export to sql` and `.export to table` into a PostgreSQL.
@EnabledIf("io.conshelf.engine.external.Postgres#isInstalled")
class SqlExportTest extends OnPostgres {
    private static final String ROWS = """
            datatable(b:bool, i:int, l:long, r:real, m:decimal, d:datetime, t:timespan, s:string, g:guid, j:dynamic)[
            true, 1, -9223372036854775807, 1.5, decimal(0.00001), datetime(2026-03-01T10:00:00.123456Z), timespan(1.02:03:04.5),
              'a "quoted", line\\r\\nand\\tmore é \\\\N', guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic({"a":[1,null,"x"]}),
            false, 2, 0, real(nan), decimal(-12), datetime(2001-01-01T00:00:00Z), time(0), ' ', guid(null), dynamic("12"),
            bool(null), 3, long(null), real(-inf), decimal(null), datetime(null), timespan(null), '', guid(null), dynamic(null)]""";

    @Test
    void whatIsExportedIsReadBack() throws SQLException {
        assertThat(run(".export to sql Mixed " + literal() + " with (createifnotexists=true, primarykey='i') <| " + ROWS)).containsExactly("3");

        assertThat(postgres.rows("SELECT i, d, t, s, g, j FROM \"Mixed\" WHERE i = 1").getFirst()).contains("937845000000").contains("{\"a\":[1,null,\"x\"]}");
        run(".create external table E (b:bool, i:int, l:long, r:real, m:decimal, d:datetime, t:timespan, s:string, g:guid, j:dynamic) "
                + "kind=sql table=Mixed (" + literal() + ") with (sqlDialect='PostgreSQL')");
        assertThat(run("external_table('E') | order by i asc")).isEqualTo(run(ROWS + " | order by i asc"));
        run(".export to table E <| external_table('E') | extend i = toint(i + 10)");
        assertThat(run("external_table('E') | count")).containsExactly("6");
    }

    @Test
    void anExistingTableMustMatch() throws SQLException {
        postgres.execute("CREATE TABLE t (n bigint, s varchar, d timestamp, span interval, extra text DEFAULT 'x'); CREATE SCHEMA other; "
                + "CREATE TABLE other.t (n integer)");

        run(".export to sql ['public.t'] " + literal() + " <| print S = 'y', n = 5, d = datetime(2026-03-01T01:02:03.4567899Z), span = 90m");
        assertThat(postgres.rows("SELECT * FROM t")).containsExactly("5|y|2026-03-01 01:02:03.456789|01:30:00|x");
        assertThatThrownBy(() -> run(".export to sql ['other.t'] " + literal() + " <| print n = 5")).hasMessageContaining("int4");
        assertThatThrownBy(() -> run(".export to sql t " + literal() + " <| print other = 5")).hasMessageContaining("'other'");
        assertThatThrownBy(() -> run(".export to sql absent " + literal() + " <| print n = 5")).hasMessageContaining("absent");
        assertThatThrownBy(() -> run(".export to sql ['t; DROP TABLE t'] " + literal() + " <| print n = 5")).hasMessageContaining("letters");
        assertThatThrownBy(() -> run(".export to sql t " + literal() + " with (createifnotexists=true) <| print n = 5")).hasMessageContaining("primarykey");
        assertThatThrownBy(() -> run(".export to sql t h'Server=tcp:acme.database.windows.net,1433;Database=d;User ID=u;Password=p' <| print n = 5"))
                .hasMessageContaining("live");
        assertThat(postgres.rows("SELECT count(*) FROM t")).containsExactly("1");
    }

    @Test
    void allRowsGoOrNone() throws SQLException {
        postgres.execute("CREATE TABLE t (n bigint CHECK (n < 9000))");

        assertThatThrownBy(() -> run(".export to sql t " + literal() + " <| range n from 1 to 10000 step 1")).hasMessageContaining("check");
        assertThat(postgres.rows("SELECT count(*) FROM t")).containsExactly("0");
        assertThat(run(".export to sql t " + literal() + " <| range n from 1 to 8000 step 1")).containsExactly("8000");
        assertThat(postgres.rows("SELECT count(*), sum(n) FROM t")).containsExactly("8000|32004000");
    }
}
