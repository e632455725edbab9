package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.identity.SignIn;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// Pipelines with a principal that holds one role and no other, by the documented table of roles. What one does while making a factory is in
/// [AuthoringTest].
class RolesTest {
    private static final String TENANT = "contoso.onmicrosoft.com";

    @TempDir
    private static Path data;
    private static Server server;
    private static Endpoints endpoints;
    private static KustoEndpoint endpoint;
    private static KustoCredential administrator;
    private static KustoCluster cluster;

    @TempDir
    Path folder;
    private String database;
    private String principal;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA));
        SignIn.ManagedIdentityEndpoint identity = server.managedIdentity().orElseThrow();
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of(),
                new IdentityEndpoint(identity.endpoint().toString(), identity.header()));
        endpoint = endpoints.resolve("https://samples.westeurope.kusto.windows.net");
        administrator = KustoCredential.of(Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
        cluster = KustoCluster.connect(endpoint, administrator);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    @BeforeEach
    void aDatabaseAndAPrincipalWithoutRoles(TestInfo test) throws Exception {
        database = test.getTestMethod().orElseThrow().getName();
        String application = UUID.randomUUID().toString();
        principal = "('aadapp=" + application + ";" + TENANT + "')";
        ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"" + database + "\",\"appId\":\"" + application
                + "\",\"secret\":\"hidden from everybody\",\"tenant\":\"" + TENANT + "\"}");
        cluster.command("NetDefaultDB", ".create database " + database, Duration.ofMinutes(1));
        command(".create table Target (id: long, name: string, at: datetime)");
        write("linkedService/adx.json", """
                {"name": "adx", "properties": {"type": "AzureDataExplorer", "parameters": {"db": {"type": "string", "defaultValue": "%s"}}, "typeProperties": {
                 "endpoint": "https://samples.westeurope.kusto.windows.net ", "database": "@{linkedService().db}", "tenant": "%s",
                 "servicePrincipalId": "%s", "servicePrincipalKey": {"type": "SecureString", "value": "hidden from everybody"}}}}
                """.formatted(database, TENANT, application));
        write("linkedService/files.json", "{\"name\": \"files\", \"properties\": {\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}}");
        write("dataset/target.json", """
                {"name": "target", "properties": {"type": "AzureDataExplorerTable",
                 "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"}, "typeProperties": {"table": "Target"}}}
                """);
    }

    private void file(String type, String name, String settings, String content) throws Exception {
        write("in/" + name, content);
        write("dataset/source.json", """
                {"name": "source", "properties": {"type": "%s", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "in", "fileName": "%s"}%s}}}
                """.formatted(type, name, settings));
    }

    private void copy(String source, String more) throws Exception {
        activity("""
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "source", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "target", "type": "DatasetReference"}],
                 "typeProperties": {"source": %s, "sink": {"type": "AzureDataExplorerSink", "flushImmediately": true}%s}}""".formatted(source, more));
    }

    private void activity(String json) throws Exception {
        write("pipeline/p.json", "{\"name\": \"p\", \"properties\": {\"activities\": [" + json + "]}}");
    }

    private RunRecord run() throws Exception {
        return new FactoryRunner(Factory.load(folder), endpoints, _ -> {}).run("p", Map.of());
    }

    private JsonNode succeeds() throws Exception {
        RunRecord run = run();
        assertThat(run.status()).as(run.toJson().toString()).isEqualTo(Status.SUCCEEDED);
        return run.toJson().at("/activityRuns/0/output");
    }

    private void isForbidden(String role) throws Exception {
        RunRecord run = run();
        assertThat(run.status()).as(run.toJson().toString()).isEqualTo(Status.FAILED);
        assertThat(run.toJson().at("/activityRuns/0/error").toString()).contains("is not authorized", "requires the role", role).doesNotContain("hidden from everybody");
    }

    private void grant(String what) throws Exception {
        command(".add " + what + " " + principal);
    }

    private void command(String text) throws Exception {
        cluster.command(database, text, Duration.ofMinutes(1));
    }

    private void write(String path, String text) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<JsonNode> target() throws Exception {
        try (var rows = cluster.query(database, "Target | sort by id asc | project t = strcat(id, ' ', name, ' ', at)",
                new QueryOptions(Duration.ofMinutes(1), false))) {
            List<JsonNode> texts = new ArrayList<>();
            for (var row = rows.next(); row.isPresent(); row = rows.next()) {
                texts.add(row.get().getFirst());
            }
            return texts;
        }
    }

    private void targetHas(String... rows) throws Exception {
        assertThat(target()).extracting(JsonNode::asText).containsExactly(rows);
    }

    @Test
    void anIngestorOfTheTableCopiesTextByTheNamesOfItsHeader() throws Exception {
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true, \"escapeChar\": \"\\\"\"", "at,id,name\n2024-01-02,1,x\n2024-01-03,2,y\n");
        copy("{\"type\": \"DelimitedTextSource\"}", "");
        // Storage is lent to whoever holds a role.
        isForbidden("any role on a database");
        grant("table Target ingestors");
        JsonNode output = succeeds();
        targetHas("1 x 2024-01-02T00:00:00.0000000Z", "2 y 2024-01-03T00:00:00.0000000Z");
        assertThat(output.path("rowsRead").asLong()).isEqualTo(2);
        assertThat(output.has("rowsCopied")).as("it may not count them").isFalse();
    }

    @Test
    void anIngestorOfTheTableCopiesTextByPosition() throws Exception {
        grant("table Target ingestors");
        file("DelimitedText", "a.csv", ", \"escapeChar\": \"\\\"\"", "1,x,2024-01-02\n2,y,2024-01-03\n");
        copy("{\"type\": \"DelimitedTextSource\"}", "");
        succeeds();
        copy("{\"type\": \"DelimitedTextSource\"}", ", \"enableSkipIncompatibleRow\": true");
        succeeds();
        targetHas("1 x 2024-01-02T00:00:00.0000000Z", "1 x 2024-01-02T00:00:00.0000000Z", "2 y 2024-01-03T00:00:00.0000000Z",
                "2 y 2024-01-03T00:00:00.0000000Z");
    }

    @Test
    void anIngestorOfTheTableCopiesTextByATranslatorAndAddsColumns() throws Exception {
        grant("table Target ingestors");
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true", "when,number\n2024-01-02,1\n");
        copy("{\"type\": \"DelimitedTextSource\", \"additionalColumns\": [{\"name\": \"from\", \"value\": \"$$FILEPATH\"}]}", """
                , "translator": {"type": "TabularTranslator", "mappings": [{"source": {"name": "number"}, "sink": {"name": "id"}},
                 {"source": {"name": "when"}, "sink": {"name": "at"}}, {"source": {"name": "from"}, "sink": {"name": "name"}}]}""");
        succeeds();
        targetHas("1 a.csv 2024-01-02T00:00:00.0000000Z");
    }

    @Test
    void anIngestorOfTheTableCopiesDocuments() throws Exception {
        grant("table Target ingestors");
        file("Json", "a.json", "", "{\"id\": 1, \"at\": \"2024-01-02\"}\n{\"id\": 2, \"at\": \"2024-01-03\"}\n");
        copy("{\"type\": \"JsonSource\"}", "");
        succeeds();
        copy("{\"type\": \"JsonSource\", \"additionalColumns\": [{\"name\": \"name\", \"value\": \"added\"}]}", "");
        succeeds();
        copy("{\"type\": \"JsonSource\"}", ", \"translator\": {\"type\": \"TabularTranslator\", \"mappings\": [{\"source\": {\"path\": \"$['id']\"}, \"sink\": {\"name\": \"name\"}}]}");
        succeeds();
        assertThat(target()).extracting(JsonNode::asText).containsExactlyInAnyOrder("1  2024-01-02T00:00:00.0000000Z", "2  2024-01-03T00:00:00.0000000Z",
                "1 added 2024-01-02T00:00:00.0000000Z", "2 added 2024-01-03T00:00:00.0000000Z", " 1 ", " 2 ");
    }

    @Test
    void aColumnThatAnIngestorCannotSeeIsMissedByTheCluster() throws Exception {
        grant("table Target ingestors");
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true", "id,other\n1,x\n");
        copy("{\"type\": \"DelimitedTextSource\"}", "");
        RunRecord run = run();
        assertThat(run.status()).as(run.toJson().toString()).isEqualTo(Status.FAILED);
        assertThat(run.toJson().at("/activityRuns/0/error").toString()).contains("other");
        targetHas();
    }

    @Test
    void whatNeedsTheTableToBeSeenSaysSo() throws Exception {
        grant("table Target ingestors");
        file("DelimitedText", "a.csv", "", "1,x\n");
        copy("{\"type\": \"DelimitedTextSource\", \"additionalColumns\": [{\"name\": \"at\", \"value\": \"2024-01-02\"}]}", "");
        isForbidden("Monitor");
        activity("""
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "source", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "target", "type": "DatasetReference"}], "typeProperties": {"source": {"type": "DelimitedTextSource"},
                  "sink": {"type": "AzureDataExplorerSink", "additionalProperties": {"ingestIfNotExists": "[\\"x\\"]"}}}}""");
        isForbidden("Monitor");
        targetHas();
        grant("database " + database + " monitors");
        succeeds();
        targetHas("1 x ");
    }

    @Test
    void anAdministratorOfTheDatabaseMapsIngestsAndCounts() throws Exception {
        grant("database " + database + " admins");
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true", "id,name\n1,x\n");
        copy("{\"type\": \"DelimitedTextSource\"}", "");
        assertThat(succeeds().path("rowsCopied").asLong()).isEqualTo(1);
        activity("""
                {"name": "M", "type": "AzureDataExplorerCommand", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                 "typeProperties": {"command": ".create table Target ingestion csv mapping 'm' '[{\\"Column\\": \\"id\\", \\"Properties\\": {\\"Ordinal\\": 0}}]'"}}""");
        succeeds();
    }

    @Test
    void anIngestorOfTheTableMakesAndDropsAMapping() throws Exception {
        String make = "{\"name\": \"M\", \"type\": \"AzureDataExplorerCommand\", \"linkedServiceName\": {\"referenceName\": \"adx\", \"type\": \"LinkedServiceReference\"},"
                + " \"typeProperties\": {\"command\": \".create table Target ingestion csv mapping 'm' '[{\\\"Column\\\": \\\"id\\\", \\\"Properties\\\": {\\\"Ordinal\\\": 0}}]'\"}}";
        activity(make);
        isForbidden("Ingestor or Admin");
        grant("table Target ingestors");
        succeeds();
        activity(make.replaceFirst("\\.create .*\\]'", ".drop table Target ingestion csv mapping 'm'"));
        succeeds();
    }

    @Test
    void aMonitorSeesTheColumnsAndWithAnIngestorsRoleMapsByName() throws Exception {
        grant("database " + database + " monitors");
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true", "id,name\n1,x\n");
        copy("{\"type\": \"DelimitedTextSource\"}", "");
        isForbidden("Ingestor");
        grant("table Target ingestors");
        assertThat(succeeds().path("rowsCopied").asLong()).isEqualTo(1);
        file("DelimitedText", "a.csv", ", \"firstRowAsHeader\": true", "id,other\n1,x\n");
        assertThat(run().toJson().at("/activityRuns/0/error").toString()).contains("UserErrorKustoColumnNotFound");
    }

    @Test
    void aQueryNeedsAViewer() throws Exception {
        command(".set-or-append Source <| range id from 1 to 3 step 1");
        write("dataset/source.json", """
                {"name": "source", "properties": {"type": "AzureDataExplorerTable",
                 "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"}, "typeProperties": {}}}
                """);
        copy("{\"type\": \"AzureDataExplorerSource\", \"query\": \"Source\"}", "");
        grant("table Target ingestors");
        isForbidden("Viewer");
        grant("database " + database + " monitors");
        isForbidden("Viewer");
        grant("database " + database + " viewers");
        assertThat(succeeds().path("rowsCopied").asLong()).isEqualTo(3);
    }

    @Test
    void aCommandNeedsWhatItNeeds() throws Exception {
        String command = "{\"name\": \"K\", \"type\": \"AzureDataExplorerCommand\", \"linkedServiceName\": {\"referenceName\": \"adx\", \"type\": \"LinkedServiceReference\"},"
                + " \"typeProperties\": {\"command\": \"%s\"}}";
        grant("database " + database + " viewers");
        activity(command.formatted(".show tables"));
        succeeds();
        activity(command.formatted(".create table Made (a: long)"));
        isForbidden("User");
        grant("database " + database + " users");
        succeeds();
        activity(command.formatted(".drop table Target"));
        isForbidden("Admin");
        grant("table Target admins");
        succeeds();
    }

    @Test
    void aConnectionIsTriedWhereTheDatabaseIsNot() throws Exception {
        grant("table Target ingestors");
        try (Authoring authoring = new Authoring(Factory.load(folder), endpoints, FolderAccess.ANY)) {
            authoring.testConnection("adx", JsonNodeFactory.instance.objectNode().put("db", "Nowhere"));
        }
        assertThat(cluster.command("NetDefaultDB", ".show databases", Duration.ofMinutes(1)).objects())
                .extracting(row -> row.path("DatabaseName").asText()).contains(database).doesNotContain("Nowhere");
    }
}
