package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Etags;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Pages;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.job.JobJson;
import io.conshelf.streams.service.StoredJob.Part;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Answers what concerns jobs and their parts: made, changed, shown, removed.
final class JobResources {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{3,63}");
    private static final int PART_NAME_MAX = 128;
    private static final int PAGE_MAX = 100;
    /// What the service states itself, whatever a body repeats of an earlier answer.
    private static final Set<String> STATED = Set.of("id", "name", "type", "etag");
    private static final Set<String> STATED_PROPERTIES =
            Set.of("jobId", "provisioningState", "jobState", "createdDate", "lastOutputEventTime", "etag", "diagnostics");
    /// What stands before the paths of a part that is checked as the only one of a job.
    private static final Pattern OF_PART = Pattern.compile("^properties\\.(?:\\w+\\[0]|transformation)\\.?");
    private static final Set<String> CHANGEABLE = Set.of("Created", "Stopped", "Failed");

    private final Jobs jobs;
    private final JobRuns runs;
    private final InstantSource clock;

    JobResources(Jobs jobs, JobRuns runs, InstantSource clock) {
        this.jobs = jobs;
        this.runs = runs;
        this.clock = clock;
    }

    ManagementAnswer list(ManagementRequest request, Predicate<JobId> isAsked) {
        Set<PartKind> expanded = expanded(request);
        return Pages.page(request, jobs.all().stream().filter(job -> isAsked.test(job.id())).toList(), StoredJob::key, job -> shown(job, expanded), PAGE_MAX);
    }

    private static Set<PartKind> expanded(ManagementRequest request) {
        Set<PartKind> kinds = java.util.EnumSet.noneOf(PartKind.class);
        for (String name : request.parameter("$expand").orElse("").split(",")) {
            Arrays.stream(PartKind.values()).filter(kind -> kind.property().equalsIgnoreCase(name.strip())).forEach(kinds::add);
        }
        return kinds;
    }

    ManagementAnswer put(ManagementRequest request, JobId id) {
        if (!NAME.matcher(id.name()).matches()) {
            throw Refusal.badRequest(id.path(), "A job's name has 3 to 63 letters, digits, hyphens and underscores, found '" + id.name() + "'.");
        }
        ObjectNode body = body(request);
        requireProperties(id, body);
        boolean isNew = jobs.find(id).isEmpty();
        StoredJob made = jobs.change(id, before -> {
            Etags.require(request, id.path(), before.map(StoredJob::etag));
            before.ifPresent(JobResources::requireChangeable);
            ObjectNode resource = body.deepCopy();
            ObjectNode properties = resource.withObjectProperty("properties");
            properties.remove(STATED_PROPERTIES);
            Map<PartKind, NavigableMap<String, Part>> parts = nested(id, properties, before);
            check(id.path(), resource, Optional.empty());
            identify(id, resource, before);
            properties.set("jobId", before.map(job -> job.resource().path("properties").path("jobId"))
                    .orElseGet(() -> properties.textNode(UUID.randomUUID().toString())));
            properties.set("createdDate", before.map(job -> job.resource().path("properties").path("createdDate"))
                    .orElseGet(() -> properties.textNode(clock.instant().truncatedTo(ChronoUnit.MILLIS).toString())));
            return new StoredJob(before.map(StoredJob::id).orElse(id), StoredJob.newEtag(), before.map(StoredJob::state).orElse(StoredJob.CREATED), resource, parts,
                    before.map(StoredJob::run).orElseGet(() -> properties.objectNode()));
        });
        made.parts().get(PartKind.OUTPUT).values().forEach(output -> runs.grant(made, output.properties()));
        boolean isToStart = made.resource().path("properties").hasNonNull("outputStartMode") && !made.parts().get(PartKind.TRANSFORMATION).isEmpty()
                && !made.parts().get(PartKind.INPUT).isEmpty() && !made.parts().get(PartKind.OUTPUT).isEmpty();
        if (isToStart) {
            JsonNode properties = made.resource().path("properties");
            runs.start(made.id(), properties.path("outputStartMode").asText(), Optional.of(properties.path("outputStartTime").asText("")).filter(text -> !text.isEmpty()));
        }
        return answer(isNew ? 201 : 200, jobs.get(id), Set.of(PartKind.values()));
    }

    private static void requireProperties(JobId id, ObjectNode body) {
        if (body.hasNonNull("properties") && !body.path("properties").isObject()) {
            throw Refusal.badRequest(id.path(), "'properties' is an object, found " + body.path("properties").getNodeType().name().toLowerCase(Locale.ROOT) + ".");
        }
    }

