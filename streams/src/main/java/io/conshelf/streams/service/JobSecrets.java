package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Leaves secrets out of what is answered, and keeps them where a definition is sent again without.
final class JobSecrets {
    private static final Set<String> SECRET = Set.of("accountkey", "sharedaccesspolicykey", "password", "apikey", "refreshtoken", "payload");
    /// What a secret opens. When one of these changes, secrets that were given for another are not sent there.
    private static final Set<String> OPENED = Set.of("type", "servicebusnamespace", "iothubnamespace", "server", "database", "bootstrapservers", "broker",
            "accountname", "accountid", "functionappname", "endpoint", "tls", "securityprotocol", "saslmechanism", "user", "username");

    private JobSecrets() {}

    static JsonNode omitted(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode shown = object.objectNode();
                object.properties().forEach(property -> {
                    if (!isSecret(property)) {
                        shown.set(property.getKey(), omitted(property.getValue()));
                    }
                });
                yield shown;
            }
            case ArrayNode array -> {
                ArrayNode shown = array.arrayNode();
                array.forEach(item -> shown.add(omitted(item)));
                yield shown;
            }
            default -> value;
        };
    }

    private static boolean isSecret(Map.Entry<String, JsonNode> property) {
        return SECRET.contains(property.getKey().toLowerCase(Locale.ROOT)) && property.getValue().isValueNode();
    }

    /// A change merged into what was there: objects are merged, null removes, anything else replaces. A store of another kind, or elsewhere, replaces
    /// the one before with its secrets.
    static ObjectNode merged(ObjectNode before, ObjectNode change) {
        ObjectNode merged = before.deepCopy();
        if (isElsewhere(before, change)) {
            new ArrayList<>(merged.properties()).stream().filter(JobSecrets::isSecret).forEach(property -> merged.remove(property.getKey()));
        }
        change.properties().forEach(property -> {
            String key = new ArrayList<>(merged.properties()).stream().map(Map.Entry::getKey).filter(property.getKey()::equalsIgnoreCase).findFirst()
                    .orElse(property.getKey());
            JsonNode there = merged.get(key);
            if (property.getValue().isNull()) {
                if (there == null || !SECRET.contains(key.toLowerCase(Locale.ROOT))) {
                    merged.remove(key);
                }
            } else if (there instanceof ObjectNode object && property.getValue() instanceof ObjectNode changed && isSameType(object, changed)) {
                merged.set(key, merged(object, changed));
            } else if (there instanceof ArrayNode list && property.getValue() instanceof ArrayNode changed && key.equalsIgnoreCase("storageAccounts")) {
                merged.set(key, accounts(list, changed));
            } else {
                merged.set(key, property.getValue());
            }
        });
        return merged;
    }

    /// What was not there and is given now, or was and is taken away, leads elsewhere, too: what holds without it is for whoever reads it to say.
    private static boolean isElsewhere(ObjectNode before, ObjectNode change) {
        return change.properties().stream().filter(property -> OPENED.contains(property.getKey().toLowerCase(Locale.ROOT))).anyMatch(property -> {
            List<JsonNode> there = named(before, property.getKey());
            return there.isEmpty() ? !property.getValue().isNull() : there.stream().anyMatch(value -> !value.equals(property.getValue()));
        });
    }

    private static boolean isSameType(ObjectNode before, ObjectNode change) {
        return named(change, "type").stream().allMatch(type -> named(before, "type").stream().anyMatch(known -> known.asText().equalsIgnoreCase(type.asText())));
    }

    /// The values under a name, whatever its case, as definitions are read.
    private static List<JsonNode> named(ObjectNode object, String name) {
        return object.properties().stream().filter(property -> property.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).filter(value -> !value.isNull())
                .toList();
    }

    private static ArrayNode accounts(ArrayNode before, ArrayNode change) {
        ArrayNode accounts = change.arrayNode();
        change.forEach(account -> {
            for (JsonNode known : before) {
                if (account instanceof ObjectNode changed && known instanceof ObjectNode kept && named(changed, "accountName").equals(named(kept, "accountName"))) {
                    accounts.add(merged(kept, changed));
                    return;
                }
            }
            accounts.add(account);
        });
        return accounts;
    }
}
