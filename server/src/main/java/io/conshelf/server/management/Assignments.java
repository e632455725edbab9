package io.conshelf.server.management;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.management.KustoManagement.Asked;
import io.conshelf.server.management.KustoManagement.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Assignments of roles, on the cluster and on databases, as resources: making one grants its role, deleting it takes the role away.
final class Assignments {
    private static final Pattern ON_CLUSTER = Pattern.compile(".*/microsoft\\.kusto/clusters/[^/]+/principalassignments/[^/]+", Pattern.CASE_INSENSITIVE);
    private static final Pattern ON_DATABASE =
            Pattern.compile(".*/microsoft\\.kusto/clusters/[^/]+/databases/([^/]+)/principalassignments/[^/]+", Pattern.CASE_INSENSITIVE);

    private final Resources resources;

    Assignments(Resources resources) {
        this.resources = resources;
    }

    List<ObjectNode> list(Asked asked) {
        return resources.below(asked.path(asked.parts().size()) + "/");
    }

    private static boolean isOnCluster(Asked asked) {
        return asked.parts().size() <= 4;
    }

    private static String type(Asked asked) {
        return isOnCluster(asked) ? "Microsoft.Kusto/Clusters/PrincipalAssignments" : "Microsoft.Kusto/Clusters/Databases/PrincipalAssignments";
    }

    Outcome answer(Asked asked, Databases databases) throws Refusal {
        String database = isOnCluster(asked) ? "" : databases.existing(asked);
        String path = asked.path(asked.parts().size());
        Optional<ObjectNode> known = resources.find(path);
        return switch (asked.method()) {
            case "GET", "HEAD" -> Outcome.of(known.orElseThrow(() -> Refusal.notFound(type(asked), asked.parts().getLast())));
            case "PUT" -> put(asked, path, database, known);
            case "DELETE" -> {
                if (known.isPresent()) {
                    drop(asked, path, database, assignment(asked, known.get()));
                    resources.remove(path);
                }
                yield Outcome.deleted(known.isPresent());
            }
            default -> throw KustoManagement.wrongMethod(asked);
        };
    }

    private static Assignment assignment(Asked asked, ObjectNode resource) throws Refusal {
        return isOnCluster(asked) ? Assignment.onCluster(resource.path("properties")) : Assignment.onDatabase(resource.path("properties"));
    }

    private Outcome put(Asked asked, String path, String database, Optional<ObjectNode> known) throws Refusal {
        String name = isOnCluster(asked) ? asked.cluster() + "/" + asked.part(3) : asked.cluster() + "/" + asked.database() + "/" + asked.part(5);
        ObjectNode made = KustoManagement.named(path, name, type(asked));
        if (asked.body().path("properties") instanceof ObjectNode properties) {
            made.set("properties", properties.deepCopy().put("provisioningState", "Succeeded"));
        }
        Assignment wanted = assignment(asked, made);
        if (known.isPresent() && !assignment(asked, known.get()).isSameAs(wanted)) {
            drop(asked, path, database, assignment(asked, known.get()));
        }
        change(asked, ".add", database, wanted);
        resources.put(path, made);
        return Outcome.made(known.isEmpty(), made);
    }

    // Two resources may state the same role, as two clusters of definitions do that are one here: it goes with the last of them.
    private void drop(Asked asked, String path, String database, Assignment assignment) throws Refusal {
        Pattern places = isOnCluster(asked) ? ON_CLUSTER : ON_DATABASE;
        for (ObjectNode other : resources.all(at -> !at.equalsIgnoreCase(path) && isOf(places, at, database))) {
            if (assignment(asked, other).isSameAs(assignment)) {
                return;
            }
        }
        change(asked, ".drop", database, assignment);
    }

    private static boolean isOf(Pattern places, String path, String database) {
        Matcher place = places.matcher(path);
        return place.matches() && (database.isEmpty() || place.group(1).equalsIgnoreCase(database));
    }

    private static void change(Asked asked, String verb, String database, Assignment assignment) throws Refusal {
        String where = database.isEmpty() ? "cluster " : "database " + RunningCluster.name(database) + " ";
        RunningCluster.run(asked, database, verb + " " + where + assignment.role() + " ('" + RunningCluster.text(assignment.principal()) + "') skip-results");
    }

    ObjectNode isFree(Asked asked) throws Refusal {
        String name = KustoManagement.nameToCheck(asked.body());
        String path = asked.path(asked.parts().size() - 1) + "/principalAssignments/" + name;
        return KustoManagement.availability(name, resources.find(path).isPresent());
    }
}