    /// Takes the parts out of a job's properties.
    private static Map<PartKind, NavigableMap<String, Part>> nested(JobId id, ObjectNode properties, Optional<StoredJob> before) {
        Map<PartKind, NavigableMap<String, Part>> parts = new EnumMap<>(PartKind.class);
        for (PartKind kind : PartKind.values()) {
            JsonNode given = properties.remove(kind.property());
            NavigableMap<String, Part> named = new TreeMap<>();
            List<JsonNode> documents = new ArrayList<>();
            if (given instanceof ArrayNode list) {
                list.forEach(documents::add);
            } else if (given instanceof ObjectNode one) {
                documents.add(one);
            }
            for (JsonNode document : documents) {
                String name = document.path("name").asText("");
                if (name.isBlank()) {
                    throw Refusal.badRequest(id.path(), "The property 'name' is required for each of the job's " + kind.property() + ".");
                }
                ObjectNode details = document.get("properties") instanceof ObjectNode object ? object.deepCopy() : properties.objectNode();
                details.remove(List.of("etag", "diagnostics"));
                checkPart(id.path() + "/" + kind.segment() + "/" + name, kind, name, details);
                if (named.put(StoredJob.key(name), Part.of(name, details)) != null) {
                    throw Refusal.badRequest(id.path(), "The name '" + name + "' stands for two of the job's " + kind.property() + ".");
                }
            }
            parts.put(kind, named);
        }
        return parts;
    }

    private static void check(String target, ObjectNode resource, Optional<ObjectNode> part) {
        ObjectNode job = resource.deepCopy().put("name", "job");
        ObjectNode properties = job.withObjectProperty("properties");
        part.ifPresent(properties::setAll);
        if (properties.path("transformation").path("properties").path("query").asText("").isBlank()) {
            properties.withObjectProperty("transformation").withObjectProperty("properties").put("query", "-");
        }
        List<Problem> problems = JobJson.read(new Located("", "", job)).problems().stream()
                .map(problem -> part.isEmpty() ? problem : new Problem(problem.file(), OF_PART.matcher(problem.path()).replaceFirst(""), problem.message())).toList();
        if (!problems.isEmpty()) {
            Problem first = problems.getFirst();
            throw Refusal.of(400, "BadRequest", target, "The JSON provided in the request body is invalid: '" + first.path() + "' " + first.message()
                    + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more in 'details')"), "BadRequest", problems);
        }
    }

    /// Whether a part can be what it says. Kinds that are not built are kept, and refused when the job is started.
    private static void checkPart(String target, PartKind kind, String name, ObjectNode properties) {
        if (name.length() > PART_NAME_MAX) {
            throw Refusal.badRequest(target, "A name has at most " + PART_NAME_MAX + " characters.");
        }
        ObjectNode job = properties.objectNode();
        ObjectNode document = properties.objectNode().put("name", name);
        document.set("properties", properties);
        switch (kind) {
            case TRANSFORMATION -> {
                if (properties.has("query") && !properties.get("query").isTextual()) {
                    throw Refusal.badRequest(target, "'properties.query' is to be a text.");
                }
                job.set(kind.property(), document.deepCopy());
            }
            case INPUT, OUTPUT -> {
                if (NotBuilt.names(kind, properties)) {
                    return;
                }
                job.putArray(kind.property()).add(document);
            }
            case FUNCTION -> {
                if (NotBuilt.names(kind, properties)) {
                    return;
                }
                job.putArray(kind.property()).add(document);
            }
        }
        check(target, properties.objectNode(), Optional.of(job));
    }

    /// A system-assigned identity has ids, which stay.
    private void identify(JobId id, ObjectNode resource, Optional<StoredJob> before) {
        boolean hasIdentity = resource.path("identity").path("type").asText().contains("SystemAssigned");
        if (hasIdentity) {
            runs.identity(before.map(StoredJob::id).orElse(id)).ifPresent(identity -> resource.withObjectProperty("identity")
                    .put("principalId", identity.objectId()).put("tenantId", identity.tenant()));
        }
    }

    private static void requireChangeable(StoredJob job) {
        if (!CHANGEABLE.contains(job.state())) {
            throw Refusal.conflict(job.id().path(), "The job '" + job.id().name() + "' is " + job.state() + "; stop it before it is changed.");
        }
    }

