package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    private static List<ManagementOperation> operations;
    private static final Map<String, String> ADMINISTRATORS = new LinkedHashMap<>();
    /// By audience, by what its holder may.
    private static final Map<String, Map<String, String>> OTHERS = new LinkedHashMap<>();

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
            JsonNode made = JSON.readTree(ManagementOperation.of(KUSTO, "POST", "/v1/rest/applications", "{\"name\":\"" + grant.getKey().replace(" ", "-") + "\"}")
                    .ask(up.url(), ADMINISTRATORS.get(KUSTO)).body());
            if (!grant.getValue().isEmpty()) {
                command(grant.getValue() + " ('" + made.path("principal").asText() + "')");
            }
            for (String audience : OTHERS.keySet()) {
                OTHERS.get(audience).put(grant.getKey(), token(made, audience));
            }
        }
        operations = ManagementOperation.all();
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    private static void command(String text) throws IOException {
        var answer = ManagementOperation.of(KUSTO, "POST", "/v1/rest/mgmt", JSON.createObjectNode().put("db", "Lab").put("csl", text).toString()).ask(up.url(), ADMINISTRATORS.get(KUSTO));
        assertThat(answer.status()).as(text + ": " + answer.body()).isEqualTo(200);
    }

    private static String token(JsonNode application, String audience) throws IOException {
        String form = "grant_type=client_credentials&client_id=" + application.path("appId").asText() + "&client_secret="
                + URLEncoder.encode(application.path("secret").asText(), StandardCharsets.UTF_8) + "&scope=" + URLEncoder.encode(audience + "/.default", StandardCharsets.UTF_8);
        return JSON.readTree(Exchange.of(up.url(), new RequestText("POST", "/" + application.path("tenant").asText() + "/oauth2/v2.0/token", 200,
                List.of("Content-Type: application/x-www-form-urlencoded"), form.getBytes(StandardCharsets.UTF_8)).bytes()).body()).path("access_token").asText();
    }

    /// What there is, by every list of it.
    private static List<String> state() {
        return operations.stream().filter(operation -> operation.method().equals("GET")).map(operation -> operation.target() + ": "
                + operation.ask(up.url(), ADMINISTRATORS.get(operation.audience())).body().replaceAll("RequestId:[-0-9a-f]+|Activity[^,}]*|\"@(context|activityId)\":[^,}]*", "")).toList();
    }

    @Test
    @Order(1)
    void whoDoesNotAdministerAllDatabasesIsRefusedBeforeAnythingIsDone() throws IOException {
        // So that there is something to be read and taken away.
        for (ManagementOperation operation : operations) {
            if (operation.method().equals("PUT")) {
                operation.ask(up.url(), ADMINISTRATORS.get(operation.audience()));
            }
        }
        List<String> before = state();
        SoftAssertions all = new SoftAssertions();
        for (ManagementOperation operation : operations) {
            for (Map.Entry<String, String> other : OTHERS.get(operation.audience()).entrySet()) {
                Exchange answer = operation.ask(up.url(), other.getValue());
                all.assertThat(answer.status()).as("%s %s by who holds %s: %s", operation.method(), operation.target(), other.getKey(), answer.body()).isEqualTo(403);
                all.assertThat(answer.body()).contains("Forbidden");
            }
            all.assertThat(operation.ask(up.url(), "").status()).as("%s %s by nobody", operation.method(), operation.target()).isEqualTo(401);
            all.assertThat(operation.ask(up.url(), ADMINISTRATORS.get(KUSTO)).status()).as("%s %s with a token for queries", operation.method(), operation.target()).isEqualTo(401);
        }
        all.assertAll();
        assertThat(state()).isEqualTo(before);
    }

    /// Where each service beside the cluster tells its paths apart, and what it knows there that is no operation.
    private static final Map<String, List<String>> SERVICES = Map.of(
            "KustoManagement", List.of("server/src/main/java/io/conshelf/server/management/KustoManagement.java"),
            "ResourceGroups", List.of(), "StorageKeys", List.of(), "Vaults", List.of(),
            "HostedFactory", List.of("factory/src/main/java/io/conshelf/factory/service/FactoryService.java", "factory/src/main/java/io/conshelf/factory/service/Address.java",
                    "factory/src/main/java/io/conshelf/factory/definition/Kind.java"),
            "HostedStreams", List.of("streams/src/main/java/io/conshelf/streams/service/StreamService.java", "streams/src/main/java/io/conshelf/streams/service/Address.java",
                    "streams/src/main/java/io/conshelf/streams/service/PartKind.java"),
            "HostedProcessor", List.of("processor/src/main/java/io/conshelf/processor/service/Address.java", "processor/src/main/java/io/conshelf/processor/service/Kind.java"));
    /// What is told to be missing, rather than done, and names of kinds that stand in no path.
    private static final Set<String> NO_PATHS = Set.of("clusters", "factory", "integrationruntime", "credential", "linkedservice", "dataset", "dataflow", "pipeline", "trigger",
            "input", "output", "function", "transformation", "instance");
    /// `case "a/b" ->`, `is(segments, 6, "a")`, `A("a", "b")`.
    private static final Pattern PATH = Pattern.compile("case ((?:\"[\\w/*]+\",?\\s*)+)(?:->|:)|\\bis\\(segments, \\d+, (\"\\w+\")\\)|[A-Z_]+\\((\"\\w+\", \"\\w*\")[,)]");

    /// A class or record that says so, alone or among other interfaces, on however many lines.
    private static final Pattern SERVICE = Pattern.compile("\\bimplements\\s[^{]*\\bHostedService\\s*[,{]|new HostedService\\s*\\(");

    /// A path that a service comes to answer without standing in the list is found here, and so is a service that is new.
    @Test
    @Order(0)
    void everyPathThatAServiceKnowsIsInTheList() throws IOException {
        Set<String> services = new TreeSet<>();
        for (String module : List.of("server", "cli")) {
            try (Stream<Path> files = Files.walk(Surroundings.root().resolve(module + "/src/main/java"))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    if (SERVICE.matcher(Files.readString(file)).find()) {
                        services.add(file.getFileName().toString().replace(".java", ""));
                    }
                }
            }
        }
        assertThat(services).as("services").isEqualTo(new TreeSet<>(SERVICES.keySet()));
        List<String> listed = operations.stream().map(operation -> operation.target().replaceFirst("\\?.*", "").toLowerCase(Locale.ROOT) + "/").toList();
        SoftAssertions all = new SoftAssertions();
        for (String file : SERVICES.values().stream().flatMap(List::stream).toList()) {
            Set<String> known = new TreeSet<>();
            PATH.matcher(Files.readString(Surroundings.root().resolve(file))).results().forEach(found -> Stream.of(found.group(1), found.group(2), found.group(3))
                    .filter(Objects::nonNull).flatMap(words -> Stream.of(words.split("[\",\\s]+"))).filter(word -> !word.isEmpty()).map(word -> word.toLowerCase(Locale.ROOT)).forEach(known::add));
            known.removeAll(NO_PATHS);
            assertThat(known).as("paths of %s", file).isNotEmpty();
            for (String path : known) {
                var pattern = Pattern.compile(".*/" + path.replace("/*", "").replace("/", "/(?:[^/]+/)?") + "/.*");
                all.assertThat(listed.stream().anyMatch(target -> pattern.matcher(target).matches())).as("'%s' of %s stands in operations.txt", path, file).isTrue();
            }
        }
        all.assertAll();
    }

    /// What nobody has thought of yet is no way in: a path is refused for who asks before anything looks at what stands there.
    @Test
    @Order(2)
    void whatAServiceDoesNotKnowIsRefusedForWhoAsksToo() {
        SoftAssertions all = new SoftAssertions();
        Map<String, String> services = new LinkedHashMap<>();
        operations.forEach(operation -> services.putIfAbsent(operation.target().replaceFirst("^((?:/subscriptions/s|/providers|/vaults)?(?:/resourceGroups/g)?"
                + "(?:/providers/[^/?]+|/[^/?]+)?).*", "$1"), operation.audience()));
        Set<String> asked = new TreeSet<>();
        services.forEach((place, audience) -> {
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                var unknown = ManagementOperation.of(audience, method, place + "/somethingNew/x/act?api-version=2099-01-01", "{}");
                Exchange refused = unknown.ask(up.url(), OTHERS.get(audience).get("database admins"));
                // What no service answers at all tells nobody anything.
                if (refused.status() != 404 || !refused.body().contains("Nothing is served")) {
                    asked.add(method + " " + place);
                    all.assertThat(refused.status()).as("%s %s: %s", method, unknown.target(), refused.body()).isEqualTo(403);
                    all.assertThat(unknown.ask(up.url(), "").status()).as("%s %s by nobody", method, unknown.target()).isEqualTo(401);
                }
            }
        });
        all.assertAll();
        for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
            for (String place : List.of("/subscriptions/s/resourceGroups/g/providers/Microsoft.Kusto", "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory",
                    "/subscriptions/s/resourceGroups/g/providers/Microsoft.StreamAnalytics", "/subscriptions/s/resourceGroups/g/providers/Microsoft.IoTOperationsDataProcessor",
                    "/providers/Microsoft.DataFactory", "/vaults/lab")) {
                assertThat(asked).as("what a service answers").contains(method + " " + place);
            }
        }
    }

    @Test
    @Order(3)
    void whoAdministersAllDatabasesIsLetIn() {
        SoftAssertions all = new SoftAssertions();
        for (ManagementOperation operation : operations) {
            Exchange answer = operation.ask(up.url(), ADMINISTRATORS.get(operation.audience()));
            all.assertThat(answer.status()).as("%s %s: %s", operation.method(), operation.target(), answer.body()).isNotIn(401, 403, 500, Exchange.NONE);
            // What the service does not know is no operation, and would be refused to everybody.
            all.assertThat(answer.body()).as("%s %s", operation.method(), operation.target()).doesNotContain("InvalidResourceType", "Nothing is served");
        }
        all.assertAll();
    }
}
