package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.Etags;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Pages;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.service.Definitions.StoredFactory;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Answers what concerns the resources themselves: factories and what is in them.
final class FactoryResources {
    private static final Pattern FACTORY_NAME = Pattern.compile("[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][^<>*#.%&:\\\\+?/]*");
    private static final int NAME_MAX = 260;
    /// What a body may repeat of an earlier answer, and the service states itself.
    private static final Set<String> STATED = Set.of("id", "name", "type", "etag", "eTag");
    private static final Set<String> PATCHED = Set.of("tags", "identity", "properties");

    private final Definitions definitions;
    private final ServiceLimits limits;

    FactoryResources(Definitions definitions, ServiceLimits limits) {
        this.definitions = definitions;
        this.limits = limits;
    }

    ManagementAnswer list(ManagementRequest request, Predicate<FactoryId> isAsked) {
        return page(request, definitions.factories().stream().filter(factory -> isAsked.test(factory.id())).map(FactoryResources::shown).toList());
    }

    ManagementAnswer list(ManagementRequest request, FactoryId factory, Kind kind) {
        return page(request, definitions.all(factory, kind).stream().map(resource -> shown(factory, resource)).toList());
    }

    private ManagementAnswer page(ManagementRequest request, List<ObjectNode> all) {
        return Pages.page(request, all, FactoryResources::sortKey, item -> item, limits.listPageMax());
    }

    private static String sortKey(ObjectNode item) {
        return item.path("id").asText().toLowerCase(Locale.ROOT);
    }

    ManagementAnswer put(ManagementRequest request, FactoryId id) {
        if (!FACTORY_NAME.matcher(id.name()).matches() || id.name().length() < 3 || id.name().length() > 63) {
            throw Refusal.badRequest(id.path(), "A factory's name has 3 to 63 letters, digits and hyphens, found '" + id.name() + "'.");
        }
        ObjectNode document = body(request);
        Optional<StoredFactory> before = definitions.factory(id);
        ObjectNode properties = document.get("properties") instanceof ObjectNode given ? given : document.putObject("properties");
        state(properties, before);
        identify(document, before);
        return answer(definitions.put(id, document, request.header("if-match")));
    }

