package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.Principal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Who holds which role on all databases; kept in the system store.
public final class ClusterRoles {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String COLLECTION = "cluster-roles";
    private static final String KEY = "grants";

    private final SystemStore system;
    private final WorkLog log;
    private volatile List<ClusterGrant> grants;

    /// @param principal fully qualified, as in [Grant]
    public record ClusterGrant(ClusterRole role, String principal, String displayName, String notes) {}

    ClusterRoles(SystemStore system, WorkLog log) {
        this.system = system;
        this.log = log;
        this.grants = system.get(COLLECTION, KEY).map(ClusterRoles::read).orElse(List.of());
    }

    public List<ClusterGrant> grants() {
        return grants;
    }

    /// Replaces who holds what; durable when it returns.
    public synchronized void change(UnaryOperator<List<ClusterGrant>> change) {
        var changed = List.copyOf(change.apply(grants));
        var json = JSON.createArrayNode();
        for (var grant : changed) {
            json.addObject()
                    .put("role", grant.role().kustoName())
                    .put("principal", grant.principal())
                    .put("displayName", grant.displayName())
                    .put("notes", grant.notes());
        }
        system.govern(COLLECTION, KEY, Optional.of(json.toString()), log);
        grants = changed;
    }

    /// The principal with what it was granted.
    public Principal resolve(Principal principal) {
        var roles = EnumSet.noneOf(ClusterRole.class);
        for (var grant : grants) {
            if (Authorization.names(grant.principal(), principal)) {
                roles.add(grant.role());
            }
        }
        return roles.isEmpty()
                ? principal
                : principal.withRoles(principal.isAdministrator() || roles.contains(ClusterRole.ALL_DATABASES_ADMIN), roles);
    }

    private static List<ClusterGrant> read(String json) {
        try {
            var grants = new ArrayList<ClusterGrant>();
            JSON.readTree(json).forEach(g -> grants.add(new ClusterGrant(
                    ClusterRole.named(g.required("role").textValue()).orElseThrow(), g.required("principal").textValue(),
                    g.required("displayName").textValue(), g.required("notes").textValue())));
            return List.copyOf(grants);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The cluster's roles cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
