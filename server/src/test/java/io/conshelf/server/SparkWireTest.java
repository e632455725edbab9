package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the connector of Spark sends around its writes and reads, in its order and with its ways of writing: values in quotes, commas at the end.
class SparkWireTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALL_TIME = "extentCreatedOnFrom='2020-01-01T00:00:00Z', extentCreatedOnTo='2100-01-01T00:00:00Z'";
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        command(".create table Target (a:long, b:string)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aWriteGoesThroughAHiddenTableWhoseExtentsAreMoved() throws Exception {
        assertThat(command(".show table Target schema as json | project ColumnsJson=todynamic(Schema).OrderedColumns| mv-expand ColumnsJson ")).hasSize(2);
        assertThat(command(".show tables | where TableName == 'Target' | count").toString()).isEqualTo("[[1]]");
        command(".create table sparkTempTable_1 (a:long,b:string) with(hidden=true)");
        command(".alter table sparkTempTable_1 policy retention '{ \"SoftDeletePeriod\": \"1.00:00:00\", \"Recoverability\":\"Disabled\" }' ");
        command(".alter table sparkTempTable_1 policy auto_delete @'{\"ExpiryDate\": \"2100-01-01T10:11:12.123456Z\",\"DeleteIfNotEmpty\": true }' ");
        assertThat(command(".alter table sparkTempTable_1 policy merge @'{\"AllowMerge\":\"false\", \"AllowRebuild\":\"false\"}'").path(0).path(2).asText())
                .contains("\"AllowMerge\":false", "\"AllowRebuild\":false");
        command(".alter table sparkTempTable_1 policy ingestionbatching @\"{\"\"MaximumNumberOfItems\"\":5}\"");
        assertThat(command(".show table sparkTempTable_1 policy ingestionbatching").path(0).path(2).asText()).contains("\"MaximumNumberOfItems\":5");
        command(".refresh database 'Lab' table 'sparkTempTable_1' cache ingestionbatchingpolicy");
        assertThat(command(".create tempstorage").path(0).path(0).asText()).contains("/temp-0?");
        command(".show table Target ingestion csv mappings");
        command(".create table sparkTempTable_1 ingestion csv mapping \"m\" @\"[{\"\"column\"\":\"\"a\"\",\"\"Properties\"\":{\"\"Ordinal\"\":0}}]\"");
        command(".alter table sparkTempTable_1 policy streamingingestion enable");
        command(".clear table sparkTempTable_1 cache streamingingestion schema");
        assertThat(command(".show tables with (IncludeHiddenTables=true) |where TableName startswith 'sparkTempTable_' | project TableName ").toString())
                .isEqualTo("[[\"sparkTempTable_1\"]]");
        for (int i = 0; i < 3; i++) {
            command(".set-or-append sparkTempTable_1 with (tags='[\"ingest-by:t" + i + "\"]') <| print a=" + i + ", b='x'");
        }
        assertThat(command("""
                .show table sparkTempTable_1  extents;
                       $command_results
                       | mv-apply split(Tags, "\\r\\n") on (
                         where Tags startswith "ingest-by" | project Tags = substring(Tags,10)
                         )
                       | summarize make_set(Tags)""").toString()).contains("t0", "t1", "t2");
        assertThat(command(".show table sparkTempTable_1 extents | count").toString()).isEqualTo("[[3]]");
        assertThat(command(".show materialized-views | where SourceTable == 'Target' | count").toString()).isEqualTo("[[0]]");

        command(".move extents to table Target   with(" + ALL_TIME + ") <|\n       .show table sparkTempTable_1 extents"
                + " with(extentsShowFilteringRuntimePolicy='{\"MaximumResultsCount\":2}');\n        $command_results\n       |  distinct ExtentId");
        String moving = command(".move async extents to table Target  with(" + ALL_TIME + ") <|\n       .show table sparkTempTable_1 extents ;\n       ")
                .path(0).path(0).asText();
        ended(moving);
        command(".show operation " + moving + " details");
        assertThat(rows("Target | count")).isEqualTo("[[3]]");
        assertThat(rows("Target| evaluate estimate_rows_count()")).isEqualTo("[[3]]");

        ended(command(".drop async table Target extent tags <|\n         .show table Target extents\n         | where isnotempty(Tags)\n"
                + "         | extend Tags = split(Tags, '\\r\\n')\n         | mv-expand Tags to typeof(string)\n         | where Tags startswith 'ingest-by:t'\n       ")
                .path(0).path(0).asText());
        command(".drop tables (sparkTempTable_1) ifexists");
        command(".drop table sparkTempTable_1 ifexists");
    }

    /// The one property that it needs then goes into brackets of its own, before those of the others.
    @Test
    void aWriteIntoTheSourceOfAViewSaysSoInASecondPairOfBrackets() throws Exception {
        command(".create table Viewed (a:long, b:string)");
        command(".create materialized-view View on table Viewed { Viewed | summarize max(a) by b }");
        assertThat(command(".show materialized-views | where SourceTable == 'Viewed' | count").toString()).isEqualTo("[[1]]");
        command(".create table sparkTempTable_2 (a:long,b:string) with(hidden=true)");
        for (int i = 0; i < 3; i++) {
            command(".set-or-append sparkTempTable_2 <| print a=" + i + ", b='x'");
        }
        command(".move extents to table Viewed with(SetNewIngestionTime=true)  with(" + ALL_TIME + ") <|\n       .show table sparkTempTable_2 extents"
                + " with(extentsShowFilteringRuntimePolicy='{\"MaximumResultsCount\":2}');\n        $command_results\n       |  distinct ExtentId");
        assertThat(rows("Viewed | count")).isEqualTo("[[2]]");
        ended(command(".move async extents to table Viewed with(SetNewIngestionTime=true) with(" + ALL_TIME + ") <|\n       .show table sparkTempTable_2 extents ;\n"
                + "       ").path(0).path(0).asText());
        assertThat(rows("View")).isEqualTo("[[\"x\",2]]");
        command(".drop tables (sparkTempTable_2) ifexists");
    }

    @Test
    void aReadIsAnExportToParquetWithACommaBehindItsLastProperty() throws Exception {
        command(".set-or-replace Read <| range a from 1 to 10 step 1 | extend Name=strcat('n', a)");
        assertThat(command(".show cluster | count").toString()).isEqualTo("[[1]]");
        String container = command(".show export containers").path(0).path(0).asText();
        int signature = container.indexOf('?');
        String operation = command(".export async compressed to parquet (\"" + container.substring(0, signature) + "?\" h@\"" + container.substring(signature + 1)
                + "\") with ( namePrefix=\"dir/part0\", compressionType=\"snappy\",) <| Read").path(0).path(0).asText();
        ended(operation);
        JsonNode artifact = command(".show operation " + operation + " details").path(0);
        assertThat(artifact.path(0).asText()).contains("/dir/part0_1");
        assertThat(artifact.path(1).asLong()).isEqualTo(10);
    }

    private static void ended(String operation) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        String state = "";
        while (!state.equals("Completed")) {
            state = command(".show operations " + operation + " | project State").path(0).path(0).asText();
            assertThat(state).isIn("Completed", "InProgress", "Scheduled");
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static String rows(String query) throws Exception {
        return post("/v1/rest/query", query).toString();
    }

    private static JsonNode command(String text) throws Exception {
        return post("/v1/rest/mgmt", text);
    }

    /// The rows of the first table.
    private static JsonNode post(String path, String text) throws Exception {
        var request = HttpRequest.newBuilder(server.uri().resolve(path))
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", text)))).build();
        var answer = CLIENT.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        assertThat(answer.statusCode()).as(text + "\n" + answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("Tables").path(0).path("Rows");
    }
}
