package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.copy.Authoring;
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
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The steps of making a factory against a cluster that asks who they are, by the documented table of roles.
class AuthoringTest {
    private static final String APPLICATION = "0b1d5c26-3f0a-4d6e-9d2f-5a7c1e8b9f10";
    private static final String PRINCIPAL = "('aadapp=" + APPLICATION + ";contoso.onmicrosoft.com')";
    private static final ObjectNode NONE = JsonNodeFactory.instance.objectNode();

    @TempDir
    private static Path data;
    @TempDir
    private static Path folder;
    private static Server server;
    private static Endpoints endpoints;
    private static KustoCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA));
        SignIn.ManagedIdentityEndpoint identity = server.managedIdentity().orElseThrow();
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of(),
                new IdentityEndpoint(identity.endpoint().toString(), identity.header()));
        var endpoint = endpoints.resolve("https://samples.westeurope.kusto.windows.net");
        KustoCredential administrator = KustoCredential.of(Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
        cluster = KustoCluster.connect(endpoint, administrator);
        ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications",
                "{\"name\":\"author\",\"appId\":\"" + APPLICATION + "\",\"secret\":\"hidden from everybody\",\"tenant\":\"contoso.onmicrosoft.com\"}");
        write("linkedService/adx.json", """
                {"name": "adx", "properties": {"type": "AzureDataExplorer", "parameters": {"db": {"type": "string"}}, "typeProperties": {
                 "endpoint": "https://samples.westeurope.kusto.windows.net ", "database": "@{linkedService().db}", "tenant": "contoso.onmicrosoft.com",
                 "servicePrincipalId": "%s", "servicePrincipalKey": {"type": "SecureString", "value": "hidden from everybody"}}}}
                """.formatted(APPLICATION));
        write("linkedService/files.json", "{\"name\": \"files\", \"properties\": {\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}}");
        write("dataset/csv.json", """
                {"name": "csv", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "a.csv"}, "firstRowAsHeader": true}}}
                """);
        write("dataset/table.json", """
                {"name": "table", "properties": {"type": "AzureDataExplorerTable", "parameters": {"db": {"type": "string"}},
                 "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference", "parameters": {"db": "@dataset().db"}}, "typeProperties": {"table": "T"}}}
                """);
        write("a.csv", "id,name\n1,x\n2,y\n");
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    private static void write(String path, String text) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void command(String database, String text) throws Exception {
        cluster.command(database, text, Duration.ofMinutes(1));
    }

    private static ObjectNode in(String database) {
        return JsonNodeFactory.instance.objectNode().put("db", database);
    }

    private interface Step {
        Object run(Authoring authoring) throws Authoring.StepFailure;
    }

    private static Object step(Step step) throws Exception {
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY)) {
            return step.run(authoring);
        }
    }

    private static Object connect(String database) throws Exception {
        return step(authoring -> {
            authoring.testConnection("adx", in(database));
            return "connected";
        });
    }

    @Test
    void secretsThatAreGivenComeBeforeThoseOfAVault() throws Exception {
        write("linkedService/lab.json", """
                {"name": "lab", "properties": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://lab.vault.azure.net"}}}""");
        write("linkedService/vaulted.json", """
                {"name": "vaulted", "properties": {"type": "AzureDataExplorer", "typeProperties": {
                 "endpoint": "https://samples.westeurope.kusto.windows.net", "database": "Vaulted", "tenant": "contoso.onmicrosoft.com", "servicePrincipalId": "%s",
                 "servicePrincipalKey": {"type": "AzureKeyVaultSecret", "store": {"referenceName": "lab", "type": "LinkedServiceReference"}, "secretName": "adx-key"}}}}
                """.formatted(APPLICATION));
        command("NetDefaultDB", ".create database Vaulted");
        command("Vaulted", ".add database Vaulted monitors " + PRINCIPAL);
        GivenSecrets given = new GivenSecrets(Map.of("adx-key", "hidden from everybody"), Map.of());
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY, given)) {
            authoring.testConnection("vaulted", NONE);
            assertThat(authoring.tables("vaulted", NONE)).isEmpty();
        }
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY)) {
            assertThatThrownBy(() -> authoring.testConnection("vaulted", NONE)).isInstanceOf(Authoring.StepFailure.class)
                    .hasMessageContaining("Reading the secret 'adx-key' of vault 'lab'");
        }
    }

    @Test
    void aConnectionNeedsAMonitorOrAnIngestorAndNoDatabase() throws Exception {
        command("NetDefaultDB", ".create database Tried");
        command("Tried", ".create table T (id: long)");
        assertThatThrownBy(() -> connect("Tried")).isInstanceOf(Authoring.StepFailure.class)
                .hasMessageStartingWith("Test connection failed: ").hasMessageContaining("needs at least 'database monitor' or 'table ingestor'");
        command("Tried", ".add table T admins " + PRINCIPAL);
        assertThatThrownBy(() -> connect("Tried")).as("the rights of a table's admin are not enough").isInstanceOf(Authoring.StepFailure.class);
        command("Tried", ".add table T ingestors " + PRINCIPAL);
        assertThat(connect("Tried")).isEqualTo("connected");
        command("Tried", ".drop table T ingestors " + PRINCIPAL);
        command("Tried", ".drop table T admins " + PRINCIPAL);
        command("Tried", ".add database Tried monitors " + PRINCIPAL);
        assertThat(connect("Tried")).isEqualTo("connected");
    }

    @Test
    void tablesNeedAMonitor() throws Exception {
        command("NetDefaultDB", ".create database Listed");
        command("Listed", ".create table T (id: long)");
        assertThatThrownBy(() -> step(authoring -> authoring.tables("adx", in("Listed")))).hasMessageStartingWith("Table navigation failed: ")
                .hasMessageContaining("'database monitor'");
        command("Listed", ".add database Listed monitors " + PRINCIPAL);
        assertThat(step(authoring -> authoring.tables("adx", in("Listed")))).isEqualTo(List.of("T"));
    }

    @Test
    void aPreviewAndASchemaNeedAViewer() throws Exception {
        command("NetDefaultDB", ".create database Seen");
        command("Seen", ".set-or-append T <| range id from 1 to 3 step 1 | extend name = 'n'");
        assertThatThrownBy(() -> step(authoring -> authoring.preview("table", in("Seen"), 2))).hasMessageStartingWith("Preview data failed: ")
                .hasMessageContaining("'database viewer'");
        assertThatThrownBy(() -> step(authoring -> authoring.schema("table", in("Seen")))).hasMessageStartingWith("Import schema failed: ");
        command("Seen", ".add database Seen viewers " + PRINCIPAL);
        assertThat(step(authoring -> authoring.preview("table", in("Seen"), 2).rows().size())).isEqualTo(2);
        assertThat(step(authoring -> authoring.schema("table", in("Seen")).toString()))
                .isEqualTo("[{\"name\":\"id\",\"type\":\"Int64\"},{\"name\":\"name\",\"type\":\"String\"}]");
        assertThat(step(authoring -> authoring.databases("adx", in("Seen")))).asInstanceOf(InstanceOfAssertFactories.LIST).contains("Seen");
    }

    @Test
    void filesArePreviewedWithoutACluster() throws Exception {
        assertThat(step(authoring -> authoring.preview("csv", NONE, 1).toJson().toString()))
                .isEqualTo("{\"columns\":[{\"name\":\"id\",\"type\":\"String\"},{\"name\":\"name\",\"type\":\"String\"}],\"rows\":[{\"id\":\"1\",\"name\":\"x\"}]}");
        step(authoring -> {
            authoring.testConnection("files", NONE);
            return "";
        });
    }
}
