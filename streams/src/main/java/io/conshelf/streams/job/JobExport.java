package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import java.util.Map;

/// Writes a job as an ARM template with its parameters, as the service's own tool builds a project: what lies in stores is a parameter each, such as
/// `Inputs_<alias>_DataSource_EventHubName`, and secrets are parameters without a value.
public final class JobExport {
    private static final String SCHEMAS = "https://schema.management.azure.com/schemas/2019-04-01/";
    /// The first that knows outputs to Azure Data Explorer.
    private static final String API_VERSION = "2021-10-01-preview";

    private final ObjectNode declared = JsonNodeFactory.instance.objectNode();
    private final ObjectNode values = JsonNodeFactory.instance.objectNode();

    /// @param template   the resources
    /// @param parameters the values to deploy them with
    public record Built(ObjectNode template, ObjectNode parameters) {}

    private JobExport() {}

    /// @param definition the job as it was written, for what stands beside the definition: identity and tags
    public static Built build(JobDefinition job, JsonNode definition) {
        return new JobExport().built(job, definition);
    }

    private Built built(JobDefinition job, JsonNode definition) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("type", "Microsoft.StreamAnalytics/StreamingJobs").put("apiVersion", API_VERSION);
        resource.put("name", parameter("StreamAnalyticsJobName", "string", resource.textNode(job.name())));
        resource.put("location", parameter("Location", "string", resource.textNode("eastus")));
        for (String beside : new String[] {"identity", "tags"}) {
            if (definition.path(beside).isObject() && !definition.path(beside).isEmpty()) {
                resource.set(beside, definition.path(beside));
            }
        }
        resource.set("properties", properties(job, definition.path("properties")));
        ObjectNode template = JsonNodeFactory.instance.objectNode();
        template.put("$schema", SCHEMAS + "deploymentTemplate.json#").put("contentVersion", "1.0.0.0").set("parameters", declared);
        template.putArray("resources").add(resource);
        ObjectNode parameters = JsonNodeFactory.instance.objectNode();
        parameters.put("$schema", SCHEMAS + "deploymentParameters.json#").put("contentVersion", "1.0.0.0").set("parameters", values);
        return new Built(template, parameters);
    }

    /// Declares a parameter with its value and returns the expression that reads it.
    private String parameter(String name, String type, JsonNode value) {
        declared.putObject(name).put("type", type);
        values.putObject(name).set("value", value);
        return "[parameters('" + name.replace("'", "''") + "')]";
    }

    private ObjectNode properties(JobDefinition job, JsonNode stated) {
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        properties.putObject("sku").put("name", stated.path("sku").path("name").asText("Standard"));
        Policies policies = job.policies();
        properties.put("jobType", "Cloud");
        properties.put("dataLocale", parameter("DataLocale", "string", properties.textNode(policies.dataLocale())));
        properties.put("outputErrorPolicy", parameter("OutputErrorPolicy", "string", properties.textNode(switch (policies.outputError()) {
            case STOP -> "Stop";
            case DROP -> "Drop";
        })));
        properties.put("eventsLateArrivalMaxDelayInSeconds", parameter("EventsLateArrivalMaxDelayInSeconds", "int",
                properties.numberNode(policies.lateArrivalMax().map(java.time.Duration::toSeconds).orElse(-1L))));
        properties.put("eventsOutOfOrderMaxDelayInSeconds", parameter("EventsOutOfOrderMaxDelayInSeconds", "int",
                properties.numberNode(policies.outOfOrderMax().toSeconds())));
        properties.put("eventsOutOfOrderPolicy", parameter("EventsOutOfOrderPolicy", "string", properties.textNode(switch (policies.ordering()) {
            case ADJUST -> "Adjust";
            case DROP -> "Drop";
        })));
        properties.put("compatibilityLevel", parameter("CompatibilityLevel", "string", properties.textNode(policies.compatibility())));
        ArrayNode inputs = properties.putArray("inputs");
        job.inputs().forEach(input -> inputs.add(input(input)));
        properties.putObject("transformation").put("name", "Transformation").putObject("properties")
                .put("streamingUnits", parameter("StreamingUnits", "int", units(stated, policies)))
                .put("query", literal(job.query()));
        ArrayNode outputs = properties.putArray("outputs");
        job.outputs().forEach(output -> outputs.add(output(output)));
        ArrayNode functions = properties.putArray("functions");
        job.functions().forEach(function -> functions.add(function(function)));
        return properties;
    }

    private static JsonNode units(JsonNode stated, Policies policies) {
        JsonNode units = stated.path("transformation").path("properties").path("streamingUnits");
        return units.isIntegralNumber() ? units : JsonNodeFactory.instance.numberNode(policies.streamingUnits());
    }

    // A text that begins with a bracket would be read as an expression.
    private static String literal(String text) {
        return text.startsWith("[") ? "[" + text : text;
    }

    private ObjectNode input(Input input) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("name", input.name());
        ObjectNode properties = resource.putObject("properties").put("type", input.type() == InputType.REFERENCE ? "Reference" : "Stream");
        details(properties, input.properties(), "Inputs_" + input.name(), input.type() == InputType.REFERENCE ? Role.REFERENCE : Role.STREAM);
        return resource;
    }

    private ObjectNode output(Output output) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("name", output.name());
        details(resource.putObject("properties"), output.properties(), "Outputs_" + output.name(), Role.OUTPUT);
        return resource;
    }

    private void details(ObjectNode properties, JsonNode stated, String prefix, Role role) {
        String type = stated.path("datasource").path("type").asText();
        ObjectNode datasource = properties.putObject("datasource").put("type", type);
        ObjectNode settings = datasource.putObject("properties");
        stated.path("datasource").path("properties").properties().forEach(setting -> {
            Setting.Kind kind = Datasources.find(role, type).flatMap(known -> known.setting(setting.getKey())).map(Setting::kind).orElse(Setting.Kind.TEXT);
            settings.set(setting.getKey(), parameterized(prefix + "_DataSource_", setting, kind));
        });
        // What it could sign in with is asked for, although the project says nothing of it.
        Datasources.find(role, type).stream().flatMap(known -> known.settings().stream())
                .filter(setting -> setting.kind() == Setting.Kind.SECRET && !settings.has(setting.name()) && !type.equals(Datasources.RAW)).forEach(setting ->
                        settings.put(setting.name(), parameter(prefix + "_DataSource_" + capital(setting.name()), "securestring", settings.nullNode())));
        stated.properties().stream().filter(property -> !property.getKey().equals("datasource") && !property.getKey().equals("type"))
                .forEach(property -> properties.set(property.getKey(), property.getValue()));
    }

    private JsonNode parameterized(String prefix, Map.Entry<String, JsonNode> setting, Setting.Kind kind) {
        JsonNode value = setting.getValue();
        if (setting.getKey().equals("storageAccounts") && value.isArray()) {
            ArrayNode accounts = JsonNodeFactory.instance.arrayNode();
            value.forEach(account -> accounts.addObject().put("accountName", parameter(prefix + "AccountName", "string", account.path("accountName")))
                    .put("accountKey", parameter(prefix + "AccountKey", "securestring", accounts.nullNode())));
            return accounts;
        }
        String name = prefix + capital(setting.getKey());
        return switch (kind) {
            case SECRET -> JsonNodeFactory.instance.textNode(parameter(name, "securestring", JsonNodeFactory.instance.nullNode()));
            case TEXT, DURATION -> JsonNodeFactory.instance.textNode(parameter(name, "string", value));
            case NUMBER -> JsonNodeFactory.instance.textNode(parameter(name, "int", value));
            case FLAG -> JsonNodeFactory.instance.textNode(parameter(name, "bool", value));
            case LIST, OBJECT -> value;
        };
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static ObjectNode function(Function function) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("name", function.name());
        ObjectNode properties = resource.putObject("properties").put("type", function.type() == FunctionType.AGGREGATE ? "Aggregate" : "Scalar");
        ObjectNode inner = properties.putObject("properties");
        ArrayNode inputs = inner.putArray("inputs");
        function.inputTypes().forEach(type -> inputs.addObject().put("dataType", type));
        inner.putObject("output").put("dataType", function.outputType());
        inner.putObject("binding").put("type", Bindings.JAVASCRIPT).putObject("properties").put("script", literal(function.script()));
        return resource;
    }
}
