package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.RateLimits;
import io.conshelf.engine.store.RequestLimits;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.WorkloadGroups;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Workload groups, of which the request classification policy tells those of requests: what a group's request limits policy says
/// holds for queries, and what its rate limits say for queries and commands, within the configuration's limits.
final class WorkloadGroupCommands {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String LIMITS = "RequestLimitsPolicy";
    private static final String RATES = "RequestRateLimitPolicies";
    private static final String INTERNAL = "internal";
    private static final String NOTHING_SET = "{}";
    // As the service has it, beside its own two.
    private static final int OWN_MAX = 16;
    private static final List<String> POLICIES = List.of(
            LIMITS, RATES, "RequestRateLimitsEnforcementPolicy", "RequestQueuingPolicy",
            "QueryConsistencyPolicy");

    private WorkloadGroupCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowWorkloadGroups", Access.clusterAdministrator(), c -> rows(c, all(c)));
        registry.on("ShowWorkloadGroup", Access.clusterAdministrator(), c -> {
            var name = c.match().text("WorkloadGroup");
            return rows(c, Map.of(name, existing(c, name)));
        });
        registry.on("CreateOrAleterWorkloadGroup", Access.clusterAdministrator(), c -> put(c, MAPPER.createObjectNode()));
        registry.on("AlterMergeWorkloadGroup", Access.clusterAdministrator(), c -> put(c, object(c, existing(c, name(c)))));
        registry.on("DropWorkloadGroup", Access.clusterAdministrator(), WorkloadGroupCommands::drop);
    }

    private static String name(CommandContext context) {
        return context.match().text("WorkloadGroupName");
    }

    private static Map<String, String> all(CommandContext context) {
        var groups = new TreeMap<>(Map.of(WorkloadGroups.DEFAULT, NOTHING_SET, INTERNAL, NOTHING_SET));
        groups.putAll(context.storage().workloadGroups().written());
        return groups;
    }

    private static String existing(CommandContext context, String name) {
        return Optional.ofNullable(all(context).get(name))
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("WorkloadGroup", name)));
    }

    /// What is given laid over what is there, policy by policy.
    private static CommandResult put(CommandContext context, ObjectNode there) {
        var name = name(context);
        if (name.equals(INTERNAL)) {
            throw bad(context, "the group 'internal' cannot be altered");
        }
        var groups = all(context);
        if (!groups.containsKey(name) && groups.size() >= OWN_MAX + 2) {
            throw bad(context, "there are " + OWN_MAX + " groups already; drop one first");
        }
        var given = object(context, context.match().text("WorkloadGroup"));
        for (var property : given.properties()) {
            var policy = POLICIES.stream().filter(p -> p.equalsIgnoreCase(property.getKey())).findFirst()
                    .orElseThrow(() -> bad(context, "unknown property '" + property.getKey() + "'; known are " + String.join(", ", POLICIES)));
            check(context, policy, property.getValue());
            if (property.getValue().isNull()) {
                there.remove(policy);
            } else if (policy.equals(LIMITS) && there.get(policy) instanceof ObjectNode limits) {
                // One limit may be altered and leave the others.
                limits.setAll((ObjectNode) property.getValue());
            } else {
                there.set(policy, property.getValue());
            }
        }
        context.storage().workloadGroups().set(name, Optional.of(there.toString()));
        return rows(context, Map.of(name, there.toString()));
    }

    private static void check(CommandContext context, String policy, JsonNode value) {
        if (value.isNull()) {
            return;
        }
        Optional<String> problem = switch (policy) {
            case LIMITS -> RequestLimits.problem(value);
            case RATES -> RateLimits.problem(value);
            default -> {
                if (!KeptRequestPolicies.contains(policy)) {
                    throw new KustoException(Errors.notSupported("'" + policy + "' of a workload group"));
                }
                yield KeptRequestPolicies.problem(policy, value);
            }
        };
        problem.ifPresent(words -> {
            throw bad(context, words);
        });
    }

    private static CommandResult drop(CommandContext context) {
        var name = name(context);
        if (name.equals(WorkloadGroups.DEFAULT) || name.equals(INTERNAL)) {
            throw bad(context, "the group '" + name + "' cannot be dropped");
        }
        existing(context, name);
        context.storage().workloadGroups().set(name, Optional.empty());
        return rows(context, all(context));
    }

    private static ObjectNode object(CommandContext context, String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw bad(context, "expected a JSON object, found " + text);
        } catch (JacksonException e) {
            throw bad(context, "the text is not JSON: " + e.getOriginalMessage());
        }
    }

    private static KustoException bad(CommandContext context, String problem) {
        return new KustoException(CommandErrors.badArgument(context.match(), "workload group", problem));
    }

    private static CommandResult rows(CommandContext context, Map<String, String> groups) {
        var rows = CommandResult.of(context.match().command());
        groups.forEach(rows::row);
        return rows.done();
    }
}
