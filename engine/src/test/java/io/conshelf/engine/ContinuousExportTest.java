package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Continuous exports: each row that comes is in exactly one listed artifact.
class ContinuousExportTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T10:00:00Z"));

    @TempDir
    private Path folder;

    private Path lake;
    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        lake = Files.createDirectories(folder.resolve("lake"));
        engine = engine();
        run(".create table T (n:long, s:string)");
        run(".create external table E (n:long, s:string) kind=storage dataformat=csv (@'" + lake + "')");
    }

    private Engine engine() {
        return Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(lake), List.of("Db"), Limits.ofThisMachine(), now::get));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        return runIn("Db", text);
    }

    private List<String> runIn(String database, String text) {
        var request = request(database);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            var result = ResultText.of(answer);
            return result.subList(1, result.size());
        }
    }

    private Request request(String database) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, database, "exports", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", now.get(), Duration.ofMinutes(1), false);
    }

    private void later(Duration time) {
        now.updateAndGet(moment -> moment.plus(time));
        engine.continuousExports().look();
    }

    /// The rows of the artifacts that are listed.
    private List<String> listed() throws IOException {
        var rows = new ArrayList<String>();
        for (String path : run(".show continuous-export X exported-artifacts | project Path")) {
            rows.addAll(Files.readAllLines(Path.of(path)));
        }
        return rows.stream().sorted().toList();
    }

    private List<Path> written() throws IOException {
        try (Stream<Path> files = Files.walk(lake)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void eachRunWritesWhatIsNew() throws IOException {
        run(".set-or-append T <| print n = 0, s = 'before'");
        assertThat(run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=10m, sizeLimit=104857600) <| T"))
                .singleElement().asString().startsWith("X | E | T | null | 00:10:00 | ").contains("SizeLimit");
        run(".set-or-append T <| print n = 1, s = 'a'");
        later(Duration.ofMinutes(11));
        run(".set-or-append T <| print n = 2, s = 'b'");
        later(Duration.ofMinutes(5));
        assertThat(listed()).containsExactly("1,a");
        later(Duration.ofMinutes(6));
        later(Duration.ofMinutes(11));

        assertThat(listed()).containsExactly("1,a", "2,b");
        assertThat(written()).hasSize(2);
        assertThat(run(".show continuous-export X | project LastRunResult, IsDisabled, IsRunning, ExportedTo > datetime(2026-03-01)"))
                .containsExactly("Completed | false | false | true");
        assertThat(run(".show continuous-export X failures")).isEmpty();
    }

    @Test
    void anExportWhoseStateCannotBeReadHoldsNoOtherUp() throws IOException {
        run(".create database Broken ifnotexists");
        runIn("Broken", ".create table T (n:long, s:string)");
        runIn("Broken", ".create external table E (n:long, s:string) kind=storage dataformat=csv (@'" + lake + "')");
        runIn("Broken", ".create-or-alter continuous-export Y over (T) to table E with (intervalBetweenRuns=1m) <| T");
        run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m) <| T");
        run(".set-or-append T <| print n = 1, s = 'a'");
        engine.storage().writer("Broken").change(transaction -> {
            try (var statement = transaction.connection().createStatement()) {
                statement.execute("ALTER TABLE " + transaction.database().id() + ".conshelf.export_runs RENAME COLUMN cursor TO gone");
            }
            return transaction;
        });
        later(Duration.ofMinutes(2));
        assertThat(listed()).containsExactly("1,a");
    }

    @Test
    void aRunThatDiedIsRepeatedWithoutDoublingWhatIsListed() throws IOException {
        run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m) <| T");
        run(".set-or-append T <| range n from 1 to 3 step 1 | project n, s = 'x'");
        // It wrote, and the process ended before the cursor was committed.
        run(".export to table E <| T");
        engine.close();
        engine = engine();
        later(Duration.ofMinutes(2));
        later(Duration.ofMinutes(2));

        assertThat(written()).hasSize(2);
        assertThat(listed()).containsExactly("1,x", "2,x", "3,x");
        engine.close();
        engine = engine();
        later(Duration.ofMinutes(2));
        assertThat(listed()).containsExactly("1,x", "2,x", "3,x");
        assertThat(run(".show continuous-exports | project Name, StartCursor != ''")).containsExactly("X | true");
    }

    @Test
    void aFailedRunIsListedAndRepeated() throws IOException {
        run(".create-or-alter continuous-export X to table E with (intervalBetweenRuns=1h) <| T");
        run(".set-or-append T <| print n = 1, s = 'a'");
        run(".alter table T (n:long, other:string)");
        later(Duration.ofHours(2));

        assertThat(run(".show continuous-export X failures | project Name, FailureKind, isnull(LastSuccessRun), Details has 'does not match'"))
                .containsExactly("X | Failure | true | true");
        assertThat(run(".show continuous-export X | project LastRunResult")).containsExactly("Failed");
        run(".alter table T (n:long, s:string)");
        later(Duration.ofMinutes(2));
        assertThat(run(".show continuous-export X | project LastRunResult")).containsExactly("Completed");
        assertThat(listed()).hasSize(1).first().asString().startsWith("1,");
    }

    @Test
    void rowsRestAsLongAsTheyAreForcedTo() throws IOException {
        run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m, forcedLatency=10m) <| T");
        now.updateAndGet(moment -> moment.plusSeconds(60));
        run(".set-or-append T <| print n = 1, s = 'a'");
        later(Duration.ofMinutes(5));
        assertThat(listed()).isEmpty();
        later(Duration.ofMinutes(6));
        assertThat(listed()).containsExactly("1,a");
    }

    @Test
    void dimensionsAreReadWhole() throws IOException {
        run(".create table D (n:long, name:string)");
        run(".set-or-append D <| datatable(n:long, name:string)[1, 'one', 2, 'two']");
        run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m) <| T | project n | join kind=inner D on n | project n, s = name");
        run(".set-or-append T <| print n = 2, s = ''");
        later(Duration.ofMinutes(2));

        assertThat(listed()).containsExactly("2,two");
    }

    @Test
    void whatIsDisabledWaitsAndGoesOn() throws IOException {
        run(".create-or-alter continuous-export X over (T) to table E with (intervalBetweenRuns=1m) <| T");
        assertThat(run(".disable continuous-export X")).hasSize(1);
        run(".set-or-append T <| print n = 1, s = 'a'");
        later(Duration.ofMinutes(2));
        assertThat(listed()).isEmpty();
        run(".enable continuous-export X");
        later(Duration.ofMinutes(2));
        assertThat(listed()).containsExactly("1,a");
        assertThatThrownBy(() -> run(".drop external table E")).hasMessageContaining("'X'");
        run(".drop continuous-export X");
        assertThat(run(".show continuous-exports")).isEmpty();
        assertThatThrownBy(() -> run(".show continuous-export X")).hasMessageContaining("'X'");
    }

    @Test
    void whatCannotBeExportedIsRefused() {
        String start = ".create-or-alter continuous-export X ";
        assertThatThrownBy(() -> run(start + "to table E with (intervalBetweenRuns=10s) <| T")).hasMessageContaining("intervalBetweenRuns");
        assertThatThrownBy(() -> run(start + "to table E <| T | project n")).hasMessageContaining("does not match");
        assertThatThrownBy(() -> run(start + "over (Other) to table E <| T")).hasMessageContaining("'Other'");
        assertThatThrownBy(() -> run(start + "to table E <| print n = 1, s = ''")).hasMessageContaining("no table");
        assertThatThrownBy(() -> run(start + "to table E <| external_table('E')")).hasMessageContaining("'E'");
        assertThatThrownBy(() -> run(start + "to table E with (managedIdentity='system') <| T")).hasMessageContaining("managedIdentity");
        assertThatThrownBy(() -> run(start + "to table absent <| T")).hasMessageContaining("absent");
    }

    @Test
    void aRunThatFailsAfterAnArtifactIsAPartialFailure() throws IOException {
        Files.createDirectories(lake.resolve("b"));
        // The second artifact goes to the second place, where its folder cannot be made.
        Files.writeString(lake.resolve("b/x"), "");
        Files.writeString(lake.resolve("b/y"), "");
        run(".create external table P (n:long, s:string) kind=storage partition by (S:string = s) dataformat=csv (@'" + lake.resolve("a")
                + "', @'" + lake.resolve("b") + "')");
        run(".create-or-alter continuous-export X over (T) to table P with (intervalBetweenRuns=1h) <| T");
        run(".set-or-append T <| datatable(n:long, s:string)[1, 'x', 2, 'y']");
        later(Duration.ofHours(2));

        assertThat(run(".show continuous-export X failures | project FailureKind")).containsExactly("PartialFailure");
        assertThat(run(".show continuous-export X exported-artifacts")).isEmpty();
    }

    @Test
    void eachRunReadsOnlyWhatAnExportMayRead() throws IOException {
        run(".create database Other");
        try (var answer = engine.command(request("Other"), ".set Secret <| print n = 7, s = 'secret'")) {
            assertThat(answer).isNotNull();
        }
        run(".create function F() { T }");
        run(".create-or-alter continuous-export X to table E with (intervalBetweenRuns=1m) <| F()");
        run(".alter function F() { T | union database('Other').Secret }");
        run(".set-or-append T <| print n = 1, s = 'a'");
        later(Duration.ofMinutes(2));

        assertThat(run(".show continuous-export X failures | project Details")).singleElement().asString()
                .contains("'Secret'").contains("tables of their own database");
        assertThat(written()).isEmpty();
        run(".alter function F() { T }");
        later(Duration.ofMinutes(2));
        assertThat(listed()).containsExactly("1,a");
    }

    @Test
    void aRunReadsNoTableThatHidesRows() throws IOException {
        run(".set Hidden <| print n = 7, s = 'secret'");
        run(".alter table Hidden policy row_level_security enable 'Hidden | where n == 0'");
        run(".create function F() { T }");
        run(".create-or-alter continuous-export X to table E with (intervalBetweenRuns=1m) <| F()");
        run(".alter function F() { T | union Hidden }");
        run(".set-or-append T <| print n = 1, s = 'a'");
        later(Duration.ofMinutes(2));

        assertThat(run(".show continuous-export X failures | project Details")).singleElement().asString()
                .contains("'Hidden' has a RowLevelSecurityPolicy");
        assertThat(written()).isEmpty();
    }

    @Test
    void anExportedTableHidesNoRows() {
        run(".create table D (n:long)");
        run(".create-or-alter continuous-export X over (T) to table E <| T | lookup D on n");

        for (String table : List.of("T", "D")) {
            assertThatThrownBy(() -> run(".alter table " + table + " policy row_level_security enable '" + table + "'"))
                    .hasMessageContaining("is read by the continuous export 'X'");
            assertThatThrownBy(() -> run(".alter table " + table + " policy restricted_view_access true"))
                    .hasMessageContaining("is read by the continuous export 'X'");
        }
        run(".drop continuous-export X");
        run(".alter table T policy restricted_view_access true");
    }
}
