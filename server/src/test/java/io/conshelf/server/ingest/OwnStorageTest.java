package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageResource;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands that read and write the server's own blobs by URI.
class OwnStorageTest {
    private static final URI BASE = URI.create("http://localhost:8080");

    @TempDir
    Path folder;

    private SigningKey key;
    private Storage storage;
    private Engine engine;

    @BeforeEach
    void open() throws Exception {
        key = SigningKey.random();
        storage = Storage.open(Storage.Options.inMemory(folder.resolve("storage"), key));
        storage.blobs().createContainer("data");
        engine = Engine.open(
                EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Db")), new OwnStorage(storage));
        run(".create table T (a:long, b:string)");
        put("in/my rows.csv", "1,x\n2,y\n");
    }

    @AfterEach
    void close() {
        engine.close();
        storage.close();
    }

    private void put(String name, String content) {
        storage.blobs().put("data", name, new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)),
                new BlobProperties(Map.of(), Map.of()));
    }

    private List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "test", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            var rows = new ArrayList<String>();
            var table = answer.nextTable().orElseThrow();
            for (var chunk = table.next(); chunk.isPresent(); chunk = table.next()) {
                for (int row = 0; row < chunk.get().rows(); row++) {
                    var cells = new ArrayList<String>();
                    for (int column = 0; column < table.columns().size(); column++) {
                        cells.add(switch (table.columns().get(column).type()) {
                            case LONG -> Long.toString(chunk.get().int64(column, row));
                            case STRING -> chunk.get().text(column, row);
                            case BOOL, INT, REAL, DECIMAL, DATETIME, TIMESPAN, GUID, DYNAMIC -> "…";
                        });
                    }
                    rows.add(String.join("|", cells));
                }
            }
            return rows;
        }
    }

    private String signed(StorageResource resource, SasPermission... permissions) {
        return storage.sas().uri(BASE, resource, Set.of(permissions), Instant.now().plusSeconds(600)).toString();
    }

    @Test
    void aSignatureOpensABlob() {
        String uri = signed(new StorageResource.Blob("data", "in/my rows.csv"), SasPermission.READ);

        assertThat(run(".ingest into table T (h'" + uri + "')").getFirst())
                .contains("http://localhost:8080/conshelfblob/data/in/my%20rows.csv|")
                .doesNotContain("sig=");
        assertThat(run("T | order by a asc")).containsExactly("1|x", "2|y");
    }

    @Test
    void theAccountsKeyOpensABlob() {
        run(".ingest into table T (h@'http://localhost/conshelfblob/data/in/my rows.csv;" + key.base64() + "') with (format='csv')");

        assertThat(run("T | count")).containsExactly("2");
    }

    @Test
    void whatDoesNotOpenTheBlobIsRefusedAndNotShown() {
        String uri = signed(new StorageResource.Blob("data", "in/my rows.csv"), SasPermission.WRITE);

        refused("Download_Forbidden", ".ingest into table T (h'" + uri + "')");
        refused("Download_Forbidden", ".ingest into table T ('" + uri.replace("sig=", "sig=secret") + "')");
        refused("Download_Forbidden", ".ingest into table T ('http://localhost/conshelfblob/data/in/my rows.csv')");
        refused("Download_Forbidden", ".ingest into table T ('http://localhost/conshelfblob/data/in/my rows.csv;secretKey')");
        refused("BadRequest_InvalidManagedIdentity", ".ingest into table T ('http://localhost/conshelfblob/data/x;impersonate')");
        refused("Download_SourceNotFound", ".ingest into table T ('"
                + signed(new StorageResource.Blob("data", "absent"), SasPermission.READ) + "')");
        assertThat(run("T | count")).containsExactly("0");
    }

    @Test
    void otherStorageIsRefusedByName() {
        for (String uri : List.of("https://example.com/x.csv", "s3://bucket/x;AwsCredentials=secret")) {
            refused("BadRequest_InvalidBlobUri", ".ingest into table T ('" + uri + "')");
        }
    }

    @Test
    void anAddressOfAzureLeadsToTheAccountHereAndOpensByItsOwnKeyOnly() {
        for (String uri : List.of("https://acme.blob.core.windows.net/c/x.csv?sig=secret", "https://acme.blob.core.windows.net/c/x.csv;impersonate",
                "https://acme.blob.core.windows.net/c/x.csv")) {
            refused("Download_Forbidden", ".ingest into table T ('" + uri + "')");
        }
    }

    @Test
    void whereNobodyIsAskedForANameIdentitiesOpenWhatIsOurs() {
        engine.close();
        engine = Engine.open(
                EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Db")),
                new OwnStorage(storage, OwnStorage.Identities.TRUSTED));
        run(".create table T (a:long, b:string)");
        storage.blobs().createContainer("fabrikam/data");
        storage.blobs().put("fabrikam/data", "in/my rows.csv", new ByteArrayInputStream("1,x\n2,y\n".getBytes(StandardCharsets.UTF_8)),
                new BlobProperties(Map.of(), Map.of()));
        for (String uri : List.of("http://localhost/conshelfblob/data/in/my rows.csv;impersonate",
                "https://fabrikam.blob.core.windows.net/data/in/my rows.csv;managed_identity=system",
                "https://fabrikam.dfs.core.windows.net/data/in/my rows.csv;token=secret",
                "abfss://data@fabrikam.dfs.core.windows.net/in/my rows.csv;impersonate",
                "https://fabrikam.blob.core.windows.net/data/in/my rows.csv;a2V5",
                "https://fabrikam.blob.core.windows.net/data/in/my rows.csv?sv=1&sig=secret",
                "https://fabrikam.blob.core.windows.net/data/in/my rows.csv")) {
            run(".ingest into table T (h@'" + uri + "') with (format='csv')");
        }
        assertThat(run("T | count")).containsExactly("14");
        refused("BadRequest_InvalidBlobUri", ".ingest into table T ('https://example.com/x.csv;impersonate')");
        refused("Download_SourceNotFound", ".ingest into table T ('https://fabrikam.blob.core.windows.net/data/in/x.csv?sig=secret')");
        refused("Download_SourceNotFound", ".ingest into table T ('https://fabrikam.blob.core.windows.net/other/x.csv;impersonate')");
        refused("General_BadRequest", ".export to csv ('https://fabrikam.blob.core.windows.net/No_Container/x;impersonate') <| T");

        String written = run(".export to csv (h'https://contoso.blob.core.windows.net/made/out;a2V5') with (namePrefix='p') <| print 1").getFirst();
        assertThat(written).startsWith("https://contoso.blob.core.windows.net/made/out/p_1_");
        assertThat(storage.blobs().list("contoso/made", "", "", "", 10).blobs()).hasSize(1);
    }

    @Test
    void exportsAndReadsBack() {
        String container = signed(new StorageResource.Container("data"), SasPermission.WRITE, SasPermission.READ);
        String folder = container.replace("/data?", "/data/out?");
        String path = run(".export to csv (h'" + folder + "') with (namePrefix='p') <| range a from 1 to 3 step 1 | extend b = 'x'")
                .getFirst();

        assertThat(path).matches("http://localhost:8080/conshelfblob/data/out/p_1_[0-9a-f]{32}\\.csv\\|3");
        run(".ingest into table T (h'" + path.replace("|3", "") + container.substring(container.indexOf('?')) + "')");
        assertThat(run("T | count")).containsExactly("3");
    }

    @Test
    void aQueryReadsTheBlobsThatItHasTheRightFor() {
        String uri = signed(new StorageResource.Blob("data", "in/my rows.csv"), SasPermission.READ);
        String other = signed(new StorageResource.Blob("data", "in/my rows.csv"), SasPermission.WRITE);

        assertThat(run("externaldata(a:long, b:string)[h'" + uri + "', h@'http://localhost/conshelfblob/data/in/my rows.csv;" + key.base64()
                + "'] | summarize count(), sum(a)")).containsExactly("4|6");
        for (String place : List.of(other, uri.replace("sig=", "sig=secret"), "http://localhost/conshelfblob/data/in/my rows.csv",
                "http://localhost/conshelfblob/data/in/my rows.csv;secretKey", "https://acme.blob.core.windows.net/c/x.csv?sig=secret")) {
            refused("Download_Forbidden", "externaldata(a:long)[h@'" + place + "']");
        }
        refused("BadRequest_InvalidBlobUri", "externaldata(a:long)[h'https://example.com/x.csv?sig=secret']");
        run(".alter cluster policy callout @'[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"/data/in/\",\"CanCall\":false}]'");
        refused("General_BadRequest", "externaldata(a:long)[h'" + uri + "']");
    }

    @Test
    void aQueryIsToldTheColumnsOfTheLastBlob() {
        put("in/z.csv", "1.5,true,x\n");
        String container = signed(new StorageResource.Container("data"), SasPermission.READ, SasPermission.LIST);
        String asked = "evaluate infer_storage_schema(dynamic({'StorageContainers': [h'%s'], 'DataFormat': 'csv', 'FileExtension': '.csv'}))";

        assertThat(run(asked.formatted(container))).containsExactly("Column1:real, Column2:bool, Column3:string");
        refused("Download_Forbidden", asked.formatted(signed(new StorageResource.Container("data"), SasPermission.READ)));
        refused("Download_Forbidden", asked.formatted(container.replace("sig=", "sig=secret")));
    }

    @Test
    void aSignatureForReadingDoesNotLetWrite() {
        String container = signed(new StorageResource.Container("data"), SasPermission.READ);

        refused("Download_Forbidden", ".export to csv (h'" + container + "') <| print a = 1");
        refused("Download_Forbidden", ".export to csv (h'http://localhost/conshelfblob/data;secret') <| print a = 1");
        assertThat(storage.blobs().list("data", "", "", "", 10).blobs()).hasSize(1);
    }

    @Test
    void theLogOfRequestsShowsNoSecret() {
        refused("BadRequest_InvalidBlobUri", ".ingest into table T ('https://example.com/x.csv?sig=secret')");
        refused("BadRequest_InvalidBlobUri", ".ingest into table T (h@'https://example.com/x.csv;secret')");

        assertThat(String.join("\n", run(".show commands"))).contains(".ingest into").doesNotContain("secret");
    }

    private void refused(String code, String command) {
        assertThatThrownBy(() -> run(command)).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().code()).isEqualTo(code);
            assertThat(e.getMessage()).doesNotContain("secret").doesNotContain("sig=");
        });
    }

    @Test
    void externalTablesReadAndWriteBlobs() {
        String uri = signed(new StorageResource.Container("data"), SasPermission.READ, SasPermission.LIST, SasPermission.WRITE);
        put("lake/k=a b/x.csv", "1\n2\n");
        run(".create external table E (n:long) kind=storage partition by (k:string) pathformat=('k=' k) dataformat=csv (h@'"
                + uri.replace("/data?", "/data/lake?") + "')");

        assertThat(run("external_table('E') | order by n asc")).containsExactly("1|a b", "2|a b");
        assertThat(run(".export to table E <| datatable(n:long, k:string)[3, 'a b', 4, 'c']")).hasSize(2)
                .allMatch(row -> row.startsWith("E|http://localhost:8080/conshelfblob/data/lake/k=") && !row.contains("sig="));
        assertThat(run("external_table('E') | where k == 'c'")).containsExactly("4|c");
        assertThat(run("external_table('E') | summarize sum(n)")).containsExactly("10");
        assertThat(run(".show external table E artifacts | project Uri")).hasSize(3).allMatch(row -> !row.contains("sig="));
        assertThat(run(".show external tables | project tostring(ConnectionStrings)").getFirst()).doesNotContain("sig=").contains("*******");
    }

    @Test
    void whatMayNotBeListedIsNotRead() {
        String uri = signed(new StorageResource.Container("data"), SasPermission.READ);
        run(".create external table E (a:long, b:string) kind=storage dataformat=csv (h@'" + uri + "')");
        run(".create external table One (a:long, b:string) kind=storage dataformat=csv (h@'"
                + signed(new StorageResource.Blob("data", "in/my rows.csv"), SasPermission.READ) + "')");

        refused("Download_Forbidden", ".set-or-append T <| external_table('E')");
        assertThat(run("external_table('One') | order by a asc")).containsExactly("1|x", "2|y");
    }
}
