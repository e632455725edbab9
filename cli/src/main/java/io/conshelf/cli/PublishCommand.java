package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.net.URI;
import java.net.URLEncoder;
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
    /// What is referred to comes before what refers to it.
    private static final List<Kind> ORDER = List.of(Kind.GLOBAL_PARAMETERS, Kind.CREDENTIAL, Kind.INTEGRATION_RUNTIME, Kind.LINKED_SERVICE, Kind.DATASET,
            Kind.DATA_FLOW, Kind.PIPELINE, Kind.TRIGGER);

    @Mixin
    private FactoryArgument factory;

    @Option(names = "--cluster", paramLabel = "URL", description = "where it is up (default: ${DEFAULT-VALUE})", defaultValue = "http://localhost:8080")
    private String cluster;

    @Option(names = "--as", paramLabel = "NAME", description = "the factory's name there (default: the one it has)")
    private Optional<String> name;

    @Option(names = "--subscription", description = "default: ${DEFAULT-VALUE}", defaultValue = "00000000-0000-0000-0000-000000000000")
    private String subscription;

    @Option(names = "--resource-group", description = "default: ${DEFAULT-VALUE}", defaultValue = "conshelf")
    private String resourceGroup;

    private ClusterRest rest;

    @Override
    public Integer call() {
        Factory read;
        try {
            read = factory.load();
            if (!read.broken().isEmpty()) {
                throw new InvalidFactoryException(read.broken().stream().map(Factory.Broken::problem).toList());
            }
        } catch (InvalidFactoryException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
        rest = connect();
        String path = "/subscriptions/" + segment(subscription) + "/resourceGroups/" + segment(resourceGroup)
                + "/providers/Microsoft.DataFactory/factories/" + segment(name.orElse(read.name()));
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        read.resources(Kind.FACTORY).values().forEach(own -> own.definition().at("properties").properties()
                .forEach(property -> properties.set(property.getKey(), property.getValue().value())));
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("location", "local");
        body.set("properties", properties);
        try {
            put(path, body);
        } catch (StoreException refused) {
            throw failure(path, refused);
        }
        for (Kind kind : ORDER) {
            publish(path, List.copyOf(read.resources(kind).values()));
        }
        System.out.println(path);
        return CommandLine.ExitCode.OK;
    }

    /// Resources of one kind may refer to one another, so those that are refused for it are tried again after the others.
    private void publish(String factoryPath, List<Resource> resources) {
        List<Resource> left = resources;
        while (!left.isEmpty()) {
            List<Resource> refused = new ArrayList<>();
            Optional<CommandFailure> last = Optional.empty();
            for (Resource resource : left) {
                String path = factoryPath + "/" + resource.kind().segment() + "/" + segment(resource.name());
                ObjectNode body = JsonNodeFactory.instance.objectNode();
                body.set("properties", resource.properties().value());
                try {
                    put(path, body);
                    System.err.println(resource.kind().folder() + " " + resource.name());
                } catch (StoreException answer) {
                    last = Optional.of(failure(path, answer));
                    if (!answer.getMessage().contains("invalid reference")) {
                        throw last.get();
                    }
                    refused.add(resource);
                }
            }
            if (refused.size() == left.size()) {
                throw last.orElseThrow();
            }
            left = refused;
        }
    }

    private ClusterRest connect() {
        try {
            return ClusterRest.ofResources(Endpoints.replacedBy(URI.create(cluster)).resolve(cluster), KustoCredential.of(System.getenv()));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + cluster + "' is not the address of a cluster: " + e.getMessage(), e);
        } catch (StoreException e) {
            throw new CommandFailure(ClusterClient.explanation(e, cluster), e);
        }
    }

    private void put(String path, JsonNode body) throws StoreException {
        rest.ask("PUT", path + "?api-version=2018-06-01", body.toString());
    }

    private CommandFailure failure(String path, StoreException refused) {
        return new CommandFailure(path + ": " + ClusterClient.explanation(refused, cluster), refused);
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
