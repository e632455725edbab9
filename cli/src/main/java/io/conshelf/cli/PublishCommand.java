package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `conshelf pipeline publish`: puts a factory into a cluster that is up, through its management interface.
@Command(
        name = "publish",
        description = "Puts every resource of a factory folder or an ARM template into a running 'conshelf up'.",
        mixinStandardHelpOptions = true)
final class PublishCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// What is referred to comes before what refers to it.
    private static final List<Kind> ORDER = List.of(Kind.GLOBAL_PARAMETERS, Kind.CREDENTIAL, Kind.INTEGRATION_RUNTIME, Kind.LINKED_SERVICE, Kind.DATASET,
            Kind.DATA_FLOW, Kind.PIPELINE, Kind.TRIGGER);

    @Mixin
    private FactoryArgument factory;

    @Option(names = "--cluster", paramLabel = "URL", description = "where it is up (default: ${DEFAULT-VALUE})", defaultValue = "http://localhost:8080")
    private URI cluster;

    @Option(names = "--as", paramLabel = "NAME", description = "the factory's name there (default: the one it has)")
    private Optional<String> name;

    @Option(names = "--subscription", description = "default: ${DEFAULT-VALUE}", defaultValue = "00000000-0000-0000-0000-000000000000")
    private String subscription;

    @Option(names = "--resource-group", description = "default: ${DEFAULT-VALUE}", defaultValue = "conshelf")
    private String resourceGroup;

    private final HttpClient http = HttpClient.newHttpClient();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Factory read;
        try {
            read = factory.load();
            if (!read.broken().isEmpty()) {
                throw new InvalidFactoryException(read.broken().stream().map(Factory.Broken::problem).toList());
            }
        } catch (InvalidFactoryException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
        String path = "/subscriptions/" + segment(subscription) + "/resourceGroups/" + segment(resourceGroup)
                + "/providers/Microsoft.DataFactory/factories/" + segment(name.orElse(read.name()));
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        read.resources(Kind.FACTORY).values().forEach(own -> own.definition().at("properties").properties()
                .forEach(property -> properties.set(property.getKey(), property.getValue().value())));
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("location", "local");
        body.set("properties", properties);
        require(put(path, body), path);
        for (Kind kind : ORDER) {
            publish(path, List.copyOf(read.resources(kind).values()));
        }
        System.out.println(path);
        return CommandLine.ExitCode.OK;
    }

    /// Resources of one kind may refer to one another, so those that are refused for it are tried again after the others.
    private void publish(String factoryPath, List<Resource> resources) throws IOException, InterruptedException {
        List<Resource> left = resources;
        while (!left.isEmpty()) {
            List<Resource> refused = new ArrayList<>();
            HttpResponse<String> last = null;
            for (Resource resource : left) {
                String path = factoryPath + "/" + resource.kind().segment() + "/" + segment(resource.name());
                ObjectNode body = JsonNodeFactory.instance.objectNode();
                body.set("properties", resource.properties().value());
                HttpResponse<String> answer = put(path, body);
                if (answer.statusCode() == 400 && answer.body().contains("invalid reference")) {
                    refused.add(resource);
                    last = answer;
                } else {
                    require(answer, path);
                    System.err.println(resource.kind().folder() + " " + resource.name());
                }
            }
            if (refused.size() == left.size()) {
                require(last, factoryPath + "/" + refused.getLast().kind().segment() + "/" + refused.getLast().name());
            }
            left = refused;
        }
    }

    private HttpResponse<String> put(String path, JsonNode body) throws IOException, InterruptedException {
        URI address = URI.create(cluster.toString().replaceAll("/+$", "") + path + "?api-version=2018-06-01");
        try {
            return http.send(HttpRequest.newBuilder(address).header("Content-Type", "application/json")
                    .PUT(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))).build(), BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new CommandFailure("no cluster answers at " + cluster + ": start one with ./conshelf up, or name another with --cluster", e);
        }
    }

    private static void require(HttpResponse<String> answer, String path) throws IOException {
        if (answer.statusCode() != 200) {
            JsonNode error = JSON.readTree(answer.body()).path("error");
            throw new CommandFailure(path + ": " + (error.path("message").isTextual() ? error.path("message").asText() : "HTTP " + answer.statusCode()));
        }
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
