package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The Data Processor instances of a running `conshelf up`, asked through its management interface.
final class RunningProcessors {
    private static final String VERSION = "api-version=2023-10-04-preview";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROVIDER = "/providers/Microsoft.IoTOperationsDataProcessor/instances";

    @Mixin
    private RunningServer server;

    @Option(names = "--instance", paramLabel = "NAME", description = "the instance, as NAME or GROUP/NAME (default: all of the subscription; to publish: conshelf/conshelf)")
    private Optional<String> wanted;

    /// A pipeline or dataset of the server.
    record Found(String path, JsonNode resource) {
        String name() {
            return resource.path("name").asText();
        }

        String instance() {
            return path.replaceFirst("(?i).*/instances/([^/]+)/.*", "$1");
        }
    }

    private List<String> instances() {
        List<String> paths = instancesIfAny();
        if (paths.isEmpty()) {
            throw new CommandFailure(wanted.map(name -> "there is no instance '" + name + "' at " + server.cluster())
                    .orElse("there is no instance at " + server.cluster() + "; 'conshelf processor publish' makes one"));
        }
        return paths;
    }

    private List<String> instancesIfAny() {
        List<String> paths = new ArrayList<>();
        for (JsonNode instance : server.all(server.subscription() + PROVIDER, VERSION)) {
            String path = instance.path("id").asText();
            String group = path.replaceFirst("(?i).*/resourceGroups/([^/]+)/.*", "$1");
            String name = instance.path("name").asText();
            if (wanted.isEmpty() || wanted.get().equalsIgnoreCase(name) || wanted.get().equalsIgnoreCase(group + "/" + name)) {
                paths.add(path);
            }
        }
        return paths;
    }

    /// The pipelines that there are; none on a server that has no instance yet.
    List<Found> allPipelines() {
        return wanted.isEmpty() && instancesIfAny().isEmpty() ? List.of() : all("pipelines");
    }

    /// @param kind `pipelines` or `datasets`
    List<Found> all(String kind) {
        return instances().stream().flatMap(instance -> server.all(instance + "/" + kind, VERSION).stream())
                .map(resource -> new Found(resource.path("id").asText(), resource)).toList();
    }

    Found pipeline(String name) {
        List<Found> found = all("pipelines").stream().filter(pipeline -> pipeline.name().equalsIgnoreCase(name)).toList();
        if (found.isEmpty()) {
            throw new CommandFailure("there is no pipeline '" + name + "'; 'conshelf processor list' lists them");
        }
        if (found.size() > 1) {
            throw new CommandFailure("'" + name + "' is a pipeline of " + found.stream().map(Found::instance).toList() + ": say which with --instance");
        }
        return found.getFirst();
    }

    JsonNode status(Found pipeline) {
        return server.ask("GET", pipeline.path() + "/status?" + VERSION, "");
    }

    /// The instance to publish into, made where there is none.
    String made() {
        String[] parts = wanted.orElse("conshelf/conshelf").split("/", 2);
        String group = parts.length == 2 ? parts[0] : "conshelf";
        String path = server.subscription() + "/resourceGroups/" + RunningServer.segment(group) + PROVIDER + "/" + RunningServer.segment(parts[parts.length - 1]);
        if (server.ifThere(path + "?" + VERSION).isEmpty()) {
            server.ask("PUT", path + "?" + VERSION, envelope(JSON.createObjectNode()).toString());
        }
        return path;
    }

    void put(String path, ObjectNode body) {
        server.ask("PUT", path + "?" + VERSION, envelope(body).toString());
    }

    void patch(Found resource, ObjectNode change) {
        server.ask("PATCH", resource.path() + "?" + VERSION, change.toString());
    }

    void delete(Found resource) {
        server.ask("DELETE", resource.path() + "?" + VERSION, "");
    }

    /// How a pipeline does once what was begun has ended.
    JsonNode settled(String path) throws InterruptedException {
        while (true) {
            Optional<JsonNode> status = server.ifThere(path + "/status?" + VERSION);
            String state = status.map(found -> found.path("provisioningState").asText()).orElse("");
            if (status.isEmpty() || state.equals("Succeeded") || state.equals("Failed")) {
                return status.orElseGet(JSON::createObjectNode);
            }
            Thread.sleep(200);
        }
    }

    /// What the service wants and local files need not have.
    private static ObjectNode envelope(ObjectNode body) {
        if (!body.hasNonNull("location")) {
            body.put("location", "local");
        }
        if (!body.hasNonNull("extendedLocation")) {
            body.putObject("extendedLocation").put("name", "local").put("type", "CustomLocation");
        }
        if (!body.hasNonNull("properties")) {
            body.putObject("properties");
        }
        return body;
    }
}
