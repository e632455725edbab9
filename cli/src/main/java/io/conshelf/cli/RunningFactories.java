package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.factory.RunRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The factories of a running `conshelf up`, asked through its management interface.
final class RunningFactories {
    private static final String VERSION = "api-version=2018-06-01";
    private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private RunningServer server;

    @Option(names = "--factory", paramLabel = "NAME", description = "the factory, as NAME or GROUP/NAME (default: all of the subscription)")
    private Optional<String> wanted;

    /// A factory of the server.
    ///
    /// @param path of the management interface
    record Hosted(String name, String group, String path) {
        String segment(String kind, String resource) {
            return path + "/" + kind + "/" + RunningServer.segment(resource);
        }
    }

    /// What one command asks for is answered by one factory.
    record Found<T>(Hosted factory, T what) {}

    /// The factories that are meant, by name.
    List<Hosted> factories() {
        List<Hosted> found = new ArrayList<>();
        for (JsonNode factory : all(server.subscription() + "/providers/Microsoft.DataFactory/factories")) {
            String path = factory.path("id").asText();
            String group = path.replaceFirst("(?i).*/resourceGroups/([^/]+)/.*", "$1");
            String name = factory.path("name").asText();
            if (wanted.isEmpty() || wanted.get().equalsIgnoreCase(name) || wanted.get().equalsIgnoreCase(group + "/" + name)) {
                found.add(new Hosted(name, group, path));
            }
        }
        if (found.isEmpty()) {
            throw new CommandFailure(wanted.map(name -> "there is no factory '" + name + "' at " + server.cluster())
                    .orElse("there is no factory at " + server.cluster() + "; 'conshelf pipeline publish' puts one there"));
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
        return server.ask("POST", factory.segment("pipelines", pipeline) + "/createRun?" + VERSION, parameters.toString());
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
            JsonNode page = server.ask("POST", path + "?" + VERSION, query.toString());
            page.path("value").forEach(found::add);
            token = Optional.of(page.path("continuationToken").asText("")).filter(text -> !text.isEmpty());
        } while (token.isPresent() && found.size() < max);
        return found.size() > max ? found.subList(0, max) : found;
    }

    private List<JsonNode> all(String path) {
        return server.all(path, VERSION);
    }

    private Optional<JsonNode> ifThere(String path) {
        return server.ifThere(path + "?" + VERSION);
    }
}
