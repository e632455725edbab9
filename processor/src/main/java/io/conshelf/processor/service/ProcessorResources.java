package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Etags;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Pages;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Answers what concerns the resources themselves: made, changed, shown, removed.
///
/// A definition with mistakes is refused and changes nothing. What only shows when a pipeline starts makes it `Failed`.
final class ProcessorResources {
    private static final int PAGE_MAX = 100;
    /// What the service states itself, whatever a body repeats of an earlier answer.
    private static final Set<String> STATED = Set.of("id", "name", "type", "etag", "systemdata", "apiversion");
    private static final Set<String> CHANGEABLE = Set.of("location", "extendedLocation", "tags", "properties");

    private final ResourceTable<StoredResource> resources;
    private final PipelineRuns runs;
    private final Operations operations;
    private final InstantSource clock;

    ProcessorResources(ResourceTable<StoredResource> resources, PipelineRuns runs, Operations operations, InstantSource clock) {
        this.resources = resources;
        this.runs = runs;
        this.operations = operations;
        this.clock = clock;
    }

    ManagementAnswer list(ManagementRequest request, Predicate<ResourceId> isAsked) {
        return Pages.page(request, resources.all().stream().filter(resource -> isAsked.test(resource.id())).toList(), StoredResource::key, this::shown, PAGE_MAX);
    }

    ManagementAnswer list(ManagementRequest request, ResourceId instance, Kind kind) {
        require(instance);
        return list(request, id -> id.kind() == kind && id.isOf(instance));
    }

    ManagementAnswer get(ManagementRequest request, ResourceId id) {
        StoredResource resource = require(id);
        return Etags.isKnown(request, resource.etag()) ? ManagementAnswer.empty(304) : answer(200, resource);
    }

    boolean isThere(ResourceId id) {
        return resources.find(id.key()).isPresent();
    }

    StoredResource require(ResourceId id) {
        return resources.find(id.key()).orElseThrow(() -> StoredResource.missing(id));
    }

    ManagementAnswer put(ManagementRequest request, ResourceId id) {
        if (!Definitions.isName(id.ownName())) {
            throw Refusal.badRequest(id.path(), "A name has 3 to 62 small letters, digits and hyphens, with no hyphen at either end, found '" + id.ownName() + "'.");
        }
        requireParent(id);
        ObjectNode body = body(request, id);
        for (String needed : List.of("location", "extendedLocation")) {
            if (!body.hasNonNull(needed)) {
                throw invalid(id, needed, "The property '" + needed + "' is required.");
            }
        }
        boolean isNew = resources.find(id.key()).isEmpty();
        StoredResource made = resources.change(id.key(), before -> {
            Etags.require(request, id.path(), before.map(StoredResource::etag));
            ObjectNode resource = body.deepCopy();
            resource.retain(CHANGEABLE);
            ObjectNode properties = resource.withObjectProperty("properties");
            before.ifPresent(stored -> resource.set("properties", NamedSecrets.kept(properties, (ObjectNode) stored.resource().get("properties"))));
            return changed(request, before.map(StoredResource::id).orElse(id), before, resource);
        });
        return begun(request, isNew ? 201 : 200, made);
    }

    ManagementAnswer patch(ManagementRequest request, ResourceId id) {
        ObjectNode change = body(request, id);
        change.retain(CHANGEABLE);
        require(id);
        StoredResource made = resources.change(id.key(), before -> {
            StoredResource stored = before.orElseThrow(() -> StoredResource.missing(id));
            Etags.require(request, id.path(), Optional.of(stored.etag()));
            ObjectNode resource = NamedSecrets.merged(stored.resource(), change);
            if (change.get("properties") instanceof ObjectNode properties) {
                resource.set("properties", runs.secrets().patched((ObjectNode) stored.resource().get("properties"), properties));
            }
            return changed(request, stored.id(), before, resource);
        });
        return begun(request, 200, made);
    }

    private void requireParent(ResourceId id) {
        if (id.kind() != Kind.INSTANCE && resources.find(id.parent().key()).isEmpty()) {
            throw Refusal.of(404, "ParentResourceNotFound", id.path(), "Failed to perform 'write' on resource(s) of type 'instances/" + id.kind().segment()
                    + "', because the parent resource '" + id.parent().path() + "' could not be found.");
        }
    }

