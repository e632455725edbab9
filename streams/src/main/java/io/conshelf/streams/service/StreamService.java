package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Stream Analytics as a service: answers the management interface of `Microsoft.StreamAnalytics` and runs the jobs that it is asked to.
public final class StreamService implements AutoCloseable {
    private static final String PROVIDER = "Microsoft.StreamAnalytics";
    private static final String API_VERSION = "2020-03-01";
    /// Those that clients in use send; the answers are the same.
    private static final Set<String> API_VERSIONS = Set.of(API_VERSION, "2021-10-01-preview", "2017-04-01-preview", "2016-03-01", "2015-10-01");

    /// Tests of queries and samples of inputs that are under way at once.
    private static final int COMPUTING_MAX = 2;
    /// Tests of inputs and outputs, which wait for others and for long where those do not answer.
    private static final int REACHING_MAX = 16;

    private final Jobs jobs;
    private final Operations operations = new Operations(PROVIDER);
    private final JobRuns runs;
    private final JobResources resources;
    private final QuerySteps steps;
    private final QueryTest queryTest;
    private final InputSample inputSample;

    private StreamService(ServiceStore store, InstantSource clock) {
        this.jobs = new Jobs(store);
        this.runs = new JobRuns(jobs, operations, clock);
        this.resources = new JobResources(jobs, runs, clock);
        Trials trials = new Trials(runs, operations, COMPUTING_MAX);
        this.steps = new QuerySteps(jobs, runs, new Trials(runs, operations, REACHING_MAX));
        this.queryTest = new QueryTest(trials, clock);
        this.inputSample = new InputSample(trials);
    }

    /// Reads what is stored. Nothing runs before [#started].
    public static StreamService open(ServiceStore store, InstantSource clock) {
        return new StreamService(store, clock);
    }

    /// Jobs may start from now on; those that an earlier process left running go on.
    public void started(JobLauncher launcher, Identities identities) {
        runs.started(new JobRuns.Outside(launcher, identities));
    }

    /// What jobs count, in the text format of Prometheus.
    public String metrics() {
        return runs.metrics();
    }

    /// Whether a request is for this service.
    public static boolean answers(String rawPath) {
        return Address.isOurs(rawPath);
    }

    public ManagementAnswer answer(ManagementRequest request) {
        try {
            Address address = Address.of(request.method(), request.rawPath());
            String version = request.parameter("api-version").orElseThrow(Refusal::noApiVersion);
            if (!API_VERSIONS.contains(version)) {
                throw Refusal.apiVersion(version, API_VERSION + ", 2021-10-01-preview");
            }
            return switch (address) {
                case Address.Operations _ -> request.on(Map.of("GET", () -> ManagementAnswer.ok(operationNames())));
                case Address.JobsOfSubscription(String subscription) -> request.on(Map.of("GET", () ->
                        resources.list(request, id -> id.subscription().equalsIgnoreCase(subscription))));
                case Address.JobsOfGroup(String subscription, String group) -> request.on(Map.of("GET", () -> resources.list(request,
                        id -> id.subscription().equalsIgnoreCase(subscription) && id.resourceGroup().equalsIgnoreCase(group))));
                case Address.InLocation(String subscription, String _, List<String> rest) -> inLocation(request, subscription, rest);
                case Address.InJob(JobId id, List<String> rest) -> inJob(request, id, rest);
                case Address.Other(String kind) -> throw notSupported(request, kind);
            };
        } catch (Refusal refusal) {
            return refusal.answer();
        }
    }

    private static Refusal notSupported(ManagementRequest request, String kind) {
        return switch (kind.toLowerCase(Locale.ROOT)) {
            case "clusters" -> Refusal.notSupported(request.rawPath(), "'clusters' is not supported: jobs run in this process, or on a Flink cluster by its address.");
            default -> Refusal.noPath(request.method(), request.rawPath());
        };
    }

    private ManagementAnswer inLocation(ManagementRequest request, String subscription, List<String> rest) {
        String first = rest.getFirst().toLowerCase(Locale.ROOT);
        if (first.equals("operationresults") && rest.size() == 2) {
            return request.on(Map.of("GET", () -> operations.answer(request, subscription, rest.get(1))));
        }
        if (rest.size() > 1) {
            throw Refusal.noPath(request.method(), request.rawPath());
        }
        return switch (first) {
            case "compilequery" -> request.on(Map.of("POST", () -> steps.compile(request)));
            case "testquery" -> request.on(Map.of("POST", () -> queryTest.begin(request, subscription)));
            case "sampleinput" -> request.on(Map.of("POST", () -> inputSample.begin(request, subscription)));
            case "testinput" -> request.on(Map.of("POST", () -> steps.testInput(request, subscription)));
            case "testoutput" -> request.on(Map.of("POST", () -> steps.testOutput(request, subscription)));
            case "quotas" -> request.on(Map.of("GET", () -> ManagementAnswer.ok(quotas(subscription))));
            default -> throw Refusal.noPath(request.method(), request.rawPath());
        };
    }

