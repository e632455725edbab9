package io.conshelf.server.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.server.service.HostedService;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The resource groups of `Microsoft.Resources`, which quickstarts make first. Resources of services do not ask for them: every group's name may be used in a
/// path, whether somebody has made it or not.
public final class ResourceGroups implements HostedService {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PATH = Pattern.compile("(/subscriptions/[^/]+)/resourceGroups(?:/([^/]+))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile("[\\w.()-]{0,89}[\\w()-]");

    private final Resources resources;

    /// @param at   the path of all groups, with a slash at its end
    /// @param name empty for all of them
    private record Asked(String method, String at, String name, JsonNode body) {
        String path() {
            return at + name;
        }
    }

    public ResourceGroups(ServiceDocuments documents) {
        this.resources = new Resources(documents);
    }

    @Override
    public String name() {
        return "resource groups";
    }

    @Override
    public boolean answers(String rawPath) {
        return PATH.matcher(rawPath).matches();
    }

    @Override
    public Answer answer(Request request) {
        try {
            ResourceRequest.requireVersion(request);
            Matcher path = PATH.matcher(request.rawPath());
            if (!path.matches()) {
                throw Refusal.notFound("Microsoft.Resources", request.rawPath());
            }
            String name = path.group(2) == null ? "" : ResourceRequest.decoded(path.group(2));
            return answer(new Asked(request.method(), path.group(1) + "/resourceGroups/", name, ResourceRequest.body(request)));
        } catch (Refusal refusal) {
            return ResourceRequest.refused(refusal);
        }
    }

    private Answer answer(Asked asked) throws Refusal {
        if (asked.name().isEmpty()) {
            if (!asked.method().equals("GET")) {
                throw refused(asked);
            }
            ObjectNode all = JSON.createObjectNode();
            resources.below(asked.at()).forEach(all.putArray("value")::add);
            return ResourceRequest.answer(200, all);
        }
        return switch (asked.method()) {
            case "GET" -> ResourceRequest.answer(200, found(asked));
            case "HEAD" -> new Answer(resources.find(asked.path()).isPresent() ? 204 : 404, Map.of(), new byte[0]);
            case "PUT" -> put(asked);
            case "PATCH" -> {
                ObjectNode changed = found(asked);
                changed.set("tags", tags(asked.body()));
                resources.put(asked.path(), changed);
                yield ResourceRequest.answer(200, changed);
            }
            case "DELETE" -> {
                found(asked);
                throw new Refusal(409, "ResourceGroupDeletionBlocked", "With the resource group '" + asked.name()
                        + "' all resources in it would be deleted, which is not supported here: delete them one by one.");
            }
            default -> throw refused(asked);
        };
    }

    private static Refusal refused(Asked asked) {
        return new Refusal(405, "MethodNotAllowed", asked.method() + " is not for '" + asked.path() + "'.");
    }

    private ObjectNode found(Asked asked) throws Refusal {
        return resources.find(asked.path()).orElseThrow(
                () -> new Refusal(404, "ResourceGroupNotFound", "Resource group '" + asked.name() + "' could not be found."));
    }

    private Answer put(Asked asked) throws Refusal {
        if (!NAME.matcher(asked.name()).matches()) {
            throw new Refusal(400, "InvalidResourceGroupName", "The name of a resource group has 1 to 90 letters, digits, '_', '-', '.', '(' and ')', and no '.' at its end; found '"
                    + asked.name() + "'.");
        }
        JsonNode stated = asked.body();
        if (!stated.path("location").isTextual() || stated.path("location").asText().isBlank()) {
            throw new Refusal(400, "LocationRequired", "The location property is required for this definition.");
        }
        ObjectNode group = JSON.createObjectNode();
        group.put("id", asked.path()).put("name", asked.name()).put("type", "Microsoft.Resources/resourceGroups")
                .put("location", stated.path("location").asText());
        if (stated.hasNonNull("tags")) {
            group.set("tags", tags(stated));
        }
        group.putObject("properties").put("provisioningState", "Succeeded");
        boolean isNew = resources.find(asked.path()).isEmpty();
        resources.put(asked.path(), group);
        return ResourceRequest.answer(isNew ? 201 : 200, group);
    }

    private static JsonNode tags(JsonNode stated) throws Refusal {
        JsonNode tags = stated.path("tags");
        if (!tags.isObject() || !tags.valueStream().allMatch(JsonNode::isTextual)) {
            throw new Refusal(400, "InvalidRequestContent", "'tags' is to be an object of texts.");
        }
        return tags;
    }

    @Override
    public void started(Cluster cluster) {}

    @Override
    public void close() {}
}
