package io.conshelf.server.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.management.KustoManagement.Asked;
import io.conshelf.server.management.KustoManagement.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Clusters as resources.
final class Clusters {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TYPE = "Microsoft.Kusto/Clusters";
    private static final String STREAMING = "enableStreamingIngest";
    private static final String SWITCHES = "switches";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]{3,21}", Pattern.CASE_INSENSITIVE);
    private static final Pattern PATH = Pattern.compile("/subscriptions/.*/clusters/[^/]+");

    private final Resources resources;

    Clusters(Resources resources) {
        this.resources = resources;
    }

    boolean isStreamingEnabled() {
        return resources.find(SWITCHES).map(switches -> switches.path(STREAMING).asBoolean(true)).orElse(true);
    }

    /// Those that were made, of a resource group or of all.
    List<ObjectNode> list(Asked asked) {
        String scope = asked.scope().toLowerCase(Locale.ROOT) + "/";
        return resources.all(path -> PATH.matcher(path).matches() && path.startsWith(scope)).stream().filter(cluster -> !isDeleted(cluster))
                .map(cluster -> shown(cluster, asked.origin())).toList();
    }

    Outcome answer(Asked asked) throws Refusal {
        return switch (asked.method()) {
            case "GET", "HEAD" -> Outcome.of(shown(existing(asked), asked.origin()));
            case "PUT" -> put(asked, blank(asked), resources.find(asked.path(2)).filter(cluster -> !isDeleted(cluster)).isEmpty());
            case "PATCH" -> put(asked, existing(asked), false);
            case "DELETE" -> delete(asked);
            default -> throw KustoManagement.wrongMethod(asked);
        };
    }

    /// The cluster of a path: as it was made, else the one that runs.
    ObjectNode existing(Asked asked) throws Refusal {
        Optional<ObjectNode> known = resources.find(asked.path(2));
        if (known.filter(Clusters::isDeleted).isPresent()) {
            throw Refusal.notFound("Microsoft.Kusto/clusters", asked.cluster());
        }
        return known.orElseGet(() -> blank(asked));
    }

    private static boolean isDeleted(JsonNode cluster) {
        return cluster.path("deleted").asBoolean(false);
    }

    private static ObjectNode blank(Asked asked) {
        ObjectNode cluster = KustoManagement.named(asked.path(2), asked.cluster(), TYPE).put("location", "local");
        cluster.putObject("sku").put("name", "Dev(No SLA)_Standard_D11_v2").put("capacity", 1).put("tier", "Basic");
        cluster.putObject("properties");
        return cluster;
    }

    private Outcome put(Asked asked, ObjectNode before, boolean isNew) throws Refusal {
        if (isNew && !NAME.matcher(asked.cluster()).matches()) {
            throw new Refusal(400, "InvalidResourceName", notAName(asked.cluster()));
        }
        if (isNew && (!asked.body().path("location").isTextual() || !asked.body().path("sku").isObject())) {
            throw Refusal.bad("a cluster has a 'location' and a 'sku'");
        }
        if (!isNew && asked.headers().getOrDefault("if-none-match", "").equals("*")) {
            throw new Refusal(412, "PreconditionFailed", "There is a cluster of this name already (If-None-Match).");
        }
        JsonNode streaming = asked.body().path("properties").path(STREAMING);
        if (!streaming.isMissingNode() && !streaming.isNull() && !streaming.isBoolean()) {
            throw Refusal.bad("'properties." + STREAMING + "' is true or false");
        }
        ObjectNode stated = asked.body().deepCopy();
        List.of("id", "name", "type", "etag", "systemData").forEach(stated::remove);
        ObjectNode made = Resources.merged(before, stated);
        resources.put(asked.path(2), made);
        if (streaming.isBoolean()) {
            resources.put(SWITCHES, JSON.createObjectNode().put(STREAMING, streaming.booleanValue()));
        }
        return Outcome.made(isNew, shown(made, asked.origin()));
    }

    /// The resources go; the cluster that runs, and its databases, stay. Where there is nothing that was made, there is nothing to do.
    private Outcome delete(Asked asked) throws Refusal {
        boolean wasThere = resources.find(asked.path(2)).filter(cluster -> !isDeleted(cluster)).isPresent();
        if (wasThere) {
            resources.remove(asked.path(2));
            resources.put(asked.path(2), JSON.createObjectNode().put("deleted", true));
        }
        return Outcome.deleted(wasThere);
    }

    private ObjectNode shown(ObjectNode cluster, String origin) {
        ObjectNode shown = cluster.deepCopy();
        ObjectNode properties = shown.withObject("/properties");
        properties.put("state", "Running").put("provisioningState", "Succeeded").put("uri", origin).put("dataIngestionUri", origin)
                .put(STREAMING, isStreamingEnabled());
        return shown.put("etag", "\"" + Integer.toHexString(cluster.toString().hashCode()) + "\"");
    }

    ObjectNode isFree(Asked asked) throws Refusal {
        String name = KustoManagement.nameToCheck(asked.body());
        if (!NAME.matcher(name).matches()) {
            return KustoManagement.notAvailable(name, notAName(name));
        }
        String end = "/clusters/" + name.toLowerCase(Locale.ROOT);
        boolean isTaken = resources.all(path -> PATH.matcher(path).matches() && path.endsWith(end)).stream().anyMatch(cluster -> !isDeleted(cluster));
        return KustoManagement.availability(name, isTaken);
    }

    private static String notAName(String name) {
        return "The name of a cluster has 4 to 22 letters and digits and begins with a letter, found '" + name + "'.";
    }
}
