package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.external.Postgres;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandSyntax;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every operation asked by holders of every role, through the front door with tokens: whoever has no token or lacks the role is refused with the
/// service's status and code, and nothing of the cluster is other than before ([ClusterState]); whoever has the role is let in. Which roles those are stands in
/// `src/test/resources/commands/roles.txt`; `-Dwalk=Policy` runs the commands whose name contains that
/// regular expression.
class RoleMatrixTest {
    private static final Path ROLES = Path.of("src/test/resources/commands/roles.txt");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /// For what ends sooner wherever it runs: nothing here waits for ever.
    private static final long PAUSE_NANOS = 20_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
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
        GraphModelAdmin(".add graph_model G admins"),
        /// Of another database than the one that is asked about.
        OfAnotherDatabase(".add database NetDefaultDB admins");

        private final List<String> grants;

        Holder(String... grants) {
            this.grants = List.of(grants);
        }

        boolean isEverywhere() {
            return grants.stream().noneMatch(grant -> grant.contains("{{db}}") || grant.matches(".* [TFVXG] admins|.* T ingestors"));
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
        server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withAllowedFolders(List.of(folder)).withLive(Set.of("127.0.0.1")));
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
                .timeout(PATIENCE).PUT(BodyPublishers.ofFile(folder.resolve("rows.csv"))).build(), BodyHandlers.ofString());
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
                .timeout(PATIENCE).POST(BodyPublishers.ofString(form)).build(), BodyHandlers.ofString()).body()).path("access_token").asText();
    }

    private static String origin() {
        return "http://127.0.0.1:" + server.port();
    }

    private static List<CommandSyntax> commands() {
        return CommandCatalogue.service().all().stream().filter(c -> c.refusal().isEmpty()).toList();
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
        return commands().stream().filter(command -> command.name().matches(".*(" + System.getProperty("walk", "") + ").*")).map(command -> DynamicTest.dynamicTest(
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
        ALTERING_A_GRAPH_MODEL("DatabaseAdmin GraphModelAdmin", MODEL, MODEL.replace("A = 1", "A = 2")),
        DROPPING_THE_SNAPSHOTS_OF_ALL_GRAPH_MODELS("DatabaseAdmin", MODEL, SNAPSHOT, ".drop graph_snapshots *"),
        DROPPING_A_SNAPSHOT_OF_ANOTHER_GRAPH_MODEL("DatabaseAdmin",
                MODEL, MODEL.replace("graph_model G", "graph_model Other"), SNAPSHOT.replace("from G", "from Other"), ".drop graph_snapshot Other.S"),
        ONES_OWN_ROLES("*", ".show principal roles"),
        ONES_OWN_ROLES_ON_A_TABLE("*", ".create table T (a:long)", ".show table T principal roles"),
        HIDDEN_TEXT_OF_FUNCTIONS("DatabaseAdmin", ".create function F() { print h'hidden' }", ".show function F with (ShowObfuscatedStrings=true)"),
        QUERY_V2(READERS, ".set T <| print a = 1", "/v2/rest/query T | count"),
        QUERY_V1(READERS, ".set T <| print a = 1", "/v1/rest/query T | count"),
        QUERY_V1_AS_AN_ADDRESS(READERS, ".set T <| print a = 1", "GET /v1/rest/query?db={{db}}&csl=T"),
        QUERY_V2_AS_AN_ADDRESS(READERS, ".set T <| print a = 1", "GET /v2/rest/query?db={{db}}&csl=T"),
        QUERY_OF_A_FUNCTION(READERS, ".create function F() { print 1 }", "/v2/rest/query F()"),
        QUERY_WITHOUT_TABLES(READERS, "/v2/rest/query print 1"),
        STREAMING("DatabaseAdmin DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor",
                ".create table T (a:long)", ".alter table T policy streamingingestion enable", "/v1/rest/ingest/{{db}}/T?streamFormat=csv 1"),
        QUEUED("DatabaseAdmin DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor", ".create table T (a:long, b:string)",
                "/v1/rest/ingestion/queued/{{db}}/T {\"blobs\":[{\"url\":\"{{storage}}\",\"sourceId\":\"11111111-2222-3333-4444-555555555555\"}],\"properties\":{\"format\":\"csv\"}}"),
        QUEUED_STATUS("AllDatabasesViewer DatabaseAdmin DatabaseUser DatabaseViewer DatabaseIngestor TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor",
                ".create table T (a:long)", "GET /v1/rest/ingestion/queued/{{db}}/T/11111111-2222-3333-4444-555555555555"),
        /// Storage is lent to whoever holds a role somewhere.
        INGESTION_CONFIGURATION("AllDatabasesViewer AllDatabasesMonitor DatabaseAdmin DatabaseUser DatabaseViewer DatabaseUnrestrictedViewer DatabaseIngestor DatabaseMonitor"
                + " TableAdmin TableIngestor ViewerAndTableAdmin ViewerAndTableIngestor OfAnotherDatabase",
                ".create table T (a:long)", "GET /v1/rest/ingestion/configuration"),
        APPLICATIONS("", "GET /v1/rest/applications"),
        REGISTERING_AN_APPLICATION("", "POST /v1/rest/applications {\"name\":\"one of {{db}}\"}"),
        REMOVING_AN_APPLICATION("", "DELETE /v1/rest/applications/11111111-2222-3333-4444-555555555555"),
        USERS("", "GET /v1/rest/users"),
        REGISTERING_A_USER("", "POST /v1/rest/users {\"name\":\"{{db}}@lab.example\",\"password\":\"a password of some length\"}"),
        CHANGING_A_PASSWORD("", "PUT /v1/rest/users/nobody@lab.example {\"password\":\"a password of some length\"}"),
        REMOVING_A_USER("", "DELETE /v1/rest/users/nobody@lab.example"),
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

    /// What stands for each route of the front door: the rows that walk it, or why everybody is let in. One that is new is to be thought about here.
    private static final Map<Class<?>, String> ROUTES = Map.ofEntries(
            Map.entry(Route.Query.class, "QUERY_V1 QUERY_V2 QUERY_V1_AS_AN_ADDRESS QUERY_V2_AS_AN_ADDRESS QUERY_OF_A_FUNCTION QUERY_WITHOUT_TABLES"),
            Map.entry(Route.Command.class, "APPENDING_TO_A_TABLE"),
            Map.entry(Route.StreamingIngest.class, "STREAMING"), Map.entry(Route.QueuedIngest.class, "QUEUED"), Map.entry(Route.QueuedStatus.class, "QUEUED_STATUS"),
            Map.entry(Route.IngestionConfiguration.class, "INGESTION_CONFIGURATION"), Map.entry(Route.Backup.class, "BACKUP"),
            Map.entry(Route.Applications.class, "APPLICATIONS REGISTERING_AN_APPLICATION REMOVING_AN_APPLICATION"),
            Map.entry(Route.Users.class, "USERS REGISTERING_A_USER CHANGING_A_PASSWORD REMOVING_A_USER"),
            // Their own operations: `ManagementRolesTest`.
            Map.entry(Route.Hosted.class, "VAULT KEYS_OF_STORAGE"),
            Map.entry(Route.Home.class, "open: a page that tells what this is"), Map.entry(Route.Ready.class, "open: whether it serves"),
            Map.entry(Route.Live.class, "open: whether it serves"), Map.entry(Route.Ping.class, "open: whether it serves"),
            Map.entry(Route.Metrics.class, "open: to programs of this machine, with a token to others"),
            Map.entry(Route.AuthMetadata.class, "open: where to sign in"), Map.entry(Route.OpenId.class, "open: where to sign in"),
            Map.entry(Route.Instances.class, "open: where to sign in"), Map.entry(Route.TokenKeys.class, "open: what tokens are checked with, which is public"),
            Map.entry(Route.Token.class, "open: signing in, by a secret"), Map.entry(Route.Authorize.class, "open: signing in, by a password"),
            Map.entry(Route.DeviceCode.class, "open: signing in, by a password on another device"), Map.entry(Route.DevicePage.class, "open: signing in, by a password"),
            Map.entry(Route.ManagedIdentity.class, "open: signing in, by the header that the owner of the folder may read"),
            Map.entry(Route.MetadataService.class, "open: signing in, from this machine and where the settings say so"));

    @Test
    void everyRouteHasARowOrAReasonWhyItIsOpen() {
        assertThat(ROUTES.keySet()).isEqualTo(leaves(Route.class).collect(Collectors.toSet()));
        Set<String> rows = Stream.of(Operation.values()).map(Enum::name).collect(Collectors.toSet());
        assertThat(ROUTES.values()).allSatisfy(row -> assertThat(row.startsWith("open: ") || rows.containsAll(List.of(row.split(" ")))).as(row).isTrue());
    }

    /// Each method of each route that is not open, not the route alone.
    @Test
    void everyMethodOfARouteIsWalked() {
        Map<String, Set<String>> walked = new HashMap<>();
        Map<String, String> answered = new HashMap<>();
        // What commands are asked by, which are walked by themselves.
        var requests = Stream.concat(Stream.of("/v1/rest/mgmt"), Stream.of(Operation.values()).map(operation -> operation.steps.getLast()).filter(step -> !step.startsWith(".")));
        requests.map(REQUEST::matcher).filter(Matcher::matches).forEach(request -> Route.of(request.group("path").replaceFirst("\\?.*", "")).ifPresent(route -> {
            // A list and one of it are two.
            String what = route.getClass().getSimpleName() + " " + route.methods();
            answered.put(what, route.methods());
            walked.computeIfAbsent(what, _ -> new TreeSet<>()).add(request.group("method") == null ? "POST" : request.group("method"));
        }));
        assertThat(answered.keySet().stream().map(what -> what.split(" ")[0]).collect(Collectors.toSet())).isEqualTo(ROUTES.entrySet().stream()
                .filter(route -> !route.getValue().startsWith("open: ") && route.getKey() != Route.Hosted.class).map(route -> route.getKey().getSimpleName()).collect(Collectors.toSet()));
        answered.forEach((what, methods) -> assertThat(walked.get(what)).as(what).containsExactlyInAnyOrder(methods.split(", ")));
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(RoleMatrixTest::leaves) : Stream.of(type);
    }

    /// A method, `POST` where there is none, what the token is for, a path, and a body.
    private static final Pattern REQUEST = Pattern.compile("((?<method>GET|POST|PUT|DELETE) )?((?<resource>https:\\S+) )?(?<path>/\\S+)( (?<body>.*))?");
    private static final String MODEL = ".create-or-alter graph_model G "
            + "'{\"Definition\":{\"Steps\":[{\"Kind\":\"AddEdges\",\"Query\":\"print A = 1, B = 2\",\"SourceColumn\":\"A\",\"TargetColumn\":\"B\"}]}}'";
    private static final String SNAPSHOT = ".make graph_snapshot S from G";
    private static final String READERS = "AllDatabasesViewer DatabaseAdmin DatabaseUser DatabaseViewer ViewerAndTableAdmin ViewerAndTableIngestor";

    @TestFactory
    Stream<DynamicTest> everyOtherOperationIsForThoseWhoHoldItsRole() {
        return Stream.of(Operation.values()).filter(operation -> operation.name().matches(".*(" + System.getProperty("walk", "") + ").*")).map(
                operation -> DynamicTest.dynamicTest(operation.name(), () -> assertThat(wrong(operation.steps, operation.allowed)).isEmpty()));
    }

    /// That what was refused has changed nothing would say little of a state in which nothing is seen.
    @Test
    void everyKindOfChangeIsSeen() throws Exception {
        String database = prepared(List.of(".create table T (a:long)", "print 1")).database();
        for (String change : List.of(".set-or-append T <| print a = 1", ".set-or-replace T <| print a = 2", ".create table N (a:long)", ".drop table N", ".rename column T.a to b",
                ".alter table T policy caching hot = 3d", ".delete table T policy caching", ".create function F() { 1 }", ".set stored_query_result R <| print 1",
                ".add database " + database + " viewers ('aaduser=somebody;contoso.com')", ".add table T admins ('aaduser=somebody;contoso.com')",
                ".add cluster AllDatabasesViewers ('aaduser=somebody;contoso.com')", ".drop cluster AllDatabasesViewers ('aaduser=somebody;contoso.com')",
                ".ingest inline into table T with (tags='[\"drop-by:x\"]') <| 3", ".export to csv (h@'" + container + "') <| print 1", ".export to csv ('" + folder + "/seen') <| print 1")) {
            isSeen(database, change, () -> succeeds(database, change));
        }
        isSeen(database, "an application", () -> send("POST", "/v1/rest/applications", administrator, "{\"name\":\"seen\"}"));
        isSeen(database, "a user", () -> send("POST", "/v1/rest/users", administrator, "{\"name\":\"seen@lab.example\",\"password\":\"a password of some length\"}"));
        succeeds("NetDefaultDB", ".drop database " + database);
    }

    private static void isSeen(String database, String change, Work work) throws Exception {
        var before = state(database);
        assertThat(state(database).changesSince(before)).as("before %s", change).isEmpty();
        work.run();
        assertThat(state(database).changesSince(before)).as(change).isNotEmpty();
    }

    /// Whoever may ask a query may call what the policy names, and has no say in it.
    @Test
    void aViewerCallsWhatThePolicyNamesAndCannotAlterIt() throws Exception {
        Assumptions.assumeTrue(Postgres.isInstalled());
        String logged = logged(() -> {
            var prepared = prepared(List.of(".create table T (a:long)", "print 1"));
            String connection = "\"" + postgres().connectionString().replace("\"", "\\\"") + "\"";
            String server = "evaluate postgresql_request(" + connection + ", 'select 7 as a') : (a:long)";
            String file = "externaldata(a:long, b:string)['" + container.replaceFirst("\\?", "/rows.csv?") + "'] with (format='csv') | project a";
            assertThat(query(prepared, file)).contains("[[1],[2]]");
            assertThat(query(prepared, server)).contains("no entry of the cluster's callout policy").doesNotContain("=secret");
            for (String change : List.of(".alter cluster policy callout", ".alter-merge cluster policy callout")) {
                String own = change + " @'[{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\".*\",\"CanCall\":true}]'";
                assertThat(command(TOKENS.get(Holder.DatabaseViewer).get(KUSTO), prepared.database(), own).statusCode()).as(own).isEqualTo(403);
                assertThat(query(prepared, own)).as(own).doesNotContain("\"Rows\":[[");
            }
            assertThat(command(TOKENS.get(Holder.DatabaseViewer).get(KUSTO), prepared.database(), ".delete cluster policy callout").statusCode()).isEqualTo(403);
            assertThat(query(prepared, server)).contains("no entry of the cluster's callout policy");
            succeeds("NetDefaultDB", ".alter cluster policy callout @'[{\"CalloutType\":\"postgresql\",\"CalloutUriRegex\":\"^127\",\"CanCall\":true}]'");
            try {
                assertThat(query(prepared, server)).contains("[[7]]");
                assertThat(query(prepared, server.replace("select 7 as a", "select a from nowhere"))).contains("nowhere").doesNotContain("=secret");
                assertThat(query(prepared, server.replace("a=secret", "a=secretly"))).contains("authentication failed").doesNotContain("=secret");
                assertThat(query(prepared, server.replace("Database=postgres", "Database=postgres;Nonsense=1"))).contains("'Nonsense'").doesNotContain("=secret");
            } finally {
                succeeds("NetDefaultDB", ".delete cluster policy callout");
            }
            for (String shown : List.of(".show queries", ".show commands-and-queries", ".show journal", ".show running queries")) {
                for (String token : List.of(administrator, TOKENS.get(Holder.DatabaseViewer).get(KUSTO))) {
                    assertThat(command(token, prepared.database(), shown).body()).as(shown).doesNotContain("=secret").doesNotContain("sig=");
                }
            }
            assertThat(succeeds(prepared.database(), ".show queries | project Text").toString()).contains("postgresql_request");
        });
        assertThat(logged).doesNotContain("=secret").doesNotContain("sig=");
    }

    private static String query(Prepared prepared, String text) throws Exception {
        return send("POST", "/v2/rest/query", TOKENS.get(Holder.DatabaseViewer).get(KUSTO),
                JSON.createObjectNode().put("db", prepared.database()).put("csl", text).toString()).body();
    }

    private interface Work {
        void run() throws Exception;
    }

    /// What is written to the log meanwhile, whatever its level.
    private static String logged(Work work) throws Exception {
        var written = new ConcurrentLinkedQueue<String>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                written.add(new SimpleFormatter().format(logged));
            }

            @Override
            public void flush() {
                // nothing is held back
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
        handler.setLevel(Level.ALL);
        var logger = Logger.getLogger("io.conshelf");
        var before = logger.getLevel();
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
        try {
            work.run();
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(before);
        }
        return String.join("\n", written);
    }

    private static void check(CommandSyntax command, CommandExamples.Example example, Set<Holder> allowed) throws Exception {
        Assumptions.assumeFalse(example.steps().stream().anyMatch(step -> step.contains("{{postgres}}")) && !Postgres.isInstalled());
        assertThat(wrong(example.steps(), allowed)).as("%s: %s", command.role(), example.steps().getLast()).isEmpty();
    }

    /// Asks as everyone: first those who are to be refused, so that what they are refused is still to be done, and then is not done.
    private static List<String> wrong(List<String> steps, Set<Holder> allowed) throws Exception {
        var wrong = new ArrayList<String>();
        var prepared = prepared(steps);
        // What only shows has nothing to change, whoever asks.
        boolean onlyShows = steps.getLast().startsWith(".show ") || steps.getLast().startsWith("GET ");
        Optional<ClusterState> before = onlyShows ? Optional.empty() : Optional.of(state(prepared.database()));
        for (String token : List.of("", "none of this cluster's")) {
            requireRefusal(prepared.ask(token), 401, "Unauthorized", token.isEmpty() ? "nobody" : "a token of nobody's", wrong);
        }
        for (Holder holder : EnumSet.complementOf(EnumSet.copyOf(allowed))) {
            requireRefusal(prepared.ask(holder), 403, "Forbidden", holder.name(), wrong);
        }
        if (before.isPresent()) {
            wrong.addAll(state(prepared.database()).changesSince(before.get()));
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

    private static void requireRefusal(HttpResponse<String> answer, int status, String code, String who, List<String> wrong) throws IOException {
        JsonNode error = JSON.readTree(answer.body()).path("error");
        boolean isTold = error.path("code").asText().equals(code) && error.path("@type").asText().equals("Kusto.Data.Exceptions.KustoRequestDeniedException")
                && error.path("@permanent").asBoolean() && error.path("@failureCode").asInt() == status && !error.path("@message").asText().isBlank();
        if (answer.statusCode() != status || !isTold || answer.headers().firstValue("WWW-Authenticate").isPresent() != (status == 401)) {
            wrong.add(who + " must be refused with " + status + " " + code + ", and is answered " + answer.statusCode() + " " + answer.headers().map() + " " + shortened(answer.body()));
        }
    }

    private static ClusterState state(String database) throws Exception {
        return ClusterState.of(new ClusterState.Administrator() {
            @Override
            public JsonNode ask(String asked, String text) throws Exception {
                if (text.startsWith(".")) {
                    return succeeds(asked, text);
                }
                var answer = send("POST", "/v1/rest/query", administrator, JSON.createObjectNode().put("db", asked).put("csl", text).toString());
                // Rows that are hidden from the administrator too are counted in the details of their table.
                return answer.statusCode() == 200 ? JSON.readTree(answer.body()).path("Tables").path(0) : JSON.missingNode();
            }

            @Override
            public String get(String path) throws Exception {
                return send("GET", path, administrator, "").body();
            }
        }, database, folder, URI.create(container));
    }

    /// A database in which everything but the last step was done, and the roles are granted.
    private record Prepared(String database, String command) {
        HttpResponse<String> ask(Holder holder) throws Exception {
            return ask(TOKENS.get(holder)::get);
        }

        /// @param token none where it is empty
        HttpResponse<String> ask(String token) throws Exception {
            return ask(_ -> token);
        }

        private HttpResponse<String> ask(UnaryOperator<String> tokenFor) throws Exception {
            if (command.startsWith(".")) {
                return RoleMatrixTest.command(tokenFor.apply(KUSTO), database, command);
            }
            var request = REQUEST.matcher(command);
            assertThat(request.matches()).isTrue();
            String body = request.group("path").endsWith("/query")
                    ? JSON.createObjectNode().put("db", database).put("csl", request.group("body")).toString() : request.group("body");
            String resource = request.group("resource") == null ? KUSTO : request.group("resource");
            return send(request.group("method") == null ? "POST" : request.group("method"), request.group("path"),
                    tokenFor.apply(resource), body == null ? "" : body);
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
                awaitEnd(database, ".show operations " + seen.get("OperationId"));
            }
            CommandExamples.remember(succeeds(database, CommandExamples.filled(step, seen)), seen);
        }
        if (seen.containsKey("IngestionOperationId")) {
            awaitEnd(database, ".show queued ingestion operations \"" + seen.get("IngestionOperationId") + "\"");
        }
        grant(database, true);
        grant(database, false);
        return new Prepared(database, CommandExamples.filled(steps.getLast(), seen));
    }

    private static void awaitEnd(String database, String operations) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (succeeds(database, operations).path("Rows").toString().contains("\"InProgress\"")) {
            assertThat(System.nanoTime()).as("%s: all end", operations).isLessThan(deadline);
            LockSupport.parkNanos(PAUSE_NANOS);
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
        var request = HttpRequest.newBuilder(URI.create(origin() + path)).header("Content-Type", "application/json").timeout(PATIENCE)
                .method(method, BodyPublishers.ofString(body));
        return CLIENT.send((token.isEmpty() ? request : request.header("Authorization", "Bearer " + token)).build(), BodyHandlers.ofString());
    }

    private static String shortened(String body) {
        return body.length() < 400 ? body : body.substring(0, 400) + "…";
    }
}