    private StoredResource changed(ManagementRequest request, ResourceId id, Optional<StoredResource> before, ObjectNode resource) {
        before.filter(stored -> stored.state().equals(StoredResource.DELETING)).ifPresent(stored -> {
            throw Refusal.conflict(id.path(), "The " + id.kind().title() + " '" + id.ownName() + "' is being deleted.");
        });
        ((ObjectNode) resource.get("properties")).remove("provisioningState");
        StoredResource made = new StoredResource(id, StoredResource.newEtag(), id.kind() != Kind.PIPELINE ? StoredResource.SUCCEEDED
                : before.isPresent() ? StoredResource.UPDATING : StoredResource.ACCEPTED, "", resource, system(request, before));
        checkEnvelope(made);
        before.ifPresent(stored -> requirePlace(stored, made));
        try {
            switch (id.kind()) {
                case INSTANCE -> {}
                case DATASET -> made.dataset();
                case PIPELINE -> checkPartitions(made.pipeline(), before);
            }
        } catch (InvalidDefinitionException wrong) {
            throw invalid(id, wrong.problems());
        }
        return made;
    }

    private static void checkEnvelope(StoredResource made) {
        JsonNode resource = made.resource();
        if (!resource.path("location").isTextual()) {
            throw invalid(made.id(), "location", "'location' is to be a text.");
        }
        JsonNode extended = resource.path("extendedLocation");
        if (!extended.path("name").isTextual() || !extended.path("type").isTextual()) {
            throw invalid(made.id(), "extendedLocation", "'extendedLocation' is to be an object with 'name' and 'type'.");
        }
        if (resource.hasNonNull("tags") && !(resource.get("tags") instanceof ObjectNode tags && tags.properties().stream().allMatch(tag -> tag.getValue().isTextual()))) {
            throw invalid(made.id(), "tags", "'tags' is to be an object of texts.");
        }
    }

    /// Where a resource lies is for good.
    private static void requirePlace(StoredResource stored, StoredResource made) {
        JsonNode was = stored.resource();
        JsonNode is = made.resource();
        boolean isThere = isSame(was.path("location").asText().replace(" ", ""), is.path("location").asText().replace(" ", ""));
        JsonNode extended = was.path("extendedLocation");
        if (!isThere || !isSame(extended.path("name").asText(), is.at("/extendedLocation/name").asText())
                || !isSame(extended.path("type").asText(), is.at("/extendedLocation/type").asText())) {
            throw Refusal.of(409, "InvalidResourceLocation", made.id().path(), "The resource '%s' already exists in extended location '%s': '%s' of location '%s'. A resource with the same name cannot be created in %s '%s'. Please select a new resource name."
                    .formatted(made.id().ownName(), extended.path("type").asText(), extended.path("name").asText(), was.path("location").asText(),
                            isThere ? "extended location" : "location", isThere ? is.at("/extendedLocation/name").asText() : is.path("location").asText()));
        }
    }

    private static boolean isSame(String one, String other) {
        return one.equalsIgnoreCase(other);
    }

    /// Keys would find other partitions, which know nothing of them.
    private static void checkPartitions(PipelineDefinition pipeline, Optional<StoredResource> before) throws InvalidDefinitionException {
        if (before.isPresent() && before.get().pipeline().input().partitionCount() != pipeline.input().partitionCount()) {
            throw new InvalidDefinitionException(List.of(new Problem("", "properties.input.partitionCount", "cannot change once the pipeline is made: it is "
                    + before.get().pipeline().input().partitionCount() + ", found " + pipeline.input().partitionCount())));
        }
    }

    private static Refusal invalid(ResourceId id, String path, String message) {
        return Refusal.of(400, "InvalidRequestContent", id.path() + ": " + path, message);
    }

    private static Refusal invalid(ResourceId id, List<Problem> problems) {
        Problem first = problems.getFirst();
        return Refusal.of(400, "ValidationFailed", id.path(), "The " + id.kind().title() + " '" + id.ownName() + "' is not valid: '" + first.path() + "' "
                + first.message() + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more in 'details')"), "ValidationFailed", problems);
    }

