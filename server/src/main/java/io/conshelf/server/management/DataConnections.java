package io.conshelf.server.management;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.management.KustoManagement.Asked;
import io.conshelf.server.management.KustoManagement.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Data connections as resources: they are kept and shown, and nothing is read by them.
final class DataConnections {
    private static final String TYPE = "Microsoft.Kusto/Clusters/Databases/DataConnections";
    private static final Set<String> KINDS = Set.of("EventHub", "IotHub", "EventGrid", "CosmosDb");

    private final Resources resources;
    private final Clusters clusters;
    private final Databases databases;

    DataConnections(Resources resources, Clusters clusters, Databases databases) {
        this.resources = resources;
        this.clusters = clusters;
        this.databases = databases;
    }

    List<ObjectNode> list(Asked asked) throws Refusal {
        databases.existing(asked);
        return resources.below(asked.path(5) + "/");
    }

    Outcome answer(Asked asked) throws Refusal {
        databases.existing(asked);
        String path = asked.path(6);
        Optional<ObjectNode> known = resources.find(path);
        return switch (asked.method()) {
            case "GET", "HEAD" -> Outcome.of(known.orElseThrow(() -> Refusal.notFound(TYPE, asked.part(5))));
            case "PUT" -> put(asked, named(asked), known.isEmpty());
            case "PATCH" -> put(asked, known.orElseThrow(() -> Refusal.notFound(TYPE, asked.part(5))), false);
            case "DELETE" -> Outcome.deleted(resources.remove(path));
            default -> throw KustoManagement.wrongMethod(asked);
        };
    }

    private ObjectNode named(Asked asked) throws Refusal {
        return KustoManagement.named(asked.path(6), asked.cluster() + "/" + asked.database() + "/" + asked.part(5), TYPE)
                .put("location", clusters.existing(asked).path("location").asText("local"));
    }

    private Outcome put(Asked asked, ObjectNode before, boolean isNew) throws Refusal {
        ObjectNode stated = asked.body().deepCopy();
        List.of("id", "name", "type", "systemData").forEach(stated::remove);
        ObjectNode made = Resources.merged(before, stated);
        if (!KINDS.contains(made.path("kind").asText(""))) {
            throw Refusal.bad("the 'kind' of a data connection is one of " + String.join(", ", KINDS.stream().sorted().toList()) + ", found '"
                    + made.path("kind").asText("") + "'");
        }
        made.withObject("/properties").put("provisioningState", "Succeeded");
        resources.put(asked.path(6), made);
        return Outcome.made(isNew, made);
    }

    ObjectNode isFree(Asked asked) throws Refusal {
        databases.existing(asked);
        String name = KustoManagement.nameToCheck(asked.body());
        return KustoManagement.availability(name, resources.find(asked.path(4) + "/dataConnections/" + name).isPresent());
    }
}
