package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.PipelineHandle;
import io.conshelf.factory.activity.Callbacks;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.service.RunFilter.Subject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Data Factory as a service: answers the management interface of `Microsoft.DataFactory` and runs what it is asked to.
public final class FactoryService implements AutoCloseable {
    private static final String API_VERSION = "2018-06-01";
    /// Where WebHooks are called back.
    private static final String CALLBACKS = "/callbacks/";
    /// Articles of 2018 show it.
    private static final Set<String> API_VERSIONS = Set.of(API_VERSION, "2017-03-01-preview");

    private final Definitions definitions;
    private final FactoryRuns runs;
    private final FactoryResources factories;
    private final PipelineStarts starts;
    private final Triggers triggers;
    private final AuthoringSteps authoring;
    private final ServiceLimits limits;

    private FactoryService(ServiceStore store, Allowance allowance, ServiceLimits limits, InstantSource clock) {
        this.limits = limits;
        this.definitions = new Definitions(store);
        this.runs = new FactoryRuns(definitions, store, allowance, limits);
        this.factories = new FactoryResources(definitions, limits);
        this.starts = new PipelineStarts(definitions, runs);
        this.triggers = new Triggers(definitions, runs, store, clock);
        this.authoring = new AuthoringSteps(definitions, runs, allowance);
    }

    /// Reads what is stored, and tells of the runs that an earlier process left unended.
    ///
    public static FactoryService open(ServiceStore store, Allowance allowance) {
        return open(store, allowance, InstantSource.system(), ServiceLimits.DEFAULT);
    }

    /// @param clock by which triggers fire
    static FactoryService open(ServiceStore store, Allowance allowance, InstantSource clock, ServiceLimits limits) {
        return new FactoryService(store, allowance, limits, clock);
    }

    /// What whoever runs the service lets definitions have of this machine.
    ///
    /// @param folders of its files
    /// @param secrets that come before those of vaults
    public record Allowance(FolderAccess folders, GivenSecrets secrets) {
        public static Allowance of(List<Path> folders, GivenSecrets secrets) {
            return new Allowance(FolderAccess.within(folders), secrets);
        }
    }

    /// Runs may start from now on.
    ///
    /// @param endpoints where the endpoints of definitions lead
    public void started(Endpoints endpoints) {
        Callbacks callbacks = endpoints.home().map(home -> Callbacks.at(home.resolve(CALLBACKS))).orElseGet(Callbacks::onLoopback);
        runs.started(new FactoryRuns.Outside(endpoints, callbacks));
        triggers.open();
    }

    /// Tells that a blob of this machine's storage was made or deleted. What it triggers is remembered when this returns.
    public void blobChanged(BlobChange change) {
        triggers.blobChanged(change);
    }

    /// Whether a request is for this service.
    public static boolean answers(String rawPath) {
        return Address.isOurs(rawPath) || rawPath.startsWith(CALLBACKS);
    }

    /// Whether a run waits for a call of this path. Only who was told of it knows it, and nothing else need be known of them.
    public boolean isAwaited(String rawPath) {
        return rawPath.startsWith(CALLBACKS)
                && runs.outside().filter(outside -> outside.callbacks().isAwaited(rawPath.substring(CALLBACKS.length()))).isPresent();
    }

    private ManagementAnswer callback(ManagementRequest request) {
        boolean isTaken = request.method().equals("POST") && request.body().length <= Callbacks.BODY_BYTES_MAX
                && runs.outside().filter(outside -> outside.callbacks().receive(request.rawPath().substring(CALLBACKS.length()),
                        new String(request.body(), StandardCharsets.UTF_8))).isPresent();
        if (!isTaken) {
            throw Refusal.noPath(request.method(), CALLBACKS + "…");
        }
        return ManagementAnswer.empty(200);
    }

    public ManagementAnswer answer(ManagementRequest request) {
        try {
            if (request.rawPath().startsWith(CALLBACKS)) {
                return callback(request);
            }
            Address address = Address.of(request.method(), request.rawPath());
            checkVersion(request);
            return switch (address) {
                case Address.Operations _ -> request.on(Map.of("GET", () -> ManagementAnswer.ok(operations())));
                case Address.FactoriesOfSubscription(String subscription) -> request.on(Map.of("GET", () ->
                        factories.list(request, id -> id.subscription().equalsIgnoreCase(subscription))));
                case Address.FactoriesOfGroup(String subscription, String group) -> request.on(Map.of("GET", () -> factories.list(request,
                        id -> id.subscription().equalsIgnoreCase(subscription) && id.resourceGroup().equalsIgnoreCase(group))));
                case Address.Other(String operation) -> throw Unsupported.operation(request, operation);
                case Address.InFactory(FactoryId id, List<String> rest) -> inFactory(request, id, rest);
            };
        } catch (Refusal refusal) {
            return refusal.answer();
        }
    }

