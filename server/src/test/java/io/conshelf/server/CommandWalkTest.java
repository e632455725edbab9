package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandSyntax;
import io.conshelf.kql.command.CommandSyntax.Answerer;
import io.conshelf.kql.command.CommandSyntax.Priority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import io.conshelf.engine.external.Postgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Walks the commands that matter, through the front door: each answers with its documented columns, or is refused under its
/// name with the reason that `refused.txt` gives. The examples stand in `src/test/resources/commands/examples.txt`;
/// `-Dwalk=Policy` runs those whose name contains that.
class CommandWalkTest {
    private static final Path REFERENCE = Path.of("../../shared/reference/management-commands.jsonl");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static Server server;
    private static String container;
    private static Postgres postgres;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withAllowedFolders(List.of(folder)));
        Files.writeString(folder.resolve("rows.csv"), "1,x\n2,y\n");
        container = container();
    }

    private static Postgres postgres() throws IOException {
        if (postgres == null) {
            postgres = Postgres.start();
        }
        return postgres;
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        if (postgres != null) {
            postgres.close();
        }
    }

    private static List<CommandSyntax> commands() {
        return CommandCatalogue.service().all().stream().filter(c -> c.priority() != Priority.P2 || c.refusal().isEmpty()).toList();
    }

    @TestFactory
    Stream<DynamicTest> everyCommandThatMattersAnswersAsDocumentedOrSaysWhyNot() throws IOException {
        var examples = CommandExamples.read();
        return commands().stream()
                .filter(command -> command.name().matches(".*(" + System.getProperty("walk", "") + ").*"))
                .map(command -> DynamicTest.dynamicTest(
                        command.name(), () -> check(command, Optional.ofNullable(examples.get(command.name())))));
    }

    private static void check(CommandSyntax command, Optional<CommandExamples.Example> example) throws Exception {
        if (example.isEmpty()) {
            fail("%s has no example: add one to %s", command, CommandExamples.FILE);
        }
        String database = "walk" + DATABASES.incrementAndGet();
        succeeds("NetDefaultDB", ".create database " + database);
        try {
            var seen = new HashMap<>(Map.of("db", database, "folder", folder.toString(), "storage", container));
            if (example.get().steps().stream().anyMatch(step -> step.contains("{{postgres}}"))) {
                Assumptions.assumeTrue(Postgres.isInstalled());
                seen.put("postgres", postgres().connectionString().replace("'", "''"));
            }
            if (command.refusal().isPresent()) {
                isRefused(command, database, CommandExamples.filled(example.get().steps().getLast(), seen));
            } else {
                answers(command, example.get(), database, seen);
            }
        } finally {
            run("NetDefaultDB", ".drop database " + database);
        }
    }

    private static void isRefused(CommandSyntax command, String database, String text) throws Exception {
        var answer = run(database, text);
        assertThat(answer.path("error").path("@message").asText())
                .as("%s is listed in refused.txt; if it is built, take it out there. It answered %s to: %s", command, answer, text)
                .contains("the management command " + command.name() + " (")
                .contains(command.refusal().orElseThrow());
        assertThat(answer.path("error").path("@permanent").asBoolean()).isTrue();
    }

    private static void answers(CommandSyntax command, CommandExamples.Example example, String database, Map<String, String> seen)
            throws Exception {
        JsonNode table = JSON.missingNode();
        for (var step : example.steps()) {
            if (!step.startsWith(".cancel") && seen.containsKey("OperationId")) {
                awaitEnd(database, seen.get("OperationId"));
            }
            table = succeeds(database, CommandExamples.filled(step, seen)).path("Tables").path(0);
            CommandExamples.remember(table, seen);
        }
        if (!example.columns().equals(Optional.of("*"))) {
            var expected = command.output().isPresent()
                    ? String.join(" ", command.output().get().stream().map(c -> c.name() + ":" + c.type().kustoName()).toList())
                    : example.columns().orElseGet(() -> fail(
                            "%s declares no columns: write them after its name in %s, or a star", command, CommandExamples.FILE));
            assertThat(columns(table)).as("the columns of %s", command).isEqualTo(expected);
        }
    }

    /// An operation that an earlier step began.
    private static void awaitEnd(String database, String operation) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        var text = ".show operations " + operation + " | where State == 'InProgress'";
        while (!succeeds(database, text).path("Tables").path(0).path("Rows").isEmpty()) {
            assertThat(System.nanoTime()).as("operation %s ends", operation).isLessThan(deadline);
        }
    }

    private static String columns(JsonNode table) {
        var columns = new ArrayList<String>();
        table.path("Columns").forEach(c -> columns.add(c.path("ColumnName").asText() + ":" + c.path("ColumnType").asText()));
        return String.join(" ", columns);
    }

    private static JsonNode succeeds(String database, String text) throws Exception {
        var answer = run(database, text);
        assertThat(answer.has("error")).as("%s%n  answered %s", text, answer.path("error").path("@message").asText()).isFalse();
        return answer;
    }

    private static JsonNode run(String database, String text) throws Exception {
        var body = JsonNodeFactory.instance.objectNode().put("db", database).put("csl", text);
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/mgmt"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        return JSON.readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
    }

    /// A container with rows.csv in it, as clients are given one.
    private static String container() throws Exception {
        var uri = run("NetDefaultDB", ".show export containers").path("Tables").path(0).path("Rows").path(0).path(0).asText();
        var upload = HttpRequest.newBuilder(URI.create(uri.replaceFirst("\\?", "/rows.csv?")))
                .header("x-ms-blob-type", "BlockBlob")
                .PUT(BodyPublishers.ofFile(folder.resolve("rows.csv")))
                .build();
        assertThat(CLIENT.send(upload, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
        return uri;
    }

    @Test
    void noExampleIsOfAnUnknownCommand() throws IOException {
        var names = new TreeSet<>(CommandExamples.read().keySet());
        commands().forEach(command -> names.remove(command.name()));
        assertThat(names).isEmpty();
    }

    @Test
    void whatDataManagementAnswersIsDeclaredSo() {
        assertThat(commands().stream().filter(c -> c.answerer() == Answerer.DATA_MANAGEMENT && c.refusal().isEmpty()))
                .extracting(CommandSyntax::name)
                .contains("GetIngestionResources", "GetKustoIdentityToken");
    }

    /// The declarations against the reference that lies beside the checkout.
    @Test
    void theDeclarationsAreThoseOfTheReference() throws IOException {
        if (!Files.exists(REFERENCE)) {
            String notRun = "not run: " + REFERENCE + " is not beside the project";
            assertThat(System.getenv("CI")).as(notRun).isNotEqualTo("true");
            Assumptions.abort(notRun);
        }
        var differences = new ArrayList<String>();
        for (var line : Files.readAllLines(REFERENCE)) {
            var json = JSON.readTree(line);
            var name = json.path("command").asText();
            var declared = CommandCatalogue.service().named(name);
            if (declared.isEmpty()) {
                differences.add(name + " is not declared");
                continue;
            }
            var documented = new ArrayList<String>();
            json.path("output").forEach(c -> documented.add(c.get(0).asText() + ":" + type(c.get(1).asText())));
            var columns = declared.get().output().orElse(List.of()).stream().map(c -> c.name() + ":" + c.type().kustoName()).toList();
            // What no page tells is ours to choose.
            boolean isDocumented = declared.get().priority() != Priority.P2 && !documented.isEmpty();
            if (!declared.get().priority().name().equals(json.path("priority").asText())
                    || isDocumented && !KNOWN_DIFFERENCES.contains(name) && !documented.equals(columns)) {
                differences.add(name + ": " + documented + " against " + columns);
            }
        }
        assertThat(differences).isEmpty();
    }

    // docs/differences.md tells why.
    private static final List<String> KNOWN_DIFFERENCES = List.of("ShowCapacity");

    /// Other names that the reference has for a type, and one that is cut off.
    private static String type(String name) {
        return switch (name) {
            case "double" -> "real";
            case "lon" -> "long";
            default -> name;
        };
    }
}
