package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.external.Postgres;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandSyntax;
import io.conshelf.kql.command.CommandSyntax.Priority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every operation asked by holders of every role, through the front door with tokens: whoever lacks the role is refused with the
/// service's status before anything is done, whoever has it is let in. Which roles those are stands in
/// `src/test/resources/commands/roles.txt`; `-Dwalk=Policy` runs the commands whose name contains that.
class RoleMatrixTest {
    private static final Path ROLES = Path.of("src/test/resources/commands/roles.txt");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final Map<Holder, String> PRINCIPALS = new HashMap<>();
    private static final Map<Holder, Map<String, String>> TOKENS = new HashMap<>();
    private static final String KUSTO = "https://kusto.kusto.windows.net";
    private static final List<String> RESOURCES = List.of(KUSTO, "https://vault.azure.net", "https://management.azure.com");

    @TempDir
    private static Path folder;

    private static Server server;
    private static String container;
    private static String administrator;
    private static Postgres postgres;

    /// One who holds a role, with what grants it.
    enum Holder {
        Nobody, AllDatabasesAdmin(".add cluster alldatabasesadmins"), AllDatabasesViewer(".add cluster alldatabasesviewers"),
        AllDatabasesMonitor(".add cluster alldatabasesmonitors"), DatabaseCreator(".add cluster databasecreators"),
        DatabaseAdmin(".add database {{db}} admins"), DatabaseUser(".add database {{db}} users"), DatabaseViewer(".add database {{db}} viewers"),
        DatabaseUnrestrictedViewer(".add database {{db}} unrestrictedviewers"), DatabaseIngestor(".add database {{db}} ingestors"),
        DatabaseMonitor(".add database {{db}} monitors"), TableAdmin(".add table T admins"), TableIngestor(".add table T ingestors"),
        ViewerAndTableAdmin(".add database {{db}} viewers", ".add table T admins"),
        ViewerAndTableIngestor(".add database {{db}} viewers", ".add table T ingestors"),
        FunctionAdmin(".add function F admins"), ViewAdmin(".add materialized-view V admins"), ExternalTableAdmin(".add external table X admins"),
        /// Of another database than the one that is asked about.
        OfAnotherDatabase(".add database NetDefaultDB admins");

        private final List<String> grants;

        Holder(String... grants) {
            this.grants = List.of(grants);
        }

        boolean isEverywhere() {
            return grants.stream().noneMatch(grant -> grant.contains("{{db}}") || grant.matches(".* [TFVX] admins|.* T ingestors"));
        }