    ManagementAnswer patch(ManagementRequest request, FactoryId id) {
        StoredFactory before = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id));
        ObjectNode changes = body(request);
        ObjectNode document = before.document().deepCopy();
        changes.properties().stream().filter(change -> PATCHED.contains(change.getKey())).forEach(change -> {
            if (change.getKey().equals("properties") && change.getValue() instanceof ObjectNode properties) {
                ((ObjectNode) document.get("properties")).setAll(properties);
            } else {
                document.set(change.getKey(), change.getValue());
            }
        });
        identify(document, Optional.of(before));
        return answer(definitions.put(before.id(), document, request.header("if-match")));
    }

    private static ManagementAnswer answer(StoredFactory factory) {
        return ManagementAnswer.ok(shown(factory)).with("ETag", "\"" + factory.etag() + "\"");
    }

    private static void state(ObjectNode properties, Optional<StoredFactory> before) {
        properties.put("provisioningState", "Succeeded").put("version", "2018-06-01");
        properties.set("createTime", before.map(factory -> factory.document().path("properties").path("createTime"))
                .orElseGet(() -> ServiceJson.MAPPER.getNodeFactory().textNode(RunRecord.text(Instant.now()))));
        if (!properties.has("publicNetworkAccess")) {
            properties.put("publicNetworkAccess", "Enabled");
        }
    }

    /// A system-assigned identity has ids, which stay.
    private static void identify(ObjectNode document, Optional<StoredFactory> before) {
        if (document.get("identity") instanceof ObjectNode identity && identity.path("type").asText().contains("SystemAssigned")) {
            JsonNode known = before.map(factory -> factory.document().path("identity")).orElse(ServiceJson.MAPPER.missingNode());
            identity.put("principalId", known.path("principalId").asText(UUID.randomUUID().toString()));
            identity.put("tenantId", known.path("tenantId").asText("00000000-0000-0000-0000-000000000000"));
        }
    }

    ManagementAnswer get(ManagementRequest request, FactoryId id) {
        StoredFactory factory = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id));
        return Etags.isKnown(request, factory.etag()) ? ManagementAnswer.empty(304) : answer(factory);
    }

    ManagementAnswer put(ManagementRequest request, FactoryId factory, Kind kind, String name) {
        String target = Definitions.target(factory, kind, name);
        if (!NAME.matcher(name).matches() || name.length() > NAME_MAX) {
            throw Refusal.badRequest(target, "A name begins with a letter, a digit or '_', has at most " + NAME_MAX
                    + " characters and none of < > * # . % & : \\ + ? /, found '" + name + "'.");
        }
        ObjectNode document = body(request);
        if (!(document.get("properties") instanceof ObjectNode properties)) {
            throw Refusal.badRequest(target, "The body needs 'properties', an object.");
        }
        if (Kinds.hasType(kind) && properties.path("type").asText().isBlank()) {
            throw Refusal.badRequest(target, "The " + kind.title() + " needs 'properties.type'.");
        }
        if (kind == Kind.PIPELINE && properties.hasNonNull("activities") && !properties.get("activities").isArray()) {
            throw Refusal.badRequest(target, "'properties.activities' is to be a list.");
        }
        if (kind == Kind.TRIGGER) {
            if (definitions.find(factory, kind, name).filter(Triggers::isStarted).isPresent()) {
                throw Refusal.conflict(target, "The trigger '" + name + "' is started; stop it before it is changed.");
            }
            definitions.find(factory, kind, name).ifPresent(before -> Triggers.requireSameWindows(target, before.document(), document));
            // Read-only: a trigger is stopped until it is started.
            properties.put("runtimeState", "Stopped");
        }
        return answer(factory, definitions.put(factory, kind, name, document, request.header("if-match")));
    }

    ManagementAnswer patch(ManagementRequest request, FactoryId factory, Kind kind, String name) {
        if (kind != Kind.INTEGRATION_RUNTIME) {
            throw Refusal.wrongMethod(request.method(), request.rawPath());
        }
        StoredResource runtime = definitions.get(factory, kind, name);
        String target = Definitions.target(factory, kind, name);
        if (!runtime.properties().path("type").asText().equalsIgnoreCase("SelfHosted")) {
            throw Refusal.badRequest(target, "Only a self-hosted integration runtime has updates to set.");
        }
        // Both say how the runtime's own program updates itself, which this process does not: they are checked, and change nothing.
        for (var given : ServiceJson.objectOrEmpty(request.body()).properties()) {
            boolean isKnown = given.getKey().equals("autoUpdate") && given.getValue().asText().matches("(?i)on|off")
                    || given.getKey().equals("updateDelayOffset") && given.getValue().isTextual();
            if (!isKnown) {
                throw Refusal.badRequest(target, "'autoUpdate' (On or Off) and 'updateDelayOffset' can be set, found '" + given.getKey() + "': "
                        + given.getValue() + ".");
            }
        }
        return answer(factory, runtime);
    }

    ManagementAnswer get(ManagementRequest request, FactoryId factory, Kind kind, String name) {
        StoredResource resource = definitions.get(factory, kind, name);
        return Etags.isKnown(request, resource.etag()) ? ManagementAnswer.empty(304) : answer(factory, resource);
    }

    private static ManagementAnswer answer(FactoryId factory, StoredResource resource) {
        return ManagementAnswer.ok(shown(factory, resource)).with("ETag", "\"" + resource.etag() + "\"");
    }

    /// The triggers of a factory; one that others depend on is asked for by its name.
    ManagementAnswer queryTriggers(ManagementRequest request, FactoryId factory) {
        ObjectNode body = ServiceJson.objectOrEmpty(request.body());
        String parent = body.path("parentTriggerName").asText("");
        Collection<StoredResource> triggers = definitions.all(factory, Kind.TRIGGER);
        ObjectNode answer = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = answer.putArray("value");
        triggers.stream().filter(trigger -> parent.isEmpty() || References.of(trigger.properties()).stream().anyMatch(reference ->
                reference.kind() == Kind.TRIGGER && reference.name().equalsIgnoreCase(parent))).forEach(trigger -> value.add(shown(factory, trigger)));
        return ManagementAnswer.ok(answer);
    }

    private static ObjectNode body(ManagementRequest request) {
        ObjectNode body = ServiceJson.object(request.body());
        body.remove(STATED);
        return body;
    }

    private static ObjectNode shown(StoredFactory factory) {
        ObjectNode shown = ServiceJson.MAPPER.createObjectNode().put("id", factory.id().path()).put("name", factory.id().name())
                .put("type", "Microsoft.DataFactory/factories").put("eTag", "\"" + factory.etag() + "\"");
        shown.setAll((ObjectNode) DefinitionSecrets.omitted(factory.document()));
        return shown;
    }

    private static ObjectNode shown(FactoryId factory, StoredResource resource) {
        ObjectNode shown = ServiceJson.MAPPER.createObjectNode().put("id", factory.path() + "/" + resource.kind().segment() + "/" + resource.name())
                .put("name", resource.name()).put("type", "Microsoft.DataFactory/factories/" + resource.kind().segment()).put("etag", resource.etag());
        shown.setAll((ObjectNode) DefinitionSecrets.omitted(resource.document()));
        return shown;
    }
}
