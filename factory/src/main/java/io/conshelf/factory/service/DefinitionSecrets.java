package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
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
        if (text.contains("://")) {
            return USER_INFO.matcher(SIGNATURE.matcher(text).replaceAll("$1")).replaceFirst("$1@").replaceAll("[?&]+$", "");
        }
        if (text.indexOf(';') < 0 && !text.toLowerCase(Locale.ROOT).startsWith("accountkey=") || !CONNECTION.matcher(text).matches()) {
            return text;
        }
        return Arrays.stream(text.split(";", -1)).filter(part -> !SECRET_KEYS.contains(part.split("=", 2)[0].strip().toLowerCase(Locale.ROOT)))
                .collect(Collectors.joining(";"));
    }

    /// Puts the stored secrets back into a definition that was read, changed beside them and sent again. They stay only where what they
    /// open stays: in `typeProperties` that are otherwise equal.
    static ObjectNode kept(ObjectNode sent, Optional<ObjectNode> stored) {
        if (stored.isEmpty() || !lacksSecret(sent.path("typeProperties"))) {
            return sent;
        }
        JsonNode before = stored.get().path("typeProperties");
        if (!omitted(sent.path("typeProperties")).equals(omitted(before)) || !sent.path("type").equals(stored.get().path("type"))) {
            return sent;
        }
        ObjectNode kept = sent.deepCopy();
        kept.set("typeProperties", before);
        return kept;
    }

    private static boolean lacksSecret(JsonNode value) {
        if (value instanceof ObjectNode object && isSecure(object) && !object.has("value") && !object.has("defaultValue")) {
            return true;
        }
        for (JsonNode item : value) {
            if (lacksSecret(item)) {
                return true;
            }
        }
        return false;
    }
}
