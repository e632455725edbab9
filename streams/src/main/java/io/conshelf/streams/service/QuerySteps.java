package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.job.JobJson;
import io.conshelf.streams.job.JobReading;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.JobCheck;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.service.Identities.JobIdentity;
import io.conshelf.streams.value.Compatibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers what helps to write a job: compiling and trying its query, trying its inputs and outputs.
final class QuerySteps {
    private static final String FAILED = "TestFailed";
    private static final String JAVASCRIPT = "Microsoft.StreamAnalytics/JavascriptUdf";

    private final Jobs jobs;
    private final JobRuns runs;
    private final Trials trials;

    QuerySteps(Jobs jobs, JobRuns runs, Trials trials) {
        this.jobs = jobs;
        this.runs = runs;
        this.trials = trials;
    }

    ManagementAnswer compile(ManagementRequest request) {
        ObjectNode body = ServiceJson.object(request.body());
        String query = body.path("query").asText("");
        if (query.isBlank()) {
            throw Refusal.badRequest("query", "The property 'query' is required.");
        }
        List<JobDefinition.Input> inputs = new ArrayList<>();
        body.path("inputs").forEach(input -> inputs.add(new JobDefinition.Input(input.path("name").asText(),
                input.path("type").asText().equalsIgnoreCase("Reference") ? InputType.REFERENCE : InputType.STREAM, input)));
        List<JobDefinition.Function> functions = new ArrayList<>();
        body.path("functions").forEach(function -> functions.add(new JobDefinition.Function(function.path("name").asText(),
                function.path("type").asText().equalsIgnoreCase("Aggregate") ? FunctionType.AGGREGATE : FunctionType.SCALAR, "", List.of(), "any")));
        String level = body.path("compatibilityLevel").asText("1.0");
        if (Compatibility.of(level).isEmpty()) {
            throw Refusal.badRequest("compatibilityLevel", "'compatibilityLevel' is 1.0, 1.1 or 1.2, found '" + level + "'.");
        }
        Policies policies = new Policies(Optional.empty(), Duration.ZERO, JobDefinition.Ordering.ADJUST, JobDefinition.OutputError.STOP, level, "en-US", 1);
        Compiled compiled = Queries.compile(query, QueryContext.of(new JobDefinition("query", query, inputs, List.of(), functions, policies)));
        return ManagementAnswer.ok(ServiceJson.MAPPER.valueToTree(compiled.answer()));
    }

    /// Tries a part as it is stored, or as the body changes it.
    ManagementAnswer test(ManagementRequest request, JobId id, PartKind kind, String name) {
        StoredJob job = jobs.get(id);
        ObjectNode change = ServiceJson.objectOrEmpty(request.body());
        Optional<StoredJob.Part> stored = job.part(kind, name);
        if (stored.isEmpty() && !change.hasNonNull("properties")) {
            throw JobResources.noPart(id, kind, name);
        }
        ObjectNode properties = stored.map(StoredJob.Part::properties).orElseGet(change::objectNode);
        if (change.get("properties") instanceof ObjectNode given) {
            properties = JobSecrets.merged(properties, given);
        }
        ObjectNode tried = properties;
        String identity = job.resource().path("identity").path("type").asText().contains("SystemAssigned")
                ? runs.identity(id).map(JobIdentity::clientId).orElse("") : "";
        return trials.begin(request, id.subscription(), () -> untested(kind, tried).orElseGet(() -> status(trial(kind, name, tried, identity))), QuerySteps::unfinished);
    }

    /// The service has nothing to test of a function in JavaScript, and says so; mistakes in its script are told when the job starts.
    private static Optional<ObjectNode> untested(PartKind kind, ObjectNode properties) {
        String binding = properties.path("properties").path("binding").path("type").asText();
        if (kind != PartKind.FUNCTION || !binding.equalsIgnoreCase(JAVASCRIPT)) {
            return Optional.empty();
        }
        return Optional.of(unfinished("BadRequest", "Test operation is not supported for function type: " + JAVASCRIPT));
    }

    ManagementAnswer testInput(ManagementRequest request, String subscription) {
        return testDatasource(request, subscription, PartKind.INPUT);
    }

