package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.external.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy into a table of PostgreSQL that is killed while a transaction of it is open, and others in its place.
class InterruptedSqlCopyTest {
    private static final int FILES = 12;
    private static final int ROWS = 1_000;
    private static final int BEFORE_THE_KILL = 5;
    private static final Pattern RUN = Pattern.compile("started \\(run ([0-9a-f-]+)\\)");

    private static Postgres postgres;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        Databases.needPostgres();
        postgres = Postgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void noRowIsLostOrDoubledWhenACopyIsKilledAndRunAgain() throws Exception {
        // From the sixth file on, a statement that inserts waits for the lock that the test holds.
        postgres.execute("""
                CREATE TABLE t (file text, id int);
                INSERT INTO t VALUES ('old', 0);
                CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF (SELECT count(*) FROM t) >= %d THEN PERFORM pg_advisory_xact_lock_shared(7); END IF; RETURN NULL; END $$;
                CREATE TRIGGER gate AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION gate()""".formatted((BEFORE_THE_KILL + 1) * ROWS));
        Path factory = factory();
        String run;
        try (Connection gate = postgres.connect()) {
            gate.createStatement().execute("SELECT pg_advisory_lock(7)");
            Path log = folder.resolve("killed.log");
            Process first = copy(factory, log);
            try {
                assertThat(Eventually.holds(() -> rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"),
                        waiting -> waiting.equals(List.of("1")) || !first.isAlive())).as(Files.readString(log)).containsExactly("1");
            } finally {
                first.destroyForcibly().waitFor();
            }
            Matcher started = RUN.matcher(Files.readString(log));
            assertThat(started.find()).as(Files.readString(log)).isTrue();
            run = started.group(1);
        }
        assertThat(rows("SELECT count(DISTINCT file), count(*) FROM t")).containsExactly(BEFORE_THE_KILL + "|" + BEFORE_THE_KILL * ROWS);

        // The second one goes on, and the third finds that all is done.
        for (String attempt : List.of("second", "third")) {
            Path log = folder.resolve(attempt + ".log");
            Process again = copy(factory, log, "--go-on", run);
            assertThat(again.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(again.exitValue()).as(Files.readString(log)).isZero();
            assertThat(Files.readString(log)).contains("\"rowsRead\" : " + FILES * ROWS, "\"rowsCopied\" : " + FILES * ROWS).doesNotContain("warnings");
            assertThat(rows("SELECT count(*), count(DISTINCT (file, id)), count(DISTINCT file) FROM t")).containsExactly(
                    FILES * ROWS + "|" + FILES * ROWS + "|" + FILES);
        }
        assertThat(rows("SELECT count(*), sum(row_count), min(into_table) FROM conshelf_batches")).containsExactly(
                FILES + 1 + "|" + FILES * ROWS + "|\"public\".\"t\"");
    }

    private static List<String> rows(String query) {
        try {
            return postgres.rows(query);
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }

    private static Process copy(Path factory, Path log, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("pipeline", "run", factory.toString(), "p", "--json", "--cluster", "http://127.0.0.1:9"));
        arguments.addAll(List.of(more));
        return UpProcess.command(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /// The script would delete what the killed copy wrote, were it to run twice.
    private Path factory() throws IOException {
        return ManyFiles.in(folder.resolve("factory"), FILES, ROWS).into("""
                {"type": "AzurePostgreSql", "typeProperties": {"connectionString": "%s"}}""".formatted(postgres.connectionString().replace("\"", "\\\"")),
                "AzurePostgreSqlTable", "t", "{\"type\": \"AzurePostgreSqlSink\", \"preCopyScript\": \"DELETE FROM t\"}").folder();
    }
}
