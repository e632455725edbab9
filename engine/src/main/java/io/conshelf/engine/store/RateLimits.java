package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How many requests of a workload group may run at once.
public record RateLimits(List<Limit> limits) {
    public static final RateLimits NONE = new RateLimits(List.of());
    private static final int CONCURRENT_MAX = 10_000;
    private static final Set<String> MEMBERS = Set.of("IsEnabled", "Scope", "LimitKind", "Properties");

    public RateLimits {
        limits = List.copyOf(limits);
    }

    /// Whose requests are counted together.
    public enum Scope { WORKLOAD_GROUP, PRINCIPAL }

    public record Limit(Scope scope, int concurrentMax) {}

    /// As the policies have them, without those that are switched off.
    static RateLimits of(JsonNode policies) {
        var limits = new ArrayList<Limit>();
        for (var policy : policies) {
            if (policy.path("IsEnabled").asBoolean(true)) {
                limits.add(new Limit(
                        policy.path("Scope").asText().equalsIgnoreCase("Principal") ? Scope.PRINCIPAL : Scope.WORKLOAD_GROUP,
                        policy.at("/Properties/MaxConcurrentRequests").asInt()));
            }
        }
        return new RateLimits(limits);
    }

    /// What is wrong with the policies, in words.
    public static Optional<String> problem(JsonNode policies) {
        if (!policies.isArray()) {
            return Optional.of("'RequestRateLimitPolicies' is an array, found " + policies);
        }
        for (var policy : policies) {
            var problem = problemOf(policy);
            if (problem.isPresent()) {
                return problem.map(text -> "'RequestRateLimitPolicies': " + text);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> problemOf(JsonNode policy) {
        if (!policy.isObject()) {
            return Optional.of("a policy is an object, found " + policy);
        }
        for (var member : policy.properties()) {
            if (!MEMBERS.contains(member.getKey())) {
                return Optional.of("unknown property '" + member.getKey() + "'; known are IsEnabled, Scope, LimitKind, Properties");
            }
        }
        if (policy.has("IsEnabled") && !policy.path("IsEnabled").isBoolean()) {
            return Optional.of("IsEnabled is true or false, found " + policy.path("IsEnabled"));
        }
        var scope = policy.path("Scope").asText();
        if (!scope.equalsIgnoreCase("WorkloadGroup") && !scope.equalsIgnoreCase("Principal")) {
            return Optional.of("Scope is WorkloadGroup or Principal, found " + policy.path("Scope"));
        }
        var kind = policy.path("LimitKind").asText();
        if (kind.equalsIgnoreCase("ResourceUtilization")) {
            return Optional.of("LimitKind 'ResourceUtilization' is not supported; supported is ConcurrentRequests");
        }
        if (!kind.equalsIgnoreCase("ConcurrentRequests")) {
            return Optional.of("LimitKind is ConcurrentRequests, found " + policy.path("LimitKind"));
        }
        var properties = policy.path("Properties");
        for (var member : properties.properties()) {
            if (!member.getKey().equals("MaxConcurrentRequests")) {
                return Optional.of("unknown property '" + member.getKey() + "' of Properties; known is MaxConcurrentRequests");
            }
        }
        var most = properties.path("MaxConcurrentRequests");
        return most.isIntegralNumber() && most.canConvertToInt() && most.intValue() >= 0 && most.intValue() <= CONCURRENT_MAX
                ? Optional.empty()
                : Optional.of("MaxConcurrentRequests is a whole number between 0 and " + CONCURRENT_MAX + ", found " + most);
    }
}
