package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Leaves secrets out of what is answered: values of secure strings, keys in connection strings and in signed addresses.
final class DefinitionSecrets {
    /// Properties that hold a secret even where somebody wrote it as plain text.
    private static final Set<String> SECRET = Set.of("password", "serviceprincipalkey", "accountkey", "sastoken", "secretaccesskey", "sessiontoken",
            "clientsecret", "functionkey", "sslpassword", "sslkey", "passphrase", "privatekeycontent", "embeddedcertdata",
            "serviceprincipalembeddedcert", "serviceprincipalembeddedcertpassword", "encryptedcredential", "accesstoken", "apitoken");
    /// Whole objects of headers, whose values sign somebody in.
    private static final Set<String> SECRET_HEADERS = Set.of("authheader", "authheaders");
    private static final Set<String> SECRET_KEYS = Set.of("accountkey", "sharedaccesssignature", "sharedaccesskey", "password", "pwd", "accesskey",
            "serviceprincipalkey", "application key", "appkey", "applicationkey", "token", "secret", "clientsecret", "client secret", "sslpassword");
    private static final Pattern CONNECTION = Pattern.compile("(?s)\\s*[\\w .-]+=.*");
    private static final Pattern SIGNATURE = Pattern.compile("(?i)([?&])(sig|code)=[^&#]*&?");
    private static final Pattern USER_INFO = Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*://[^/?#@:]*):[^/?#@]*@");

    private DefinitionSecrets() {}

