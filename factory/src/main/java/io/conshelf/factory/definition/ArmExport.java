package io.conshelf.factory.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Writes a factory as an ARM template, in the shape of Data Factory's own export. Secrets become parameters without a value; connection
/// strings that hold none keep theirs as the default.
public final class ArmExport {
    private static final String SCHEMA = "http://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#";
    private static final String API_VERSION = "2018-06-01";
    private static final Map<String, Kind> REFERENCES = Map.of("linkedservicereference", Kind.LINKED_SERVICE, "datasetreference", Kind.DATASET,
            "pipelinereference", Kind.PIPELINE, "dataflowreference", Kind.DATA_FLOW, "integrationruntimereference", Kind.INTEGRATION_RUNTIME,
            "credentialreference", Kind.CREDENTIAL, "triggerreference", Kind.TRIGGER);

    private static final Pattern PLAIN = Pattern.compile("\\s*[A-Za-z][\\w .-]*=.*");
    private static final Pattern SECRET = Pattern.compile("(?i)key|pass|pwd|secret|token|signature|sas|sig|credential|auth|cert");
    private static final Pattern HIDING = Pattern.compile("(?i)://[^/?#]*@|[?&](sig|code|key|token|se|sv)=|\"");

    private final Factory factory;
    private final ObjectNode parameters = JsonNodeFactory.instance.objectNode();

    private ArmExport(Factory factory) {
        this.factory = factory;
    }

    public static ObjectNode of(Factory factory) {
        return new ArmExport(factory).template();
    }

    private ObjectNode template() {
        ObjectNode template = JsonNodeFactory.instance.objectNode().put("$schema", SCHEMA).put("contentVersion", "1.0.0.0");
        parameters.putObject("factoryName").put("type", "string").put("defaultValue", factory.name());
        template.set("parameters", parameters);
        template.putObject("variables").put("factoryId", "[concat('Microsoft.DataFactory/factories/', parameters('factoryName'))]");
        ArrayNode resources = template.putArray("resources");
        for (Kind kind : Kind.values()) {
            factory.resources(kind).values().forEach(resource -> resources.add(resource(kind, resource)));
        }
        return template;
    }

    private ObjectNode resource(Kind kind, Resource resource) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.put("name", kind == Kind.FACTORY ? "[parameters('factoryName')]"
                : "[concat(parameters('factoryName'), '/" + resource.name().replace("'", "''") + "')]");
        shown.put("type", kind.armType()).put("apiVersion", API_VERSION);
        if (kind == Kind.FACTORY) {
            resource.definition().properties().stream().filter(entry -> Set.of("location", "identity", "tags").contains(entry.getKey()))
                    .forEach(entry -> shown.set(entry.getKey(), escaped(entry.getValue().value(), resource.name())));
        }
        shown.set("properties", escaped(resource.properties().value(), kind == Kind.LINKED_SERVICE || kind == Kind.CREDENTIAL ? resource.name() : ""));
        Set<String> needed = new TreeSet<>();
        references(resource.properties().value(), needed);
        ArrayNode dependsOn = shown.putArray("dependsOn");
        needed.forEach(dependsOn::add);
        return shown;
    }

    /// The value as a template writes it: a leading `[` doubled, secrets of a connection in parameters.
    private JsonNode escaped(JsonNode value, String connection) {
        if (value.isTextual()) {
            return value.textValue().startsWith("[") ? TextNode.valueOf("[" + value.textValue()) : value;
        }
        if (value.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> array.add(escaped(item, connection)));
            return array;
        }
        if (!value.isObject()) {
            return value;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        value.properties().forEach(property -> object.set(property.getKey(), property(property.getKey(), property.getValue(), connection)));
        return object;
    }

    private JsonNode property(String key, JsonNode value, String connection) {
        boolean isSecure = value.path("type").asText().equalsIgnoreCase("SecureString");
        boolean isConnectionString = key.equalsIgnoreCase("connectionString") && value.isTextual() && !connection.isEmpty();
        if (!isSecure && !isConnectionString) {
            return escaped(value, connection);
        }
        String name = (connection.isEmpty() ? "secret" : connection.replaceAll("[^A-Za-z0-9_]", "_")) + "_" + key;
        while (parameters.has(name)) {
            name += "_";
        }
        ObjectNode parameter = parameters.putObject(name).put("type", isSecure || !isWithoutSecret(value.textValue()) ? "secureString" : "string");
        if (parameter.path("type").asText().equals("string")) {
            parameter.set("defaultValue", escaped(value, connection));
        }
        String expression = "[parameters('" + name + "')]";
        return isSecure ? JsonNodeFactory.instance.objectNode().put("type", "SecureString").put("value", expression) : TextNode.valueOf(expression);
    }

    /// A list of `key=value` of which no key speaks of a secret and no value can hide one. In doubt there is a secret.
    private static boolean isWithoutSecret(String connectionString) {
        return Arrays.stream(connectionString.split(";")).filter(part -> !part.isBlank()).allMatch(part -> PLAIN.matcher(part).matches()
                && !SECRET.matcher(part.substring(0, part.indexOf('='))).find() && !HIDING.matcher(part).find());
    }

    private void references(JsonNode value, Set<String> needed) {
        JsonNode name = value.path("referenceName");
        Kind kind = REFERENCES.get(value.path("type").asText().toLowerCase(Locale.ROOT));
        if (name.isTextual() && kind != null && factory.resources(kind).containsKey(name.textValue())) {
            needed.add("[concat(variables('factoryId'), '/" + kind.segment() + "/" + name.textValue().replace("'", "''") + "')]");
        }
        value.forEach(inner -> references(inner, needed));
    }
}
