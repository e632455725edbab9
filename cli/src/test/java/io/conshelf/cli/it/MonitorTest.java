package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf pipeline start`, `list`, `show`, `runs` and `watch` against a server, each as a process of its own.
@Timeout(600)
class MonitorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    private static UpProcess server;
    private static FactoryRest factory;

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(folder.resolve("rows.csv"), "id,name\n1,a\n2,b\n3,c\n");
        server = UpProcess.start(folder, folder, "--database", "Lab");
        Rest.command(server.url(), "Lab", ".create table T (id:long, name:string)");
        factory = new FactoryRest(server.url(), "watched");
        factory.put("", "{\"location\": \"local\"}");
        factory.put("/linkedservices/adx", "{\"properties\": {\"type\": \"AzureDataExplorer\", \"typeProperties\": {\"endpoint\": \"https://lab.westeurope.kusto.windows.net\", \"database\": \"Lab\"}}}");
        factory.put("/linkedservices/files", "{\"properties\": {\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}}");
        factory.put("/datasets/csv", """
                {"properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "rows.csv"}, "firstRowAsHeader": true}}}""");
        factory.put("/datasets/table", """
                {"properties": {"type": "AzureDataExplorerTable", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"}, "typeProperties": {"table": "T"}}}""");
        factory.pipeline("load", """
                {"description": "Loads the rows", "activities": [
                 {"name": "Copy", "type": "Copy", "inputs": [{"referenceName": "csv", "type": "DatasetReference"}], "outputs": [{"referenceName": "table", "type": "DatasetReference"}],
                  "typeProperties": {"source": {"type": "DelimitedTextSource"}, "sink": {"type": "AzureDataExplorerSink", "flushImmediately": true}}}]}""");
        factory.pipeline("outer", """
                {"parameters": {"seconds": {"type": "int", "defaultValue": 1}}, "activities": [
                 {"name": "Load", "type": "ExecutePipeline", "typeProperties": {"pipeline": {"referenceName": "load", "type": "PipelineReference"}, "waitOnCompletion": true}},
                 {"name": "Pause", "type": "Wait", "dependsOn": [{"activity": "Load", "dependencyConditions": ["Succeeded"]}], "typeProperties": {"waitTimeInSeconds": "@pipeline().parameters.seconds"}}]}""");
        factory.pipeline("broken", """
                {"activities": [{"name": "Stop", "type": "Fail", "typeProperties": {"message": "as asked", "errorCode": "7"}}]}""");
        factory.put("/triggers/nightly", """
                {"properties": {"type": "ScheduleTrigger", "pipelines": [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}}],
                 "typeProperties": {"recurrence": {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z"}}}}""");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static List<String> command(String... arguments) {
        var all = new ArrayList<>(List.of("pipeline"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--cluster", server.url()));
        return UpProcess.command(all).command();
    }

    private static Surroundings.Finished pipeline(String... arguments) {
        return Surroundings.run(folder, Map.of(), command(arguments));
    }

    private static String succeeds(String... arguments) {
        var finished = pipeline(arguments);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        return finished.output();
    }

    private static String fails(String... arguments) {
        var finished = pipeline(arguments);
        assertThat(finished.exitCode()).as(finished.output()).isEqualTo(1);
        assertThat(finished.output()).doesNotContain("\tat ");
        return finished.output();
    }

    @Test
    void whatIsThereAndWhatRanIsListed() throws Exception {
        String loaded = factory.run("load", "{}");
        String broken = factory.run("broken", "{}");
        factory.awaitEnd(loaded);
        factory.awaitEnd(broken);

        assertThat(succeeds("list")).containsPattern("watched +outer +2 +seconds +").containsPattern("watched +broken +1 +Failed +20");
        assertThat(succeeds("show", "outer")).contains("pipeline outer of factory watched").containsPattern("seconds +int +1").containsPattern("Pause +Wait +Load");
        assertThat(succeeds("show", "LOAD")).contains("Loads the rows").containsPattern("nightly +ScheduleTrigger +Stopped");
        assertThat(JSON.readTree(succeeds("show", "load", "--json")).at("/properties/activities/0/name").asText()).isEqualTo("Copy");
        assertThat(succeeds("runs", "broken", "--status", "failed", "--since", "1h", "--factory", "lab/watched"))
                .containsPattern(broken + " +broken +Failed .*as asked").doesNotContain(loaded);
        assertThat(succeeds("runs")).containsPattern(loaded + " +load +Succeeded +\\S+ \\S+ +[0-9.]+ s +3 +Manual");
        JsonNode latest = JSON.readTree(succeeds("runs", "--limit", "1", "--json"));
        assertThat(latest).hasSize(1);
        assertThat(latest.at("/0/runId").asText()).isNotEmpty();
    }

    @Test
    void aRunIsWatchedToItsEndWithTheRunsItStarts() throws Exception {
        String run = factory.run("outer", "{\"seconds\": 5}");

        String shown = succeeds("watch", run);

        assertThat(shown).contains("pipeline outer started (run " + run + ")", "  Load (ExecutePipeline) …", "pipeline load started", "  Copy (Copy) …",
                "  Copy: Succeeded in ", ", 3 rows, read ", "pipeline load Succeeded in ", "  Pause: Succeeded in ", "pipeline outer Succeeded in ");
        assertThat(shown.indexOf("  Copy: Succeeded")).isLessThan(shown.indexOf("  Load: Succeeded"));
        var again = pipeline("watch", run.substring(0, 12), "--json");
        String json = again.output().substring(again.output().indexOf("{\n"));
        assertThat(JSON.readTree(json).at("/run/status").asText()).isEqualTo("Succeeded");
        assertThat(JSON.readTree(json).path("childRuns")).hasSize(1);
    }

    @Test
    void watchingEndsAsTheRunDoes() {
        String run = factory.run("broken", "{}");
        assertThat(fails("watch", run)).contains("  Stop: Failed", "as asked", "pipeline broken Failed in ");
    }

    @Test
    void aRunIsStartedWithValuesByTheirTypes() throws Exception {
        String run = succeeds("start", "OUTER", "--param", "seconds=0").strip();
        assertThat(run).matches("[0-9a-f-]{36}");
        factory.awaitEnd(run);
        JsonNode record = factory.send("GET", "/pipelineruns/" + run, "").body();
        assertThat(record.path("status").asText()).isEqualTo("Succeeded");
        assertThat(record.at("/parameters/seconds").asText()).isEqualTo("0");
        assertThat(JSON.readTree(succeeds("start", "load", "--json")).path("runId").asText()).hasSize(36);

        assertThat(fails("start", "outer", "--param", "seconds=soon")).contains("'seconds' is of type Int, and 'soon' is not one");
        assertThat(fails("start", "outer", "--param", "minutes=1")).contains("has no parameter 'minutes'; it has seconds");
        assertThat(fails("start", "nothing")).contains("there is no pipeline 'nothing'");
    }

    @Test
    void aRunIsStartedAndWatchedToItsEnd() throws Exception {
        assertThat(succeeds("start", "outer", "--param", "seconds=1", "--watch"))
                .contains("pipeline outer started (run ", "  Copy: Succeeded in ", "pipeline outer Succeeded in ");
        var failed = pipeline("start", "broken", "--watch", "--json");
        assertThat(failed.exitCode()).as(failed.output()).isEqualTo(1);
        assertThat(JSON.readTree(failed.output().substring(failed.output().indexOf("{\n"))).at("/run/status").asText()).isEqualTo("Failed");
    }

    @Test
    void ctrlCEndsTheWatchingAndNotTheRun() throws Exception {
        String run = factory.run("outer", "{\"seconds\": 86400}");
        Process watching = new ProcessBuilder(command("watch", "outer")).start();
        StringBuilder errors = new StringBuilder();
        try (BufferedReader reader = watching.errorReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                errors.append(line).append('\n');
                if (line.contains("Pause (Wait)")) {
                    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(watching.pid())).start().waitFor()).isZero();
                }
            }
        }
        assertThat(watching.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(watching.exitValue()).isEqualTo(130);
        assertThat(errors).contains("the run goes on");
        assertThat(factory.status(run)).isEqualTo("InProgress");
        factory.send("POST", "/pipelineruns/" + run + "/cancel", "");
        factory.awaitEnd(run);
    }

    @Test
    void whatIsNotThereIsSaidByName() {
        assertThat(fails("show", "absent")).contains("there is no pipeline 'absent'");
        assertThat(fails("watch", "absent")).contains("there is no pipeline 'absent'");
        assertThat(fails("list", "--factory", "absent")).contains("there is no factory 'absent'");
        assertThat(fails("runs", "--status", "Perhaps")).contains("'Perhaps' is none of Queued");
        assertThat(fails("runs", "--since", "yesterday")).contains("not a time such as");
    }
}
