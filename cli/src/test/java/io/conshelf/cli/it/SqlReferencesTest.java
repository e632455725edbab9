package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.external.Postgres;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.input.ReferenceInput.Snapshots;
import io.conshelf.streams.input.References;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.JsonPrint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Reference data of jobs that a PostgreSQL has.
class SqlReferencesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OFTEN = "00:00:01";
    private static Postgres postgres;

    @BeforeAll
    static void start() throws Exception {
        Databases.needPostgres();
        postgres = Postgres.start();
        postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO job");
    }

    @AfterAll
    static void stop() throws Exception {
        if (postgres != null) {
            postgres.close();
        }
    }

    private static Snapshots open(Map<String, String> more, String level, long bytesMax) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of("server", "127.0.0.1:" + postgres.port(), "database", "postgres", "user", "job", "password", "job"));
        settings.putAll(more);
        Input input = new Input("places", InputType.REFERENCE, JSON.valueToTree(Map.of("datasource", Map.of("type", Datasources.POSTGRES, "properties", settings))));
        Policies policies = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, level, "en-US", 1);
        JobDefinition job = new JobDefinition("job", "", List.of(input), List.of(), List.of(), policies);
        return new References(job, Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), Path.of("."))).of(input, List.of())
                .open(bytesMax);
    }

    private static Snapshots asked(String query, String level) throws Exception {
        return open(Map.of("fullSnapshotQuery", query), level, Long.MAX_VALUE);
    }

    private static List<String> text(Snapshot snapshot) {
        return snapshot.records().stream().map(JsonPrint::text).sorted().toList();
    }

    /// Looks again and again, as whoever hosts it does, and counts what fails on the way.
    private static Snapshot awaited(Snapshots snapshots, int[] failures) {
        return Eventually.holds(() -> {
            try {
                return snapshots.next();
            } catch (InputException e) {
                failures[0]++;
                return Optional.<Snapshot>empty();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Optional::isPresent).orElseThrow();
    }

    private static Snapshot awaited(Snapshots snapshots) {
        int[] failures = new int[1];
        Snapshot found = awaited(snapshots, failures);
        assertThat(failures[0]).isZero();
        return found;
    }

    @Test
    void valuesOfEveryTypeBecomeThoseOfTheLanguage() throws Exception {
        String query = """
                SELECT 9007199254740993 AS "Id", 3::numeric AS whole, 1.50::numeric AS part, 20000000000000000000::numeric AS huge, 5::double precision AS f, true AS b,
                 'x' AS t, ''::text AS e, NULL::text AS n, TIMESTAMPTZ '2026-01-31 08:00:00.1234567+01' AS at, DATE '2026-01-31' AS day, '{"a": 1}'::jsonb AS j,
                 '2026-01-31T08:00:00Z'::text AS said""";
        try (Snapshots snapshots = asked(query, "1.2")) {
            Snapshot first = snapshots.first(0);
            assertThat(text(first)).containsExactly("{\"Id\":9007199254740993,\"whole\":3,\"part\":1.5,\"huge\":2.0E19,\"f\":5.0,\"b\":true,\"t\":\"x\",\"e\":\"\",\"n\":null,"
                    + "\"at\":\"2026-01-31T07:00:00.1234570Z\",\"day\":\"2026-01-31T00:00:00.0000000Z\",\"j\":\"{\\\"a\\\": 1}\",\"said\":\"2026-01-31T08:00:00Z\"}");
            assertThat(first.records().getFirst().field("at").typeName()).isEqualTo("datetime");
            assertThat(first.records().getFirst().field("said").typeName()).isEqualTo("nvarchar(max)");
            assertThat(snapshots.next()).as("it is asked once").isEmpty();
        }
        try (Snapshots snapshots = asked("SELECT 1 AS \"Id\", true AS b, '2026-01-31T08:00:00Z'::text AS said", "1.0")) {
            Snapshot first = snapshots.first(0);
            assertThat(text(first)).containsExactly("{\"id\":1,\"b\":1,\"said\":\"2026-01-31T08:00:00.0000000Z\"}");
        }
    }

    @Test
    void aNumberThatIsNoFloatIsToldWithItsColumn() throws Exception {
        try (Snapshots snapshots = asked("SELECT 1 AS id, 10::numeric ^ 400 AS much", "1.2")) {
            assertThatThrownBy(() -> snapshots.first(0)).isInstanceOf(InputException.class).hasMessageContaining("the column 'much' has the number 1")
                    .hasMessageContaining("does not fit float");
        }
    }

    @Test
    void moreThanTheMemoryIsForIsRefused() throws Exception {
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 100000) AS i"), "1.2", 8 << 20)) {
            assertThatThrownBy(() -> snapshots.first(0)).isInstanceOf(InputException.class).hasMessageContaining("more than 8 MB of memory");
        }
    }

    @Test
    void aRefreshThatFailsIsToldUntilOneSucceedsWhichIsSoon() throws Exception {
        postgres.execute("CREATE TABLE refreshed (id int); INSERT INTO refreshed VALUES (1)");
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT id, @snapshotTime > TIMESTAMPTZ '2026-01-01' AS later FROM refreshed",
                "refreshType", "RefreshPeriodicallyWithFull", "refreshRate", OFTEN), "1.2", Long.MAX_VALUE)) {
            assertThat(text(snapshots.first(0))).containsExactly("{\"id\":1,\"later\":true}");
            postgres.execute("INSERT INTO refreshed VALUES (2)");
            assertThat(text(awaited(snapshots))).containsExactly("{\"id\":1,\"later\":true}", "{\"id\":2,\"later\":true}");
            postgres.execute("ALTER TABLE refreshed RENAME TO gone");
            String told = Eventually.holds(() -> failure(snapshots), text -> !text.isEmpty());
            assertThat(told).contains("refreshed");
            for (int i = 0; i < 5; i++) {
                assertThat(failure(snapshots)).as("nobody takes it for an answer that it is not asked again at once").contains("refreshed");
            }
            postgres.execute("ALTER TABLE gone RENAME TO refreshed; DELETE FROM refreshed WHERE id = 1");
            assertThat(text(awaited(snapshots, new int[1]))).containsExactly("{\"id\":2,\"later\":true}");
            assertThat(failure(snapshots)).isEmpty();
        }
    }

    private static String failure(Snapshots snapshots) {
        try {
            snapshots.next();
            return "";
        } catch (InputException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void changesAreAppliedToTheSnapshotBefore() throws Exception {
        postgres.execute("""
                CREATE TABLE devices (id int, room text, since timestamptz DEFAULT clock_timestamp());
                CREATE TABLE devices_gone (id int, room text, until timestamptz DEFAULT clock_timestamp());
                INSERT INTO devices VALUES (1, 'kitchen', now()), (2, 'cellar', now()), (2, 'cellar', now())""");
        String changes = """
                SELECT 1 AS _operation_, room, id FROM devices WHERE since BETWEEN @deltaStartTime AND @deltaEndTime
                UNION ALL SELECT 2, room, id FROM devices_gone WHERE until BETWEEN @deltaStartTime AND @deltaEndTime""";
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT id, room FROM devices", "deltaSnapshotQuery", changes, "refreshType",
                "RefreshPeriodicallyWithDelta", "refreshRate", OFTEN), "1.2", Long.MAX_VALUE)) {
            assertThat(text(snapshots.first(0))).containsExactly("{\"id\":1,\"room\":\"kitchen\"}", "{\"id\":2,\"room\":\"cellar\"}", "{\"id\":2,\"room\":\"cellar\"}");
            // in one transaction: the first is changed, the second goes, and a third comes
            postgres.execute("""
                    INSERT INTO devices_gone VALUES (1, 'kitchen'), (2, 'cellar');
                    DELETE FROM devices; INSERT INTO devices VALUES (1, 'attic'), (3, 'hall')""");
            assertThat(text(awaited(snapshots))).containsExactly("{\"id\":1,\"room\":\"attic\"}", "{\"id\":3,\"room\":\"hall\"}");
            // no more than what changed is asked for: this is a change that is not told
            postgres.execute("UPDATE devices SET room = 'silent' WHERE id = 3");
            assertThat(text(awaited(snapshots))).containsExactly("{\"id\":1,\"room\":\"attic\"}", "{\"id\":3,\"room\":\"hall\"}");
            postgres.execute("ALTER TABLE devices_gone RENAME TO away");
            assertThat(Eventually.holds(() -> failure(snapshots), text -> !text.isEmpty())).contains("devices_gone");
            postgres.execute("INSERT INTO devices VALUES (4, 'roof')");
            postgres.execute("ALTER TABLE away RENAME TO devices_gone");
            assertThat(text(awaited(snapshots, new int[1]))).as("changes since the last answer").contains("{\"id\":4,\"room\":\"roof\"}").hasSize(3);
        }
    }

    /// Whatever came between is in the answer of changes, also where it is there no longer.
    @Test
    void ofWhatCameAndWentWithinOneRefreshWhatIsThereIsLeft() throws Exception {
        postgres.execute("""
                CREATE TABLE states (id int, state text);
                CREATE TABLE states_told (op int, id int, state text, at timestamptz DEFAULT clock_timestamp());
                INSERT INTO states VALUES (1, 'a'), (2, 'a')""");
        String changes = "SELECT op AS _operation_, id, state FROM states_told WHERE at BETWEEN @deltaStartTime AND @deltaEndTime";
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT id, state FROM states", "deltaSnapshotQuery", changes, "refreshType",
                "RefreshPeriodicallyWithDelta", "refreshRate", OFTEN), "1.2", Long.MAX_VALUE)) {
            snapshots.first(0);
            // to b and back again; and to b, back, and to b once more
            postgres.execute("""
                    UPDATE states SET state = 'b' WHERE id = 2;
                    INSERT INTO states_told VALUES (2, 1, 'a'), (1, 1, 'b'), (2, 1, 'b'), (1, 1, 'a'),
                        (2, 2, 'a'), (1, 2, 'b'), (2, 2, 'b'), (1, 2, 'a'), (2, 2, 'a'), (1, 2, 'b')""");
            assertThat(text(awaited(snapshots))).containsExactly("{\"id\":1,\"state\":\"a\"}", "{\"id\":2,\"state\":\"b\"}");
        }
    }

    /// Each row that is changed is told twice.
    @Test
    void changesThatAreLargerThanASnapshotMayBeAreReadAsAllRows() throws Exception {
        postgres.execute("""
                CREATE TABLE large AS SELECT i AS id, 'before' || repeat('x', 1000) AS t FROM generate_series(1, 1000) AS i;
                CREATE TABLE large_told (op int, id int, t text, at timestamptz DEFAULT clock_timestamp())""");
        String changes = "SELECT op AS _operation_, id, t FROM large_told WHERE at BETWEEN @deltaStartTime AND @deltaEndTime";
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT id, t FROM large", "deltaSnapshotQuery", changes, "refreshType",
                "RefreshPeriodicallyWithDelta", "refreshRate", OFTEN), "1.2", 2 << 20)) {
            assertThat(snapshots.first(0).records()).hasSize(1000);
            postgres.execute("""
                    INSERT INTO large_told SELECT 2, id, t FROM large;
                    UPDATE large SET t = 'after' || repeat('x', 1000);
                    INSERT INTO large_told SELECT 1, id, t FROM large""");
            assertThat(text(awaited(snapshots))).hasSize(1000).allMatch(row -> row.contains("\"after"));
        }
    }

    @Test
    void changesWithoutTheColumnsOfTheSnapshotAreRefused() throws Exception {
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT 1 AS id", "deltaSnapshotQuery", "SELECT 3 AS _operation_, 1 AS id", "refreshType",
                "RefreshPeriodicallyWithDelta", "refreshRate", OFTEN), "1.2", Long.MAX_VALUE)) {
            snapshots.first(0);
            assertThat(Eventually.holds(() -> failure(snapshots), text -> !text.isEmpty())).contains("'_operation_' of deltaSnapshotQuery is 1").endsWith("found 3");
        }
        try (Snapshots snapshots = open(Map.of("fullSnapshotQuery", "SELECT 1 AS id", "deltaSnapshotQuery", "SELECT 1 AS _operation_, 1 AS other", "refreshType",
                "RefreshPeriodicallyWithDelta", "refreshRate", OFTEN), "1.2", Long.MAX_VALUE)) {
            snapshots.first(0);
            assertThat(Eventually.holds(() -> failure(snapshots), text -> !text.isEmpty())).contains("the columns of fullSnapshotQuery (id) and '_operation_'");
        }
    }
}