    private ObjectNode system(ManagementRequest request, Optional<StoredResource> before) {
        String now = clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
        String who = request.header("x-ms-client-principal-name").orElse("conshelf");
        ObjectNode system = before.map(stored -> stored.system().deepCopy()).orElseGet(() -> ServiceJson.MAPPER.createObjectNode().put("createdBy", who)
                .put("createdByType", "Application").put("createdAt", now));
        return system.put("lastModifiedBy", who).put("lastModifiedByType", "Application").put("lastModifiedAt", now);
    }

    private ManagementAnswer begun(ManagementRequest request, int status, StoredResource made) {
        return switch (made.id().kind()) {
            case INSTANCE -> answer(status, made);
            case DATASET -> {
                runs.datasetsChanged(made.id().parent());
                yield answer(status, made);
            }
            case PIPELINE -> {
                String operation = operations.begin();
                ManagementAnswer answer = operations.told(answer(status, made), request, made.id().subscription(), operation);
                runs.changed(made.id(), operation);
                yield answer;
            }
        };
    }

    ManagementAnswer delete(ManagementRequest request, ResourceId id) {
        if (resources.find(id.key()).isEmpty()) {
            return ManagementAnswer.empty(204);
        }
        Etags.require(request.header("if-match"), id.path(), resources.find(id.key()).map(StoredResource::etag));
        if (id.kind() == Kind.DATASET) {
            resources.delete(id.key());
            runs.datasetsChanged(id.parent());
            String operation = operations.begin();
            operations.done(operation, Optional.empty());
            return operations.told(operations.accepted(request, id.subscription(), operation), request, id.subscription(), operation);
        }
        // What lies in an instance goes with it.
        List<ResourceId> gone = new ArrayList<>(resources.all().stream().map(StoredResource::id)
                .filter(other -> other.key().equals(id.key()) || id.kind() == Kind.INSTANCE && other.isOf(id)).toList());
        gone.forEach(one -> resources.changeIfThere(one.key(), stored -> stored.in(StoredResource.DELETING)));
        String operation = operations.begin();
        runs.deleted(id, gone.reversed(), operation);
        return operations.told(operations.accepted(request, id.subscription(), operation), request, id.subscription(), operation);
    }

    private ManagementAnswer answer(int status, StoredResource resource) {
        return new ManagementAnswer(status, Optional.of(shown(resource)), Map.of("ETag", "\"" + resource.etag() + "\""));
    }

    ObjectNode shown(StoredResource resource) {
        ResourceId id = resource.id();
        ObjectNode shown = ServiceJson.MAPPER.createObjectNode().put("id", id.path()).put("name", id.ownName()).put("type", id.kind().type());
        shown.setAll(resource.resource().deepCopy());
        shown.set("properties", runs.secrets().omitted((ObjectNode) resource.resource().get("properties")).put("provisioningState", resource.state()));
        shown.set("systemData", resource.system());
        return shown;
    }

    private static ObjectNode body(ManagementRequest request, ResourceId id) {
        ObjectNode body = ServiceJson.object(request.body());
        new ArrayList<>(body.properties()).stream().map(Map.Entry::getKey).filter(key -> STATED.contains(key.toLowerCase(Locale.ROOT)) || body.get(key).isNull())
                .forEach(body::remove);
        if (body.has("properties") && !body.get("properties").isObject()) {
            throw invalid(id, "properties", "'properties' is to be an object.");
        }
        for (String unknown : body.properties().stream().map(Map.Entry::getKey).filter(key -> !CHANGEABLE.contains(key)).toList()) {
            // The envelope of generic resources, which clients send empty.
            if (!Set.of("kind", "sku", "plan", "identity", "managedBy").contains(unknown)) {
                throw invalid(id, unknown, "Could not find member '" + unknown + "' on an object of type '" + id.kind().type() + "'.");
            }
            throw invalid(id, unknown, "'" + unknown + "' means nothing for the type '" + id.kind().type() + "'.");
        }
        return body;
    }
}
