package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.security.keyvault.secrets.SecretClient;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobAccount.Door;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.LocalTokens;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.connectors.vault.KeyVault;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.identity.SignIn;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Vaults and storage accounts beside a cluster that asks who one is.
class SignedInStoresTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VAULT = "https://vault.azure.net";
    private static final String MANAGEMENT = "https://management.azure.com";
    private static final String DEVELOPMENT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    @TempDir
    private static Path data;
    private static Server server;
    private static Endpoints endpoints;
    private static KustoEndpoint endpoint;
    private static KustoCredential.ServicePrincipal administrator;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA));
        SignIn.ManagedIdentityEndpoint identity = server.managedIdentity().orElseThrow();
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of(),
                new IdentityEndpoint(identity.endpoint().toString(), identity.header()));
        endpoint = endpoints.resolve("https://samples.westeurope.kusto.windows.net");
        Map<String, String> stated = Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1)));
        administrator = (KustoCredential.ServicePrincipal) KustoCredential.of(stated);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static String token(String resource, KustoCredential who) throws StoreException {
        return LocalTokens.<StoreException>of(endpoint, resource, () -> who).orElseThrow().token();
    }

    private static KustoCredential newcomer(String name) throws StoreException {
        var made = ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"" + name + "\"}");
        return new KustoCredential.ServicePrincipal(made.path("appId").asText(), made.path("secret").asText(), made.path("tenant").asText());
    }

    private static KeyVault vault(AzureIdentity who) throws StoreException {
        return KeyVault.<StoreException>open("https://lab.vault.azure.net", endpoints, GivenSecrets.NONE, () -> who);
    }

    @Test
    void secretsAreShownToAdministratorsOfAllDatabases() throws Exception {
        SecretClient official = VaultTest.client(server, "lab", token(VAULT, administrator));
        official.setSecret("key", "kept");
        assertThat(official.getSecret("key").getValue()).isEqualTo("kept");
        assertThatThrownBy(() -> VaultTest.client(server, "lab", token("https://kusto.kusto.windows.net", administrator)).getSecret("key"))
                .hasMessageContaining("401");

        var who = new AzureIdentity.ServicePrincipal(administrator.id(), administrator.key(), administrator.tenant(), "https://login.microsoftonline.com/");
        assertThat(vault(who).secret("key", Optional.empty())).isEqualTo("kept");
        var wrong = new AzureIdentity.ServicePrincipal(administrator.id(), "another", administrator.tenant(), "https://login.microsoftonline.com/");
        assertThatThrownBy(() -> vault(wrong).secret("key", Optional.empty())).hasMessageContaining("AADSTS7000215").hasMessageNotContaining("another");

        var machine = new AzureIdentity.ManagedIdentity(Optional.empty());
        assertThatThrownBy(() -> vault(machine).secret("key", Optional.empty())).hasMessageContaining("AllDatabasesAdmin").hasMessageNotContaining("kept");
        String identity = ClusterRest.of(endpoint, administrator).ask("GET", "/v1/rest/applications", "").path("value").valueStream()
                .filter(one -> one.path("kind").asText().equals("SystemAssigned")).findFirst().orElseThrow().path("principal").asText();
        command(".add cluster AllDatabasesAdmins ('" + identity + "')");
        try {
            assertThat(vault(machine).secret("key", Optional.empty())).isEqualTo("kept");
        } finally {
            command(".drop cluster AllDatabasesAdmins ('" + identity + "')");
        }
    }

    private static void command(String text) throws StoreException {
        try (KustoCluster cluster = KustoCluster.connect(endpoint, administrator)) {
            cluster.command("NetDefaultDB", text, Duration.ofMinutes(1));
        }
    }

    private static HttpResponse<String> listKeys(String account, Optional<String> token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.uri().resolve("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/"
                + account + "/listKeys?api-version=2023-05-01")).POST(BodyPublishers.noBody());
        token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static String key(String account) throws Exception {
        HttpResponse<String> answer = listKeys(account, Optional.of(token(MANAGEMENT, administrator)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("keys").path(0).path("value").asText();
    }

    private static String connection(String account, String key) {
        return "DefaultEndpointsProtocol=https;AccountName=%s;AccountKey=%s;EndpointSuffix=core.windows.net".formatted(account, key);
    }

    private static FileStore store(String connection) throws StoreException {
        return BlobAccount.ofConnectionString(connection, Optional.empty(), endpoints, Door.KEYED).container("data", BlobWriting.STANDARD);
    }

    private static void put(FileStore store, String path, String content) throws Exception {
        try (FileStore.PendingFile pending = store.create(path)) {
            pending.stream().write(content.getBytes(StandardCharsets.UTF_8));
            pending.commit();
        }
    }

    @Test
    void keysOfAccountsAreToldToAdministratorsAlone() throws Exception {
        assertThat(key("lab1")).isEqualTo(key("lab1")).isNotEqualTo(key("lab2"));
        assertThat(listKeys("lab1", Optional.empty()).statusCode()).isEqualTo(401);
        assertThat(listKeys("lab1", Optional.of(token(VAULT, administrator))).statusCode()).isEqualTo(401);
        assertThat(listKeys("lab1", Optional.of(token(MANAGEMENT, newcomer("curious")))).statusCode()).isEqualTo(403);
        for (String name : List.of("conshelfblob", "Not-one", "ab")) {
            HttpResponse<String> refused = listKeys(name, Optional.of(token(MANAGEMENT, administrator)));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("AccountNameInvalid");
        }
    }

    @Test
    void anAccountOpensByItsOwnKeyAlone() throws Exception {
        FileStore store = store(connection("lab1", key("lab1")));
        put(store, "a.csv", "id\n1\n");
        assertThat(store.look("a.csv")).isPresent();
        for (String key : List.of(DEVELOPMENT_KEY, key("lab2"))) {
            assertThatThrownBy(() -> store(connection("lab1", key)).look("a.csv")).isInstanceOf(StoreException.class).hasMessageNotContaining(key);
            assertThatThrownBy(() -> put(store(connection("lab1", key)), "b.csv", "")).isInstanceOf(StoreException.class);
        }
        String reserved = "DefaultEndpointsProtocol=http;AccountName=conshelfblob;AccountKey=%s;BlobEndpoint=%s/conshelfblob".formatted(key("lab1"), endpoint.uri());
        assertThatThrownBy(() -> put(store(reserved), "b.csv", "")).isInstanceOf(StoreException.class);
        assertThat(store.look("b.csv")).isEmpty();
    }

    @Test
    void aCommandBringsTheKeyOfTheAccount() throws Exception {
        put(store(connection("lab5", key("lab5"))), "in/a b.csv", "1,first\n");
        command(".create table Opened (id: long, name: string)");
        for (String address : List.of("https://lab5.blob.core.windows.net/data/in/a b.csv", "abfss://data@lab5.dfs.core.windows.net/in/a b.csv")) {
            ingest(address + ";" + key("lab5"));
            for (String other : List.of(";" + DEVELOPMENT_KEY, ";" + key("lab4"), "", ";impersonate", "?sv=2022-11-02&se=2099-01-01&sr=c&sp=rl&sig=AAAA")) {
                assertThatThrownBy(() -> ingest(address + other)).isInstanceOf(StoreException.class)
                        .hasMessageContaining("is not opened").hasMessageContaining("storage of this server").hasMessageNotContaining(DEVELOPMENT_KEY);
            }
        }
        assertThat(rows("Opened | summarize count(), take_any(name)")).isEqualTo("[2, \"first\"]");
        command(".export to csv (h'https://lab5.blob.core.windows.net/out;" + key("lab5") + "') <| print 2");
        assertThatThrownBy(() -> command(".export to csv (h'https://lab5.blob.core.windows.net/other;" + DEVELOPMENT_KEY + "') <| print 2"))
                .hasMessageContaining("is not opened");
    }

    private static void ingest(String address) throws StoreException {
        command(".ingest into table Opened (h'" + address + "') with (format='csv')");
    }

    private static String rows(String query) throws Exception {
        try (KustoCluster cluster = KustoCluster.connect(endpoint, administrator)) {
            try (RowReader rows = cluster.query("NetDefaultDB", query, new QueryOptions(Duration.ofMinutes(1), false))) {
                return String.valueOf(rows.next().orElseThrow());
            }
        }
    }

    @Test
    void aPipelineBringsTheKeyOfTheAccount() throws Exception {
        put(store(connection("lab3", key("lab3"))), "in/a.csv", "id,name\n1,first\n");
        write("dataset/csv.json", """
                {"name": "csv", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "blobs", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "AzureBlobStorageLocation", "container": "data", "folderPath": "in", "fileName": "a.csv"},
                  "firstRowAsHeader": true}}}
                """);
        write("pipeline/look.json", """
                {"name": "look", "properties": {"activities": [{"name": "L", "type": "Lookup", "typeProperties": {
                 "dataset": {"referenceName": "csv", "type": "DatasetReference"},
                 "source": {"type": "DelimitedTextSource", "storeSettings": {"type": "AzureBlobStorageReadSettings"}}}}]}}
                """);
        linkedService("\"connectionString\": \"" + connection("lab3", key("lab3")) + "\"");
        RunRecord run = run();
        assertThat(run.isSucceeded()).as(run.toJson().toPrettyString()).isTrue();
        assertThat(run.toJson().toString()).contains("first");

        linkedService("\"connectionString\": \"" + connection("lab3", DEVELOPMENT_KEY) + "\"");
        RunRecord wrong = run();
        assertThat(wrong.isSucceeded()).isFalse();
        assertThat(wrong.toJson().toString()).doesNotContain(DEVELOPMENT_KEY);

        linkedService("\"serviceEndpoint\": \"https://lab3.blob.core.windows.net\"");
        RunRecord identity = run();
        assertThat(identity.isSucceeded()).isFalse();
        assertThat(identity.toJson().toString()).contains("listKeys");
    }

    @Test
    void theConnectionToAnAccountIsTried() throws Exception {
        linkedService("\"connectionString\": \"" + connection("lab4", key("lab4")) + "\"");
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY)) {
            authoring.testConnection("blobs", JSON.createObjectNode());
        }
        linkedService("\"connectionString\": \"" + connection("lab4", DEVELOPMENT_KEY) + "\"");
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY)) {
            assertThatThrownBy(() -> authoring.testConnection("blobs", JSON.createObjectNode())).isInstanceOf(Authoring.StepFailure.class)
                    .hasMessageStartingWith("Test connection failed: ").hasMessageContaining("lab4").hasMessageNotContaining(DEVELOPMENT_KEY);
        }
    }

    private RunRecord run() throws Exception {
        return new FactoryRunner(Factory.load(folder), endpoints, _ -> {}).run("look", Map.of());
    }

    private void linkedService(String properties) throws Exception {
        write("linkedService/blobs.json", "{\"name\": \"blobs\", \"properties\": {\"type\": \"AzureBlobStorage\", \"typeProperties\": {" + properties + "}}}");
    }

    private void write(String path, String content) throws Exception {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.writeString(folder.resolve(path), content);
    }
}
