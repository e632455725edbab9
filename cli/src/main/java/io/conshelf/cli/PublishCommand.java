package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private static final String VERSION = "?api-version=2018-06-01";
    private static final ObjectMapper JSON = new ObjectMapper();

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

    @Option(names = "--restart-triggers", description = "stop started triggers that change, and start them again; otherwise they are refused")
    private boolean restartsTriggers;

    private ClusterRest rest;
    private final Map<String, TriggerChange> startedTriggers = new HashMap<>();

    /// How a trigger that is started differs from the one to publish.
    private enum TriggerChange { NONE, CHANGED }

    @Override
    public Integer call() {
        Factory read = factory.whole(Map.of());
        rest = connect();
        String path = "/subscriptions/" + RunningServer.segment(subscription) + "/resourceGroups/" + RunningServer.segment(resourceGroup)
                + "/providers/Microsoft.DataFactory/factories/" + RunningServer.segment(name.orElse(read.name()));
        // Told before anything is changed.
        read.resources(Kind.TRIGGER).values().forEach(trigger -> lookAt(path, trigger));
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
                String path = factoryPath + "/" + resource.kind().segment() + "/" + RunningServer.segment(resource.name());
                try {
                    System.err.println(resource.kind().folder() + " " + resource.name() + send(path, resource));
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

    /// Remembers whether a trigger is started there, and refuses one that would have to be stopped.
    private void lookAt(String factoryPath, Resource trigger) {
        String path = factoryPath + "/" + trigger.kind().segment() + "/" + RunningServer.segment(trigger.name());
        Optional<JsonNode> there = get(path);
        if (there.isEmpty() || !there.get().path("properties").path("runtimeState").asText().equalsIgnoreCase("Started")) {
            return;
        }
        TriggerChange change = definition(there.get().path("properties")).equals(definition(trigger.properties().value())) ? TriggerChange.NONE
                : TriggerChange.CHANGED;
        if (change == TriggerChange.CHANGED && !restartsTriggers) {
            throw new CommandFailure("the trigger '" + trigger.name() + "' is started and differs from what is published: stop it first, or give "
                    + "--restart-triggers; nothing was published");
        }
        startedTriggers.put(path, change);
    }

    /// What a trigger says, whether it is started or not.
    private static JsonNode definition(JsonNode properties) {
        try {
            // Read again, so that a number is the same whoever read it first.
            ObjectNode copy = (ObjectNode) JSON.readTree(properties.toString());
            copy.remove("runtimeState");
            return copy;
        } catch (JsonProcessingException impossible) {
            throw new AssertionError("what was printed as JSON is JSON", impossible);
        }
    }

    /// Puts one resource, and says what is worth saying of it.
    private String send(String path, Resource resource) throws StoreException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("properties", resource.properties().value());
        TriggerChange started = startedTriggers.get(path);
        if (started == TriggerChange.NONE) {
            return " (started, and left as it is)";
        }
        if (started == null) {
            put(path, body);
            return "";
        }
        rest.ask("POST", path + "/stop" + VERSION, "");
        try {
            put(path, body);
        } finally {
            // Also where the new definition is refused: the old one goes on.
            rest.ask("POST", path + "/start" + VERSION, "");
        }
        return " (stopped, changed and started again)";
    }

    private Optional<JsonNode> get(String path) {
        try {
            return Optional.of(rest.ask("GET", path + VERSION, ""));
        } catch (StoreException answer) {
            if (answer.code().equals("ResourceNotFound") || answer.code().equals("EntityNotFound")) {
                return Optional.empty();
            }
            throw failure(path, answer);
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
        rest.ask("PUT", path + VERSION, body.toString());
    }

    private CommandFailure failure(String path, StoreException refused) {
        return new CommandFailure(path + ": " + ClusterClient.explanation(refused, cluster), refused);
    }
}