        static Set<Holder> named(String words) {
            if (words.equals("*")) {
                return EnumSet.allOf(Holder.class);
            }
            Set<Holder> holders = EnumSet.of(AllDatabasesAdmin);
            for (String word : words.isBlank() ? new String[0] : words.strip().split("\\s+")) {
                holders.add(valueOf(word));
            }
            return holders;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withAllowedFolders(List.of(folder)));
        Map<String, String> credentials = new HashMap<>();
        Files.readAllLines(server.credentialsFolder().orElseThrow().resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .forEach(line -> credentials.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        administrator = token(credentials.get("AZURE_TENANT_ID"), credentials.get("AZURE_CLIENT_ID"), credentials.get("AZURE_CLIENT_SECRET"), KUSTO);
        for (Holder holder : Holder.values()) {
            var answer = JSON.readTree(send("POST", "/v1/rest/applications", administrator, "{\"name\":\"" + holder + "\"}").body());
            PRINCIPALS.put(holder, answer.path("principal").asText());
            Map<String, String> tokens = new HashMap<>();
            for (String resource : RESOURCES) {
                tokens.put(resource, token(answer.path("tenant").asText(), answer.path("appId").asText(), answer.path("secret").asText(), resource));
            }
            TOKENS.put(holder, tokens);
        }
        Files.writeString(folder.resolve("rows.csv"), "1,x\n2,y\n");
        container = succeeds("NetDefaultDB", ".show export containers").path("Rows").path(0).path(0).asText();
        CLIENT.send(HttpRequest.newBuilder(URI.create(container.replaceFirst("\\?", "/rows.csv?"))).header("x-ms-blob-type", "BlockBlob")
                .PUT(BodyPublishers.ofFile(folder.resolve("rows.csv"))).build(), BodyHandlers.ofString());
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        if (postgres != null) {
            postgres.close();
        }
    }

    private static String token(String tenant, String id, String secret, String resource) throws Exception {
        String form = "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret + "&scope=" + resource + "/.default";
        return JSON.readTree(CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + "/" + tenant + "/oauth2/v2.0/token"))
                .POST(BodyPublishers.ofString(form)).build(), BodyHandlers.ofString()).body()).path("access_token").asText();
    }

    private static String origin() {
        return "http://127.0.0.1:" + server.port();
    }

    private static List<CommandSyntax> commands() {
        return CommandCatalogue.service().all().stream().filter(c -> c.refusal().isEmpty() && c.priority() != Priority.P2).toList();
    }

    /// What stands below a line, by that line.
    private static Map<String, String> declared() throws IOException {
        var declared = new LinkedHashMap<String, String>();
        String head = "";
        for (String line : Files.readAllLines(ROLES)) {
            if (line.startsWith("  ")) {
                declared.merge(head, line.strip(), (a, b) -> (a + " " + b).strip());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                head = line.startsWith("!") ? line.split(" ")[1] : line;
                assertThat(declared.put(head, "")).as("'%s' stands once", head).isNull();
            }
        }
        return declared;
    }

    @Test
    void everyRoleThatIsDeclaredIsRead() throws IOException {
        var declared = declared();
        assertThat(commands()).allSatisfy(command -> assertThat(declared).as(command.name()).containsKey(command.role()));
        declared.values().forEach(Holder::named);
    }

    @TestFactory
    Stream<DynamicTest> everyCommandIsForThoseWhoHoldItsRole() throws IOException {
        var examples = CommandExamples.read();
        var declared = declared();
        return commands().stream().filter(command -> command.name().contains(System.getProperty("walk", ""))).map(command -> DynamicTest.dynamicTest(
                command.name(), () -> check(command, examples.get(command.name()), Holder.named(declared.getOrDefault(command.name(), declared.get(command.role()))))));
    }

    /// What the examples leave out: the same command on something else, and what comes in by other doors than commands.
    private enum Operation {
        APPENDING_TO_A_TABLE("DatabaseAdmin DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor",
                ".create table T (a:long)", ".set-or-append T <| print a = 1"),
        EXTENDING_A_TABLE_BY_APPENDING("DatabaseAdmin TableAdmin ViewerAndTableAdmin",
                ".create table T (a:long)", ".set-or-append T with (extend_schema=true) <| print a = 1, b = 2"),
        REPLACING_A_TABLE("DatabaseAdmin TableAdmin ViewerAndTableAdmin", ".create table T (a:long)", ".set-or-replace T <| print a = 1"),
        ALTERING_A_FUNCTION("DatabaseAdmin FunctionAdmin", ".create function F() { print 1 }", ".create-or-alter function F() { print 2 }"),
        MAKING_A_TABLE_BY_MERGING("DatabaseAdmin DatabaseUser", ".create-merge table N (a:long)"),
        ALTERING_AN_EXTERNAL_TABLE("DatabaseAdmin ExternalTableAdmin",
                ".create external table X (a:long, b:string) kind=storage dataformat=csv (h@'{{storage}}')",
                ".create-or-alter external table X (a:long, b:string) kind=storage dataformat=csv (h@'{{storage}}')"),
        ONES_OWN_ROLES("*", ".show principal roles"),
        ONES_OWN_ROLES_ON_A_TABLE("*", ".create table T (a:long)", ".show table T principal roles"),
        HIDDEN_TEXT_OF_FUNCTIONS("DatabaseAdmin", ".create function F() { print h'hidden' }", ".show function F with (ShowObfuscatedStrings=true)"),
        QUERY_V2(READERS, ".set T <| print a = 1", "/v2/rest/query T | count"),
        QUERY_V1(READERS, ".set T <| print a = 1", "/v1/rest/query T | count"),
        QUERY_OF_A_FUNCTION(READERS, ".create function F() { print 1 }", "/v2/rest/query F()"),
        QUERY_WITHOUT_TABLES(READERS, "/v2/rest/query print 1"),
        STREAMING("DatabaseAdmin DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor",
                ".create table T (a:long)", ".alter table T policy streamingingestion enable", "/v1/rest/ingest/{{db}}/T?streamFormat=csv 1"),
        QUEUED("DatabaseAdmin DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor", ".create table T (a:long, b:string)",
                "/v1/rest/ingestion/queued/{{db}}/T {\"blobs\":[{\"url\":\"{{storage}}\",\"sourceId\":\"11111111-2222-3333-4444-555555555555\"}],\"properties\":{\"format\":\"csv\"}}"),
        APPLICATIONS("", "GET /v1/rest/applications"),
        BACKUP("", "/v1/rest/backup {\"target\":\"{{folder}}/backup-{{db}}\"}"),
        VAULT("", "GET https://vault.azure.net /vaults/v/secrets?api-version=7.4"),
        KEYS_OF_STORAGE("", "POST https://management.azure.com /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc/listKeys?api-version=2023-01-01");

        private final Set<Holder> allowed;
        private final List<String> steps;

        Operation(String allowed, String... steps) {
            this.allowed = Holder.named(allowed);
            this.steps = List.of(steps);
        }
    }

    /// A method, `POST` where there is none, what the token is for, a path, and a body.
    private static final Pattern REQUEST = Pattern.compile("((?<method>GET|POST) )?((?<resource>https:\\S+) )?(?<path>/\\S+)( (?<body>.*))?");
    private static final String READERS = "AllDatabasesViewer DatabaseAdmin DatabaseUser DatabaseViewer ViewerAndTableAdmin ViewerAndTableIngestor";

    @TestFactory
    Stream<DynamicTest> everyOtherOperationIsForThoseWhoHoldItsRole() {
        return Stream.of(Operation.values()).filter(operation -> operation.name().contains(System.getProperty("walk", ""))).map(
                operation -> DynamicTest.dynamicTest(operation.name(), () -> assertThat(wrong(operation.steps, operation.allowed)).isEmpty()));
    }

    private static void check(CommandSyntax command, CommandExamples.Example example, Set<Holder> allowed) throws Exception {
        Assumptions.assumeFalse(example.steps().stream().anyMatch(step -> step.contains("{{postgres}}")) && !Postgres.isInstalled());
        assertThat(wrong(example.steps(), allowed)).as("%s: %s", command.role(), example.steps().getLast()).isEmpty();
    }

    /// Asks as everyone: first those who are to be refused, so that what they are refused is still to be done.
    private static List<String> wrong(List<String> steps, Set<Holder> allowed) throws Exception {
        var wrong = new ArrayList<String>();
        var prepared = prepared(steps);
        for (Holder holder : EnumSet.complementOf(EnumSet.copyOf(allowed))) {
            var answer = prepared.ask(holder);
            if (answer.statusCode() != 403 || !answer.body().contains("Forbidden")) {
                wrong.add(holder + " must be refused, and is answered " + answer.statusCode() + " " + shortened(answer.body()));
            }
        }
        boolean isFirst = true;
        for (Holder holder : allowed) {
            var answer = prepared.ask(holder);
            if (!isFirst && answer.statusCode() == 403) {
                // What was done by those before may be why: the table is gone.
                succeeds("NetDefaultDB", ".drop database " + prepared.database());
                prepared = prepared(steps);
                answer = prepared.ask(holder);
            }
            if (answer.statusCode() == 403 || answer.statusCode() == 401 || isFirst && allowed.size() < Holder.values().length && answer.statusCode() >= 500) {
                wrong.add(holder + " must be let in, and is answered " + answer.statusCode() + " " + shortened(answer.body()));
            }
            isFirst = false;
        }
        succeeds("NetDefaultDB", ".drop database " + prepared.database());
        return wrong;
    }

    /// A database in which everything but the last step was done, and the roles are granted.
    private record Prepared(String database, String command) {
        HttpResponse<String> ask(Holder holder) throws Exception {
            if (command.startsWith(".")) {
                return RoleMatrixTest.command(TOKENS.get(holder).get(KUSTO), database, command);
            }
            var request = REQUEST.matcher(command);
            assertThat(request.matches()).isTrue();
            String body = request.group("path").endsWith("/query")
                    ? JSON.createObjectNode().put("db", database).put("csl", request.group("body")).toString() : request.group("body");
            String resource = request.group("resource") == null ? KUSTO : request.group("resource");
            return send(request.group("method") == null ? "POST" : request.group("method"), request.group("path"),
                    TOKENS.get(holder).get(resource), body == null ? "" : body);
        }
    }

    private static Prepared prepared(List<String> steps) throws Exception {
        String database = "matrix" + DATABASES.incrementAndGet();
        succeeds("NetDefaultDB", ".create database " + database);
        var seen = new HashMap<>(Map.of("db", database, "folder", folder.toString(), "storage", container));
        if (steps.stream().anyMatch(step -> step.contains("{{postgres}}"))) {
            seen.put("postgres", postgres().connectionString().replace("'", "''"));
        }
        for (String step : steps.subList(0, steps.size() - 1)) {
            if (!step.startsWith(".cancel") && seen.containsKey("OperationId")) {
                awaitEnd(database, seen.get("OperationId"));
            }
            CommandExamples.remember(succeeds(database, CommandExamples.filled(step, seen)), seen);
        }
        grant(database, true);
        grant(database, false);
        return new Prepared(database, CommandExamples.filled(steps.getLast(), seen));
    }

    private static void awaitEnd(String database, String operation) throws Exception {
        var text = ".show operations " + operation + " | where State == 'InProgress'";
        while (!succeeds(database, text).path("Rows").isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private static Postgres postgres() throws IOException {
        if (postgres == null) {
            postgres = Postgres.start();
        }
        return postgres;
    }

    private static void grant(String database, boolean isEverywhere) throws Exception {
        var script = new StringBuilder(isEverywhere ? ".execute cluster script" : ".execute database script").append(" with (ContinueOnErrors=true) <|\n");
        for (Holder holder : Holder.values()) {
            if (holder.isEverywhere() == isEverywhere) {
                holder.grants.forEach(grant -> script.append(grant.replace("{{db}}", database)).append(" ('").append(PRINCIPALS.get(holder)).append("')\n"));
            }
        }
        succeeds(database, script.toString());
    }

    private static JsonNode succeeds(String database, String text) throws Exception {
        var answer = command(administrator, database, text);
        assertThat(answer.statusCode()).as("%s%n answered %s", text, answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("Tables").path(0);
    }

    private static HttpResponse<String> command(String token, String database, String text) throws Exception {
        return send("POST", "/v1/rest/mgmt", token, JSON.createObjectNode().put("db", database).put("csl", text).toString());
    }

    private static HttpResponse<String> send(String method, String path, String token, String body) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + path)).header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static String shortened(String body) {
        return body.length() < 400 ? body : body.substring(0, 400) + "…";
    }
}
