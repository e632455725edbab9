package io.conshelf.server.management;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/// Who is assigned a role, as `principalAssignments` state it.
///
/// @param role      as commands write it
/// @param principal fully qualified
record Assignment(String role, String principal) {
    private static final Map<String, String> CLUSTER_ROLES = Map.of(
            "alldatabasesadmin", "alldatabasesadmins", "alldatabasesviewer", "alldatabasesviewers", "alldatabasesmonitor", "alldatabasesmonitors");
    private static final Map<String, String> DATABASE_ROLES = Map.of(
            "admin", "admins", "user", "users", "viewer", "viewers", "unrestrictedviewer", "unrestrictedviewers", "ingestor", "ingestors", "monitor", "monitors");
    private static final Map<String, String> KINDS = Map.of("app", "aadapp", "user", "aaduser", "group", "aadgroup");

    /// Whether both grant the same: the case of names does not matter.
    boolean isSameAs(Assignment other) {
        return role.equals(other.role) && principal.equalsIgnoreCase(other.principal);
    }

    static Assignment onCluster(JsonNode properties) throws Refusal {
        return of(properties, CLUSTER_ROLES);
    }

    static Assignment onDatabase(JsonNode properties) throws Refusal {
        return of(properties, DATABASE_ROLES);
    }

    private static Assignment of(JsonNode properties, Map<String, String> roles) throws Refusal {
        String role = stated(properties, "role", roles);
        String kind = stated(properties, "principalType", KINDS);
        String id = properties.path("principalId").asText("");
        if (id.isBlank() || id.matches(".*[;='\"\\p{Cntrl}].*")) {
            throw Refusal.bad("'properties.principalId' is the id of an application or the name of a user, found '" + id + "'");
        }
        String tenant = properties.path("tenantId").asText("");
        if (tenant.matches(".*[^A-Za-z0-9.-].*")) {
            throw Refusal.bad("'properties.tenantId' is a GUID or a domain, found '" + tenant + "'");
        }
        return new Assignment(role, kind + "=" + id + (tenant.isEmpty() ? "" : ";" + tenant));
    }

    private static String stated(JsonNode properties, String name, Map<String, String> known) throws Refusal {
        String text = properties.path(name).asText("");
        String found = known.get(text.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw Refusal.bad("'properties." + name + "' is one of " + String.join(", ", known.keySet().stream().sorted().toList()) + ", found '" + text + "'");
        }
        return found;
    }
}
