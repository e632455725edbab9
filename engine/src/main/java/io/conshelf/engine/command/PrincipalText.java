package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.store.Grant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Principals as commands write and print them: `aadapp=<id>;<tenant>`.
record PrincipalText(String kind, String id, String tenant) {
    private static final Pattern GUID =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final List<String> KINDS = List.of("aaduser", "aadgroup", "aadapp", "msauser");

    /// Reads any written form; a bare id is an application's, as Data Processor's documents write it.
    static PrincipalText read(String text) {
        var bare = text.strip();
        int equals = bare.indexOf('=');
        var kind = equals < 0 ? "" : bare.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        var rest = bare.substring(equals + 1).strip();
        int semicolon = rest.indexOf(';');
        var id = semicolon < 0 ? rest : rest.substring(0, semicolon);
        var tenant = semicolon < 0 ? "" : rest.substring(semicolon + 1);
        if (kind.isEmpty() && GUID.matcher(id).matches()) {
            kind = "aadapp";
        }
        if (!KINDS.contains(kind) || id.isBlank()) {
            throw new IllegalArgumentException("'" + text + "' is not a principal: write aaduser=<name>, aadgroup=<name> or "
                    + "aadapp=<application id>, each with ;<tenant> where it is another tenant's");
        }
        return new PrincipalText(kind, id, tenant);
    }

    String fullyQualifiedName() {
        return kind + "=" + id + (tenant.isEmpty() ? "" : ";" + tenant);
    }

    /// What `PrincipalType` prints.
    String typeName() {
        return switch (kind) {
            case "aaduser", "msauser" -> "Microsoft Entra user";
            case "aadgroup" -> "Microsoft Entra group";
            default -> "Microsoft Entra application";
        };
    }

    boolean isGuid() {
        return GUID.matcher(id).matches();
    }

    /// `AuthorizedPrincipals` of details: a JSON array.
    static String list(List<Grant> grants) {
        var array = JsonNodeFactory.instance.arrayNode();
        for (var grant : grants) {
            var principal = read(grant.principal());
            array.addObject()
                    .put("Type", principal.typeName())
                    .put("DisplayName", grant.displayName())
                    .put("ObjectId", principal.isGuid() ? principal.id() : "")
                    .put("FQN", grant.principal())
                    .put("Notes", grant.notes());
        }
        return array.toString();
    }
}
