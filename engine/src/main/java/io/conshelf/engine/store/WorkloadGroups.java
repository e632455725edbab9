package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Workload groups, kept in the system store as JSON text by name.
public final class WorkloadGroups {
    /// The group of requests that are of no other.
    public static final String DEFAULT = "default";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String COLLECTION = "workload-groups";

    private final SystemStore system;
    private final WorkLog log;
    private volatile Map<String, Group> groups;

    WorkloadGroups(SystemStore system, WorkLog log) {
        this.system = system;
        this.log = log;
        this.groups = read();
    }

    private record Group(RequestLimits limits, RateLimits rates) {
        static final Group NONE = new Group(RequestLimits.NONE, RateLimits.NONE);
    }

    private Map<String, Group> read() {
        var read = new HashMap<String, Group>();
        system.all(COLLECTION).forEach((name, text) -> {
            var policies = parsed(text);
            read.put(name, new Group(RequestLimits.of(policies.path("RequestLimitsPolicy")), RateLimits.of(policies.path("RequestRateLimitPolicies"))));
        });
        return Map.copyOf(read);
    }

    /// Those that were written.
    public Map<String, String> written() {
        return system.all(COLLECTION);
    }

    /// Writes a group, or takes it away; durable when it returns.
    public synchronized void set(String name, Optional<String> json) {
        system.govern(COLLECTION, name, json, log);
        groups = read();
    }

    public boolean exists(String name) {
        return name.equals(DEFAULT) || groups.containsKey(name);
    }

    /// What a request of a group may use; what the group does not limit is as in the group `default`.
    public RequestLimits requestLimits(String name) {
        var own = group(name).limits();
        return name.equals(DEFAULT) ? own : own.over(group(DEFAULT).limits());
    }

    /// What a command of a group may use.
    public RequestLimits commandLimits(String name) {
        return name.equals(DEFAULT) ? RequestLimits.NONE : group(name).limits().only(RequestLimits.Kind.EXECUTION_TIME);
    }

    /// How many requests of a group may run at once, and what they may use in a time.
    public RateLimits rateLimits(String name) {
        return group(name).rates();
    }

    private Group group(String name) {
        return groups.getOrDefault(name, Group.NONE);
    }

    private static JsonNode parsed(String group) {
        try {
            return JSON.readTree(group);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored workload group cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