    /// A definition without its secrets.
    static JsonNode omitted(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> omitted(object);
            case ArrayNode array -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> copy.add(omitted(item)));
                yield copy;
            }
            case TextNode text -> TextNode.valueOf(omitted(text.textValue()));
            default -> value;
        };
    }

    private static ObjectNode omitted(ObjectNode object) {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        boolean isSecure = isSecure(object);
        object.properties().forEach(property -> {
            String key = property.getKey().toLowerCase(Locale.ROOT);
            boolean isHidden = isSecure && (key.equals("value") || key.equals("defaultvalue")) || SECRET.contains(key) && isPlain(property.getValue())
                    || SECRET_HEADERS.contains(key);
            if (!isHidden) {
                copy.set(property.getKey(), omitted(property.getValue()));
            }
        });
        return copy;
    }

    private static boolean isSecure(ObjectNode object) {
        return Optional.ofNullable(object.get("type")).map(JsonNode::asText).filter("SecureString"::equalsIgnoreCase).isPresent();
    }

    // An expression names where a secret comes from, and is none.
    private static boolean isPlain(JsonNode value) {
        return value.isTextual() && !value.textValue().startsWith("@");
    }

    private static String omitted(String text) {
        // An address may be a setting of a connection string, so that is looked for first.
        if ((text.indexOf(';') < 0 && !text.toLowerCase(Locale.ROOT).startsWith("accountkey=")) || !CONNECTION.matcher(text).matches()) {
            return unsigned(text);
        }
        return settings(text).stream().filter(part -> !SECRET_KEYS.contains(part.split("=", 2)[0].strip().toLowerCase(Locale.ROOT)))
                .map(DefinitionSecrets::unsigned).collect(Collectors.joining(";"));
    }

    private static String unsigned(String text) {
        return text.contains("://") ? USER_INFO.matcher(SIGNATURE.matcher(text).replaceAll("$1")).replaceFirst("$1@").replaceAll("[?&]+$", "") : text;
    }

    /// The settings of a connection string; a value that begins with a quote may hold semicolons, and one that never ends is all the rest.
    private static List<String> settings(String text) {
        List<String> settings = new ArrayList<>();
        int from = 0;
        while (from <= text.length()) {
            int equals = text.indexOf('=', from);
            int end = text.indexOf(';', from);
            if (equals >= 0 && (end < 0 || equals < end)) {
                int value = equals + 1;
                while (value < text.length() && Character.isWhitespace(text.charAt(value)) && text.charAt(value) != ';') {
                    value++;
                }
                char quote = value < text.length() ? text.charAt(value) : ' ';
                int close = quote == '"' || quote == '\'' ? closing(text, value + 1, quote) : value;
                end = close < 0 ? -1 : text.indexOf(';', close);
            }
            end = end < 0 ? text.length() : end;
            settings.add(text.substring(from, end));
            from = end + 1;
        }
        return settings;
    }

    /// Where a quote is closed, which inside stands twice; -1 where it is not.
    private static int closing(String text, int from, char quote) {
        int at = text.indexOf(quote, from);
        while (at >= 0 && at + 1 < text.length() && text.charAt(at + 1) == quote) {
            at = text.indexOf(quote, at + 2);
        }
        return at;
    }

    /// Puts the stored secrets back into a definition that was read, changed beside them and sent again. They stay only where what they
    /// open stays: in `typeProperties` that are otherwise equal, and in activities that are. The default of a secure parameter stays with a
    /// parameter of its name, where the `typeProperties` are otherwise equal.
    static ObjectNode kept(ObjectNode sent, Optional<ObjectNode> stored) {
        if (stored.isEmpty() || !sent.path("type").equals(stored.get().path("type"))) {
            return sent;
        }
        ObjectNode before = stored.get();
        ObjectNode kept = sent.deepCopy();
        if (isSameBesideSecrets(sent.path("typeProperties"), before.path("typeProperties"))) {
            if (sent.has("typeProperties")) {
                kept.set("typeProperties", filled(sent.get("typeProperties"), before.get("typeProperties")));
            }
            if (kept.get("parameters") instanceof ObjectNode parameters && before.get("parameters") instanceof ObjectNode earlier) {
                keepDefaults(parameters, earlier);
            }
        }
        if (kept.get("activities") instanceof ArrayNode activities && before.get("activities") instanceof ArrayNode earlier) {
            keepActivities(activities, earlier);
        }
        return kept;
    }

    private static boolean isSameBesideSecrets(JsonNode sent, JsonNode stored) {
        return omitted(sent).equals(omitted(stored));
    }

    /// What was sent, with the secrets that it lacks; one that it has is a new one.
    private static JsonNode filled(JsonNode sent, JsonNode stored) {
        return switch (sent) {
            case ObjectNode object when stored instanceof ObjectNode before -> {
                ObjectNode filled = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(property -> filled.set(property.getKey(), before.has(property.getKey())
                        ? filled(property.getValue(), before.get(property.getKey())) : property.getValue()));
                before.properties().forEach(property -> {
                    if (!object.has(property.getKey())) {
                        filled.set(property.getKey(), property.getValue());
                    }
                });
                yield filled;
            }
            case ArrayNode array when stored instanceof ArrayNode before -> {
                ArrayNode filled = JsonNodeFactory.instance.arrayNode();
                for (int i = 0; i < array.size(); i++) {
                    filled.add(i < before.size() ? filled(array.get(i), before.get(i)) : array.get(i));
                }
                yield filled;
            }
            case TextNode text when stored instanceof TextNode before -> text.textValue().equals(omitted(before.textValue())) ? before : text;
            default -> sent;
        };
    }

    private static void keepDefaults(ObjectNode parameters, ObjectNode earlier) {
        parameters.properties().forEach(parameter -> {
            if (parameter.getValue() instanceof ObjectNode declared && isSecure(declared) && !declared.has("defaultValue")
                    && earlier.get(parameter.getKey()) instanceof ObjectNode before && isSecure(before) && before.has("defaultValue")) {
                declared.set("defaultValue", before.get("defaultValue"));
            }
        });
    }

    /// Activities are known by their names, wherever in the list they stand.
    private static void keepActivities(ArrayNode activities, ArrayNode earlier) {
        for (int i = 0; i < activities.size(); i++) {
            JsonNode sent = activities.get(i);
            for (JsonNode before : earlier) {
                if (sent.path("name").isTextual() && sent.path("name").equals(before.path("name"))) {
                    if (isSameBesideSecrets(sent, before)) {
                        activities.set(i, filled(sent, before));
                    } else {
                        keepInner(sent.path("typeProperties"), before.path("typeProperties"));
                    }
                }
            }
        }
    }

    private static void keepInner(JsonNode sent, JsonNode before) {
        for (String list : List.of("activities", "ifTrueActivities", "ifFalseActivities", "defaultActivities")) {
            if (sent.get(list) instanceof ArrayNode inner && before.get(list) instanceof ArrayNode earlier) {
                keepActivities(inner, earlier);
            }
        }
        for (JsonNode branch : sent.path("cases")) {
            for (JsonNode earlier : before.path("cases")) {
                if (branch.path("value").equals(earlier.path("value"))) {
                    keepInner(branch, earlier);
                }
            }
        }
    }
}
