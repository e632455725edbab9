package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Policies of a workload group that say how several nodes share work: on one node they are met whatever they say, so they are
/// checked, kept and shown, and change nothing.
final class KeptRequestPolicies {
    private static final Set<String> CONSISTENCIES = Set.of(
            "Strong", "Weak", "WeakAffinitizedByQuery", "WeakAffinitizedByDatabase", "WeakAffinitizedBySessionId");

    /// By the policy: its fields, each with what it may hold. What is written as a limit has it as its `Value`.
    private static final Map<String, Map<String, Predicate<JsonNode>>> POLICIES = Map.of(
            // A request that is over its limit is turned away at once, queue or not.
            "RequestQueuingPolicy", Map.of("IsEnabled", JsonNode::isBoolean),
            "RequestRateLimitsEnforcementPolicy", Map.of(
                    "QueriesEnforcementLevel", value -> Set.of("Cluster", "QueryHead").contains(value.asText()),
                    "CommandsEnforcementLevel", value -> Set.of("Cluster", "Database").contains(value.asText())),
            // Every query sees what was acknowledged before it.
            "QueryConsistencyPolicy", Map.of("QueryConsistency", value -> value.isObject() && CONSISTENCIES.contains(value.path("Value").asText())
                    && (value.path("IsRelaxable").isMissingNode() || value.path("IsRelaxable").isBoolean())));

    private KeptRequestPolicies() {}

    static boolean contains(String policy) {
        return POLICIES.containsKey(policy);
    }

    /// What is wrong with a policy, in words.
    static Optional<String> problem(String policy, JsonNode value) {
        var fields = POLICIES.get(policy);
        if (!value.isObject()) {
            return Optional.of("'" + policy + "' is an object, found " + value);
        }
        for (var field : value.properties()) {
            var known = fields.get(field.getKey());
            if (known == null) {
                return Optional.of("'" + field.getKey() + "' is no property of '" + policy + "'; it has " + String.join(", ", fields.keySet()));
            }
            if (!known.test(field.getValue())) {
                return Optional.of("'" + field.getKey() + "' of '" + policy + "' cannot be " + field.getValue());
            }
        }
        return Optional.empty();
    }
}
