package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// Factories and jobs as `conshelf up --auth entra` serves them: who may ask, whom pipelines and jobs sign in as, and who calls them back.
class SignedInUpTest {
    private static final String APPLICATION = "3f0c2d18-7a55-4d3c-9e0e-52d8b6c1a7f4";
    private static final String PRINCIPAL = "aadapp=" + APPLICATION + ";contoso.onmicrosoft.com";
    private static final String SECRET = "s3cret of the definition";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;
    private static UpProcess up;
    private static String token;
    private static String vaultToken;
    private static KustoEndpoint endpoint;
    private static KustoCredential administrator;
    private static KustoCluster cluster;

    private FactoryRest factory;
    private String database;

    @BeforeAll
    static void start() throws Exception {
        Path data = folder.resolve("data");
        up = UpProcess.start(folder, Files.createDirectory(folder.resolve("allowed")), "--data", data.toString(), "--auth", "entra");
        Administrator signedIn = Administrator.of(up, data);
        administrator = KustoCredential.of(signedIn.variables());
        endpoint = Endpoints.embedded(URI.create(up.url()), List.of()).resolve("https://samples.westeurope.kusto.windows.net");
        cluster = KustoCluster.connect(endpoint, administrator);
        ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"factory\",\"appId\":\"" + APPLICATION + "\",\"secret\":\""
                + SECRET + "\",\"tenant\":\"contoso.onmicrosoft.com\"}");
        token = signedIn.token("https://management.azure.com");
        vaultToken = signedIn.token("https://vault.azure.net");
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        up.close();
    }

    @BeforeEach
    void aFactoryAndADatabase(TestInfo test) throws Exception {
        database = test.getTestMethod().orElseThrow().getName();
        cluster.command("NetDefaultDB", ".create database " + database, Duration.ofMinutes(1));
        command(".set-or-append T <| range id from 1 to 3 step 1");
        factory = new FactoryRest(up.url(), database, "lab", List.of("Authorization", "Bearer " + token));
        factory.put("", "{\"location\":\"local\"}");
    }

    private void linkedService(String properties) {
        factory.put("/linkedservices/adx", """
                {"properties": {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://samples.westeurope.kusto.windows.net ",
                 "database": "%s"%s}}}""".formatted(database, properties));
        factory.put("/datasets/t", """
                {"properties": {"type": "AzureDataExplorerTable", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                 "typeProperties": {"table": "T"}}}""");
        factory.pipeline("look", """
                {"activities": [{"name": "L", "type": "Lookup", "typeProperties": {"dataset": {"referenceName": "t", "type": "DatasetReference"},
                 "source": {"type": "AzureDataExplorerSource", "query": "T | count | extend who = current_principal()"}}}]}""");
    }

    /// Runs into the want of a role, gets it, and runs through.
    private void signsInAs(String principal) throws Exception {
        String refused = factory.run("look", "{}");
        assertThat(factory.awaitEnd(refused).path("status").asText()).isEqualTo("Failed");
        assertThat(factory.activity(refused, "L").toString()).contains(principal, "is not authorized").doesNotContain("s3cret");
        command(".add database " + database + " viewers ('" + principal + "')");
        String allowed = factory.run("look", "{}");
        JsonNode run = factory.awaitEnd(allowed);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("Succeeded");
        assertThat(factory.activity(allowed, "L").at("/output/firstRow/who").asText()).isEqualTo(principal);
    }

    private void command(String text) throws Exception {
        cluster.command(database, text, Duration.ofMinutes(1));
    }

    @Test
    void aServicePrincipalWithASecretInTheDefinition() throws Exception {
        linkedService(", \"tenant\": \"contoso.onmicrosoft.com\", \"servicePrincipalId\": \"" + APPLICATION
                + "\", \"servicePrincipalKey\": {\"type\": \"SecureString\", \"value\": \"" + SECRET + "\"}");
        assertThat(factory.send("GET", "/linkedservices/adx", "").body().toString()).doesNotContain("s3cret");
        signsInAs(PRINCIPAL);
    }

    @Test
    void aServicePrincipalWhoseSecretIsInAVaultThatAnotherOneReads() throws Exception {
        var put = HttpRequest.newBuilder(URI.create(up.url() + "/vaults/lab/secrets/factory-key?api-version=7.5")).header("Authorization", "Bearer " + vaultToken)
                .header("Content-Type", "application/json").PUT(BodyPublishers.ofString("{\"value\": \"" + SECRET + "\"}")).build();
        assertThat(CLIENT.send(put, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        String keeper = "b9a4f2f0-6c0c-4a53-9f6e-0a6d3a0c9f11";
        ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"keeper\",\"appId\":\"" + keeper
                + "\",\"secret\":\"s3cret of the keeper\",\"tenant\":\"contoso.onmicrosoft.com\"}");
        factory.put("/credentials/keeping", """
                {"properties": {"type": "ServicePrincipal", "typeProperties": {"servicePrincipalId": "%s", "tenant": "contoso.onmicrosoft.com",
                 "servicePrincipalKey": {"type": "SecureString", "value": "s3cret of the keeper"}}}}""".formatted(keeper));
        factory.put("/linkedservices/vault", """
                {"properties": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://lab.vault.azure.net/",
                 "credential": {"referenceName": "keeping", "type": "CredentialReference"}}}}""");
        linkedService(", \"tenant\": \"contoso.onmicrosoft.com\", \"servicePrincipalId\": \"" + APPLICATION
                + "\", \"servicePrincipalKey\": {\"type\": \"AzureKeyVaultSecret\", \"secretName\": \"factory-key\","
                + " \"store\": {\"referenceName\": \"vault\", \"type\": \"LinkedServiceReference\"}}");
        String refused = factory.run("look", "{}");
        factory.awaitEnd(refused);
        assertThat(factory.activity(refused, "L").toString()).contains("factory-key", "AllDatabasesAdmin").doesNotContain("s3cret");

        command(".add cluster AllDatabasesAdmins ('aadapp=" + keeper + ";contoso.onmicrosoft.com')");
        signsInAs(PRINCIPAL);
    }

    @Test
    void theIdentityOfTheFactory() throws Exception {
        linkedService("");
        signsInAs(ClusterRest.of(endpoint, administrator).ask("GET", "/v1/rest/applications", "").path("value").valueStream()
                .filter(one -> one.path("kind").asText().equals("SystemAssigned")).findFirst().orElseThrow().path("principal").asText());
    }

    @Test
    void anIdentityThatACredentialNames() throws Exception {
        String identity = ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"mover\",\"kind\":\"UserAssigned\"}")
                .path("principal").asText();
        factory.put("/credentials/moving", """
                {"properties": {"type": "ManagedIdentity", "typeProperties": {
                 "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mover"}}}""");
        linkedService(", \"credential\": {\"referenceName\": \"moving\", \"type\": \"CredentialReference\"}");
        signsInAs(identity);
    }

    @Test
    void aFactoryAnswersAdministratorsOnly() throws Exception {
        assertThat(new FactoryRest(up.url(), database).send("GET", "", "").status()).isEqualTo(401);
        var asked = HttpRequest.newBuilder(URI.create(up.url() + "/callbacks/3f0c2d18-7a55-4d3c-9e0e-52d8b6c1a7f4")).POST(BodyPublishers.noBody()).build();
        assertThat(CLIENT.send(asked, BodyHandlers.ofString()).statusCode()).as("a callback that nobody waits for").isEqualTo(401);
    }

    @Test
    void aWebServiceCallsBackWithoutAToken() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            try (exchange) {
                told.complete(JSON.readTree(exchange.getRequestBody()).path("callBackUri").asText());
                exchange.sendResponseHeaders(200, -1);
            }
        });
        web.start();
        try {
            factory.pipeline("hook", """
                    {"activities": [{"name": "H", "type": "WebHook", "typeProperties": {"method": "POST", "url": "http://127.0.0.1:%d/begin", "body": {"a": 1}}}]}"""
                    .formatted(web.getAddress().getPort()));
            String run = factory.run("hook", "{}");
            URI callback = URI.create(told.get(2, TimeUnit.MINUTES));
            assertThat(callback.getPath()).startsWith("/callbacks/");
            assertThat(callback.getPort()).isEqualTo(URI.create(up.url()).getPort());
            assertThat(call(callback, "x".repeat((4 << 20) + 1))).as("more than a callback may say").isEqualTo(413);
            assertThat(call(callback, "{\"Output\": {\"done\": 42}}")).isEqualTo(200);
            assertThat(factory.awaitEnd(run).path("status").asText()).isEqualTo("Succeeded");
            assertThat(factory.activity(run, "H").at("/output/done").asInt()).isEqualTo(42);
            assertThat(call(callback, "{}")).as("it is not awaited any more").isEqualTo(401);
        } finally {
            web.stop(0);
        }
    }

    private static int call(URI callback, String body) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(callback).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString()).statusCode();
    }

    @Test
    void theStepsOfAuthoringNeedTheirRoles() throws Exception {
        linkedService(", \"tenant\": \"contoso.onmicrosoft.com\", \"servicePrincipalId\": \"" + APPLICATION
                + "\", \"servicePrincipalKey\": {\"type\": \"SecureString\", \"value\": \"" + SECRET + "\"}");
        assertThat(factory.send("POST", "/linkedservices/ADX/listTables", "").error()).startsWith("Forbidden: Table navigation failed: ").contains("'database monitor'");
        assertThat(factory.send("POST", "/datasets/t/preview", "{\"rows\": 2}").error()).startsWith("Forbidden: Preview data failed: ").contains("'database viewer'");
        command(".add database " + database + " viewers ('" + PRINCIPAL + "')");
        assertThat(factory.send("POST", "/linkedservices/adx/testConnection", "").body().path("succeeded").asBoolean()).isTrue();
        assertThat(factory.send("POST", "/linkedservices/adx/listDatabases", "").body().path("value").toString()).contains("{\"name\":\"" + database + "\"}");
        assertThat(factory.send("POST", "/linkedservices/adx/listTables", "").body().toString()).isEqualTo("{\"value\":[{\"name\":\"T\"}]}");
        assertThat(factory.send("POST", "/datasets/t/preview", "{\"rows\": 2}").body().path("rows").size()).isEqualTo(2);
        assertThat(factory.send("POST", "/datasets/t/importSchema", "{}").body().toString()).isEqualTo("{\"schema\":[{\"name\":\"id\",\"type\":\"Int64\"}]}");
        assertThat(factory.send("POST", "/datasets/t/preview", "{\"rows\": 100000}").error()).contains("between 0 and 1000");
        assertThat(factory.send("POST", "/datasets/none/preview", "").status()).isEqualTo(404);
    }

    private HttpResponse<String> job(String method, String path, String body) throws Exception {
        String uri = path.startsWith("http") ? path : up.url() + "/subscriptions/s/resourceGroups/lab/providers/Microsoft.StreamAnalytics/streamingjobs/" + database + path
                + "?api-version=2021-10-01-preview";
        return CLIENT.send(HttpRequest.newBuilder(URI.create(uri)).header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /// What an operation that takes a while ends with.
    private HttpResponse<String> ended(HttpResponse<String> accepted) {
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String location = accepted.headers().firstValue("Location").orElseThrow();
        return Eventually.holds(() -> {
            try {
                return job("GET", location, "");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, answer -> answer.statusCode() != 202);
    }

    @Test
    void aStreamAnalyticsJobWritesAsItsOwnIdentity() throws Exception {
        command(".create table Rows (a:long)");
        cluster.command("NetDefaultDB", ".create database Closed", Duration.ofMinutes(1));
        String output = "{\"datasource\": {\"type\": \"Microsoft.Kusto/clusters/databases\", \"properties\": {\"cluster\": \"https://samples.westeurope.kusto.windows.net\","
                + " \"database\": \"%s\", \"table\": \"Rows\", \"authenticationMode\": \"Msi\"}}}";
        var made = job("PUT", "", """
                {"location": "local", "identity": {"type": "SystemAssigned"}, "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "{\\"a\\": 1} {\\"a\\": 2}"}},
                   "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "out", "properties": %s}],
                 "transformation": {"name": "t", "properties": {"query": "SELECT a INTO out FROM [in]"}}}}""".formatted(output.formatted(database)));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        JsonNode application = ClusterRest.of(endpoint, administrator).ask("GET", "/v1/rest/applications", "").path("value").valueStream()
                .filter(one -> one.path("name").asText().endsWith("lab/" + database)).findFirst().orElseThrow();
        assertThat(application.toString()).contains(JSON.readTree(made.body()).at("/identity/principalId").asText());
        String principal = application.path("principal").asText();
        String granted = ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/mgmt", "{\"db\": \"" + database
                + "\", \"csl\": \".show database " + database + " principals\"}").at("/Tables/0/Rows").toString();
        assertThat(granted).contains(principal, "Ingestor", "Monitor");

        assertThat(ended(job("POST", "/outputs/out/test", "")).body()).contains("TestSucceeded");
        // Elsewhere, it can do what its principal is given, and nothing before.
        String closed = "{\"properties\": " + output.formatted("Closed") + "}";
        cluster.command("Closed", ".create table Rows (a:long)", Duration.ofMinutes(1));
        assertThat(ended(job("POST", "/outputs/out/test", closed)).body()).contains("TestFailed", "lacks the role Database Ingestor on the database 'Closed'");
        cluster.command("Closed", ".add database Closed ingestors ('" + principal + "')", Duration.ofMinutes(1));
        cluster.command("Closed", ".add database Closed monitors ('" + principal + "')", Duration.ofMinutes(1));
        assertThat(ended(job("POST", "/outputs/out/test", closed)).body()).contains("TestSucceeded");

        assertThat(ended(job("POST", "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2020-01-01T00:00:00Z\"}")).statusCode()).isEqualTo(200);
        assertThat(Eventually.holds(() -> {
            try {
                return ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/query", "{\"db\": \"" + database + "\", \"csl\": \"Rows | order by a asc\"}")
                        .at("/Tables/0/Rows").toString();
            } catch (StoreException e) {
                throw new IllegalStateException(e);
            }
        }, rows -> rows.equals("[[1],[2]]"))).isEqualTo("[[1],[2]]");
        assertThat(job("DELETE", "", "").statusCode()).isEqualTo(200);
    }
}
