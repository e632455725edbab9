package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.store.ChangeOrigin.Author;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds out what a transaction has changed of a database's schema, from the documents before and after it: whatever is
/// written down is in the journal, also what is added to the documents later.
final class Journal {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Of a document, what only storage is concerned with.
    private static final Set<String> STORAGE_MEMBERS = Set.of("rows", "nextColumn", "version", "guid");

    /// What members of the database's document hold, where their name does not tell it.
    private static final Map<String, String> KINDS = Map.of(
            "policies", "DATABASE-POLICY", "mappings", "INGESTION-MAPPING", "grants", "DATABASE-PRINCIPAL",
            "prettyName", "DATABASE-PRETTY-NAME", "rules", "ENTITY-POLICY");

    private final Database before;
    private final Database after;
    private final Author author;
    private final List<JournalEntry> entries = new ArrayList<>();

    private Journal(Database before, Database after, Author author) {
        this.before = before;
        this.after = after;
        this.author = author;
    }

    /// @param tables    ids of those that may have changed
    /// @param functions names of those that may have changed
    static List<JournalEntry> between(
            Database before, Database after, Set<String> tables, Set<String> functions, Author author) {
        var journal = new Journal(before, after, author);
        tables.forEach(journal::table);
        functions.forEach(journal::function);
        journal.database();
        return journal.entries;
    }

    /// A database that is new or gone.
    ///
    /// @param event `CREATE-DATABASE` or `DROP-DATABASE`
    static JournalEntry database(String event, Database database, Author author) {
        boolean isNew = event.startsWith("CREATE");
        var state = state(SchemaDocument.of(database)).toString();
        var version = version(database);
        return new JournalEntry(
                event, database.name(), database.name(), isNew ? database.name() : "", "", isNew ? "" : version,
                isNew ? version : "", isNew ? "" : state, isNew ? state : "", author);
    }

    /// A document by which the cluster is governed: `cluster-policies` hold each `CLUSTER-POLICY`.
    static JournalEntry ofCluster(String collection, String key, Optional<String> before, Optional<String> after, Author author) {
        return new JournalEntry(
                verb(before, after) + "-" + collection.replaceFirst("ies$", "y").replaceFirst("s$", "").toUpperCase(Locale.ROOT), "", key,
                after.isPresent() ? key : "", "", "", "", before.map(ObfuscatedText::ofRequest).orElse(""),
                after.map(ObfuscatedText::ofRequest).orElse(""), author);
    }

    private static String version(Database database) {
        return "v" + database.version() + ".0";
    }

    private void table(String id) {
        var key = new TableId(after.id(), id, "");
        var old = before.table(key);
        var now = after.table(key);
        var oldState = old.map(SchemaDocument::of).map(Journal::state);
        var state = now.map(SchemaDocument::of).map(Journal::state);
        if (oldState.equals(state)) {
            return;
        }
        boolean isRenamed = old.isPresent() && now.isPresent() && !old.get().name().equals(now.get().name());
        String what = isRenamed ? "RENAME-TABLE" : verb(old, now) + "-" + tablePart(oldState, state);
        add(what, old.map(Table::name), now.map(Table::name), after.name(), oldState, state);
    }

    /// What of a table has changed, where it is one thing.
    private static String tablePart(Optional<ObjectNode> before, Optional<ObjectNode> after) {
        if (before.isEmpty() || after.isEmpty()) {
            return "TABLE";
        }
        var changed = changedMembers(before.get(), after.get());
        return changed.size() > 1 ? "TABLE" : switch (changed.getFirst()) {
            case "policies" -> "TABLE-POLICY";
            case "mappings" -> "TABLE-INGESTION-MAPPING";
            case "grants" -> "TABLE-PRINCIPAL";
            case String _ -> "TABLE";
        };
    }

    private void function(String name) {
        var old = before.function(name);
        var now = after.function(name);
        var oldState = old.map(SchemaDocument::of).map(Journal::state);
        var state = now.map(SchemaDocument::of).map(Journal::state);
        if (!oldState.equals(state)) {
            add(verb(old, now) + "-FUNCTION", old.map(StoredFunction::name), now.map(StoredFunction::name), after.name(),
                    oldState, state);
        }
    }

