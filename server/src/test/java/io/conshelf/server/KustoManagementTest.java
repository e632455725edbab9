package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The management interface of `Microsoft.Kusto` by its requests. The official clients are tried in `KustoManagementClientsTest`.
class KustoManagementTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lab/providers/Microsoft.Kusto";
    private static final String CLUSTER = GROUP + "/clusters/mystreamingcluster";

    @TempDir
    private Path data;

    private Server server;

    @BeforeEach
    void start() {
        server = Server.start(ServerConfig.local().withData(data));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        String url = "http://127.0.0.1:" + server.port() + path + (path.contains("?") ? "" : "?api-version=2024-04-13");
        return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private JsonNode done(int status, String method, String path, String body) throws Exception {
        var answer = send(method, path, body);
        assertThat(answer.statusCode()).as(method + " " + path + " " + answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    private String run(String database, String command) throws Exception {
        return send("POST", "/v1/rest/mgmt?x=1", JSON.createObjectNode().put("db", database).put("csl", command).toString()).body();
    }

    private int stream() throws Exception {
        return send("POST", "/v1/rest/ingest/NetDefaultDB/T?streamFormat=csv", "1").statusCode();
    }

    @Test
    void theSwitchForStreamsIsThatOfTheClusterThatRuns() throws Exception {
        run("NetDefaultDB", ".create table T (a:long)");
        run("NetDefaultDB", ".alter table T policy streamingingestion enable");
        assertThat(stream()).isEqualTo(200);
        done(200, "PATCH", CLUSTER, "{\"properties\":{\"enableStreamingIngest\":false}}");
        assertThat(done(200, "GET", CLUSTER, "").at("/properties/enableStreamingIngest").asBoolean()).isFalse();
        assertThat(stream()).isEqualTo(400);
        server.close();
        server = Server.start(ServerConfig.local().withData(data));
        assertThat(stream()).as("after a restart").isEqualTo(400);
        done(200, "PATCH", CLUSTER, "{\"properties\":{\"enableStreamingIngest\":true}}");
        assertThat(stream()).isEqualTo(200);
    }

    @Test
    void aClusterIsMadeChangedListedAndDeleted() throws Exception {
        assertThat(done(200, "POST", "/subscriptions/s/providers/Microsoft.Kusto/locations/eastus/checkNameAvailability", "{\"name\":\"lab1\",\"type\":\"Microsoft.Kusto/clusters\"}")
                .path("nameAvailable").asBoolean()).isTrue();
        assertThat(done(200, "POST", "/subscriptions/s/providers/Microsoft.Kusto/locations/eastus/checkNameAvailability", "{\"name\":\"c1\"}").path("reason").asText())
                .as("a name that PUT refuses").isEqualTo("Invalid");
        var made = send("PUT", GROUP + "/clusters/lab1", "{\"location\":\"eastus\",\"sku\":{\"name\":\"Standard_E2ads_v5\",\"tier\":\"Standard\",\"capacity\":2},\"tags\":{\"a\":\"b\"}}");
        assertThat(made.statusCode()).isEqualTo(201);
        String operation = made.headers().firstValue("Azure-AsyncOperation").orElseThrow();
        assertThat(done(200, "GET", operation.replaceFirst("http://[^/]+", ""), "").path("status").asText()).isEqualTo("Succeeded");
        JsonNode cluster = JSON.readTree(made.body());
        assertThat(cluster.at("/properties/uri").asText()).isEqualTo("http://127.0.0.1:" + server.port());
        assertThat(cluster.at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        done(200, "PATCH", GROUP + "/clusters/LAB1", "{\"tags\":{\"c\":\"d\"},\"sku\":{\"capacity\":3}}");
        JsonNode changed = done(200, "GET", GROUP + "/clusters/lab1", "");
        assertThat(changed.at("/sku/capacity").asInt()).isEqualTo(3);
        assertThat(changed.at("/sku/name").asText()).isEqualTo("Standard_E2ads_v5");
        assertThat(done(200, "GET", GROUP + "/clusters", "").path("value")).hasSize(1);
        assertThat(done(200, "GET", "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Kusto/clusters", "").path("value")).hasSize(1);
        assertThat(done(200, "GET", "/subscriptions/other/providers/Microsoft.Kusto/clusters", "").path("value")).isEmpty();
        done(200, "DELETE", GROUP + "/clusters/lab1", "");
        done(204, "DELETE", GROUP + "/clusters/lab1", "");
        // Where nobody has made one, nothing is changed.
        done(204, "DELETE", GROUP + "/clusters/never", "");
        done(200, "GET", GROUP + "/clusters/never/databases", "");
        assertThat(done(404, "GET", GROUP + "/clusters/lab1", "").at("/error/code").asText()).isEqualTo("ResourceNotFound");
    }

    @Test
    void propertiesThatAreNoObjectAreRefused() throws Exception {
        for (String method : List.of("PUT", "PATCH")) {
            for (String properties : List.of("false", "[]", "\"a\"")) {
                var answer = send(method, GROUP + "/clusters/lab1", "{\"location\":\"eastus\",\"properties\":" + properties + "}");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
                assertThat(answer.body()).contains("InvalidRequestContent", "'properties'");
            }
        }
    }

    @Test
    void databasesAreThoseOfTheClusterThatRuns() throws Exception {
        JsonNode made = done(201, "PUT", CLUSTER + "/databases/Lab", "{\"location\":\"eastus\",\"kind\":\"ReadWrite\",\"properties\":{\"softDeletePeriod\":\"P31D\",\"hotCachePeriod\":\"P7DT12H\"}}");
        assertThat(made.path("name").asText()).isEqualTo("mystreamingcluster/Lab");
        assertThat(made.at("/properties/softDeletePeriod").asText()).isEqualTo("P31D");
        assertThat(made.at("/properties/hotCachePeriod").asText()).isEqualTo("P7DT12H");
        assertThat(run("Lab", ".show database Lab policy retention")).contains("31.00:00:00");
        done(200, "PUT", CLUSTER + "/databases/lab", "{\"kind\":\"ReadWrite\",\"properties\":{\"softDeletePeriod\":\"P3D\"}}");
        run("NetDefaultDB", ".create database FromCommand");
        assertThat(done(200, "GET", CLUSTER + "/databases", "").path("value").findValuesAsText("name"))
                .contains("mystreamingcluster/Lab", "mystreamingcluster/FromCommand");
        assertThat(done(200, "POST", CLUSTER + "/checkNameAvailability", "{\"name\":\"lab\",\"type\":\"Microsoft.Kusto/clusters/databases\"}").path("reason").asText())
                .isEqualTo("AlreadyExists");
        assertThat(done(200, "POST", CLUSTER + "/checkNameAvailability", "{\"name\":\"a/b*\",\"type\":\"Microsoft.Kusto/clusters/databases\"}").path("reason").asText())
                .isEqualTo("Invalid");
        done(200, "DELETE", CLUSTER + "/databases/Lab", "");
        done(404, "GET", CLUSTER + "/databases/Lab", "");
        assertThat(run("NetDefaultDB", ".show databases")).doesNotContain("\"Lab\"");
    }

    @Test
    void assignmentsGrantAndTakeAwayRoles() throws Exception {
        String assignment = CLUSTER + "/databases/NetDefaultDB/principalAssignments/loader";
        String body = "{\"properties\":{\"principalId\":\"7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e\",\"principalType\":\"App\",\"tenantId\":\"contoso.com\",\"role\":\"%s\"}}";
        done(201, "PUT", assignment, body.formatted("Ingestor"));
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).contains("Ingestor", "7fdcc2be");
        done(200, "PUT", assignment, body.formatted("Viewer"));
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).contains("Viewer").doesNotContain("Ingestor");
        assertThat(done(200, "GET", CLUSTER + "/databases/NetDefaultDB/principalAssignments", "").path("value")).hasSize(1);
        done(200, "DELETE", assignment, "");
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).doesNotContain("7fdcc2be");

        done(201, "PUT", CLUSTER + "/principalAssignments/watch", body.formatted("AllDatabasesMonitor"));
        assertThat(run("NetDefaultDB", ".show cluster principals")).contains("AllDatabasesMonitor");
        done(200, "DELETE", CLUSTER + "/principalAssignments/watch", "");
        assertThat(run("NetDefaultDB", ".show cluster principals")).doesNotContain("AllDatabasesMonitor");

        JsonNode added = done(200, "POST", CLUSTER + "/databases/NetDefaultDB/addPrincipals",
                "{\"value\":[{\"role\":\"Viewer\",\"name\":\"Anna\",\"type\":\"User\",\"email\":\"anna@contoso.com\"}]}");
        assertThat(added.at("/value/0/email").asText()).isEqualTo("anna@contoso.com");
        assertThat(done(200, "POST", CLUSTER + "/databases/NetDefaultDB/removePrincipals",
                "{\"value\":[{\"role\":\"Viewer\",\"name\":\"Anna\",\"type\":\"User\",\"email\":\"anna@contoso.com\"}]}").path("value")).isEmpty();
    }

    @Test
    void aRoleThatTwoAssignmentsStateGoesWithTheLastOfThem() throws Exception {
        String body = "{\"properties\":{\"principalId\":\"%s\",\"principalType\":\"User\",\"tenantId\":\"contoso.com\",\"role\":\"%s\"}}";
        String one = CLUSTER + "/databases/NetDefaultDB/principalAssignments/one";
        String two = GROUP + "/clusters/another/databases/netdefaultdb/principalAssignments/two";
        done(201, "PUT", one, body.formatted("anna@contoso.com", "Viewer"));
        done(201, "PUT", two, body.formatted("Anna@contoso.com", "Viewer"));
        done(200, "DELETE", one, "");
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).containsIgnoringCase("anna@contoso.com");
        done(201, "PUT", one, body.formatted("anna@contoso.com", "Viewer"));
        done(200, "PUT", two, body.formatted("anna@contoso.com", "Ingestor"));
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).contains("Viewer", "Ingestor");
        done(200, "DELETE", one, "");
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).doesNotContain("Viewer");
        done(200, "DELETE", two, "");
        assertThat(run("NetDefaultDB", ".show database NetDefaultDB principals")).doesNotContainIgnoringCase("anna@contoso.com");

        done(201, "PUT", CLUSTER + "/principalAssignments/a", body.formatted("anna@contoso.com", "AllDatabasesViewer"));
        done(201, "PUT", CLUSTER + "/principalAssignments/b", body.formatted("anna@contoso.com", "AllDatabasesViewer"));
        done(200, "DELETE", CLUSTER + "/principalAssignments/b", "");
        assertThat(run("NetDefaultDB", ".show cluster principals")).contains("AllDatabasesViewer");
        done(200, "DELETE", CLUSTER + "/principalAssignments/a", "");
        assertThat(run("NetDefaultDB", ".show cluster principals")).doesNotContain("AllDatabasesViewer");
    }

    @Test
    void aPathThatIsNotWellEncodedIsABadRequest() throws Exception {
        for (String name : new String[] {"%zz", "%", "a%2"}) {
            // No client library sends such a path.
            try (var socket = new Socket("127.0.0.1", server.port())) {
                socket.getOutputStream().write(("GET " + GROUP + "/clusters/" + name + "?api-version=2024-04-13 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).as(name)
                        .startsWith("HTTP/1.1 400").contains("two hexadecimal digits");
            }
        }
    }

    @Test
    void dataConnectionsAreKeptAsResources() throws Exception {
        String connection = CLUSTER + "/databases/NetDefaultDB/dataConnections/hub";
        done(201, "PUT", connection, "{\"location\":\"eastus\",\"kind\":\"EventHub\",\"properties\":{\"eventHubResourceId\":\"/subscriptions/s/x\",\"consumerGroup\":\"$Default\",\"tableName\":\"T\"}}");
        done(200, "PATCH", connection, "{\"kind\":\"EventHub\",\"properties\":{\"dataFormat\":\"JSON\"}}");
        JsonNode shown = done(200, "GET", connection, "");
        assertThat(shown.at("/properties/consumerGroup").asText()).isEqualTo("$Default");
        assertThat(shown.at("/properties/dataFormat").asText()).isEqualTo("JSON");
        assertThat(done(200, "POST", CLUSTER + "/databases/NetDefaultDB/checkNameAvailability", "{\"name\":\"hub\",\"type\":\"Microsoft.Kusto/clusters/databases/dataConnections\"}")
                .path("nameAvailable").asBoolean()).isFalse();
        assertThat(done(200, "GET", CLUSTER + "/databases/NetDefaultDB/dataConnections", "").path("value")).hasSize(1);
        done(200, "DELETE", connection, "");
        done(404, "GET", connection, "");
    }

    @Test
    void theProviderTellsItsOperationsWhichBelongToNoSubscription() throws Exception {
        assertThat(done(200, "GET", "/providers/Microsoft.Kusto/operations", "").path("value").findValuesAsText("name"))
                .contains("Microsoft.Kusto/Clusters/read", "Microsoft.Kusto/Clusters/Databases/DataConnections/write");
        done(404, "GET", "/providers/Microsoft.Kusto/clusters", "");
        done(404, "GET", GROUP + "/operations", "");
    }

    @Test
    void whatIsWrongIsRefusedByName() throws Exception {
        assertThat(send("GET", CLUSTER + "?x=1", "").body()).contains("MissingApiVersionParameter");
        assertThat(done(400, "PUT", CLUSTER + "/databases/Bad", "{\"properties\":{\"softDeletePeriod\":\"31 days\"}}").toString()).contains("softDeletePeriod", "P31D");
        done(404, "GET", CLUSTER + "/databases/Bad", "");
        done(400, "PUT", CLUSTER + "/databases/Bad", "{\"kind\":\"ReadOnlyFollowing\"}");
        done(400, "PUT", CLUSTER + "/databases/Bad", "not json");
        done(400, "PUT", GROUP + "/clusters/no_name", "{\"location\":\"x\",\"sku\":{}}");
        done(400, "PUT", CLUSTER + "/databases/NetDefaultDB/principalAssignments/x", "{\"properties\":{\"principalId\":\"a') 'x\",\"principalType\":\"App\",\"role\":\"Admin\"}}");
        done(400, "PUT", CLUSTER + "/databases/NetDefaultDB/principalAssignments/x", "{\"properties\":{\"principalId\":\"a\",\"principalType\":\"App\",\"role\":\"Owner\"}}");
        assertThat(done(404, "POST", CLUSTER + "/stop", "").at("/error/code").asText()).isEqualTo("NotSupported");
        done(405, "DELETE", GROUP + "/clusters", "");
    }
}
