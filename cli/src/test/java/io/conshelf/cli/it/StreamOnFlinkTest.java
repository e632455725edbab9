package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.flink.SessionCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf stream run --flink`: a job on a Flink cluster in processes of their own, into tables of an Azure Data Explorer cluster in another.
class StreamOnFlinkTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void rowsOfAJobOnAFlinkClusterArriveInTheTables() throws Exception {
        StringBuilder events = new StringBuilder();
        for (int second = 1; second <= 30; second++) {
            events.append("{\"at\": \"2026-01-31T08:00:%02dZ\", \"device\": \"d%d\", \"value\": %d}\n".formatted(second % 60, second % 3, second));
        }
        Files.writeString(Files.createDirectories(folder.resolve("in")).resolve("a.json"), events);
        // what it told when the job began is all that it would ever tell of it while it is under way
        try (SessionCluster flink = new SessionCluster(Files.createDirectories(folder.resolve("flink")), 2, Duration.ofHours(1));
                UpProcess up = UpProcess.start(folder, folder, "--database", "Lab")) {
            Rest.command(up.url(), "Lab", ".create table Averages (Time:datetime, Device:string, Average:real, Events:long)");
            Rest.command(up.url(), "Lab", ".create table Values (Device:string, Value:long)");
            Rest.command(up.url(), "Lab", ".alter table Values policy streamingingestion enable");
            Path job = Files.writeString(folder.resolve("job.json"), """
                    {"name": "elsewhere", "properties": {"compatibilityLevel": "1.2",
                     "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s"}}, "serialization": {"type": "Json"}}}],
                     "outputs": [{"name": "averages", "properties": {"datasource": {"type": "Microsoft.Kusto/clusters/databases", "properties": {"cluster":
                       "https://lab.westeurope.kusto.windows.net", "database": "Lab", "table": "Averages", "deliveryMode": "Queued", "flushImmediately": true}}}},
                      {"name": "values", "properties": {"datasource": {"type": "Microsoft.Kusto/clusters/databases", "properties": {"cluster":
                       "https://lab.westeurope.kusto.windows.net", "database": "Lab", "table": "Values", "deliveryMode": "Streaming"}}}}],
                     "transformation": {"name": "t", "properties": {"streamingUnits": 12, "query":
                       "SELECT System.Timestamp() AS [Time], device AS Device, AVG(value) AS Average, COUNT(*) AS Events INTO averages FROM [in] TIMESTAMP BY at GROUP BY device, \
                    TumblingWindow(second, 10); SELECT device AS Device, value AS Value INTO [values] FROM [in]"}}}}
                    """.formatted(folder.resolve("in")));
            flink.awaitTaskManagers(2);
            Path out = folder.resolve("out.txt");
            Path err = folder.resolve("err.txt");
            Process run = UpProcess.command(List.of("stream", "run", job.toString(), "--flink", flink.address().toString(), "--cluster", up.url(), "--json"))
                    .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            boolean hasEnded = run.waitFor(5, TimeUnit.MINUTES);
            run.destroyForcibly();
            assertThat(hasEnded).as(() -> "it ends: " + text(err) + flink.logs()).isTrue();
            assertThat(run.exitValue()).as(() -> text(err) + flink.logs()).isZero();

            JsonNode report = JSON.readTree(out.toFile());
            assertThat(report.path("state").asText()).isEqualTo("Stopped");
            assertThat(Eventually.holds(() -> first(up, "Averages | summarize sum(Events), countif(Time == datetime(2026-01-31T08:00:30Z)), avg(Average)"),
                    "[30,3,15.5]"::equals)).as(flink::logs).isEqualTo("[30,3,15.5]");
            assertThat(Eventually.holds(() -> first(up, "Values | summarize count(), sum(Value), dcount(Device)"), "[30,465,3]"::equals)).as(flink::logs)
                    .isEqualTo("[30,465,3]");
            assertThat(report.path("outputs").toString()).as(text(err)).isEqualTo("{\"averages\":{\"rows\":9,\"refused\":0},\"values\":{\"rows\":30,\"refused\":0}}");
            // each statement reads the input by another time
            assertThat(report.path("metrics").path("Input Events").asLong()).as(text(err)).isEqualTo(60);
            assertThat(report.path("metrics").path("Output Events").asLong()).as(text(err)).isEqualTo(39);
        }
    }

    private static String first(UpProcess up, String query) {
        try {
            return JSON.readTree(Rest.query(up.url(), "Lab", query)).at("/Tables/0/Rows/0").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
