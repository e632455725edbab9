package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/// How tables, functions and databases are written down: one JSON text an entity, in the table `conshelf.entities`.
final class SchemaDocument {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SchemaDocument() {}

    static String of(Table table) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", table.name());
        json.put("rows", table.rows());
        json.put("guid", table.guid().toString());
        ArrayNode columns = json.putArray("columns");
        for (TableColumn column : table.columns()) {
            columns.addObject()
                    .put("id", column.id())
                    .put("name", column.name())
                    .put("type", column.type().kustoName())
                    .put("docString", column.docString());
        }
        json.put("nextColumn", table.nextColumn());
        json.put("folder", table.folder());
        json.put("docString", table.docString());
        json.put("createdOn", table.createdOn().toString());
        if (table.isHidden()) {
            json.put("isHidden", true);
        }
        put(json, table.policies(), table.mappings(), table.grants());
        return json.toString();
    }

    static Table table(String databaseId, String id, String text) {
        JsonNode json = parse(text);
        return new Table(
                new TableId(databaseId, id, json.required("name").textValue()),
                json.required("rows").textValue(),
                UUID.fromString(json.required("guid").textValue()),
                list(json.required("columns"), c -> new TableColumn(
                        c.required("id").textValue(),
                        c.required("name").textValue(),
                        Type.named(c.required("type").textValue()).orElseThrow(),
                        c.required("docString").textValue())),
                json.required("nextColumn").intValue(),
                json.required("folder").textValue(),
                json.required("docString").textValue(),
                Instant.parse(json.required("createdOn").textValue()),
                policies(json),
                mappings(json),
                grants(json),
                json.path("isHidden").asBoolean(false));
    }

    static String of(StoredFunction function) {
        ObjectNode json = JSON.createObjectNode()
                .put("parameters", function.parameters())
                .put("body", function.body())
                .put("folder", function.folder())
                .put("docString", function.docString());
        if (function.isView()) {
            json.put("isView", true);
        }
        return json.toString();
    }

    static StoredFunction function(String name, String text) {
        JsonNode json = parse(text);
        return new StoredFunction(
                name,
                json.required("parameters").textValue(),
                json.required("body").textValue(),
                json.required("folder").textValue(),
                json.required("docString").textValue(),
                json.path("isView").asBoolean(false));
    }

    /// The database without its tables and functions, which have documents of their own.
    static String of(Database database) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", database.name());
        json.put("prettyName", database.prettyName());
        json.put("guid", database.guid().toString());
        json.put("version", database.version());
        put(json, database.policies(), database.mappings(), database.grants());
        ObjectNode groups = json.putObject("entityGroups");
        database.entityGroups().forEach((name, entities) -> entities.forEach(groups.putArray(name)::add));
        ArrayNode views = json.putArray("materializedViews");
        database.viewsByName().values().forEach(view -> ViewDocument.put(views.addObject(), view));
        ExternalsDocument.put(json, database.externals());
        UpkeepDocument.put(json, database.upkeep());
        database.graphs().put(json);
        ArrayNode rules = json.putArray("rules");
        database.rulesByEntity().forEach((entity, set) -> put(
                rules.addObject().put("kind", entity.kind().kustoName()).put("name", entity.name()), set.policies(), List.of(),
                set.grants()));
        return json.toString();
    }

    static Database database(String id, String text) {
        JsonNode json = parse(text);
        return new Database(
                id,
                json.required("name").textValue(),
                json.required("prettyName").textValue(),
                UUID.fromString(json.required("guid").textValue()),
                json.required("version").longValue(),
                new TreeMap<>(),
                new TreeMap<>(),
                policies(json),
                mappings(json),
                grants(json),
                entityGroups(json),
                ViewDocument.read(id, json),
                rules(json),
                ExternalsDocument.read(json),
                UpkeepDocument.read(id, json),
                GraphModels.read(id, json));
    }

    private static SortedMap<EntityId, EntityRules> rules(JsonNode json) {
        var rules = new TreeMap<EntityId, EntityRules>();
        json.path("rules").forEach(r -> rules.put(
                new EntityId(
                        EntityId.Kind.named(r.required("kind").textValue()).orElseThrow(), r.required("name").textValue()),
                new EntityRules(policies(r), grants(r))));
        return rules;
    }

    private static SortedMap<String, List<String>> entityGroups(JsonNode json) {
        var groups = new TreeMap<String, List<String>>();
        json.path("entityGroups").properties()
                .forEach(group -> groups.put(group.getKey(), list(group.getValue(), JsonNode::textValue)));
        return groups;
    }

    private static void put(
            ObjectNode json, Map<PolicyKind, String> policies, List<Mapping> mappings, List<Grant> grants) {
        ObjectNode policyTexts = json.putObject("policies");
        policies.forEach((kind, text) -> policyTexts.put(kind.kustoName(), text));
        putMappings(json, mappings);
        ArrayNode grantList = json.putArray("grants");
        for (Grant grant : grants) {
            grantList.addObject()
                    .put("role", grant.role().kustoName())
                    .put("principal", grant.principal())
                    .put("displayName", grant.displayName())
                    .put("notes", grant.notes());
        }
    }

    static void putMappings(ObjectNode json, List<Mapping> mappings) {
        ArrayNode mappingList = json.putArray("mappings");
        for (Mapping mapping : mappings) {
            mappingList.addObject()
                    .put("name", mapping.name())
                    .put("kind", mapping.kind().kustoName())
                    .put("mapping", mapping.json())
                    .put("updatedOn", mapping.updatedOn().toString());
        }
    }

    private static Map<PolicyKind, String> policies(JsonNode json) {
        var policies = new EnumMap<PolicyKind, String>(PolicyKind.class);
        for (Map.Entry<String, JsonNode> entry : json.required("policies").properties()) {
            policies.put(PolicyKind.named(entry.getKey()).orElseThrow(), entry.getValue().textValue());
        }
        return policies;
    }

    static List<Mapping> mappings(JsonNode json) {
        return list(json.required("mappings"), m -> new Mapping(
                m.required("name").textValue(),
                MappingKind.named(m.required("kind").textValue()).orElseThrow(),
                m.required("mapping").textValue(),
                Instant.parse(m.required("updatedOn").textValue())));
    }

    private static List<Grant> grants(JsonNode json) {
        return list(json.required("grants"), g -> new Grant(
                Role.named(g.required("role").textValue()).orElseThrow(),
                g.required("principal").textValue(),
                g.required("displayName").textValue(),
                g.required("notes").textValue()));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
        var list = new ArrayList<T>(array.size());
        array.forEach(node -> list.add(element.apply(node)));
        return list;
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A schema document cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