    ManagementAnswer patch(ManagementRequest request, JobId id) {
        ObjectNode change = body(request);
        requireProperties(id, change);
        if (change.get("properties") instanceof ObjectNode properties) {
            properties.remove(STATED_PROPERTIES);
            for (PartKind kind : PartKind.values()) {
                if (properties.hasNonNull(kind.property())) {
                    throw Refusal.badRequest(id.path(), "'properties." + kind.property() + "' cannot be changed with the job; change each by itself.");
                }
                properties.remove(kind.property());
            }
        }
        jobs.get(id);
        return answer(200, jobs.change(id, before -> {
            StoredJob job = before.orElseThrow(() -> Jobs.noJob(id));
            Etags.require(request, id.path(), Optional.of(job.etag()));
            if (change.has("properties")) {
                requireChangeable(job);
            }
            ObjectNode resource = JobSecrets.merged(job.resource(), change);
            check(id.path(), resource, Optional.empty());
            identify(id, resource, before);
            return job.with(resource);
        }), Set.of());
    }

    ManagementAnswer get(ManagementRequest request, JobId id) {
        StoredJob job = jobs.get(id);
        return Etags.isKnown(request, job.etag()) ? ManagementAnswer.empty(304) : answer(200, job, expanded(request));
    }

    private ManagementAnswer answer(int status, StoredJob job, Set<PartKind> expanded) {
        return new ManagementAnswer(status, Optional.of(shown(job, expanded)), Map.of("ETag", "\"" + job.etag() + "\""));
    }

    private ObjectNode shown(StoredJob job, Set<PartKind> expanded) {
        ObjectNode shown = ServiceJson.MAPPER.createObjectNode().put("id", job.id().path()).put("name", job.id().name())
                .put("type", "Microsoft.StreamAnalytics/streamingjobs");
        shown.setAll((ObjectNode) JobSecrets.omitted(job.resource()));
        ObjectNode properties = shown.withObjectProperty("properties");
        putIfAbsent(properties, "jobType", "Cloud");
        putIfAbsent(properties, "compatibilityLevel", "1.0");
        putIfAbsent(properties, "eventsOutOfOrderPolicy", "Adjust");
        putIfAbsent(properties, "outputErrorPolicy", "Stop");
        putIfAbsent(properties, "dataLocale", "en-US");
        if (!properties.has("eventsOutOfOrderMaxDelayInSeconds")) {
            properties.put("eventsOutOfOrderMaxDelayInSeconds", 0);
        }
        properties.put("provisioningState", "Succeeded").put("jobState", runs.state(job)).put("etag", job.etag());
        if (job.run().hasNonNull("startMode")) {
            properties.put("outputStartMode", job.run().get("startMode").asText());
        }
        if (job.run().hasNonNull("startTime")) {
            properties.put("outputStartTime", job.run().get("startTime").asText());
        }
        runs.diagnostics(job).ifPresent(diagnostics -> properties.set("diagnostics", diagnostics));
        runs.lastOutput(job).ifPresent(time -> properties.put("lastOutputEventTime", text(time)));
        for (PartKind kind : expanded) {
            List<ObjectNode> parts = job.parts().get(kind).values().stream().map(part -> shown(job, kind, part)).toList();
            if (kind == PartKind.TRANSFORMATION) {
                parts.forEach(part -> properties.set(kind.property(), part));
            } else {
                properties.putArray(kind.property()).addAll(parts);
            }
        }
        return shown;
    }

    static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    private static void putIfAbsent(ObjectNode properties, String name, String value) {
        if (!properties.hasNonNull(name)) {
            properties.put(name, value);
        }
    }

    ManagementAnswer listParts(ManagementRequest request, JobId id, PartKind kind) {
        StoredJob job = jobs.get(id);
        ObjectNode page = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = page.putArray("value");
        Optional<List<String>> selected = request.parameter("$select").map(text -> Arrays.stream(text.split(",")).map(String::strip).toList());
        job.parts().get(kind).values().forEach(part -> {
            ObjectNode shown = shown(job, kind, part);
            ObjectNode properties = (ObjectNode) shown.get("properties");
            // All but the diagnostics, unless something is selected.
            boolean isAll = selected.isPresent() && selected.get().contains("*");
            if (selected.isPresent() && !isAll) {
                new ArrayList<>(properties.properties()).stream().map(Map.Entry::getKey)
                        .filter(key -> selected.get().stream().noneMatch(key::equalsIgnoreCase)).forEach(properties::remove);
            } else if (!isAll) {
                properties.remove("diagnostics");
            }
            value.add(shown);
        });
        return ManagementAnswer.ok(page);
    }