    private void database() {
        var old = state(SchemaDocument.of(before));
        var now = state(SchemaDocument.of(after));
        for (String member : changedMembers(old, now)) {
            if (member.equals("purges")) {
                newPurges(old.path(member), now.path(member));
                continue;
            }
            var oldParts = parts(old.path(member));
            var parts = parts(now.path(member));
            var names = new TreeSet<>(oldParts.keySet());
            names.addAll(parts.keySet());
            for (String name : names) {
                var oldPart = Optional.ofNullable(oldParts.get(name));
                var part = Optional.ofNullable(parts.get(name));
                if (!oldPart.equals(part)) {
                    var shown = name.isEmpty() ? after.name() : name;
                    add(verb(oldPart, part) + "-" + kind(member), oldPart.map(_ -> shown), part.map(_ -> shown), after.name(),
                            oldPart, part);
                }
            }
        }
    }

    /// A purge is written down when it is asked for, under the name of what it purges. How it fares is what `.show purges` tells.
    private void newPurges(JsonNode before, JsonNode after) {
        var known = new TreeSet<String>();
        before.forEach(purge -> known.add(purge.path("id").asText()));
        for (JsonNode purge : after) {
            if (!known.contains(purge.path("id").asText())) {
                var target = Optional.of(purge.path("target").asText());
                var state = JSON.createObjectNode()
                        .put("id", purge.path("id").asText())
                        .put("target", target.get())
                        .put("isView", purge.path("isView").asBoolean())
                        .put("predicate", purge.path("predicate").asText());
                add("CREATE-PURGE", target, target, this.after.name(), Optional.empty(), Optional.of(state));
            }
        }
    }

    /// `materializedViews` holds each `MATERIALIZED-VIEW`.
    private static String kind(String member) {
        var known = KINDS.get(member);
        return known != null
                ? known
                : member.replaceFirst("ies$", "y").replaceFirst("s$", "").replaceAll("([a-z])([A-Z])", "$1-$2").toUpperCase(Locale.ROOT);
    }

    /// What a member consists of, by name; one part without a name where it is a simple value.
    private static Map<String, JsonNode> parts(JsonNode member) {
        var parts = new TreeMap<String, JsonNode>();
        if (member.isObject()) {
            member.properties().forEach(p -> parts.put(p.getKey(), p.getValue()));
        } else if (member.isArray()) {
            member.forEach(element -> parts.merge(
                    nameOf(element), element, (one, other) -> JSON.createArrayNode().add(one).add(other)));
        } else if (!member.isMissingNode()) {
            parts.put("", member);
        }
        return parts;
    }

    private static String nameOf(JsonNode element) {
        for (String member : List.of("name", "principal", "entity")) {
            if (element.path(member).isTextual()) {
                return element.path(member).textValue();
            }
        }
        return "";
    }

    private static List<String> changedMembers(ObjectNode before, ObjectNode after) {
        var names = new TreeSet<String>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        return names.stream().filter(name -> !before.path(name).equals(after.path(name))).toList();
    }

    private static String verb(Optional<?> before, Optional<?> after) {
        return before.isEmpty() ? "CREATE" : after.isEmpty() ? "DROP" : "ALTER";
    }

    private void add(
            String event, Optional<String> name, Optional<String> updatedName, String container,
            Optional<? extends JsonNode> state, Optional<? extends JsonNode> updatedState) {
        entries.add(new JournalEntry(
                event, after.name(), name.or(() -> updatedName).orElse(""), updatedName.orElse(""), container, version(before),
                version(after), state.map(JsonNode::toString).orElse(""), updatedState.map(JsonNode::toString).orElse(""), author));
    }

    private static JsonNode masked(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                object.properties().forEach(property -> property.setValue(masked(property.getValue())));
                yield object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, masked(array.get(i)));
                }
                yield array;
            }
            case TextNode text -> TextNode.valueOf(ObfuscatedText.ofRequest(text.textValue()));
            case JsonNode other -> other;
        };
    }

    private static ObjectNode state(String document) {
        try {
            var state = (ObjectNode) JSON.readTree(document);
            state.remove(STORAGE_MEMBERS);
            state.path("columns").forEach(column -> ((ObjectNode) column).remove("id"));
            return (ObjectNode) masked(state);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A schema document cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
