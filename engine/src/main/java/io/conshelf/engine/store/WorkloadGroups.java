package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.Optional;

/// Workload groups, kept in the system store as JSON text by name. All requests are of one of them, so its limits alone matter.
public final class WorkloadGroups {
    /// The group of all requests.
    public static final String DEFAULT = "default";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String COLLECTION = "workload-groups";

    private final SystemStore system;
    private final WorkLog log;
    private volatile RequestLimits limits;
    private volatile RateLimits rates;

    WorkloadGroups(SystemStore system, WorkLog log) {
        this.system = system;
        this.log = log;
        this.limits = limits(system.get(COLLECTION, DEFAULT));
        this.rates = rates(system.get(COLLECTION, DEFAULT));
    }

    /// Those that were written.
    public Map<String, String> written() {
        return system.all(COLLECTION);
    }

    /// Writes a group, or takes it away; durable when it returns.
    public synchronized void set(String name, Optional<String> json) {
        system.govern(COLLECTION, name, json, log);
        if (name.equals(DEFAULT)) {
            limits = limits(json);
            rates = rates(json);
        }
    }

    /// What a query may use.
    public RequestLimits requestLimits() {
        return limits;
    }

    /// How many requests may run at once.
    public RateLimits rateLimits() {
        return rates;
    }

    private static RequestLimits limits(Optional<String> group) {
        return group.isEmpty() ? RequestLimits.NONE : RequestLimits.of(parsed(group.get()).path("RequestLimitsPolicy"));
    }

    private static RateLimits rates(Optional<String> group) {
        return group.isEmpty() ? RateLimits.NONE : RateLimits.of(parsed(group.get()).path("RequestRateLimitPolicies"));
    }

    private static JsonNode parsed(String group) {
        try {
            return JSON.readTree(group);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored workload group cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