    ManagementAnswer putPart(ManagementRequest request, JobId id, PartKind kind, String name) {
        Optional<Part> there = jobs.get(id).part(kind, name);
        Etags.require(request, target(id, kind, name), there.map(Part::etag));
        ObjectNode properties = properties(request, id, kind, name);
        checkPart(target(id, kind, name), kind, name, properties);
        boolean isNew = there.isEmpty();
        StoredJob changed = change(request, id, kind, name, before -> Part.of(before.map(Part::name).orElse(name), properties));
        return answer(isNew ? 201 : 200, changed, kind, name);
    }

    ManagementAnswer patchPart(ManagementRequest request, JobId id, PartKind kind, String name) {
        ObjectNode change = properties(request, id, kind, name);
        StoredJob changed = change(request, id, kind, name, before -> {
            Part part = before.orElseThrow(() -> noPart(id, kind, name));
            ObjectNode merged = JobSecrets.merged(part.properties(), change);
            checkPart(target(id, kind, name), kind, name, merged);
            return Part.of(part.name(), merged);
        });
        return answer(200, changed, kind, name);
    }

    private static ObjectNode properties(ManagementRequest request, JobId id, PartKind kind, String name) {
        if (!(body(request).get("properties") instanceof ObjectNode properties)) {
            throw Refusal.badRequest(target(id, kind, name), "The body needs 'properties', an object.");
        }
        properties.remove(List.of("etag", "diagnostics"));
        return properties;
    }

    private StoredJob change(ManagementRequest request, JobId id, PartKind kind, String name, java.util.function.Function<Optional<Part>, Part> change) {
        StoredJob changed = jobs.change(id, before -> {
            StoredJob job = before.orElseThrow(() -> Jobs.noJob(id));
            Optional<Part> part = job.part(kind, name);
            Etags.require(request, target(id, kind, name), part.map(Part::etag));
            requireChangeable(job);
            return job.with(kind, change.apply(part));
        });
        if (kind == PartKind.OUTPUT) {
            changed.part(kind, name).ifPresent(part -> runs.grant(changed, part.properties()));
        }
        return changed;
    }

    ManagementAnswer getPart(ManagementRequest request, JobId id, PartKind kind, String name) {
        StoredJob job = jobs.get(id);
        Part part = job.part(kind, name).orElseThrow(() -> noPart(id, kind, name));
        return Etags.isKnown(request, part.etag()) ? ManagementAnswer.empty(304) : answer(200, job, kind, name);
    }

    ManagementAnswer deletePart(ManagementRequest request, JobId id, PartKind kind, String name) {
        if (kind == PartKind.TRANSFORMATION) {
            throw Refusal.wrongMethod(request.method(), request.rawPath());
        }
        if (jobs.get(id).part(kind, name).isEmpty()) {
            return ManagementAnswer.empty(204);
        }
        jobs.change(id, before -> {
            StoredJob job = before.orElseThrow(() -> Jobs.noJob(id));
            requireChangeable(job);
            return job.without(kind, name);
        });
        return ManagementAnswer.empty(200);
    }

    static Refusal noPart(JobId id, PartKind kind, String name) {
        return Refusal.of(404, "NotFound", target(id, kind, name), "The " + kind.title() + " '" + name + "' of the job '" + id.name() + "' was not found.");
    }

    static String target(JobId id, PartKind kind, String name) {
        return id.path() + "/" + kind.segment() + "/" + name;
    }

    private ManagementAnswer answer(int status, StoredJob job, PartKind kind, String name) {
        Part part = job.part(kind, name).orElseThrow();
        return new ManagementAnswer(status, Optional.of(shown(job, kind, part)), Map.of("ETag", "\"" + part.etag() + "\""));
    }

    private ObjectNode shown(StoredJob job, PartKind kind, Part part) {
        ObjectNode shown = ServiceJson.MAPPER.createObjectNode().put("id", target(job.id(), kind, part.name())).put("name", part.name()).put("type", kind.type());
        ObjectNode properties = (ObjectNode) JobSecrets.omitted(part.properties());
        properties.put("etag", part.etag());
        if (kind == PartKind.INPUT || kind == PartKind.OUTPUT) {
            runs.diagnostics(job, part.name()).ifPresent(diagnostics -> properties.set("diagnostics", diagnostics));
        }
        shown.set("properties", properties);
        return shown;
    }

    private static ObjectNode body(ManagementRequest request) {
        ObjectNode body = ServiceJson.object(request.body());
        body.remove(STATED);
        new ArrayList<>(body.properties()).stream().map(Map.Entry::getKey).filter(key -> STATED.contains(key.toLowerCase(Locale.ROOT))).forEach(body::remove);
        return body;
    }
}
