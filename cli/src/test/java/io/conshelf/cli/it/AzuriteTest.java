package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Commands and queries over the containers of another account: a real Azurite on this machine.
@Timeout(180)
class AzuriteTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROWS = "1,one\n2,two\n3,three\n";

    @TempDir
    private static Path folder;

    private static Azurite azurite;
    private static Server server;
    private static String url;

    @BeforeAll
    static void start() throws IOException {
        azurite = Azurite.start(Files.createDirectory(folder.resolve("azurite")));
        server = Server.start(ServerConfig.local().withData(folder.resolve("data")).withDatabases(List.of("Lab")));
        url = "http://localhost:" + server.port();
        azurite.upload("input", "rows.csv", ROWS.getBytes(StandardCharsets.UTF_8));
        azurite.upload("input", "with blank/rows ü.csv", ROWS.getBytes(StandardCharsets.UTF_8));
        azurite.upload("input", "rows.csv.gz", gzip(ROWS));
        azurite.container("output");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (azurite != null) {
            azurite.close();
        }
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static JsonNode run(String command) throws IOException {
        var answer = JSON.readTree(Rest.command(url, "Lab", command));
        assertThat(answer.has("error")).as("%s", answer).isFalse();
        return answer.path("Tables").path(0).path("Rows");
    }

    private static JsonNode error(String command) throws IOException {
        var answer = Rest.command(url, "Lab", command);
        assertThat(answer).doesNotContain(Azurite.KEY).doesNotContain("sig=");
        return JSON.readTree(answer).path("error");
    }

    private static String rows(String query) throws IOException {
        var answer = JSON.readTree(Rest.query(url, "Lab", query));
        assertThat(answer.has("error")).as("%s", answer).isFalse();
        return answer.path("Tables").path(0).path("Rows").toString();
    }

    private static String ingested(String table, String source) throws IOException {
        run(".create table " + table + " (a:long, b:string)");
        run(".ingest into table " + table + " (h@'" + source + "')");
        return rows(table + " | order by a asc");
    }

    @Test
    void blobsAreIngestedBySignatureAndByKey() throws IOException {
        var expected = "[[1,\"one\"],[2,\"two\"],[3,\"three\"]]";
        assertThat(ingested("Signed", azurite.signed("input/rows.csv", "r"))).isEqualTo(expected);
        assertThat(ingested("SignedGzip", azurite.signed("input/rows.csv.gz", "r"))).isEqualTo(expected);
        assertThat(ingested("Keyed", azurite.withKey("input/rows.csv"))).isEqualTo(expected);
        assertThat(ingested("KeyedGzip", azurite.withKey("input/rows.csv.gz"))).isEqualTo(expected);
        assertThat(ingested("Named", azurite.withKey("input/with blank/rows ü.csv"))).isEqualTo(expected);
    }

    @Test
    void aBlobIsStreamedByItsUriAndNoMoreOfItIsCopiedThanAStreamMayHave() throws Exception {
        run(".create table Streamed (a:long, b:string)");
        run(".alter table Streamed policy streamingingestion enable");
        for (String name : List.of("input/rows.csv", "input/rows.csv.gz")) {
            assertThat(streamed(name).statusCode()).isEqualTo(200);
        }
        assertThat(rows("Streamed | count")).isEqualTo("[[6]]");
        azurite.upload("input", "large.csv", "1,one\n".repeat(2 << 20).getBytes(StandardCharsets.UTF_8));
        azurite.upload("input", "broken.csv", new byte[] {0x1f, (byte) 0x8b, 0});
        var tooLarge = streamed("input/large.csv");
        assertThat(tooLarge.statusCode()).as(tooLarge.body()).isEqualTo(413);
        assertThat(streamed("input/broken.csv").statusCode()).isEqualTo(400);
        try (var left = Files.walk(folder.resolve("data"))) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("web-"))).isEmpty();
        }
    }

    private static HttpResponse<String> streamed(String name) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var body = JSON.writeValueAsString(Map.of("SourceUri", azurite.signed(name, "r")));
            return client.send(HttpRequest.newBuilder(URI.create(url + "/v1/rest/ingest/Lab/Streamed?streamFormat=csv&sourceKind=uri"))
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void whatIsExportedIsReadByAnExternalTableAndIngested() throws IOException {
        run(".set-or-replace Wide <| range n from 1 to 1000 step 1"
                + " | project n, text = strcat('row ', n), at = datetime(2026-03-01) + n * 1h, share = n / 4.0, d = dynamic({'x': 1}),"
                + " id = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), flag = n % 2 == 0");
        var schema = "(n:long, text:string, at:datetime, share:real, d:dynamic, id:guid, flag:bool)";
        var figures = " | summarize count(), sum(n), max(at), sum(share), countif(flag), dcount(text), take_any(tostring(d.x))";
        var expected = rows("Wide" + figures);
        for (String format : List.of("csv", "json", "parquet")) {
            for (String access : List.of("key", "signature")) {
                var place = "output/" + format + "-" + access;
                var written = access.equals("key") ? azurite.withKey(place) : azurite.signed(place, "cw");
                var read = access.equals("key") ? azurite.withKey(place) : azurite.signed(place, "rl");
                var exported = run(".export " + (format.equals("csv") ? "compressed " : "") + "to " + format + " (h@'" + written + "') <| Wide");
                assertThat(exported).hasSize(1);
                assertThat(exported.path(0).path(0).asText()).startsWith(azurite.at(place) + "/").doesNotContain("sig=");
                var table = "From_" + format + "_" + access;
                run(".create external table " + table + " " + schema + " kind=storage dataformat=" + format + " (h@'" + read + "')");
                assertThat(rows("external_table('" + table + "')" + figures)).as(place).isEqualTo(expected);
                assertThat(run(".show external table " + table + " artifacts")).hasSize(1);
                var artifact = exported.path(0).path(0).asText();
                run(".create table Back_" + table + " " + schema);
                run(".ingest into table Back_" + table + " (h@'" + artifact + ";" + Azurite.KEY + "')" + (format.equals("json") ? " with (format='multijson')" : ""));
                assertThat(rows("Back_" + table + figures)).as("ingested from %s", place).isEqualTo(expected);
            }
        }
        assertThat(fetched()).as("copies that are left in the data folder").isEmpty();
    }

    @Test
    void anExternalTableIsWrittenByPartitionAndReadByThem() throws IOException {
        var definition = ".create external table Parted (day:datetime, city:string, n:long) kind=storage"
                + " partition by (City:string = city, Day:datetime = bin(day, 1d))"
                + " pathformat=('city=' City '/' datetime_pattern('yyyy-MM-dd', Day)) dataformat=csv (h@'" + azurite.withKey("output/parted") + "')";
        run(definition);
        run(".export to table Parted <| range n from 0 to 99 step 1"
                + " | project day = datetime(2026-03-01) + (n % 2) * 1d, city = iff(n < 50, 'Oslo', 'Rome'), n");
        assertThat(run(".show external table Parted artifacts")).hasSize(4);
        assertThat(rows("external_table('Parted') | where city == 'Oslo' | summarize count(), sum(n)")).isEqualTo("[[50,1225]]");
        assertThat(rows("external_table('Parted') | where day >= datetime(2026-03-02) | count")).isEqualTo("[[50]]");
    }

    @Test
    void aQueryReadsBlobsAndContainersThatThePolicyNames() throws IOException {
        String data = "externaldata(a:long, b:string)[h@'%s'] | count";
        run(".alter cluster policy callout '[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"127.0.0.1\",\"CanCall\":true}]'");
        for (String uri : List.of(azurite.withKey("input/rows.csv"), azurite.signed("input/rows.csv", "r"), azurite.signed("input/rows.csv.gz", "r"))) {
            assertThat(rows(data.formatted(uri))).isEqualTo("[[3]]");
        }
        azurite.upload("lake", "f/day=2026-03-01/a.csv", "1,one\n".getBytes(StandardCharsets.UTF_8));
        azurite.upload("lake", "f/day=2026-03-02/a.csv", "2,two\n3,three\n".getBytes(StandardCharsets.UTF_8));
        assertThat(rows("inline_external_table(a:long, b:string) kind=storage partition by (Day:datetime) pathformat=('day=' datetime_pattern('yyyy-MM-dd', Day)) "
                + "dataformat=csv (h@'" + azurite.withKey("lake/f") + "') | where Day == datetime(2026-03-02) | summarize sum(a)")).isEqualTo("[[5]]");
        assertThat(rows("evaluate infer_storage_schema(dynamic({'StorageContainers': [h@'" + azurite.signed("lake/f", "rl") + "'], 'DataFormat': 'csv'}))"))
                .isEqualTo("[[\"Column1:long, Column2:string\"]]");
        run(".alter cluster policy callout '[]'");
        assertThat(Rest.query(url, "Lab", data.formatted(azurite.withKey("input/rows.csv"))))
                .contains("no entry of the cluster's callout policy").doesNotContain(Azurite.KEY);
    }

    @Test
    void whatIsNotOpenedOrNotThereIsToldInTheServicesCode() throws IOException {
        run(".create table T (a:long, b:string)");
        var wrongKey = Azurite.KEY.replace("Eby8", "AAAA");
        assertThat(code(".ingest into table T (h@'" + azurite.at("input/rows.csv") + ";" + wrongKey + "')")).isEqualTo("Download_Forbidden");
        assertThat(code(".ingest into table T (h@'" + azurite.at("input/rows.csv") + ";no base64!')")).isEqualTo("Download_Forbidden");
        assertThat(code(".ingest into table T (h@'" + azurite.withKey("input/nowhere.csv") + "')")).isEqualTo("Download_SourceNotFound");
        assertThat(code(".ingest into table T (h@'" + azurite.withKey("nowhere/rows.csv") + "')")).isEqualTo("Download_SourceNotFound");
        assertThat(code(".ingest into table T (h@'" + azurite.signed("input/rows.csv", "w") + "')")).isEqualTo("Download_Forbidden");
        assertThat(code(".export to csv (h@'" + azurite.signed("output/x", "rl") + "') <| T")).isEqualTo("Download_Forbidden");
        assertThat(code(".export to csv (h@'" + azurite.withKey("nowhere/x") + "') <| T")).isEqualTo("Download_SourceNotFound");
        assertThat(code(".export to csv (h@'" + azurite.at("output/x") + "') <| T")).isEqualTo("Download_Forbidden");
        for (var place : List.of("https://elsewhere.blob.core.windows.net/c/b.csv", "abfss://c@elsewhere.dfs.core.windows.net/b.csv")) {
            var error = error(".ingest into table T (h@'" + place + ";" + Azurite.KEY + "')");
            assertThat(error.path("code").asText()).isEqualTo("Download_SourceNotFound");
            assertThat(error.toString()).contains("'live'");
        }
        assertThat(rows("T | count")).isEqualTo("[[0]]");
    }

    @Test
    void theCalloutPolicyKeepsAccountsShut() throws IOException {
        run(".create table Kept (a:long, b:string)");
        run(".alter cluster policy callout '[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"devstoreaccount1/shut/\",\"CanCall\":false}]'");
        azurite.upload("shut", "rows.csv", ROWS.getBytes(StandardCharsets.UTF_8));
        assertThat(error(".ingest into table Kept (h@'" + azurite.withKey("shut/rows.csv") + "')").toString())
                .contains("Download_Forbidden", "callout policy");
        assertThat(code(".export to csv (h@'" + azurite.withKey("shut/x") + "') <| Kept")).isEqualTo("Download_Forbidden");
        assertThat(ingested("StillOpen", azurite.withKey("input/rows.csv"))).contains("three");
    }

    @Test
    void theOfficialClientQueuesBlobsOfAnotherAccount() throws Exception {
        run(".create table Queued (a:long, b:string)");
        var properties = new IngestionProperties("Lab", "Queued");
        properties.setDataFormat(IngestionProperties.DataFormat.CSV);
        properties.setFlushImmediately(true);
        try (var client = IngestClientFactory.createClient(new ConnectionStringBuilder("http://127.0.0.1:" + server.port()), null, false)) {
            client.ingestFromBlob(new BlobSourceInfo(azurite.signed("input/rows.csv", "r")), properties);
            client.ingestFromBlob(new BlobSourceInfo(azurite.signed("input/rows.csv.gz", "r")), properties);
        }
        assertThat(Eventually.holds(() -> count("Queued"), count -> count >= 6)).isEqualTo(6);
        assertThat(rows("Queued | summarize dcount(b), sum(a)")).isEqualTo("[[3,12]]");
        // It is not this server's to delete.
        assertThat(azurite.container("input").getBlobClient("rows.csv").exists()).isTrue();
        assertThat(Eventually.holds(AzuriteTest::copies, List::isEmpty)).as("copies that are left in the data folder").isEmpty();
    }

    @Test
    void ofABatchTheBlobsThatCannotBeHadFailAndTheOthersAreIngested() throws IOException {
        run(".create table Partly (a:long, b:string)");
        run(".alter table Partly policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:00:10\",\"MaximumNumberOfItems\":3}'");
        var operation = run(".ingest-from-storage-queued into table Partly EnableTracking=true with (format='csv') <| '"
                + azurite.signed("input/rows.csv", "r") + "', '" + azurite.signed("input/nowhere.csv", "r") + "', '"
                + azurite.signed("input/rows.csv.gz", "w") + "'").path(0).path(0).asText();
        assertThat(state(operation)).isEqualTo("Completed");
        assertThat(rows("Partly | count")).isEqualTo("[[3]]");
        assertThat(run(".show ingestion failures | where Table == 'Partly' | project ErrorCode | order by ErrorCode asc").toString())
                .isEqualTo("[[\"Download_Forbidden\"],[\"Download_SourceNotFound\"]]");
    }

    @Test
    void whatIsListedElsewhereIsQueued() throws IOException {
        azurite.upload("listed", "2026/03/04/a.csv", ROWS.getBytes(StandardCharsets.UTF_8));
        azurite.upload("listed", "2026/03/05/b.csv", ROWS.getBytes(StandardCharsets.UTF_8));
        run(".create table Listed (a:long, b:string)");
        var operation = run(".ingest-from-storage-queued into table Listed EnableTracking=true SkipBatching=true with (format='csv') <|"
                + " .list blobs (h@'" + azurite.signed("listed/2026", "rl") + "') Suffix='.csv'").path(0).path(0).asText();
        assertThat(state(operation)).isEqualTo("Completed");
        assertThat(rows("Listed | count")).isEqualTo("[[6]]");
    }

    /// How a queued operation ended.
    private static String state(String operation) {
        return Eventually.holds(() -> {
            try {
                return run(".show queued ingestion operations \"" + operation + "\" | project State").path(0).path(0).asText();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, state -> !state.equals("InProgress"));
    }

    private static int count(String table) {
        try {
            return Integer.parseInt(rows(table + " | count").replaceAll("\\D", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> copies() {
        try {
            return fetched();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String code(String command) throws IOException {
        return error(command).path("code").asText();
    }

    private static List<Path> fetched() throws IOException {
        var left = new ArrayList<Path>();
        try (var files = Files.walk(folder.resolve("data"))) {
            files.filter(file -> file.getFileName().toString().startsWith("web-")).forEach(left::add);
        }
        return left;
    }
}
