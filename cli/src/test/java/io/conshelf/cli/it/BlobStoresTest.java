package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.ByteRange;
import io.conshelf.connectors.file.FileAttributes;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.StoredItem;
import io.conshelf.connectors.file.Wildcard;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Blob stores over the embedded storage and over Azurite: the same in both.
class BlobStoresTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path scratch;

    @TempDir
    Path folder;

    private static Server server;
    private static Azurite azurite;
    private static Endpoints endpoints;
    private static int containers;

    @BeforeAll
    static void start() throws Exception {
        azurite = Azurite.start(scratch);
        server = Server.start(ServerConfig.local());
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
    }

    @AfterAll
    static void stop() {
        if (azurite != null) {
            azurite.close();
        }
        if (server != null) {
            server.close();
        }
    }

    static Stream<String> connections() {
        return Stream.of("DefaultEndpointsProtocol=https;AccountName=labstore;AccountKey=bm90IHRoZSByZWFsIG9uZQ==;EndpointSuffix=core.windows.net",
                azurite.connectionString());
    }

    private static FileStore store(String connection) throws StoreException {
        return store(connection, BlobWriting.STANDARD);
    }

    private static FileStore store(String connection, BlobWriting writing) throws StoreException {
        return BlobAccount.ofConnectionString(connection, Optional.empty(), endpoints).container("data-" + containers++, writing);
    }

    private static StoredFile put(FileStore store, String path, String content) throws Exception {
        try (FileStore.PendingFile pending = store.create(path)) {
            pending.stream().write(content.getBytes(StandardCharsets.UTF_8));
            return pending.commit();
        }
    }

    private static List<String> paths(FileStore store, Where where, Depth depth) throws StoreException {
        return store.find(FileSelection.of(where).with(depth)).stream().map(StoredFile::path).toList();
    }

    @ParameterizedTest
    @MethodSource("connections")
    void filesAreFoundAsInAFolder(String connection) throws Exception {
        FileStore store = store(connection);
        for (String path : List.of("a.csv", "b.txt", "2024/01/a b+ä#.csv", "2024/02/a.csv", "2024/02/deep/c.csv")) {
            put(store, path, path);
        }
        assertThat(paths(store, new Where.Folder("", Wildcard.of("*.csv")), Depth.FOLDER_ALONE)).containsExactly("a.csv");
        assertThat(paths(store, new Where.Folder("2024", Wildcard.any()), Depth.WITH_SUBFOLDERS)).hasSize(3);
        assertThat(paths(store, new Where.Folders("2024/0?", Wildcard.of("*.csv")), Depth.FOLDER_ALONE)).containsExactly("2024/01/a b+ä#.csv", "2024/02/a.csv");
        assertThat(paths(store, new Where.Folders("2024/*2", Wildcard.any()), Depth.WITH_SUBFOLDERS)).containsExactly("2024/02/a.csv", "2024/02/deep/c.csv");
        assertThat(paths(store, new Where.Prefix("2024/02/d", Wildcard.any()), Depth.WITH_SUBFOLDERS)).containsExactly("2024/02/deep/c.csv");
        assertThat(paths(store, new Where.File("2024/02/a.csv"), Depth.FOLDER_ALONE)).containsExactly("2024/02/a.csv");
        put(store, "list.txt", "01/a b+ä#.csv\n02/a.csv\n");
        assertThat(paths(store, new Where.Listed("2024", "list.txt"), Depth.FOLDER_ALONE)).containsExactly("2024/01/a b+ä#.csv", "2024/02/a.csv");
        assertThatThrownBy(() -> paths(store, new Where.File("2024/zz.csv"), Depth.FOLDER_ALONE)).hasMessageContaining("'2024/zz.csv' does not exist");
        assertThatThrownBy(() -> paths(store, new Where.Folder("2025", Wildcard.any()), Depth.FOLDER_ALONE)).hasMessageContaining("'2025' does not exist");
        assertThat(store.children("2024/02")).extracting(StoredItem::path).containsExactly("2024/02/a.csv", "2024/02/deep");
        assertThat(store.children("")).extracting(StoredItem::name).containsExactly("2024", "a.csv", "b.txt", "list.txt");
    }

    @ParameterizedTest
    @MethodSource("connections")
    void itemsTellWhatTheyAre(String connection) throws Exception {
        FileStore store = store(connection);
        put(store, "in/a.csv", "1,2\n");
        StoredItem.File file = (StoredItem.File) store.look("in/a.csv").orElseThrow();
        assertThat(file.file().sizeBytes()).isEqualTo(4);
        assertThat(file.created()).isPresent();
        assertThat(file.contentMd5()).contains(Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest("1,2\n".getBytes(StandardCharsets.UTF_8))));
        assertThat(store.look("in").orElseThrow()).isInstanceOf(StoredItem.Folder.class);
        assertThat(store.look("").orElseThrow()).isInstanceOf(StoredItem.Folder.class);
        assertThat(store.look("i")).isEmpty();
        assertThat(store(connection).look("")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("connections")
    void largeFilesTravelInBlocks(String connection) throws Exception {
        FileStore store = store(connection, new BlobWriting(1 << 20, Map.of("Origin", "lab", "Changed", "$$LASTMODIFIED")));
        byte[] bytes = new byte[(5 << 20) + 17];
        new Random(7).nextBytes(bytes);
        StoredFile original = new StoredFile("x", 1, Instant.parse("2024-01-02T03:04:05Z"));
        StoredFile written;
        try (FileStore.PendingFile pending = store.create("big.bin", original)) {
            pending.stream().write(bytes);
            written = pending.commit();
        }
        assertThat(written.sizeBytes()).isEqualTo(bytes.length);
        try (InputStream in = store.open(written)) {
            assertThat(Arrays.equals(in.readAllBytes(), bytes)).isTrue();
        }
        try (InputStream in = store.open(written, new ByteRange(4 << 20, 1 << 19))) {
            assertThat(Arrays.equals(in.readAllBytes(), Arrays.copyOfRange(bytes, 4 << 20, (4 << 20) + (1 << 19)))).isTrue();
        }
        try (InputStream in = store.open(written, new ByteRange(bytes.length - 3, 100))) {
            assertThat(in.readAllBytes()).hasSize(3);
        }
        try (FileStore.PendingFile abandoned = store.create("never.bin", original)) {
            abandoned.stream().write(bytes);
        }
        assertThat(store.look("never.bin")).isEmpty();
        StoredFile empty;
        try (FileStore.PendingFile pending = store.create("empty.bin", original)) {
            empty = pending.commit();
        }
        try (InputStream in = store.open(empty)) {
            assertThat(in.readAllBytes()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("connections")
    void filesAndFoldersAreDeleted(String connection) throws Exception {
        FileStore store = store(connection);
        StoredFile first = put(store, "a/1.csv", "1");
        put(store, "a/b/2.csv", "2");
        put(store, "ab/3.csv", "3");
        store.delete(first);
        store.delete(first);
        assertThat(store.deleteFolder("a")).isEqualTo(1);
        assertThat(store.deleteFolder("a")).isZero();
        assertThat(paths(store, new Where.Folder("", Wildcard.any()), Depth.WITH_SUBFOLDERS)).containsExactly("ab/3.csv");
    }

    @Test
    void accountsLeadToTheEmbeddedStorageUnlessListed() throws StoreException {
        String home = "http://127.0.0.1:" + server.port();
        Endpoints listed = Endpoints.embedded(URI.create(home), List.of("real.blob.core.windows.net", "https://lake.dfs.core.windows.net"));
        var key = new BlobAccess.AccountKey("a2V5");
        assertThat(BlobAccount.of("https://lab.dfs.core.windows.net/", key, listed).endpoint()).hasToString(home + "/lab");
        assertThat(BlobAccount.of("https://real.blob.core.windows.net/c?sig=x", key, listed)).isEqualTo(
                new BlobAccount(URI.create("https://real.blob.core.windows.net"), "real", key, false));
        assertThat(BlobAccount.of("https://lake.dfs.core.windows.net", key, listed).endpoint()).hasToString("https://lake.blob.core.windows.net");
        assertThatThrownBy(() -> BlobAccount.of("http://real.blob.core.windows.net", key, listed)).hasMessageContaining("over https only");
        assertThatThrownBy(() -> BlobAccount.of("https://<account>.blob.core.windows.net?sig=hidden", key, listed)).hasMessageNotContaining("hidden");
        Endpoints real = Endpoints.replacedBy(URI.create("https://c.kusto.windows.net"));
        assertThatThrownBy(() -> BlobAccount.of("https://lab.blob.core.windows.net", key, real)).hasMessageContaining("'live'");
        assertThat(BlobAccount.of("https://lab.blob.core.windows.net", key, listed).toString()).doesNotContain("a2V5");
    }

    @ParameterizedTest
    @MethodSource("connections")
    void aPipelineCopiesThroughABlobStore(String connection) throws Exception {
        String container = "pipe-" + containers++;
        write("linkedService/vault.json", """
                {"name": "vault", "properties": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://lab.vault.azure.net"}}}""");
        write("linkedService/blobs.json", """
                {"name": "blobs", "properties": {"type": "AzureBlobStorage", "typeProperties": {"connectionString": {"type": "AzureKeyVaultSecret",
                 "store": {"referenceName": "vault", "type": "LinkedServiceReference"}, "secretName": "blobs"}}}}""");
        write("linkedService/files.json", """
                {"name": "files", "properties": {"type": "FileServer", "typeProperties": {"host": "."}}}""");
        write("dataset/local.json", """
                {"name": "local", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "parameters": {"folder": {"type": "string"}},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "@dataset().folder"}, "firstRowAsHeader": true}}}""");
        write("dataset/blob.json", """
                {"name": "blob", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "blobs", "type": "LinkedServiceReference"},
                 "parameters": {"folder": {"type": "string"}},
                 "typeProperties": {"location": {"type": "AzureBlobStorageLocation", "container": "%s", "folderPath": "@dataset().folder"}, "firstRowAsHeader": true}}}
                """.formatted(container));
        write("pipeline/p.json", """
                {"name": "p", "properties": {"activities": [
                 {"name": "Up", "type": "Copy",
                  "inputs": [{"referenceName": "local", "type": "DatasetReference", "parameters": {"folder": "in"}}],
                  "outputs": [{"referenceName": "blob", "type": "DatasetReference", "parameters": {"folder": "kept"}}],
                  "typeProperties": {"source": {"type": "DelimitedTextSource", "storeSettings": {"type": "FileServerReadSettings", "recursive": true}},
                   "sink": {"type": "DelimitedTextSink", "storeSettings": {"type": "AzureBlobStorageWriteSettings", "blockSizeInMB": 4,
                     "metadata": [{"name": "origin", "value": "lab"}]}, "formatSettings": {"type": "DelimitedTextWriteSettings", "fileExtension": ".csv"}}}},
                 {"name": "Down", "type": "Copy", "dependsOn": [{"activity": "Up", "dependencyConditions": ["Succeeded"]}],
                  "inputs": [{"referenceName": "blob", "type": "DatasetReference", "parameters": {"folder": ""}}],
                  "outputs": [{"referenceName": "local", "type": "DatasetReference", "parameters": {"folder": "out"}}],
                  "typeProperties": {"source": {"type": "DelimitedTextSource", "storeSettings": {"type": "AzureBlobStorageReadSettings", "prefix": "kept/2024/"}},
                   "sink": {"type": "DelimitedTextSink", "storeSettings": {"type": "FileServerWriteSettings"},
                    "formatSettings": {"type": "DelimitedTextWriteSettings", "fileExtension": ".csv"}}}}]}}""");
        write("in/a.csv", "id,name\n1,x\n");
        write("in/2024/b.csv", "id,name\n2,y\n");
        var run = new FactoryRunner(Factory.load(folder), endpoints, _ -> {})
                .with(new GivenSecrets(Map.of("lab/blobs", connection), Map.of())).run("p", Map.of());
        JsonNode json = JSON.readTree(JSON.writeValueAsString(run.toJson()));
        assertThat(run.isSucceeded()).as(json.toPrettyString()).isTrue();
        assertThat(json.toString()).doesNotContain("AccountKey");
        assertThat(folder.resolve("out/b.csv")).content().contains("2").contains("y");
        assertThat(folder.resolve("out/a.csv")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("connections")
    void aBinaryCopyKeepsAttributesAndComparesChecksums(String connection) throws Exception {
        FileStore store = store(connection);
        FileAttributes attributes = new FileAttributes("text/csv", "", "de", "attachment; filename=a.csv", "max-age=60", Map.of("owner", "lab", "stage", "raw"));
        try (FileStore.PendingFile pending = store.create("in/a.csv", new StoredFile("x", 1, Instant.EPOCH), attributes)) {
            pending.stream().write("id,name\n1,x\n".getBytes(StandardCharsets.UTF_8));
            pending.commit();
        }
        String container = "data-" + (containers - 1);
        write("linkedService/blobs.json", """
                {"name": "blobs", "properties": {"type": "AzureBlobStorage", "typeProperties": {"connectionString": "%s"}}}""".formatted(connection));
        write("linkedService/files.json", """
                {"name": "files", "properties": {"type": "FileServer", "typeProperties": {"host": "."}}}""");
        write("dataset/blob.json", """
                {"name": "blob", "properties": {"type": "Binary", "linkedServiceName": {"referenceName": "blobs", "type": "LinkedServiceReference"},
                 "parameters": {"folder": {"type": "string"}},
                 "typeProperties": {"location": {"type": "AzureBlobStorageLocation", "container": "%s", "folderPath": "@dataset().folder"}}}}""".formatted(container));
        write("dataset/local.json", """
                {"name": "local", "properties": {"type": "Binary", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "out"}}}}""");
        write("pipeline/p.json", """
                {"name": "p", "properties": {"activities": [
                 {"name": "C", "type": "Copy",
                  "inputs": [{"referenceName": "blob", "type": "DatasetReference", "parameters": {"folder": "in"}}],
                  "outputs": [{"referenceName": "blob", "type": "DatasetReference", "parameters": {"folder": "out"}}],
                  "typeProperties": {"source": {"type": "BinarySource"}, "preserve": ["Attributes"], "validateDataConsistency": true,
                   "sink": {"type": "BinarySink", "storeSettings": {"type": "AzureBlobStorageWriteSettings", "metadata": [{"name": "stage", "value": "kept"}]}}}}]}}""");
        write("pipeline/down.json", """
                {"name": "down", "properties": {"activities": [
                 {"name": "C", "type": "Copy", "inputs": [{"referenceName": "blob", "type": "DatasetReference", "parameters": {"folder": "in"}}],
                  "outputs": [{"referenceName": "local", "type": "DatasetReference"}],
                  "typeProperties": {"source": {"type": "BinarySource"}, "preserve": ["Attributes"], "sink": {"type": "BinarySink"}}}]}}""");

        JsonNode run = run("p");
        assertThat(run.at("/activityRuns/0/output/dataConsistencyVerification/VerificationResult").asText()).as(run.toPrettyString()).isEqualTo("Verified");
        FileAttributes kept = store.attributes(store.find(FileSelection.of("out", "a.csv")).getFirst());
        assertThat(kept).isEqualTo(new FileAttributes("text/csv", "", "de", "attachment; filename=a.csv", "max-age=60", Map.of("owner", "lab", "stage", "kept")));
        assertThat(run("down").at("/activityRuns/0/error/message").asText()).contains("files of a FileServer have no attributes");

        // A store that tells another checksum than its bytes have.
        new BlobServiceClientBuilder().connectionString(reaching(connection)).buildClient().getBlobContainerClient(container).getBlobClient("in/a.csv")
                .setHttpHeaders(new BlobHttpHeaders().setContentMd5(new byte[16]));
        assertThat(run("p").at("/activityRuns/0/error/message").asText()).contains("UserErrorDataInconsistency", "'in/a.csv' has the MD5 AAAAAAAAAAAAAAAAAAAAAA==");
    }

    /// The address at which the embedded account itself is found.
    private static String reaching(String connection) {
        return connection.contains("BlobEndpoint") ? connection : "DefaultEndpointsProtocol=http;AccountName=labstore;AccountKey=" + Azurite.KEY
                + ";BlobEndpoint=http://127.0.0.1:" + server.port() + "/labstore";
    }

    private JsonNode run(String pipeline) throws Exception {
        return JSON.readTree(JSON.writeValueAsString(new FactoryRunner(Factory.load(folder), endpoints, _ -> {}).run(pipeline, Map.of()).toJson()));
    }

    private void write(String path, String content) throws Exception {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.writeString(folder.resolve(path), content);
    }
}
