package io.conshelf.server.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Engine;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.server.service.HostedService;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The management interface of `Microsoft.Kusto`. The cluster that runs answers under every name of a cluster, as it does in definitions:
/// its databases and roles are the same under each, and a name that nobody has made a resource of has the cluster as it is.
public final class KustoManagement implements HostedService {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PATH = Pattern.compile(
            "((?:/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?)?)/providers/Microsoft\\.Kusto/(.+)", Pattern.CASE_INSENSITIVE);
    /// What belongs to no subscription.
    private static final String OPERATIONS = "operations";
    private static final int OPERATIONS_MAX = 1_000;

    private final Clusters clusters;
    private final Databases databases;
    private final DataConnections connections;
    private final Assignments assignments;
    private final InstantSource clock;
    // Everything is done when it is answered; clients look all the same.
    private final Map<String, String> operations = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > OPERATIONS_MAX;
        }
    };

    /// A request that was taken apart.
    ///
    /// @param scope   `/subscriptions/…[/resourceGroups/…]`, empty for what belongs to none
    /// @param parts   of the path behind the provider, as they are stated
    record Asked(String method, String scope, List<String> parts, JsonNode body, String origin, Map<String, String> headers, Commands commands) {
        String part(int at) {
            return parts.get(at);
        }

        /// Where a resource is: the first parts of the path.
        String path(int length) {
            return scope + "/providers/Microsoft.Kusto/" + String.join("/", parts.subList(0, length));
        }

        String cluster() {
            return part(1);
        }

        String database() {
            return part(3);
        }
    }

    /// What comes of a request.
    ///
    /// @param isOperation whether the service would have taken its time
    record Outcome(int status, Optional<JsonNode> body, boolean isOperation) {
        static Outcome of(JsonNode body) {
            return new Outcome(200, Optional.of(body), false);
        }

        static Outcome made(boolean isNew, JsonNode body) {
            return new Outcome(isNew ? 201 : 200, Optional.of(body), true);
        }

        static Outcome deleted(boolean wasThere) {
            return new Outcome(wasThere ? 200 : 204, Optional.empty(), false);
        }
    }

    public KustoManagement(Engine engine, ServiceDocuments documents, InstantSource clock) {
        var resources = new Resources(documents);
        var cluster = new RunningCluster(engine);
        this.clusters = new Clusters(resources);
        this.databases = new Databases(resources, cluster, clusters, engine);
        this.connections = new DataConnections(resources, clusters, databases);
        this.assignments = new Assignments(resources);
        this.clock = clock;
    }

    /// Whether the cluster takes streams: the last that was said of `enableStreamingIngest`, and yes before anything was.
    public boolean isStreamingEnabled() {
        return clusters.isStreamingEnabled();
    }

    @Override
    public String name() {
        return "kusto management";
    }

    @Override
    public boolean answers(String rawPath) {
        return PATH.matcher(rawPath).matches();
    }

    @Override
    public synchronized Answer answer(Request request) {
        try {
            ResourceRequest.requireVersion(request);
            Asked asked = asked(request);
            Outcome outcome = outcome(asked);
            Map<String, String> headers = new HashMap<>(ResourceRequest.JSON_HEADERS);
            if (outcome.isOperation()) {
                String at = operation(asked, request.query().get("api-version"));
                headers.put("Azure-AsyncOperation", at);
                headers.put("Location", at + "&operationResultResponseType=Location");
            }
            return new Answer(outcome.status(), headers, outcome.body().map(body -> body.toString().getBytes(StandardCharsets.UTF_8)).orElse(new byte[0]));
        } catch (Refusal refusal) {
            return ResourceRequest.refused(refusal);
        }
    }

    private static Asked asked(Request request) throws Refusal {
        Matcher path = PATH.matcher(request.rawPath());
        if (!path.matches()) {
            throw Refusal.notFound("Microsoft.Kusto", request.rawPath());
        }
        List<String> parts = new ArrayList<>();
        for (String part : path.group(2).split("/")) {
            String decoded = ResourceRequest.decoded(part);
            if (decoded.isBlank() || decoded.contains("/") || decoded.chars().anyMatch(Character::isISOControl)) {
                throw Refusal.bad("the path has a name that cannot be one");
            }
            parts.add(decoded);
        }
        return new Asked(request.method(), path.group(1), parts, ResourceRequest.body(request), request.origin(), request.headers(), request.commands());
    }

    private String operation(Asked asked, String version) {
        String id = UUID.randomUUID().toString();
        operations.put(id, clock.instant().toString());
        String subscription = asked.scope().replaceFirst("(?i)/resourceGroups/.*", "");
        return asked.origin() + subscription + "/providers/Microsoft.Kusto/locations/local/operationResults/" + id + "?api-version=" + URLEncoder.encode(version, StandardCharsets.UTF_8);
    }

    private Outcome outcome(Asked asked) throws Refusal {
        List<String> kinds = new ArrayList<>();
        for (int at = 0; at < asked.parts().size(); at += 2) {
            kinds.add(asked.part(at).toLowerCase(Locale.ROOT));
        }
        boolean isNamed = asked.parts().size() % 2 == 0;
        if (asked.scope().isEmpty() != kinds.getFirst().equals(OPERATIONS)) {
            throw Refusal.notFound("Microsoft.Kusto", asked.scope() + "/providers/Microsoft.Kusto/" + String.join("/", asked.parts()));
        }
        return switch (String.join("/", kinds) + (isNamed ? "/*" : "")) {
            case OPERATIONS -> list(asked, ProviderOperations.all());
            case "clusters" -> list(asked, clusters.list(asked));
            case "clusters/*" -> clusters.answer(asked);
            case "clusters/databases" -> list(asked, databases.list(asked));
            case "clusters/databases/*" -> databases.answer(asked);
            case "clusters/databases/dataconnections" -> list(asked, connections.list(asked));
            case "clusters/databases/dataconnections/*" -> connections.answer(asked);
            case "clusters/principalassignments", "clusters/databases/principalassignments" -> list(asked, assignments.list(asked));
            case "clusters/principalassignments/*", "clusters/databases/principalassignments/*" -> assignments.answer(asked, databases);
            case "locations/checknameavailability" -> posted(asked, clusters.isFree(asked));
            case "clusters/checknameavailability" -> posted(asked, databases.isFree(asked));
            case "clusters/databases/checknameavailability" -> posted(asked, connections.isFree(asked));
            case "clusters/checkprincipalassignmentnameavailability", "clusters/databases/checkprincipalassignmentnameavailability" ->
                posted(asked, assignments.isFree(asked));
            case "clusters/databases/listprincipals" -> posted(asked, databases.principals(asked));
            case "clusters/databases/addprincipals" -> posted(asked, databases.changePrincipals(asked, ".add"));
            case "clusters/databases/removeprincipals" -> posted(asked, databases.changePrincipals(asked, ".drop"));
            case "clusters/listfollowerdatabases" -> posted(asked, JSON.createObjectNode().set("value", JSON.createArrayNode()));
            case "locations/operationresults/*" -> operationResult(asked);
            default -> throw new Refusal(404, "NotSupported", "'" + asked.method() + " " + String.join("/", asked.parts())
                    + "' is not one of what this cluster answers of Microsoft.Kusto: clusters, databases, dataConnections, principalAssignments and the checks"
                    + " of their names.");
        };
    }

    private Outcome operationResult(Asked asked) throws Refusal {
        String started = operations.get(asked.part(3));
        if (started == null) {
            throw Refusal.notFound("operationResults", asked.part(3));
        }
        return Outcome.of(JSON.createObjectNode().put("id", asked.path(4)).put("name", asked.part(3)).put("status", "Succeeded")
                .put("startTime", started).put("endTime", started).put("percentComplete", 1.0));
    }

    private static Outcome list(Asked asked, List<ObjectNode> resources) throws Refusal {
        only(asked, "GET");
        var value = JSON.createArrayNode();
        resources.forEach(value::add);
        return Outcome.of(JSON.createObjectNode().set("value", value));
    }

    private static Outcome posted(Asked asked, JsonNode answer) throws Refusal {
        only(asked, "POST");
        return Outcome.of(answer);
    }

    static void only(Asked asked, String method) throws Refusal {
        if (!asked.method().equals(method)) {
            throw wrongMethod(asked);
        }
    }

    static Refusal wrongMethod(Asked asked) {
        return new Refusal(405, "MethodNotAllowed", "'" + asked.method() + "' is not answered here.");
    }

    /// The name that is to be checked.
    static String nameToCheck(JsonNode body) throws Refusal {
        String name = body.path("name").asText("");
        if (name.isBlank()) {
            throw Refusal.bad("the body is to have the 'name' to check");
        }
        return name;
    }

    /// The answer to a check of a name that none can have.
    static ObjectNode notAvailable(String name, String why) {
        return JSON.createObjectNode().put("name", name).put("nameAvailable", false).put("reason", "Invalid").put("message", why);
    }

    /// The answer to a check of a name.
    static ObjectNode availability(String name, boolean isTaken) {
        ObjectNode answer = JSON.createObjectNode().put("name", name).put("nameAvailable", !isTaken);
        return isTaken ? answer.put("reason", "AlreadyExists").put("message", "The name '" + name + "' is in use.") : answer;
    }

    /// The names of a resource, before what else it has.
    static ObjectNode named(String id, String name, String type) {
        return JSON.createObjectNode().put("id", id).put("name", name).put("type", type);
    }

    @Override
    public void started(HostedService.Cluster found) {
        // Nothing runs of its own accord.
    }

    @Override
    public void close() {
        // Everything is in the store already.
    }
}