    private static void checkVersion(ManagementRequest request) {
        String version = request.parameter("api-version").orElseThrow(Refusal::noApiVersion);
        if (!API_VERSIONS.contains(version)) {
            throw Refusal.apiVersion(version, API_VERSION);
        }
    }

    private ManagementAnswer inFactory(ManagementRequest request, FactoryId id, List<String> rest) {
        if (rest.isEmpty()) {
            return request.on(Map.of("PUT", () -> factories.put(request, id), "PATCH", () -> factories.patch(request, id),
                    "GET", () -> factories.get(request, id), "DELETE", () -> ManagementAnswer.empty(delete(id) ? 200 : 204)));
        }
        FactoryId factory = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id)).id();
        String first = rest.getFirst().toLowerCase(Locale.ROOT);
        return switch (rest.size()) {
            case 1 -> switch (first) {
                case "querypipelineruns" -> request.on(Map.of("POST", () -> query(request, Subject.PIPELINE_RUN,
                        filter -> runs.runs(factory, filter.after(), filter.before()).stream().map(RunHistory::shown).toList())));
                case "querytriggerruns" -> request.on(Map.of("POST", () -> query(request, Subject.TRIGGER_RUN,
                        filter -> runs.triggerRuns(factory, filter.after(), filter.before()))));
                case "querytriggers" -> request.on(Map.of("POST", () -> factories.queryTriggers(request, factory)));
                default -> {
                    Kind kind = kind(request, rest.getFirst());
                    yield request.on(Map.of("GET", () -> factories.list(request, factory, kind)));
                }
            };
            case 2 -> first.equals("pipelineruns")
                    ? request.on(Map.of("GET", () -> ManagementAnswer.ok(RunHistory.shown(runs.run(factory, rest.get(1))))))
                    : resource(request, factory, kind(request, rest.getFirst()), rest.get(1));
            case 3 -> switch (first + "/" + rest.get(2).toLowerCase(Locale.ROOT)) {
                case "pipelines/createrun" -> request.on(Map.of("POST", () -> starts.createRun(request, factory, rest.get(1))));
                case "pipelineruns/cancel" -> request.on(Map.of("POST", () -> cancel(request, factory, rest.get(1))));
                case "pipelineruns/queryactivityruns" -> request.on(Map.of("POST", () -> activityRuns(request, factory, rest.get(1))));
                case "triggers/start" -> request.on(Map.of("POST", () -> done(() -> triggers.start(factory, rest.get(1)))));
                case "triggers/stop" -> request.on(Map.of("POST", () -> done(() -> triggers.stop(factory, rest.get(1)))));
                // Whoever is started is subscribed, and the storage that tells of its events is this one.
                case "triggers/subscribetoevents", "triggers/unsubscribefromevents", "triggers/geteventsubscriptionstatus" ->
                    request.on(Map.of("POST", () -> ManagementAnswer.ok(triggers.subscription(factory, rest.get(1)))));
                case "linkedservices/testconnection" -> request.on(Map.of("POST", () -> authoring.testConnection(request, factory, rest.get(1))));
                case "linkedservices/listdatabases" -> request.on(Map.of("POST", () -> authoring.databases(request, factory, rest.get(1))));
                case "linkedservices/listtables" -> request.on(Map.of("POST", () -> authoring.tables(request, factory, rest.get(1))));
                case "datasets/preview" -> request.on(Map.of("POST", () -> authoring.preview(request, factory, rest.get(1))));
                case "datasets/importschema" -> request.on(Map.of("POST", () -> authoring.schema(request, factory, rest.get(1))));
                default -> throw Unsupported.operation(request, first + "/" + rest.get(2));
            };
            case 5 -> switch (first + "/" + rest.get(2).toLowerCase(Locale.ROOT) + "/" + rest.get(4).toLowerCase(Locale.ROOT)) {
                case "triggers/triggerruns/rerun" -> request.on(Map.of("POST", () -> done(() -> triggers.rerun(factory, rest.get(1), rest.get(3)))));
                case "triggers/triggerruns/cancel" -> request.on(Map.of("POST", () -> done(() -> triggers.cancel(factory, rest.get(1), rest.get(3)))));
                default -> throw Unsupported.operation(request, first + "/" + rest.getLast());
            };
            default -> throw Unsupported.operation(request, first + "/" + rest.getLast());
        };
    }

    private static Kind kind(ManagementRequest request, String segment) {
        return Kinds.ofSegment(segment).orElseThrow(() -> Unsupported.operation(request, segment));
    }

    private ManagementAnswer resource(ManagementRequest request, FactoryId factory, Kind kind, String name) {
        return request.on(Map.of("PUT", () -> factories.put(request, factory, kind, name), "GET", () -> factories.get(request, factory, kind, name),
                "PATCH", () -> factories.patch(request, factory, kind, name),
                "DELETE", () -> ManagementAnswer.empty(delete(factory, kind, name) ? 200 : 204)));
    }

    private boolean delete(FactoryId id) {
        List<String> names = definitions.factory(id).map(factory -> definitions.all(factory.id(), Kind.TRIGGER).stream().map(StoredResource::name).toList())
                .orElse(List.of());
        boolean wasThere = definitions.delete(id);
        names.forEach(name -> triggers.deleted(id, name));
        return wasThere;
    }

    private boolean delete(FactoryId factory, Kind kind, String name) {
        if (kind == Kind.TRIGGER && definitions.find(factory, kind, name).filter(Triggers::isStarted).isPresent()) {
            throw Refusal.conflict(Definitions.target(factory, kind, name), "The trigger '" + name + "' is started; stop it before it is deleted.");
        }
        boolean wasThere = definitions.delete(factory, kind, name);
        if (wasThere && kind == Kind.TRIGGER) {
            triggers.deleted(factory, name);
        }
        return wasThere;
    }

    private ManagementAnswer done(Runnable work) {
        work.run();
        return ManagementAnswer.empty(200);
    }

    private ManagementAnswer query(ManagementRequest request, Subject subject, Function<RunFilter, List<ObjectNode>> runsOf) {
        RunFilter filter = RunFilter.read(subject, ServiceJson.object(request.body()), request.rawPath());
        return ManagementAnswer.ok(filter.page(subject, runsOf.apply(filter), limits.runPageMax()));
    }

    // Older scripts send no body and state the time in the query string.
    private ManagementAnswer activityRuns(ManagementRequest request, FactoryId factory, String runId) {
        ObjectNode body = ServiceJson.objectOrEmpty(request.body());
        request.parameter("startTime").filter(_ -> !body.has("lastUpdatedAfter")).ifPresent(time -> body.put("lastUpdatedAfter", time));
        request.parameter("endTime").filter(_ -> !body.has("lastUpdatedBefore")).ifPresent(time -> body.put("lastUpdatedBefore", time));
        RunFilter filter = RunFilter.read(Subject.ACTIVITY_RUN, body, request.rawPath());
        Optional<String> pipeline = request.parameter("pipelineName");
        List<ObjectNode> found = runs.activityRuns(factory, runId).stream()
                .filter(run -> pipeline.isEmpty() || run.path("pipelineName").asText().equalsIgnoreCase(pipeline.get()))
                .filter(run -> isChangedIn(filter, run)).toList();
        return ManagementAnswer.ok(filter.page(Subject.ACTIVITY_RUN, found, limits.runPageMax()));
    }

    private static boolean isChangedIn(RunFilter filter, ObjectNode run) {
        JsonNode changed = run.hasNonNull("activityRunEnd") ? run.get("activityRunEnd") : run.path("activityRunStart");
        return RunFilter.instant(changed.asText()).filter(at -> !at.isBefore(filter.after()) && !at.isAfter(filter.before())).isPresent();
    }

    private ManagementAnswer cancel(ManagementRequest request, FactoryId factory, String runId) {
        runs.cancel(factory, runId, request.flag("isRecursive") ? PipelineHandle.Reach.CHILDREN : PipelineHandle.Reach.RUN);
        return ManagementAnswer.empty(200);
    }

    private static ObjectNode operations() {
        ObjectNode list = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = list.putArray("value");
        for (Kind kind : Kind.values()) {
            for (String verb : List.of("read", "write", "delete")) {
                ObjectNode operation = value.addObject().put("name", kind.armType() + "/" + verb).put("origin", "user");
                operation.putObject("display").put("provider", "Microsoft Data Factory").put("resource", "Data Factory " + kind.title())
                        .put("operation", verb + " " + kind.title()).put("description", verb + " a " + kind.title() + " of a factory");
            }
        }
        return list;
    }

    /// Ends the runs that are under way, and remembers that they were ended.
    @Override
    public void close() {
        triggers.close();
        runs.close();
    }
}
