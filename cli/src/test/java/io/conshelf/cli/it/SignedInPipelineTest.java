package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.identity.SignIn;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pipelines against a cluster that asks who they are, with the authentications of an Azure Data Explorer linked service.
class SignedInPipelineTest {
    private static final String APPLICATION = "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e";

    @TempDir
    private static Path data;
    private static Server server;
    private static KustoEndpoint endpoint;
    private static KustoCredential administrator;
    private static KustoCluster cluster;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA));
        endpoint = endpoints().resolve("https://samples.westeurope.kusto.windows.net");
        administrator = KustoCredential.of(Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
        cluster = KustoCluster.connect(endpoint, administrator);
        ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications",
                "{\"name\":\"factory\",\"appId\":\"" + APPLICATION + "\",\"secret\":\"s3cret of the definition\",\"tenant\":\"contoso.onmicrosoft.com\"}");
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    @BeforeEach
    void aFactory() throws Exception {
        for (String kind : List.of("linkedService", "dataset", "pipeline")) {
            Files.createDirectories(folder.resolve(kind));
        }
        write("dataset/rows.json", """
                {"name": "rows", "properties": {"type": "AzureDataExplorerTable",
                 "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"}, "typeProperties": {}}}
                """);
        write("pipeline/look.json", """
                {"name": "look", "properties": {"activities": [{"name": "L", "type": "Lookup", "typeProperties": {
                 "dataset": {"referenceName": "rows", "type": "DatasetReference"},
                 "source": {"type": "AzureDataExplorerSource", "query": "print who = current_principal()"}}}]}}
                """);
    }

    @Test
    void aServicePrincipalDoesWhatItsRolesAllow() throws Exception {
        linkedService("""
                "database": "Sales", "tenant": "contoso.onmicrosoft.com", "servicePrincipalId": "%s",
                "servicePrincipalKey": {"type": "SecureString", "value": "s3cret of the definition"}""".formatted(APPLICATION));
        command("NetDefaultDB", ".create database Sales");

        RunRecord refused = run();
        assertThat(refused.status()).isEqualTo(Status.FAILED);
        assertThat(error(refused)).contains("aadapp=" + APPLICATION + ";contoso.onmicrosoft.com").doesNotContain("s3cret");

        command("Sales", ".add database Sales viewers ('aadapp=" + APPLICATION + ";contoso.onmicrosoft.com')");
        RunRecord allowed = run();
        assertThat(allowed.status()).as(error(allowed)).isEqualTo(Status.SUCCEEDED);
        assertThat(output(allowed)).contains("aadapp=" + APPLICATION);
    }

    @Test
    void aWrongSecretFailsTheActivityWithTheServicesCode() throws Exception {
        linkedService("""
                "database": "NetDefaultDB", "tenant": "contoso.onmicrosoft.com", "servicePrincipalId": "%s",
                "servicePrincipalKey": {"type": "SecureString", "value": "another"}""".formatted(APPLICATION));
        RunRecord refused = run();
        assertThat(refused.status()).isEqualTo(Status.FAILED);
        assertThat(error(refused)).contains("AADSTS7000215").doesNotContain("another");
    }

    @Test
    void aDatabaseThatIsNotThereIsNotMade() throws Exception {
        linkedService("\"database\": \"Nowhere\"");
        RunRecord refused = run();
        assertThat(refused.status()).isEqualTo(Status.FAILED);
        assertThat(error(refused)).contains("Nowhere", "may not make databases");
    }

    @Test
    void withoutAPrincipalTheIdentityOfTheFactoryIsUsed() throws Exception {
        linkedService("\"database\": \"Stock\"");
        command("NetDefaultDB", ".create database Stock");
        assertThat(run().status()).isEqualTo(Status.FAILED);

        String identity = ClusterRest.of(endpoint, administrator).ask("GET", "/v1/rest/applications", "").path("value").valueStream()
                .filter(one -> one.path("kind").asText().equals("SystemAssigned")).findFirst().orElseThrow().path("principal").asText();
        command("Stock", ".add database Stock viewers ('" + identity + "')");
        RunRecord allowed = run();
        assertThat(allowed.status()).as(error(allowed)).isEqualTo(Status.SUCCEEDED);
        assertThat(output(allowed)).contains(identity);
    }

    @Test
    void theKeyOfAServicePrincipalStandsInAVault() throws Exception {
        write("linkedService/lab.json", """
                {"name": "lab", "properties": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://lab.vault.azure.net"}}}
                """);
        linkedService("""
                "database": "Kept", "tenant": "contoso.onmicrosoft.com", "servicePrincipalId": "%s",
                "servicePrincipalKey": {"type": "AzureKeyVaultSecret", "secretName": "cluster-key",
                 "store": {"referenceName": "lab", "type": "LinkedServiceReference"}}""".formatted(APPLICATION));
        command("NetDefaultDB", ".create database Kept");
        command("Kept", ".add database Kept viewers ('aadapp=" + APPLICATION + ";contoso.onmicrosoft.com')");
        RunRecord allowed = run(new GivenSecrets(Map.of("lab/cluster-key", "s3cret of the definition"), Map.of()));
        assertThat(allowed.status()).as(error(allowed)).isEqualTo(Status.SUCCEEDED);
        assertThat(output(allowed)).contains("aadapp=" + APPLICATION).doesNotContain("s3cret");

        RunRecord refused = run(new GivenSecrets(Map.of("lab/cluster-key", "an old one"), Map.of()));
        assertThat(error(refused)).contains("AADSTS7000215").doesNotContain("an old one");
    }

    @Test
    void aCredentialNamesAnIdentityOfItsOwn() throws Exception {
        String identity = ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"mover\",\"kind\":\"UserAssigned\"}")
                .path("principal").asText();
        Files.createDirectories(folder.resolve("credential"));
        write("credential/moving.json", """
                {"name": "moving", "properties": {"type": "ManagedIdentity", "typeProperties": {
                 "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mover"}}}
                """);
        linkedService("\"database\": \"Moved\", \"credential\": {\"referenceName\": \"moving\", \"type\": \"CredentialReference\"}");
        command("NetDefaultDB", ".create database Moved");
        RunRecord refused = run();
        assertThat(refused.status()).isEqualTo(Status.FAILED);
        assertThat(error(refused)).contains(identity);

        command("Moved", ".add database Moved viewers ('" + identity + "')");
        RunRecord allowed = run();
        assertThat(allowed.status()).as(error(allowed)).isEqualTo(Status.SUCCEEDED);
        assertThat(output(allowed)).contains(identity);
    }

    private static Endpoints endpoints() {
        SignIn.ManagedIdentityEndpoint identity = server.managedIdentity().orElseThrow();
        return Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of(),
                new IdentityEndpoint(identity.endpoint().toString(), identity.header()));
    }

    private void linkedService(String properties) throws Exception {
        write("linkedService/adx.json", """
                {"name": "adx", "properties": {"type": "AzureDataExplorer", "typeProperties": {
                 "endpoint": "https://samples.westeurope.kusto.windows.net", %s}}}
                """.formatted(properties));
    }

    private RunRecord run() throws Exception {
        return new FactoryRunner(Factory.load(folder), endpoints(), _ -> {}).run("look", Map.of());
    }

    private RunRecord run(GivenSecrets secrets) throws Exception {
        return new FactoryRunner(Factory.load(folder), endpoints(), _ -> {}).with(secrets).run("look", Map.of());
    }

    private static String error(RunRecord run) {
        return run.toJson().toString();
    }

    private static String output(RunRecord run) {
        return run.toJson().path("activityRuns").toString();
    }

    private static void command(String database, String text) throws Exception {
        cluster.command(database, text, Duration.ofMinutes(1));
    }

    private void write(String path, String text) throws Exception {
        Files.writeString(folder.resolve(path), text);
    }
}
