package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Await;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `externaldata` from a web server and a folder of this machine.
class ExternalDataTest extends OnAnEngine {
    private LocalWeb web;
    private Path lake;

    @BeforeEach
    void open() throws IOException {
        web = new LocalWeb();
        lake = Files.createDirectories(folder.resolve("lake"));
        engine = Engine.open(new EngineConfig(
                Optional.empty(), folder.resolve("staging"), List.of(lake), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
        web.file("/a.csv", "1,x\n2,y\n");
        web.file("/b.csv", "3,z\n");
    }

    @AfterEach
    void stop() {
        web.close();
    }

    private void allow(String regex) {
        entry("external_data", regex, true);
    }

    private void entry(String type, String regex, boolean canCall) {
        run(".alter-merge cluster policy callout ```[{\"CalloutType\":\"" + type + "\",\"CalloutUriRegex\":\"" + regex + "\",\"CanCall\":" + canCall + "}]```");
    }

    private String rows(String path) {
        return "externaldata(a:long, b:string)['" + web.uri(path) + "']";
    }

    private void leavesNothing() {
        Await.until("the fetched files to be gone", () -> {
            try (var left = Files.list(folder.resolve("staging"))) {
                return left.noneMatch(file -> file.getFileName().toString().startsWith("web-"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void nothingIsCalledThatNoEntryOfThePolicyNames() {
        assertThatThrownBy(() -> run(rows("/a.csv"))).hasMessageContaining("no entry of the cluster's callout policy").hasMessageContaining("external_data");
        entry("webapi", ".*", true);
        assertThatThrownBy(() -> run(rows("/a.csv"))).hasMessageContaining("no entry");
        assertThat(web.asked()).isEmpty();
        allow("127\\\\.0\\\\.0\\\\.1");
        assertThat(run(rows("/a.csv"))).containsExactlyInAnyOrder("1 | x", "2 | y");
        entry("external_data", "/a\\\\.csv", false);
        assertThatThrownBy(() -> run(rows("/a.csv"))).hasMessageContaining("forbids");
        assertThat(run(rows("/b.csv"))).containsExactly("3 | z");
    }

    @Test
    void anEntryIsForServersAndNotForWhatStandsBehindThem() {
        allow("trusted\\\\.example\\\\.com");
        assertThatThrownBy(() -> run(rows("/trusted.example.com/a.csv"))).hasMessageContaining("no entry");
        assertThatThrownBy(() -> run(rows("/a.csv?x=trusted.example.com"))).hasMessageContaining("no entry");
        assertThatThrownBy(() -> run("externaldata(a:long)['" + web.uri("/a.csv").replace("//", "//trusted.example.com@") + "']"))
                .isInstanceOf(KustoException.class);
        assertThat(web.asked()).isEmpty();
    }

    @Test
    void nothingLeavesTheMachineUnlessItIsLive() {
        allow(".*");
        for (String uri : List.of("https://example.com/a.csv", "http://127.0.0.1.example.com/a.csv", "http://169.254.169.254/metadata",
                "https://acme.blob.core.windows.net/c/a.csv", "http://[::ffff:169.254.169.254]/a.csv", "ftp://127.0.0.1/a.csv")) {
            assertThatThrownBy(() -> run("externaldata(a:long)['" + uri + "']")).as(uri).isInstanceOf(KustoException.class);
        }
        assertThatThrownBy(() -> run(rows("/moved.csv"))).hasMessageContaining("redirections are not followed");
        assertThat(web.asked()).containsExactly("/moved.csv");
    }

    @Test
    void severalFilesAreRead() throws IOException {
        allow("127");
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write("4,packed\n".getBytes(StandardCharsets.UTF_8));
        }
        web.file("/c.csv.gz", packed.toByteArray());
        var archived = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(archived)) {
            zip.putNextEntry(new ZipEntry("in.csv"));
            zip.write("5,zipped\n".getBytes(StandardCharsets.UTF_8));
        }
        web.file("/d.csv.zip", archived.toByteArray());
        web.file("/e.json", "{\"a\":6,\"b\":\"object\"}\n");
        web.file("/f", "7,unnamed\n");
        assertThat(run("externaldata(a:long, b:string)[@'" + web.uri("/a.csv") + "', h@'" + web.uri("/b.csv?sig=s3cret") + "', '"
                + web.uri("/c.csv.gz") + "', '" + web.uri("/d.csv.zip") + "', '" + web.uri("/e.json") + "', '" + web.uri("/f") + "'] | order by a asc"))
                .containsExactly("1 | x", "2 | y", "3 | z", "4 | packed", "5 | zipped", "6 | object", "7 | unnamed");
        assertThat(web.asked()).contains("/b.csv?sig=s3cret");
        leavesNothing();
    }

    @Test
    void aRequestFetchesSoMuch() {
        engine.close();
        engine = Engine.open(new EngineConfig(Optional.empty(), folder.resolve("staging"), List.of(lake), List.of("Db"),
                Limits.ofThisMachine().withFetchedBytesMax(1 << 20), InstantSource.system()));
        allow("^http://127");
        web.file("/large.csv", "1,x\n".repeat(150_000));
        assertThat(run(rows("/large.csv") + " | count")).containsExactly("150000");
        assertThatThrownBy(() -> run("union (" + rows("/large.csv") + "), (externaldata(a:long)['" + web.uri("/large.csv") + "']) | count"))
                .hasMessageContaining("at most 1 MB from elsewhere");
        assertThatThrownBy(() -> run("inline_external_table (a:long, b:string) kind=storage dataformat=csv ('" + web.uri("/account/large.csv") + "') | count"))
                .hasMessageNotContaining("MB");
        leavesNothing();
    }

    @Test
    void formatHeaderAndMappingAreSaid() throws IOException {
        allow("127");
        web.file("/t", "a|b\n1|x\n");
        web.file("/e", "{\"at\": \"2019-01-01\",\n \"data\": {\"n\": 5}}\n{\"at\": \"2019-01-02\", \"data\": {\"n\": 6}}\n");
        web.file("/ids.txt", "x\ny\n");
        web.file("/types.parquet", Files.readAllBytes(Path.of("src/test/resources/parquet").resolve(parquet())));
        assertThat(run("externaldata(a:long, b:string)['" + web.uri("/t") + "'] with (format=psv, ignoreFirstRecord=true)")).containsExactly("1 | x");
        assertThat(run("externaldata(At:datetime, N:long)[h'" + web.uri("/e") + "'] with (format='multijson', ingestionMapping="
                + "'[{\"Column\":\"At\",\"Properties\":{\"Path\":\"$.at\"}},{\"Column\":\"N\",\"Properties\":{\"Path\":\"$.data.n\"}}]') | order by N asc"))
                .containsExactly("2019-01-01T00:00:00.0000000Z | 5", "2019-01-02T00:00:00.0000000Z | 6");
        assertThat(run("print b = 'y' | where b in ((externaldata(id:string)['" + web.uri("/ids.txt") + "']))")).containsExactly("y");
        assertThat(run("externaldata(none:string)['" + web.uri("/types.parquet") + "'] | count")).isNotEqualTo(List.of("0"));
        assertThatThrownBy(() -> run(rows("/t") + " with (format='xyz')")).hasMessageContaining("xyz");
        assertThatThrownBy(() -> run(rows("/t") + " with (colour='blue')")).hasMessageContaining("'colour'").hasMessageContaining("ingestionMapping");
        assertThatThrownBy(() -> run(rows("/t") + " with (format=json, ingestionMapping='no json')")).isInstanceOf(KustoException.class);
        leavesNothing();
    }

    private static Path parquet() throws IOException {
        try (var files = Files.list(Path.of("src/test/resources/parquet"))) {
            return files.map(Path::getFileName).filter(f -> f.toString().endsWith(".parquet")).sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void itStandsWhereverATableStands() {
        allow("127");
        run(".create table T (a:long, c:string)");
        run(".set-or-append T <| datatable(a:long, c:string)[2, 'two', 3, 'three']");
        String data = rows("/a.csv");
        assertThat(run("T | join kind=inner (" + data + ") on a | project a, b, c")).containsExactly("2 | y | two");
        assertThat(run("let E = " + data + "; E | union E | summarize sum(a)")).containsExactly("6");
        assertThat(run("let f = (u:string) { externaldata(a:long, b:string)[u] }; f('" + web.uri("/b.csv") + "')")).containsExactly("3 | z");
        assertThat(run("let host = '" + web.uri("") + "'; externaldata(a:long)[strcat(host, '/', toscalar(print 'b'), '.csv')]")).containsExactly("3");
        assertThat(run("T | where a in ((" + data + " | project a)) | project c")).containsExactly("two");
        run(".create function F() { " + data + " }");
        assertThat(run("F | count")).containsExactly("2");
        run(".set-or-append T <| " + data + " | project a, c = b");
        assertThat(run("T | count")).containsExactly("4");
        run(".set-or-append T <| externaldata(a:long, c:string)[strcat('" + web.uri("/b") + "', '.csv')]");
        assertThat(run("T | count")).containsExactly("5");
        assertThatThrownBy(() -> run(".set-or-append T <| externaldata(a:long, c:string)[strcat('http:', 'x')]")).hasMessageContaining("'http:x'");
    }

    @Test
    void filesOfAllowedFoldersAreReadThatAnEntryNames() throws IOException {
        Files.writeString(lake.resolve("l.csv"), "8,lake\n");
        Files.writeString(folder.resolve("other.csv"), "9,other\n");
        String inside = "externaldata(a:long, b:string)[@'" + lake.resolve("l.csv") + "']";
        assertThatThrownBy(() -> run(inside)).hasMessageContaining("no entry");
        allow("file:///");
        assertThat(run(inside)).containsExactly("8 | lake");
        assertThatThrownBy(() -> run("externaldata(a:long)[@'" + folder.resolve("other.csv") + "']")).hasMessageContaining("allowedFolders");
        assertThatThrownBy(() -> run("externaldata(a:long)[@'" + lake + "']")).hasMessageContaining("no file");
    }

    @Test
    void aTableIsDeclaredWhereItIsRead() throws IOException {
        for (String day : List.of("2026-03-01", "2026-03-02")) {
            for (String customer : List.of("Ann", "Bob")) {
                Path file = lake.resolve("day=" + day + "/" + customer + "/x.csv");
                Files.createDirectories(file.getParent());
                Files.writeString(file, "at,who,n\n" + day + "T05:00:00Z," + customer + ",1\n");
            }
        }
        String table = "inline_external_table(at:datetime, who:string, n:long) kind=storage "
                + "partition by (Day:datetime = startofday(at), Customer:string) pathformat=('day=' datetime_pattern('yyyy-MM-dd', Day) '/' Customer) "
                + "dataformat=csv (@'" + lake + "') with (includeHeaders='All', fileExtension='.csv')";
        assertThatThrownBy(() -> run(table)).hasMessageContaining("no entry");
        allow("file:///");
        assertThat(run(table + " | order by at asc, who asc")).containsExactly(
                "2026-03-01T05:00:00.0000000Z | Ann | 1 | Ann", "2026-03-01T05:00:00.0000000Z | Bob | 1 | Bob",
                "2026-03-02T05:00:00.0000000Z | Ann | 1 | Ann", "2026-03-02T05:00:00.0000000Z | Bob | 1 | Bob");
        // What the predicates leave out is not read: this one could not be.
        Files.delete(lake.resolve("day=2026-03-01/Bob/x.csv"));
        Files.createSymbolicLink(lake.resolve("day=2026-03-01/Bob/x.csv"), Files.writeString(folder.resolve("outside.csv"), "9"));
        assertThat(run(table + " | where Customer == 'Ann' and at > datetime(2026-03-02) | project n")).containsExactly("1");
        assertThatThrownBy(() -> run(table)).hasMessageContaining("allowedFolders");
        assertThatThrownBy(() -> run(table.replace("startofday(at)", "startofday(who)"))).hasMessageContaining("a partition is");
        assertThatThrownBy(() -> run(table.replace("'/' Customer", "'/' Other"))).hasMessageContaining("no partition 'Other'");
        assertThatThrownBy(() -> run(table.replace("='All'", "='Some'"))).hasMessageContaining("None, All, FirstFile");
        assertThatThrownBy(() -> run(table.replace("Customer:string)", "Customer:string, Customer:string)"))).hasMessageContaining("'Customer' is already declared");
        assertThatThrownBy(() -> run(table.replace("'/' Customer", "Customer"))).hasMessageContaining("stands between two partitions");
        for (String wrong : List.of("Day:string = startofday(at)", "Day:string = hash(who, 10)", "Day:datetime = who", "Day:long = bin(at, 1d)")) {
            assertThatThrownBy(() -> run(table.replace("Day:datetime = startofday(at)", wrong).replace("datetime_pattern('yyyy-MM-dd', Day)", "Day")))
                    .as(wrong).hasMessageContaining("the partition 'Day' has values of the type");
        }
        assertThatThrownBy(() -> run("inline_external_table kind=delta (@'" + lake + "')")).hasMessageContaining("kind=delta");
    }

    @Test
    void whatLiesBelowAPlaceIsAskedForToo() throws IOException {
        for (String day : List.of("public", "private")) {
            Files.writeString(Files.createDirectories(lake.resolve(day)).resolve("x.csv"), "1," + day + "\n");
        }
        allow("file:///");
        entry("external_data", "/Private/", false);
        String table = "inline_external_table(a:long, b:string) kind=storage dataformat=csv (@'" + lake + "')";
        assertThatThrownBy(() -> run(table)).hasMessageContaining("forbids").hasMessageContaining("private/x.csv");
        assertThat(run(table.replace("lake'", "lake/public'"))).containsExactly("1 | public");
        assertThatThrownBy(() -> run("evaluate infer_storage_schema(dynamic({'StorageContainers': ['" + lake + "'], 'DataFormat': 'csv', 'Mode': 'all'}))"))
                .hasMessageContaining("forbids");
    }

    @Test
    void secretsAreNotShown() {
        allow("127");
        assertThatThrownBy(() -> run("externaldata(a:long)['" + web.uri("/none.csv?sig=s3cret") + "']"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().code()).isEqualTo("Download_SourceNotFound"))
                .hasMessageNotContaining("s3cret");
        run("externaldata(a:long)[h@'" + web.uri("/a.csv?sig=s3cret") + "'] | count");
        assertThat(run(".show queries | project Text")).isNotEmpty().noneMatch(row -> row.contains("s3cret"));
        assertThat(run(".show queryplan <| externaldata(a:long)[h'" + web.uri("/a.csv?sig=s3cret") + "']")).noneMatch(row -> row.contains("s3cret"));
    }

    @Test
    void aRequestMayKeepFromIt() {
        allow("127");
        run(".create external table E (a:long) kind=storage dataformat=csv (@'" + lake + "')");
        assertThatThrownBy(() -> run("set request_external_data_disabled; " + rows("/a.csv"))).hasMessageContaining("request_external_data_disabled");
        assertThatThrownBy(() -> run("set request_external_data_disabled = true; external_table('E')")).hasMessageContaining("request_external_data_disabled");
        assertThatThrownBy(() -> run("set request_external_table_disabled = true; external_table('E')")).hasMessageContaining("request_external_table_disabled");
        assertThat(run("set request_external_data_disabled = false; set request_external_table_disabled; " + rows("/b.csv"))).containsExactly("3 | z");
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "option", UUID.randomUUID(), Map.of("request_external_data_disabled", true), Map.of(),
                "test", "test", Instant.now(), Duration.ofMinutes(1), false);
        for (String set : List.of("", "set request_external_data_disabled = false; ", "set request_external_data_disabled = bool(null); ")) {
            assertThatThrownBy(() -> engine.query(request, set + rows("/a.csv"))).as(set).hasMessageContaining("request_external_data_disabled");
        }
    }

    @Test
    void whatIsRestrictedToEntitiesReachesNothingElse() {
        allow("127");
        run(".create table T (a:long)");
        run(".create function F() { " + rows("/b.csv") + " }");
        assertThatThrownBy(() -> run("restrict access to (T); " + rows("/a.csv"))).hasMessageContaining("restrict access");
        assertThat(run("restrict access to (F); F")).containsExactly("3 | z");
        assertThatThrownBy(() -> run("restrict access to (T); F")).isInstanceOf(KustoException.class);
    }

    @Test
    void aListInAFileSaysWhatIsPurged() {
        allow("127");
        run(".create table P (a:long)");
        run(".set-or-append P <| range a from 1 to 5 step 1");
        String where = " records in database Db <| where a in ((" + rows("/a.csv") + " | project a))";
        String token = run(".purge table P" + where).getFirst().split(" \\| ")[2];
        run(".purge table P records in database Db with (verificationtoken=h'" + token + "') <| where a in ((" + rows("/a.csv") + " | project a))");
        Await.until("the purge", () -> run("P | count").equals(List.of("3")));
        assertThatThrownBy(() -> run(".purge table P records in database Db <| where a in ((inline_external_table(a:long) kind=storage dataformat=csv ('x')))"))
                .hasMessageContaining("restrict access");
        assertThat(run("restrict access to (['P'], ['externaldata']); P | join kind=inner (" + rows("/b.csv") + ") on a | count")).containsExactly("1");
    }

    @Test
    void rowsAreDeletedAndUpdatedByWhatTheClusterHas() throws IOException {
        allow("127");
        Files.writeString(lake.resolve("e.csv"), "1\n");
        run(".create table U (a:long)");
        run(".set-or-append U <| range a from 1 to 5 step 1");
        run(".create function F() { " + rows("/a.csv") + " | project a }");
        run(".create external table E (a:long) kind=storage dataformat=csv (@'" + lake + "')");
        String there = "(" + rows("/a.csv") + " | project a)";
        for (String elsewhere : List.of(there, "F()", "(external_table('E'))")) {
            assertThatThrownBy(() -> run(".delete table U records <| U | where a in (" + elsewhere + ")")).as(elsewhere).hasMessageContaining("tables of this cluster alone");
            assertThatThrownBy(() -> run(".update table U delete D append A <| let D = U | where a in (" + elsewhere + "); let A = U | where a == 1 | extend a = 7;"))
                    .as(elsewhere).hasMessageContaining("tables of this cluster alone");
            assertThatThrownBy(() -> run(".update table U delete D append A <| let D = U | where a == 1; let A = U | where a in (" + elsewhere + ");"))
                    .as(elsewhere).hasMessageContaining("tables of this cluster alone");
        }
        assertThat(run("U | summarize count(), sum(a)")).containsExactly("5 | 15");
        assertThat(web.asked()).isEmpty();
        run(".delete table U records <| U | where a == 1");
        assertThat(run("U | count")).containsExactly("4");
    }

    @Test
    void policiesAndViewsReadNothingFromBeyond() {
        allow("127");
        run(".create table S (a:long, b:string)");
        run(".create table D (a:long, b:string)");
        assertThatThrownBy(() -> run(".create materialized-view V on table S { S | join (" + rows("/a.csv") + ") on a | summarize count() by a }"))
                .hasMessageContaining("externaldata");
        assertThatThrownBy(() -> run(".alter table D policy update @'[{\"IsEnabled\":true,\"Source\":\"S\",\"Query\":\"S | union ("
                + rows("/a.csv").replace("'", "\\\"") + ")\"}]'")).hasMessageContaining("beyond the cluster");
        assertThat(web.asked()).isEmpty();
    }

    @Test
    void aQueryThatIsStoppedLeavesASilentServer() {
        allow("127");
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "slow", UUID.randomUUID(), Map.of(), Map.of(), "test", "test", Instant.now(),
                Duration.ofSeconds(1), false);
        assertThatThrownBy(() -> engine.query(request, rows("/silent.csv")).close()).hasMessageContaining("E_TIMEOUT");
        leavesNothing();
        Await.until("the query to end", () -> engine.runningQueries().isEmpty());
    }
}
