package io.conshelf.engine.sql;

import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a query may ask of who runs it. No directory is at hand, so nobody is known to be in a group.
final class AskingPrincipal {
    private static final Pattern GUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private AskingPrincipal() {}

    /// `current_principal_details()`: the fields that are known, as the text of a dynamic value.
    static String details(Principal principal) {
        String name = principal.fullyQualifiedName();
        int equals = name.indexOf('=');
        int semicolon = name.indexOf(';', equals + 1);
        String kind = name.substring(0, Math.max(0, equals)).toLowerCase(Locale.ROOT);
        String id = name.substring(equals + 1, semicolon < 0 ? name.length() : semicolon);
        Map<String, String> fields = new LinkedHashMap<>();
        if (!kind.equals("aadapp")) {
            fields.put("UserPrincipalName", GUID.matcher(id).matches() ? "" : id);
        }
        fields.put("Authority", semicolon < 0 ? "" : name.substring(semicolon + 1));
        fields.put("Type", kind);
        fields.put("DisplayName", principal.displayName());
        fields.put("ObjectId", GUID.matcher(id).matches() ? id : "");
        fields.put("FQN", name);
        fields.replaceAll((_, value) -> DynamicText.ofString(value));
        return DynamicParts.bag(fields);
    }

    /// `current_principal_is_member_of('aaduser=…', …)`: of texts and of arrays of texts.
    static boolean isOneOf(Principal principal, List<Expr> names) {
        return names.stream().anyMatch(name -> name instanceof Expr.Constant(Type type, String text)
                && (type == Type.STRING ? List.of(text) : texts(text)).stream().anyMatch(one -> Authorization.names(one, principal)));
    }

    private static List<String> texts(String dynamic) {
        List<String> items = DynamicParts.isArray(dynamic) ? DynamicParts.elements(dynamic) : List.of(dynamic);
        return items.stream().map(DynamicText::stringValue).flatMap(Optional::stream).toList();
    }
}
