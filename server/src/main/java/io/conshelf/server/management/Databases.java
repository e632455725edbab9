package io.conshelf.server.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.server.management.KustoManagement.Asked;
import io.conshelf.server.management.KustoManagement.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Databases as resources: those of the cluster that runs, whoever made them.
final class Databases {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TYPE = "Microsoft.Kusto/Clusters/Databases";
    private static final Pattern SOFT_DELETE = Pattern.compile("\"SoftDeletePeriod\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern HOT = Pattern.compile("\"DataHotSpan\"\\s*:\\s*(?:\\{\\s*\"Value\"\\s*:\\s*)?\"([^\"]+)\"");
    private static final Map<String, String> KINDS = Map.of("aadapp", "App", "aaduser", "User", "aadgroup", "Group");

    private final Resources resources;
    private final RunningCluster cluster;
    private final Clusters clusters;
    private final Engine engine;

    Databases(Resources resources, RunningCluster cluster, Clusters clusters, Engine engine) {
        this.resources = resources;
        this.cluster = cluster;
        this.clusters = clusters;
        this.engine = engine;
    }

    List<ObjectNode> list(Asked asked) throws Refusal {
        var list = new ArrayList<ObjectNode>();
        for (String database : cluster.databases()) {
            list.add(shown(asked, database));
        }
        return list;
    }

    Outcome answer(Asked asked) throws Refusal {
        return switch (asked.method()) {
            case "GET", "HEAD" -> Outcome.of(shown(asked, existing(asked)));
            case "PUT" -> put(asked);
            case "PATCH" -> changed(asked, existing(asked), false);
            case "DELETE" -> delete(asked);
            default -> throw KustoManagement.wrongMethod(asked);
        };
    }

    /// The database of a path, as it is written.
    String existing(Asked asked) throws Refusal {
        clusters.existing(asked);
        return cluster.database(asked.database()).orElseThrow(() -> Refusal.notFound("Microsoft.Kusto/clusters/" + asked.cluster() + "/databases", asked.database()));
    }

    private Outcome put(Asked asked) throws Refusal {
        clusters.existing(asked);
        Optional<String> known = cluster.database(asked.database());
        // Read before anything is made, so that what is wrong leaves nothing behind.
        policies(asked);
        if (known.isEmpty()) {
            RunningCluster.run(asked, "", ".create database " + RunningCluster.name(asked.database()));
        }
        return changed(asked, known.orElse(asked.database()), known.isEmpty());
    }

    private Outcome changed(Asked asked, String database, boolean isNew) throws Refusal {
        for (String policy : policies(asked)) {
            RunningCluster.run(asked, database, policy.formatted(RunningCluster.name(database)));
        }
        return Outcome.made(isNew, shown(asked, database));
    }

    private static List<String> policies(Asked asked) throws Refusal {
        String kind = asked.body().path("kind").asText("ReadWrite");
        if (!kind.equals("ReadWrite")) {
            throw Refusal.bad("a database of the kind '" + kind + "' is not supported; 'ReadWrite' is");
        }
        JsonNode properties = asked.body().path("properties");
        var commands = new ArrayList<String>();
        if (properties.path("softDeletePeriod").isTextual()) {
            commands.add(".alter-merge database %s policy retention '{\"SoftDeletePeriod\":\"" + Spans.toKusto("softDeletePeriod", properties.path("softDeletePeriod").asText())
                    + "\"}'");
        }
        if (properties.path("hotCachePeriod").isTextual()) {
            commands.add(".alter database %s policy caching hot = time(" + Spans.toKusto("hotCachePeriod", properties.path("hotCachePeriod").asText()) + ")");
        }
        return commands;
    }

    private Outcome delete(Asked asked) throws Refusal {
        clusters.existing(asked);
        Optional<String> known = cluster.database(asked.database());
        if (known.isPresent()) {
            RunningCluster.run(asked, "", ".drop database " + RunningCluster.name(known.get()));
        }
        resources.remove(asked.path(4));
        return Outcome.deleted(known.isPresent());
    }

    private ObjectNode shown(Asked asked, String database) throws Refusal {
        String id = asked.path(2) + "/Databases/" + database;
        ObjectNode shown = KustoManagement.named(id, asked.cluster() + "/" + database, TYPE)
                .put("location", clusters.existing(asked).path("location").asText("local")).put("kind", "ReadWrite");
        ObjectNode properties = shown.putObject("properties").put("provisioningState", "Succeeded").put("isFollowed", false);
        stated(database, PolicyKind.RETENTION, SOFT_DELETE).ifPresent(span -> properties.put("softDeletePeriod", span));
        stated(database, PolicyKind.CACHING, HOT).ifPresent(span -> properties.put("hotCachePeriod", span));
        return shown;
    }

    private Optional<String> stated(String database, PolicyKind kind, Pattern where) {
        return cluster.policy(database, kind).map(where::matcher).filter(Matcher::find).map(found -> Spans.toIso(found.group(1)));
    }

    ObjectNode isFree(Asked asked) throws Refusal {
        String name = KustoManagement.nameToCheck(asked.body());
        try {
            return KustoManagement.availability(EntityNames.checked("database", name), cluster.database(name).isPresent());
        } catch (KustoException refused) {
            return KustoManagement.notAvailable(name, refused.getMessage());
        }
    }

    /// `listPrincipals`, and what changing them answers.
    ObjectNode principals(Asked asked) throws Refusal {
        var value = JSON.createArrayNode();
        for (Grant grant : engine.databaseGrants(existing(asked))) {
            String principal = grant.principal();
            String id = principal.substring(principal.indexOf('=') + 1).replaceFirst(";.*", "");
            String kind = KINDS.getOrDefault(principal.replaceFirst("=.*", ""), "User");
            ObjectNode one = value.addObject().put("role", grant.role().kustoName()).put("name", grant.displayName().isEmpty() ? id : grant.displayName())
                    .put("type", kind).put("fqn", principal);
            if (kind.equals("App")) {
                one.put("appId", id);
            } else {
                one.put("email", id);
            }
            if (principal.contains(";")) {
                one.put("tenantName", principal.substring(principal.indexOf(';') + 1));
            }
        }
        return JSON.createObjectNode().set("value", value);
    }

    ObjectNode changePrincipals(Asked asked, String verb) throws Refusal {
        String database = existing(asked);
        var commands = new ArrayList<String>();
        for (JsonNode one : asked.body().path("value")) {
            ObjectNode properties = JSON.createObjectNode().put("role", one.path("role").asText("")).put("principalType", one.path("type").asText(""))
                    .put("principalId", one.path("type").asText("").equalsIgnoreCase("App") ? one.path("appId").asText("") : one.path("email").asText(""));
            String fqn = one.path("fqn").asText("");
            if (fqn.indexOf('=') > 0) {
                properties.put("principalId", fqn.substring(fqn.indexOf('=') + 1).replaceFirst(";.*", ""));
                properties.put("tenantId", fqn.contains(";") ? fqn.substring(fqn.indexOf(';') + 1) : "");
            }
            Assignment assignment = Assignment.onDatabase(properties);
            commands.add(verb + " database " + RunningCluster.name(database) + " " + assignment.role() + " ('" + RunningCluster.text(assignment.principal()) + "')");
        }
        for (String command : commands) {
            RunningCluster.run(asked, database, command);
        }
        return principals(asked);
    }
}