    private ManagementAnswer inJob(ManagementRequest request, JobId id, List<String> rest) {
        if (rest.isEmpty()) {
            return request.on(Map.of("PUT", () -> resources.put(request, id), "PATCH", () -> resources.patch(request, id),
                    "GET", () -> resources.get(request, id), "DELETE", () -> delete(id)));
        }
        String first = rest.getFirst().toLowerCase(Locale.ROOT);
        if (rest.size() == 1) {
            switch (first) {
                case "start" -> {
                    return request.on(Map.of("POST", () -> start(request, id)));
                }
                case "stop" -> {
                    return request.on(Map.of("POST", () -> runs.stop(id).map(operation -> operations.accepted(request, id.subscription(), operation))
                            .orElseGet(() -> ManagementAnswer.empty(200))));
                }
                case "scale" -> throw Refusal.notSupported(id.path(), "'scale' is not supported: stop the job, change its streaming units and start it again.");
                case "skus" -> {
                    return request.on(Map.of("GET", () -> ManagementAnswer.ok(skus(jobs.get(id)))));
                }
                default -> {
                    PartKind kind = kind(request, first);
                    return request.on(Map.of("GET", () -> resources.listParts(request, id, kind)));
                }
            }
        }
        PartKind kind = kind(request, first);
        String name = rest.get(1);
        if (rest.size() == 2) {
            return request.on(Map.of("PUT", () -> resources.putPart(request, id, kind, name), "PATCH", () -> resources.patchPart(request, id, kind, name),
                    "GET", () -> resources.getPart(request, id, kind, name), "DELETE", () -> resources.deletePart(request, id, kind, name)));
        }
        if (rest.size() == 3) {
            return switch (rest.get(2).toLowerCase(Locale.ROOT)) {
                case "test" -> request.on(Map.of("POST", () -> steps.test(request, id, kind, name)));
                case "retrievedefaultdefinition" -> request.on(Map.of("POST", () -> steps.defaultDefinition(request, id, kind, name)));
                default -> throw Refusal.noPath(request.method(), request.rawPath());
            };
        }
        throw Refusal.noPath(request.method(), request.rawPath());
    }

    private static PartKind kind(ManagementRequest request, String segment) {
        return PartKind.ofSegment(segment).orElseThrow(() -> Refusal.noPath(request.method(), request.rawPath()));
    }

    private ManagementAnswer start(ManagementRequest request, JobId id) {
        ObjectNode body = ServiceJson.objectOrEmpty(request.body());
        String mode = body.path("outputStartMode").asText("");
        Optional<String> time = Optional.of(body.path("outputStartTime").asText("")).filter(text -> !text.isEmpty() && !text.equals("null"));
        return operations.accepted(request, id.subscription(), runs.start(id, mode.isEmpty() || mode.equals("null") ? "JobStartTime" : mode, time));
    }

    private ManagementAnswer delete(JobId id) {
        Optional<StoredJob> job = jobs.find(id);
        boolean wasThere = jobs.delete(id);
        job.ifPresent(runs::deleted);
        return ManagementAnswer.empty(wasThere ? 200 : 204);
    }

    private static ObjectNode operationNames() {
        ObjectNode list = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = list.putArray("value");
        for (String resource : List.of("streamingjobs", "streamingjobs/inputs", "streamingjobs/outputs", "streamingjobs/functions", "streamingjobs/transformations")) {
            for (String verb : resource.equals("streamingjobs") ? List.of("Read", "Write", "Delete", "Start/action", "Stop/action") : List.of("Read", "Write", "Delete")) {
                value.addObject().put("name", "Microsoft.StreamAnalytics/" + resource + "/" + verb).putObject("display")
                        .put("provider", "Microsoft Azure Stream Analytics").put("resource", resource).put("operation", verb).put("description", verb + " " + resource);
            }
        }
        return list;
    }

    private ObjectNode quotas(String subscription) {
        int units = jobs.all().stream().filter(job -> job.id().subscription().equalsIgnoreCase(subscription)).mapToInt(job ->
                job.parts().get(PartKind.TRANSFORMATION).values().stream().mapToInt(part -> part.properties().path("streamingUnits").asInt(1)).sum()).sum();
        ObjectNode list = ServiceJson.MAPPER.createObjectNode();
        list.putArray("value").addObject().put("name", "StreamingUnits").put("type", "Microsoft.StreamAnalytics/quotas").putObject("properties")
                .put("maxCount", 500).put("currentCount", units);
        return list;
    }

    private static ObjectNode skus(StoredJob job) {
        ObjectNode list = ServiceJson.MAPPER.createObjectNode();
        ObjectNode sku = list.putArray("value").addObject().put("resourceType", "Microsoft.StreamAnalytics/streamingjobs");
        sku.putObject("sku").put("name", job.resource().path("properties").path("sku").path("name").asText("Standard"));
        sku.putObject("capacity").put("minimum", 1).put("maximum", 396).put("default", 1).put("scaleType", "none");
        return list;
    }

    /// Ends what runs; it goes on when the service is opened again.
    @Override
    public void close() {
        runs.close();
    }
}
