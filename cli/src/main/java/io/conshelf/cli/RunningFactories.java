package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.factory.RunRecord;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The factories of a running `conshelf up`, asked through its management interface.
final class RunningFactories {
    private static final String VERSION = "api-version=2018-06-01";
    private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--cluster", paramLabel = "URL", description = "where it is up (default: ${DEFAULT-VALUE})", defaultValue = "http://localhost:8080")
    private String cluster;

    @Option(names = "--factory", paramLabel = "NAME", description = "the factory, as NAME or GROUP/NAME (default: all of the subscription)")
    private Optional<String> wanted;

    @Option(names = "--subscription", description = "default: ${DEFAULT-VALUE}", defaultValue = "00000000-0000-0000-0000-000000000000")
    private String subscription;

    private Optional<ClusterRest> connected = Optional.empty();

    /// A factory of the server.
    ///
    /// @param path of the management interface
    record Hosted(String name, String group, String path) {
        String segment(String kind, String resource) {
            return path + "/" + kind + "/" + RunningFactories.segment(resource);
        }
    }

    /// What one command asks for is answered by one factory.
    record Found<T>(Hosted factory, T what) {}

    /// The factories that are meant, by name.
    List<Hosted> factories() {
        List<Hosted> found = new ArrayList<>();
        for (JsonNode factory : all("/subscriptions/" + segment(subscription) + "/providers/Microsoft.DataFactory/factories")) {
            String path = factory.path("id").asText();
            String group = path.replaceFirst("(?i).*/resourceGroups/([^/]+)/.*", "$1");
            String name = factory.path("name").asText();
            if (wanted.isEmpty() || wanted.get().equalsIgnoreCase(name) || wanted.get().equalsIgnoreCase(group + "/" + name)) {
                found.add(new Hosted(name, group, path));
            }
        }
        if (found.isEmpty()) {
            throw new CommandFailure(wanted.map(name -> "there is no factory '" + name + "' at " + cluster)
                    .orElse("there is no factory at " + cluster + "; 'conshelf pipeline publish' puts one there"));
        }
        return found;
    }

    List<JsonNode> resources(Hosted factory, String kind) {
        return all(factory.path() + "/" + kind);
    }

    Optional<JsonNode> resource(Hosted factory, String kind, String name) {
        return ifThere(factory.segment(kind, name));
    }

    /// Starts a run; returns the answer, which has its id.
    JsonNode start(Hosted factory, String pipeline, ObjectNode parameters) {
        return ask("POST", factory.segment("pipelines", pipeline) + "/createRun?" + VERSION, parameters.toString());
    }

    Optional<JsonNode> run(Hosted factory, String runId) {
        return ifThere(factory.segment("pipelineruns", runId));
    }

    /// A run of any of the factories.
    Optional<Found<JsonNode>> run(String runId) {
        for (Hosted factory : factories()) {
            Optional<JsonNode> run = run(factory, runId);
            if (run.isPresent()) {
                return Optional.of(new Found<>(factory, run.get()));
            }
        }
        return Optional.empty();
    }

    /// A condition that runs must meet.
    record Condition(String operand, List<String> values) {}

    /// Runs that changed since a moment, the latest first.
    List<JsonNode> runs(Hosted factory, Instant since, List<Condition> conditions, int max) {
        ObjectNode query = times(since);
        var filters = query.putArray("filters");
        for (Condition condition : conditions) {
            var values = filters.addObject().put("operand", condition.operand()).put("operator", "In").putArray("values");
            condition.values().forEach(values::add);
        }
        query.putArray("orderBy").addObject().put("orderBy", "RunStart").put("order", "DESC");
        return query(factory.path() + "/queryPipelineRuns", query, max);
    }

    List<JsonNode> activityRuns(Hosted factory, String runId) {
        return query(factory.segment("pipelineruns", runId) + "/queryActivityruns", times(FIRST), Integer.MAX_VALUE);
    }

    private static ObjectNode times(Instant since) {
        return JSON.createObjectNode().put("lastUpdatedAfter", RunRecord.text(since)).put("lastUpdatedBefore", RunRecord.text(Instant.now().plus(Duration.ofDays(1))));
    }

    private List<JsonNode> query(String path, ObjectNode query, int max) {
        List<JsonNode> found = new ArrayList<>();
        Optional<String> token = Optional.empty();
        do {
            token.ifPresent(text -> query.put("continuationToken", text));
            JsonNode page = ask("POST", path + "?" + VERSION, query.toString());
            page.path("value").forEach(found::add);
            token = Optional.of(page.path("continuationToken").asText("")).filter(text -> !text.isEmpty());
        } while (token.isPresent() && found.size() < max);
        return found.size() > max ? found.subList(0, max) : found;
    }

    private List<JsonNode> all(String path) {
        List<JsonNode> found = new ArrayList<>();
        Optional<String> next = Optional.of(path + "?" + VERSION);
        while (next.isPresent()) {
            JsonNode page = ask("GET", next.get(), "");
            page.path("value").forEach(found::add);
            // Only its path: the server may know itself by another name.
            next = Optional.of(page.path("nextLink").asText("")).filter(link -> !link.isEmpty()).map(URI::create)
                    .map(link -> link.getRawPath() + "?" + link.getRawQuery());
        }
        return found;
    }

    private Optional<JsonNode> ifThere(String path) {
        try {
            return Optional.of(rest().ask("GET", path + "?" + VERSION, ""));
        } catch (StoreException answer) {
            if (answer.code().equals("ResourceNotFound") || answer.code().equals("EntityNotFound")) {
                return Optional.empty();
            }
            throw new CommandFailure(ClusterClient.explanation(answer, cluster), answer);
        }
    }

    private JsonNode ask(String method, String path, String body) {
        try {
            return rest().ask(method, path, body);
        } catch (StoreException refused) {
            throw new CommandFailure(ClusterClient.explanation(refused, cluster), refused);
        }
    }

    private ClusterRest rest() throws StoreException {
        if (connected.isEmpty()) {
            try {
                connected = Optional.of(ClusterRest.ofResources(Endpoints.replacedBy(URI.create(cluster)).resolve(cluster), KustoCredential.of(System.getenv())));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure("'" + cluster + "' is not the address of a cluster: " + e.getMessage(), e);
            }
        }
        return connected.get();
    }

    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
