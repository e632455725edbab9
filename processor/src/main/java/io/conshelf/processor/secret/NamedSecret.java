package io.conshelf.processor.secret;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The members of an `authentication` that are to be the name of a secret. Definitions are read whatever the case, and so are these.
public final class NamedSecret {
    private static final Set<String> NAMES = Set.of("password", "clientsecret", "accesstoken", "accesskey", "value");

    private NamedSecret() {}

    public static boolean isOne(Map.Entry<String, JsonNode> member) {
        return NAMES.contains(member.getKey().toLowerCase(Locale.ROOT)) && member.getValue().isValueNode();
    }
}