    ManagementAnswer testOutput(ManagementRequest request, String subscription) {
        return testDatasource(request, subscription, PartKind.OUTPUT);
    }

    private ManagementAnswer testDatasource(ManagementRequest request, String subscription, PartKind kind) {
        JsonNode part = ServiceJson.object(request.body()).path(kind.title());
        if (!(part.get("properties") instanceof ObjectNode properties)) {
            throw Refusal.badRequest(kind.title(), "The body needs '" + kind.title() + "', an object with 'properties'.");
        }
        return trials.begin(request, subscription, () -> status(trial(kind, part.path("name").asText(kind.title()), properties, "")), QuerySteps::unfinished);
    }

    private static ObjectNode status(Optional<String> failure) {
        return failure.map(message -> unfinished(FAILED, message)).orElseGet(() -> Trials.result("TestSucceeded"));
    }

    private static ObjectNode unfinished(String code, String message) {
        ObjectNode status = Trials.result(FAILED);
        status.putObject("error").put("code", code).put("message", message);
        return status;
    }

    /// @return what is in the way
    private Optional<String> trial(PartKind kind, String name, ObjectNode properties, String identity) {
        if (kind == PartKind.TRANSFORMATION) {
            return Optional.of("A transformation is compiled, not tested.");
        }
        ObjectNode job = properties.objectNode();
        ObjectNode document = job.withObjectProperty("properties").putArray(kind.property()).addObject().put("name", name);
        document.set("properties", properties);
        job.withObjectProperty("properties").withObjectProperty("transformation").withObjectProperty("properties").put("query", "-");
        JobReading reading = JobJson.read(new Located("", "", job));
        if (!reading.problems().isEmpty()) {
            return Optional.of(String.join("; ", reading.problems().stream().map(problem -> problem.path() + " " + problem.message()).toList()));
        }
        List<ScriptFunctions.Problem> scripts = JobCheck.of(reading.job(), reading.outline()).scripts();
        if (!scripts.isEmpty()) {
            return Optional.of(String.join("; ", scripts.stream().map(ScriptFunctions.Problem::placed).toList()));
        }
        Optional<JobRuns.Outside> found = runs.found();
        if (found.isEmpty()) {
            return Optional.of("The service is starting.");
        }
        try {
            for (JobDefinition.Input input : reading.job().inputs()) {
                found.get().launcher().tryInput(input, identity);
            }
            for (JobDefinition.Output output : reading.job().outputs()) {
                found.get().launcher().tryOutput(output, identity);
            }
            return Optional.empty();
        } catch (LaunchException failure) {
            return Optional.of(String.valueOf(failure.getMessage()));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return Optional.of("The service stops.");
        }
    }

    /// The definition that a JavaScript function has before anybody changes it.
    ManagementAnswer defaultDefinition(ManagementRequest request, JobId id, PartKind kind, String name) {
        if (kind != PartKind.FUNCTION) {
            throw Refusal.noPath(request.method(), request.rawPath());
        }
        jobs.get(id);
        ObjectNode body = ServiceJson.object(request.body());
        String binding = body.path("bindingType").asText();
        if (!binding.equalsIgnoreCase(JAVASCRIPT)) {
            throw Refusal.notSupported(JobResources.target(id, kind, name), "Functions of '" + binding + "' are not supported.");
        }
        String script = body.path("bindingRetrievalProperties").path("script").asText("");
        ObjectNode function = ServiceJson.MAPPER.createObjectNode().put("name", name);
        ObjectNode properties = function.putObject("properties").put("type", "Scalar");
        ObjectNode inner = properties.putObject("properties");
        ArrayNode inputs = inner.putArray("inputs");
        for (String _ : parameters(script)) {
            inputs.addObject().put("dataType", "any");
        }
        inner.putObject("output").put("dataType", "any");
        inner.putObject("binding").put("type", JAVASCRIPT).putObject("properties").put("script", script);
        return ManagementAnswer.ok(function);
    }

    private static List<String> parameters(String script) {
        var head = java.util.regex.Pattern.compile("function\\s*\\w*\\s*\\(([^)]*)\\)").matcher(script);
        return head.find() ? List.of(head.group(1).split(",")).stream().map(String::strip).filter(text -> !text.isEmpty()).toList() : List.of();
    }
}
