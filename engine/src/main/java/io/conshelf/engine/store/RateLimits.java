package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.kql.value.TimeSpanText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// How many requests of a workload group may run at once, and how much they may use in a time.
public record RateLimits(List<Limit> limits) {
    public static final RateLimits NONE = new RateLimits(List.of());
    private static final int CONCURRENT_MAX = 10_000;
    private static final long TICKS_PER_SECOND = 10_000_000;
    private static final long WINDOW_TICKS_MAX = 3_600 * TICKS_PER_SECOND;
    private static final Set<String> MEMBERS = Set.of("IsEnabled", "Scope", "LimitKind", "Properties");
    private static final Set<String> UTILIZATION = Set.of("ResourceKind", "MaxUtilization", "TimeWindow");

    public RateLimits {
        limits = List.copyOf(limits);
    }

    /// Whose requests are counted together.
    public enum Scope { WORKLOAD_GROUP, PRINCIPAL }

    public enum Resource {
        REQUEST_COUNT("RequestCount", 16_777_215), TOTAL_CPU_SECONDS("TotalCpuSeconds", 828_000);

        private final String kustoName;
        private final long max;

        Resource(String kustoName, long max) {
            this.kustoName = kustoName;
            this.max = max;
        }

        public String kustoName() {
            return kustoName;
        }

        static Optional<Resource> named(String name) {
            return Arrays.stream(values()).filter(resource -> resource.kustoName.equalsIgnoreCase(name)).findFirst();
        }
    }

    public sealed interface Limit {
        Scope scope();
    }

    public record Concurrency(Scope scope, int requestsMax) implements Limit {}

    /// @param max         in requests, or in seconds of processors
    /// @param windowTicks how far back what was used counts
    public record Utilization(Scope scope, Resource resource, long max, long windowTicks) implements Limit {}

    /// As the policies have them, without those that are switched off.
    static RateLimits of(JsonNode policies) {
        var limits = new ArrayList<Limit>();
        for (var policy : policies) {
            if (policy.path("IsEnabled").asBoolean(true)) {
                Scope scope = policy.path("Scope").asText().equalsIgnoreCase("Principal") ? Scope.PRINCIPAL : Scope.WORKLOAD_GROUP;
                var properties = policy.path("Properties");
                limits.add(isConcurrency(policy)
                        ? new Concurrency(scope, properties.path("MaxConcurrentRequests").asInt())
                        : new Utilization(scope, Resource.named(properties.path("ResourceKind").asText()).orElseThrow(),
                                properties.path("MaxUtilization").asLong(), window(properties).orElseThrow()));
            }
        }
        return new RateLimits(limits);
    }

    private static boolean isConcurrency(JsonNode policy) {
        return policy.path("LimitKind").asText().equalsIgnoreCase("ConcurrentRequests");
    }

    private static OptionalLong window(JsonNode properties) {
        var window = properties.path("TimeWindow");
        return window.isTextual() ? TimeSpanText.parse(window.textValue()) : OptionalLong.empty();
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
        var properties = policy.path("Properties");
        if (isConcurrency(policy)) {
            return problemOfConcurrency(properties);
        }
        return policy.path("LimitKind").asText().equalsIgnoreCase("ResourceUtilization")
                ? problemOfUtilization(properties)
                : Optional.of("LimitKind is ConcurrentRequests or ResourceUtilization, found " + policy.path("LimitKind"));
    }

    private static Optional<String> problemOfConcurrency(JsonNode properties) {
        for (var member : properties.properties()) {
            if (!member.getKey().equals("MaxConcurrentRequests")) {
                return Optional.of("unknown property '" + member.getKey() + "' of Properties; known is MaxConcurrentRequests");
            }
        }
        return isWithin(properties.path("MaxConcurrentRequests"), 0, CONCURRENT_MAX)
                ? Optional.empty()
                : Optional.of("MaxConcurrentRequests is a whole number between 0 and " + CONCURRENT_MAX + ", found "
                        + properties.path("MaxConcurrentRequests"));
    }

    private static Optional<String> problemOfUtilization(JsonNode properties) {
        for (var member : properties.properties()) {
            if (!UTILIZATION.contains(member.getKey())) {
                return Optional.of("unknown property '" + member.getKey() + "' of Properties; known are ResourceKind, MaxUtilization, TimeWindow");
            }
        }
        var resource = Resource.named(properties.path("ResourceKind").asText());
        if (resource.isEmpty()) {
            return Optional.of("ResourceKind is RequestCount or TotalCpuSeconds, found " + properties.path("ResourceKind"));
        }
        if (!isWithin(properties.path("MaxUtilization"), 1, resource.get().max)) {
            return Optional.of("MaxUtilization of " + resource.get().kustoName() + " is a whole number between 1 and " + resource.get().max + ", found "
                    + properties.path("MaxUtilization"));
        }
        var window = window(properties);
        return window.isPresent() && window.getAsLong() >= TICKS_PER_SECOND && window.getAsLong() <= WINDOW_TICKS_MAX
                ? Optional.empty()
                : Optional.of("TimeWindow is a timespan from 00:00:01 to 01:00:00, found " + properties.path("TimeWindow"));
    }

    private static boolean isWithin(JsonNode number, long min, long max) {
        return number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= min && number.longValue() <= max;
    }
}
