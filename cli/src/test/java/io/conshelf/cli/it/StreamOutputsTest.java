package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.external.Postgres;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where jobs write beside Azure Data Explorer: files of this machine, Azurite, PostgreSQL.
class StreamOutputsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = """
            {\\"id\\": 1, \\"at\\": \\"2026-01-31T08:00:01Z\\", \\"room\\": \\"a/b\\", \\"value\\": 1.5}
            {\\"id\\": 2, \\"at\\": \\"2026-01-31T08:30:00Z\\", \\"room\\": \\"..\\", \\"value\\": null}
            {\\"id\\": 2, \\"at\\": \\"2026-01-31T09:00:00Z\\", \\"room\\": \\"c\\", \\"value\\": \\"much\\"}
            {\\"id\\": 3, \\"at\\": \\"2026-01-31T09:00:01Z\\", \\"room\\": \\"c\\", \\"value\\": 2}
            """.replace("\n", "\\n");

    private static final Policies DROPPING = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.DROP, "1.2", "en-US", 1);

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    /// Runs a job of its own over the events.
    private Ended run(String output, String policy, String query, String... options) throws Exception {
        Path job = Files.writeString(folder.resolve("job.json"), """
                {"name": "outputs", "properties": {"compatibilityLevel": "1.2", "outputErrorPolicy": "%s",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "%s"}}, "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "out", "properties": %s}],
                 "transformation": {"name": "t", "properties": {"streamingUnits": 1, "query": "%s"}}}}
                """.formatted(policy, EVENTS, output, query));
        List<String> command = new ArrayList<>(List.of("stream", "run", job.toString(), "--json"));
        command.addAll(List.of(options));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = UpProcess.command(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int code = process.waitFor();
        return new Ended(code, Files.readString(out), Files.readString(err));
    }

    @Test
    void filesLieWhereTheirPathSaysAndNoValueLeadsOutOfTheFolder() throws Exception {
        Ended run = run("""
                {"datasource": {"type": "File", "properties": {"path": "%s", "pathPattern": "{date}/{time}/{room}", "timeFormat": "HH"}},
                 "serialization": {"type": "Csv", "properties": {"fieldDelimiter": ";"}}}""".formatted(folder.resolve("files")), "Stop",
                "SELECT id, room INTO out FROM [in] TIMESTAMP BY at");
        assertThat(run.code()).as(run.err()).isZero();
        List<String> written;
        try (var files = Files.walk(folder.resolve("files"))) {
            written = files.filter(Files::isRegularFile).map(file -> folder.resolve("files").relativize(file.getParent()).toString()).sorted().toList();
        }
        assertThat(written).containsExactly("2026/01/31/08/_", "2026/01/31/08/a_b", "2026/01/31/09/c");
        try (var files = Files.list(folder.resolve("files/2026/01/31/09/c"))) {
            Path file = files.findFirst().orElseThrow();
            assertThat(file.getFileName().toString()).matches("[0-9a-f]+_[0-9a-f]{32}_\\d+\\.csv");
            assertThat(Files.readAllLines(file)).containsExactly("id;room", "2;c", "3;c");
        }
    }

    @Test
    void blobsGrowInAContainer() throws Exception {
        try (Azurite azurite = Azurite.start(Files.createDirectory(folder.resolve("azurite")))) {
            Ended run = run("""
                    {"datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts": [{"accountName": "%s", "accountKey": "%s"}],
                     "container": "rows", "pathPattern": "of/{datetime:HH}"}}, "serialization": {"type": "Json", "properties": {"format": "Array"}}}"""
                    .formatted(azurite.at("").replaceFirst("/$", ""), Azurite.KEY), "Stop", "SELECT id INTO out FROM [in] TIMESTAMP BY at");
            assertThat(run.code()).as(run.err()).isZero();
            List<String> contents = new ArrayList<>();
            azurite.container("rows").listBlobs().forEach(blob -> contents.add(blob.getName().replaceFirst("/[^/]*$", "") + " "
                    + new String(azurite.container("rows").getBlobClient(blob.getName()).downloadContent().toBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "")));
            assertThat(contents).containsExactlyInAnyOrder("of/08 [{\"id\":1},{\"id\":2}]", "of/09 [{\"id\":2},{\"id\":3}]");

            // written once, a file for each hour
            Ended once = run("""
                    {"datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts": [{"accountName": "%s", "accountKey": "%s"}],
                     "container": "once", "pathPattern": "{date}/{time}", "dateFormat": "yyyy/MM/dd", "timeFormat": "HH", "blobWriteMode": "Once"}},
                     "serialization": {"type": "Json", "properties": {"format": "LineSeparated"}}}"""
                    .formatted(azurite.at("").replaceFirst("/$", ""), Azurite.KEY), "Stop", "SELECT id INTO out FROM [in] TIMESTAMP BY at");
            assertThat(once.code()).as(once.err()).isZero();
            List<String> hours = new ArrayList<>();
            azurite.container("once").listBlobs().forEach(blob -> hours.add(blob.getName().replaceFirst("/[^/]*$", "") + " "
                    + new String(azurite.container("once").getBlobClient(blob.getName()).downloadContent().toBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "")));
            assertThat(hours).containsExactlyInAnyOrder("2026/01/31/08 {\"id\":1}{\"id\":2}", "2026/01/31/09 {\"id\":2}{\"id\":3}");
        }
    }

    @Test
    void aTableOfPostgresqlTakesEachKeyOnceAndRefusesWhatDoesNotFit() throws Exception {
        Databases.needPostgres();
        try (Postgres postgres = Postgres.start()) {
            postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'");
            postgres.execute("CREATE TABLE rows (id bigint PRIMARY KEY, at timestamptz, value double precision); GRANT ALL ON rows TO job");
            String output = """
                    {"datasource": {"type": "Microsoft.DBForPostgreSQL/servers/databases", "properties": {"server": "127.0.0.1:%d", "database": "postgres",
                     "user": "job", "password": "job", "table": "rows"}}}""".formatted(postgres.port());
            Ended refused = run(output, "Stop", "SELECT id, at, value, room INTO out FROM [in] TIMESTAMP BY at");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(JSON.readTree(refused.out()).path("error").asText()).contains("the table 'rows' has no column 'room'");

            Ended run = run(output, "Drop", "SELECT id, System.Timestamp() AS at, value INTO out FROM [in] TIMESTAMP BY at");
            assertThat(run.code()).as(run.err() + run.out()).isZero();
            JsonNode report = JSON.readTree(run.out());
            assertThat(report.at("/diagnostics/0/type").asText()).isEqualTo("OutputDataConversionError.TypeConversionError");
            assertThat(report.at("/outputs/out/refused").asInt()).isEqualTo(1);
            assertThat(postgres.rows("SELECT id || ' ' || to_char(at AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' ' || coalesce(value::text, '-') FROM rows ORDER BY id"))
                    .containsExactly("1 08:00:01 1.5", "2 08:30:00 -", "3 09:00:01 2");
            // rows that come again change nothing
            assertThat(run(output, "Drop", "SELECT id, System.Timestamp() AS at, value INTO out FROM [in] TIMESTAMP BY at").code()).isZero();
            assertThat(postgres.rows("SELECT count(*)::text FROM rows")).containsExactly("3");
        }
    }

    @Test
    void aTableThatDoesNotAnswerAtOnceHasEachRowOnceAndRowsThatItRefusesAreCounted() throws Exception {
        Databases.needPostgres();
        try (Postgres postgres = Postgres.start()) {
            postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'");
            postgres.execute("CREATE SEQUENCE tries; GRANT ALL ON tries TO job; CREATE TABLE rows (id bigint CHECK (id <> 3)); GRANT ALL ON rows TO job");
            // what a sequence has given is not taken back with the transaction
            postgres.execute("CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') <= 2 THEN "
                    + "RAISE EXCEPTION 'not now' USING ERRCODE = '53300'; END IF; RETURN NEW; END $$");
            postgres.execute("CREATE TRIGGER busy BEFORE INSERT ON rows FOR EACH ROW EXECUTE FUNCTION busy()");
            List<EventTarget.Refused> refused = new ArrayList<>();
            try (EventTarget target = target(Datasources.POSTGRES, Map.of("server", "127.0.0.1:" + postgres.port(), "database", "postgres", "user", "job",
                    "password", "job", "table", "rows", "maxBatchCount", 2)); EventTarget.Writer writer = target.open("job-out-0")) {
                for (long id = 1; id <= 5; id++) {
                    Row row = row(Value.of(id));
                    persist(() -> writer.write(row));
                    refused.addAll(writer.refused());
                }
                persist(() -> writer.prepare(1));
                refused.addAll(writer.refused());
            }
            assertThat(postgres.rows("SELECT id::text FROM rows ORDER BY id")).containsExactly("1", "2", "4", "5");
            assertThat(refused).singleElement().satisfies(one -> assertThat(one.rows()).isEqualTo(1),
                    one -> assertThat(one.message()).contains("the table 'rows' did not take 1 rows"));
        }
    }

    private EventTarget target(String type, Map<String, Object> settings) {
        Output output = new Output("out", JSON.valueToTree(Map.of("datasource", Map.of("type", type, "properties", settings),
                "serialization", Map.of("type", "Json"))));
        JobDefinition job = new JobDefinition("job", "", List.of(), List.of(output), List.of(), DROPPING);
        return Targets.of(output, job, Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder));
    }

    private static Row row(Value id) {
        return Row.event(Ticks.of(Instant.parse("2026-01-31T08:00:00Z")), new Value.Record(Shape.of(List.of("id")), new Value[] {id}));
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }

    /// As whoever hosts an output does: the same call again until it goes through.
    private static void persist(Attempt attempt) throws Exception {
        Instant deadline = Instant.now().plus(Duration.ofMinutes(2));
        while (true) {
            try {
                attempt.run();
                return;
            } catch (OutputException notYet) {
                assertThat(Instant.now()).as(notYet.getMessage()).isBefore(deadline);
            }
        }
    }

    @Test
    void whatIsNotThisMachineIsNotReached() throws Exception {
        Ended run = run("""
                {"datasource": {"type": "Kafka", "properties": {"bootstrapServers": "broker.example.org:9092", "topicName": "t"}}, "serialization": {"type": "Json"}}""",
                "Stop", "SELECT id INTO out FROM [in] TIMESTAMP BY at");
        assertThat(run.code()).isEqualTo(1);
        assertThat(JSON.readTree(run.out()).path("error").asText()).contains("'broker.example.org' is not this machine; list it under 'live'");
    }

    @Test
    void aLiveRunCountsTheRowsOfEachOutput() throws Exception {
        Files.createDirectories(folder.resolve("in"));
        Files.writeString(folder.resolve("in/a.json"), "{\"id\": 1}\n{\"id\": 2}\n{\"id\": 3}\n");
        Path job = Files.writeString(folder.resolve("job.json"), """
                {"name": "live", "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%1$s/in", "follow": true}}, "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "all", "properties": {"datasource": {"type": "File", "properties": {"path": "%1$s/all.json"}}, "serialization": {"type": "Json"}}},
                             {"name": "some", "properties": {"datasource": {"type": "File", "properties": {"path": "%1$s/some.json"}}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "t", "properties": {"query": "SELECT id INTO [all] FROM [in]; SELECT id INTO some FROM [in] WHERE id > 1"}}}}
                """.formatted(folder));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = UpProcess.command(List.of("stream", "run", job.toString(), "--json", "--start", "earliest")).redirectOutput(out.toFile())
                .redirectError(err.toFile()).start();
        try {
            Eventually.holds(() -> lines("all.json") + lines("some.json"), count -> count == 5);
        } finally {
            process.destroy();
            process.waitFor();
        }
        JsonNode outputs = JSON.readTree(Files.readString(out)).path("outputs");
        assertThat(outputs.toString()).as(Files.readString(err)).isEqualTo("{\"all\":{\"rows\":3,\"refused\":0},\"some\":{\"rows\":2,\"refused\":0}}");
    }

    private int lines(String file) {
        try {
            return Files.exists(folder.resolve(file)) ? Files.readAllLines(folder.resolve(file)).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
