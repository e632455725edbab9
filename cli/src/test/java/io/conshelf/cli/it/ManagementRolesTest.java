package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Every operation of the services beside the cluster (resources of `Microsoft.Kusto`, factories, jobs, pipelines, vaults, keys of storage accounts) asked by holders
/// of every role: all but administrators of all databases are refused before anything is done. Commands and queries: `RoleMatrixTest`.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManagementRolesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KUSTO = "https://kusto.windows.net";
    private static final String MANAGEMENT = "https://management.azure.com";
    private static final String VAULT = "https://vault.azure.net";
    private static final String GROUP = "/subscriptions/s/resourceGroups/g";
    private static final Map<String, String> PLACES = Map.of(
            "{rg}", GROUP, "{f}", GROUP + "/providers/Microsoft.DataFactory/factories/lab", "{job}", GROUP + "/providers/Microsoft.StreamAnalytics/streamingjobs/job",
            "{location}", "/subscriptions/s/providers/Microsoft.StreamAnalytics/locations/eastus",
            "{plant}", GROUP + "/providers/Microsoft.IoTOperationsDataProcessor/instances/plant");

    /// Who holds no role that manages, by what grants the one that they hold.
    private static final Map<String, String> GRANTS = new LinkedHashMap<>();

    static {
        GRANTS.put("nothing", "");
        for (String role : List.of("AllDatabasesViewers", "AllDatabasesMonitors", "databasecreators")) {
            GRANTS.put(role, ".add cluster " + role);
        }
        for (String role : List.of("admins", "users", "viewers", "unrestrictedviewers", "ingestors", "monitors")) {
            GRANTS.put("database " + role, ".add database Lab " + role);
        }
        GRANTS.put("table admins", ".add table Events admins");
        GRANTS.put("table ingestors", ".add table Events ingestors");
    }

    @TempDir
    private static Path folder;

    private static UpProcess up;
    private static Administrator administrator;
    private static List<Operation> operations;
    private static final Map<String, String> ADMINISTRATORS = new LinkedHashMap<>();
    /// By audience, by what its holder may.
    private static final Map<String, Map<String, String>> OTHERS = new LinkedHashMap<>();

    private record Operation(String audience, String method, String target, String body) {
        Exchange ask(String token) {
            List<String> headers = new ArrayList<>(List.of("Content-Type: application/json"));
            if (!token.isEmpty()) {
                headers.add("Authorization: Bearer " + token);
            }
            return Exchange.of(up.url(), new RequestText(method, target, 200, headers, body.getBytes(StandardCharsets.UTF_8)).bytes());
        }
    }

    @BeforeAll
    static void start() throws IOException {
        Path data = folder.resolve("data");
        up = UpProcess.start(folder, Files.createDirectories(folder.resolve("allowed")), "--data", data.toString(), "--database", "Lab", "--auth", "entra");
        administrator = Administrator.of(up, data);
        for (String audience : List.of(KUSTO, MANAGEMENT, VAULT)) {
            ADMINISTRATORS.put(audience, administrator.token(audience));
            OTHERS.put(audience, new LinkedHashMap<>());
        }
        command(".create table Events (n:long)");
        for (Map.Entry<String, String> grant : GRANTS.entrySet()) {
            JsonNode made = JSON.readTree(new Operation(KUSTO, "POST", "/v1/rest/applications", "{\"name\":\"" + grant.getKey().replace(" ", "-") + "\"}")
                    .ask(ADMINISTRATORS.get(KUSTO)).body());
            if (!grant.getValue().isEmpty()) {
                command(grant.getValue() + " ('" + made.path("principal").asText() + "')");
            }
            for (String audience : OTHERS.keySet()) {
                OTHERS.get(audience).put(grant.getKey(), token(made, audience));
            }
        }
        operations = operations();
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    private static void command(String text) throws IOException {
        var answer = new Operation(KUSTO, "POST", "/v1/rest/mgmt", JSON.createObjectNode().put("db", "Lab").put("csl", text).toString()).ask(ADMINISTRATORS.get(KUSTO));
        assertThat(answer.status()).as(text + ": " + answer.body()).isEqualTo(200);
    }

    private static String token(JsonNode application, String audience) throws IOException {
        String form = "grant_type=client_credentials&client_id=" + application.path("appId").asText() + "&client_secret="
                + URLEncoder.encode(application.path("secret").asText(), StandardCharsets.UTF_8) + "&scope=" + URLEncoder.encode(audience + "/.default", StandardCharsets.UTF_8);
        return JSON.readTree(Exchange.of(up.url(), new RequestText("POST", "/" + application.path("tenant").asText() + "/oauth2/v2.0/token", 200,
                List.of("Content-Type: application/x-www-form-urlencoded"), form.getBytes(StandardCharsets.UTF_8)).bytes()).body()).path("access_token").asText();
    }

    private static List<Operation> operations() throws IOException {
        List<Operation> read = new ArrayList<>();
        try (InputStream text = ManagementRolesTest.class.getResourceAsStream("/management/operations.txt")) {
            String[] service = new String[0];
            for (String line : new String(text.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("## ")) {
                    service = line.split(" ");
                } else if (!line.startsWith("#") && !line.isBlank()) {
                    String[] parts = line.split(" ", 3);
                    String target = parts[1];
                    for (Map.Entry<String, String> place : PLACES.entrySet()) {
                        target = target.replace(place.getKey(), place.getValue());
                    }
                    read.add(new Operation(service[1], parts[0], target + "?" + service[3], parts.length > 2 ? parts[2] : ""));
                }
            }
        }
        return read;
    }

    /// What there is, by every list of it.
    private static List<String> state() {
        return operations.stream().filter(operation -> operation.method().equals("GET")).map(operation -> operation.target() + ": "
                + operation.ask(ADMINISTRATORS.get(operation.audience())).body().replaceAll("RequestId:[-0-9a-f]+|Activity[^,}]*|\"@(context|activityId)\":[^,}]*", "")).toList();
    }

    @Test
    @Order(1)
    void whoDoesNotAdministerAllDatabasesIsRefusedBeforeAnythingIsDone() throws IOException {
        // So that there is something to be read and taken away.
        for (Operation operation : operations) {
            if (operation.method().equals("PUT")) {
                operation.ask(ADMINISTRATORS.get(operation.audience()));
            }
        }
        List<String> before = state();
        SoftAssertions all = new SoftAssertions();
        for (Operation operation : operations) {
            for (Map.Entry<String, String> other : OTHERS.get(operation.audience()).entrySet()) {
                Exchange answer = operation.ask(other.getValue());
                all.assertThat(answer.status()).as("%s %s by who holds %s: %s", operation.method(), operation.target(), other.getKey(), answer.body()).isEqualTo(403);
                all.assertThat(answer.body()).contains("Forbidden");
            }
            all.assertThat(operation.ask("").status()).as("%s %s by nobody", operation.method(), operation.target()).isEqualTo(401);
            all.assertThat(operation.ask(ADMINISTRATORS.get(KUSTO)).status()).as("%s %s with a token for queries", operation.method(), operation.target()).isEqualTo(401);
        }
        all.assertAll();
        assertThat(state()).isEqualTo(before);
    }

    @Test
    @Order(2)
    void whoAdministersAllDatabasesIsLetIn() {
        SoftAssertions all = new SoftAssertions();
        for (Operation operation : operations) {
            Exchange answer = operation.ask(ADMINISTRATORS.get(operation.audience()));
            all.assertThat(answer.status()).as("%s %s: %s", operation.method(), operation.target(), answer.body()).isNotIn(401, 403, 500, Exchange.NONE);
            // What the service does not know is no operation, and would be refused to everybody.
            all.assertThat(answer.body()).as("%s %s", operation.method(), operation.target()).doesNotContain("InvalidResourceType", "Nothing is served");
        }
        all.assertAll();
    }
}
