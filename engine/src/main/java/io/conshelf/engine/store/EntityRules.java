package io.conshelf.engine.store;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The policies set on an entity itself, and who holds which role on it.
public record EntityRules(Map<PolicyKind, String> policies, List<Grant> grants) {
    public static final EntityRules NONE = new EntityRules(Map.of(), List.of());

    public EntityRules {
        policies = Map.copyOf(policies);
        grants = List.copyOf(grants);
    }

    public Optional<String> policy(PolicyKind kind) {
        return Optional.ofNullable(policies.get(kind));
    }

    boolean isEmpty() {
        return policies.isEmpty() && grants.isEmpty();
    }

    EntityRules withGrants(List<Grant> changed) {
        return new EntityRules(policies, changed);
    }

    EntityRules withPolicy(PolicyKind kind, Optional<String> policy) {
        var changed = new EnumMap<PolicyKind, String>(PolicyKind.class);
        changed.putAll(policies);
        policy.ifPresentOrElse(text -> changed.put(kind, text), () -> changed.remove(kind));
        return new EntityRules(changed, grants);
    }
}
