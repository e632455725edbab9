package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.secret.NamedSecret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What definitions hold under the names of secrets. It is to be the name of one, and is shown where it is: whoever has written a secret there does not find it
/// in an answer.
///
/// @param isName whether there is a secret of this name
record NamedSecrets(Predicate<String> isName) {
    /// Where a stage leads. When one of these changes, what was left out is not sent there.
    private static final List<String> LEADS = List.of("type", "clusterUrl", "broker", "url", "server", "port", "database", "accountName", "containerName", "serverAddress");

    /// Where a definition names a secret that is not there.
    List<Problem> missing(PipelineDefinition definition) {
        return definition.missingSecrets(isName);
    }

    /// A definition without what may be a secret.
    ObjectNode omitted(ObjectNode properties) {
        ObjectNode shown = properties.deepCopy();
        stages(shown).forEach(stage -> authentication(stage.getValue()).ifPresent(authentication -> {
            List<String> hidden = authentication.properties().stream().filter(this::isHidden).map(Map.Entry::getKey).toList();
            authentication.remove(hidden);
        }));
        return shown;
    }

    private boolean isHidden(Map.Entry<String, JsonNode> member) {
        return NamedSecret.isOne(member) && !isName.test(member.getValue().asText());
    }

    /// Puts back what an answer left out, where a definition was read, changed elsewhere and sent again.
    static ObjectNode kept(ObjectNode sent, ObjectNode stored) {
        ObjectNode kept = sent.deepCopy();
        Map<String, ObjectNode> before = new HashMap<>();
        stages(stored).forEach(stage -> before.put(stage.getKey(), stage.getValue()));
        stages(kept).forEach(stage -> {
            ObjectNode earlier = before.get(stage.getKey());
            if (earlier == null || LEADS.stream().anyMatch(name -> !stage.getValue().path(name).equals(earlier.path(name)))) {
                return;
            }
            Optional<ObjectNode> now = authentication(stage.getValue());
            Optional<ObjectNode> then = authentication(earlier);
            if (now.isPresent() && then.isPresent() && isSame(now.get(), then.get())) {
                then.get().properties().stream().filter(NamedSecret::isOne).filter(member -> !now.get().has(member.getKey()))
                        .forEach(member -> now.get().set(member.getKey(), member.getValue()));
            }
        });
        return kept;
    }

    /// A change merged into what was there. A stage that leads elsewhere then signs in there with what the change says, and with nothing that an answer left out.
    ObjectNode patched(ObjectNode before, ObjectNode change) {
        ObjectNode patched = merged(before, change);
        Map<String, ObjectNode> earlier = new HashMap<>();
        stages(before).forEach(stage -> earlier.put(stage.getKey(), stage.getValue()));
        Map<String, ObjectNode> changes = new HashMap<>();
        stages(change).forEach(stage -> changes.put(stage.getKey(), stage.getValue()));
        stages(patched).filter(stage -> earlier.containsKey(stage.getKey()) && changes.containsKey(stage.getKey()))
                .filter(stage -> LEADS.stream().anyMatch(name -> !stage.getValue().path(name).equals(earlier.get(stage.getKey()).path(name))))
                .forEach(stage -> authentication(stage.getValue()).ifPresent(authentication -> authentication.remove(authentication.properties().stream()
                        .filter(member -> isHidden(member) && !changes.get(stage.getKey()).path("authentication").has(member.getKey()))
                        .map(Map.Entry::getKey).toList())));
        return patched;
    }

    private static boolean isSame(ObjectNode now, ObjectNode then) {
        return Stream.concat(now.properties().stream(), then.properties().stream()).filter(member -> !NamedSecret.isOne(member))
                .allMatch(member -> now.path(member.getKey()).equals(then.path(member.getKey())));
    }

    /// The input and the stages by what they are called.
    private static Stream<Map.Entry<String, ObjectNode>> stages(ObjectNode properties) {
        Stream<Map.Entry<String, JsonNode>> input = members(properties, "input").map(found -> Map.entry("$input", found));
        return Stream.concat(input, members(properties, "stages").flatMap(found -> found.properties().stream())).filter(stage -> stage.getValue() instanceof ObjectNode)
                .map(stage -> Map.entry(stage.getKey(), (ObjectNode) stage.getValue()));
    }

    private static Optional<ObjectNode> authentication(ObjectNode stage) {
        return members(stage, "authentication").filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast).findFirst();
    }

    private static Stream<JsonNode> members(ObjectNode node, String name) {
        return node.properties().stream().filter(member -> member.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue);
    }

    /// A change merged into what was there (RFC 7396): objects are merged, null removes, anything else replaces.
    static ObjectNode merged(ObjectNode before, ObjectNode change) {
        ObjectNode merged = before.deepCopy();
        change.properties().forEach(member -> {
            JsonNode there = merged.get(member.getKey());
            if (member.getValue().isNull()) {
                merged.remove(member.getKey());
            } else if (there instanceof ObjectNode object && member.getValue() instanceof ObjectNode changed) {
                merged.set(member.getKey(), merged(object, changed));
            } else if (member.getValue() instanceof ObjectNode || member.getValue() instanceof ArrayNode) {
                merged.set(member.getKey(), member.getValue().deepCopy());
            } else {
                merged.set(member.getKey(), member.getValue());
            }
        });
        return merged;
    }
}
