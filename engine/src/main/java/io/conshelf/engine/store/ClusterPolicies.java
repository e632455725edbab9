package io.conshelf.engine.store;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// The policies of the cluster; kept in the system store. They hold where neither a table nor its database has one.
public final class ClusterPolicies {
    private static final String COLLECTION = "cluster-policies";

    private final SystemStore system;
    private final WorkLog log;
    private volatile Map<PolicyKind, String> policies;

    ClusterPolicies(SystemStore system, WorkLog log) {
        this.system = system;
        this.log = log;
        var stored = new EnumMap<PolicyKind, String>(PolicyKind.class);
        system.all(COLLECTION).forEach((name, text) -> PolicyKind.named(name).ifPresent(kind -> stored.put(kind, text)));
        this.policies = Map.copyOf(stored);
    }

    public Optional<String> policy(PolicyKind kind) {
        return Optional.ofNullable(policies.get(kind));
    }

    /// Sets a policy, or takes it away; durable when it returns.
    public synchronized void set(PolicyKind kind, Optional<String> policy) {
        system.govern(COLLECTION, kind.kustoName(), policy, log);
        var changed = new EnumMap<PolicyKind, String>(PolicyKind.class);
        changed.putAll(policies);
        policy.ifPresentOrElse(text -> changed.put(kind, text), () -> changed.remove(kind));
        policies = Map.copyOf(changed);
    }

    /// The policy that holds for a table: its own, its database's, the cluster's, or the kind's default.
    public Optional<String> effective(Database database, Table table, PolicyKind kind) {
        return table.policy(kind).or(() -> database.policy(kind)).or(() -> policy(kind)).or(kind::defaultPolicy);
    }
}
