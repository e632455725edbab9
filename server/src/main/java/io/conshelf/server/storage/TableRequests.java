package io.conshelf.server.storage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.server.storage.ODataJson.Metadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The table service over HTTP, in JSON.
final class TableRequests {
    private static final String TABLES = "Tables";
    private static final Pattern ONE_TABLE = Pattern.compile("Tables\\('([^']*)'\\)");
    // Possessive, because a choice that may be taken back needs a place on the stack for every character.
    private static final Pattern KEYED = Pattern.compile(
            "([^(]+)\\(\\s*PartitionKey='((?:[^']++|'')*+)'\\s*,\\s*RowKey='((?:[^']++|'')*+)'\\s*\\)", Pattern.DOTALL);
    private static final Requirement UPSERT = Requirement.object(Set.of(SasPermission.ADD, SasPermission.UPDATE));
    private static final JsonFactory JSON = new JsonFactory();

    private final EntityStore tables;
    private final ClientHosts hosts;
    private final StorageLimits limits;

    TableRequests(EntityStore tables, ClientHosts hosts, StorageLimits limits) {
        this.tables = tables;
        this.hosts = hosts;
        this.limits = limits;
    }

    void handle(StorageRequest request, Grant grant, Reply reply) throws IOException {
        String resource = request.address().resourceName();
        String method = request.method().equals("POST")
                ? request.header("x-http-method").orElse("POST")
                : request.method();
        if (!request.parameter("comp").isEmpty() || resource.isEmpty() || resource.startsWith("$")) {
            throw StorageException.notImplemented("%s '%s' (comp='%s') on the table account"
                    .formatted(method, resource, request.parameter("comp")));
        }
        Matcher oneTable = ONE_TABLE.matcher(resource);
        Matcher keyed = KEYED.matcher(resource);
        if (resource.equals(TABLES) || resource.equals(TABLES + "()")) {
            allTables(method, request, grant, reply);
        } else if (oneTable.matches()) {
            oneTable(method, oneTable.group(1), grant, reply);
        } else if (keyed.matches()) {
            EntityKey key = new EntityKey(keyed.group(2).replace("''", "'"), keyed.group(3).replace("''", "'"));
            entity(method, keyed.group(1), key, request, grant, reply);
        } else {
            entities(method, resource.endsWith("()") ? resource.substring(0, resource.length() - 2) : resource, request, grant, reply);
        }
    }

    private void allTables(String method, StorageRequest request, Grant grant, Reply reply) throws IOException {
        switch (method) {
            case "GET" -> {
                grant.require(new Requirement(Requirement.Level.CONTAINER, false, Requirement.container(SasPermission.LIST).alternatives()));
                listTables(request, reply);
            }
            case "POST" -> {
                grant.require(Requirement.container(SasPermission.CREATE, SasPermission.WRITE));
                createTable(request, reply);
            }
            default -> throw StorageException.notImplemented(method + " on the list of tables");
        }
    }

    private void listTables(StorageRequest request, Reply reply) throws IOException {
        int max = QueueRequests.number(request, "$top", limits.entitiesPerPageMax(), 1, limits.entitiesPerPageMax());
        Predicate<Entity> filter = ODataFilter.parse(request.parameter("$filter"));
        String from = request.parameter("nexttablename");
        List<String> found = tables.tables().stream()
                .filter(name -> name.compareToIgnoreCase(from) >= 0)
                .filter(name -> filter.test(new Entity(EntityStore.FIRST, Instant.EPOCH,
                        Map.of("TableName", new EdmValue.Text(name)))))
                .limit(max + 1L).toList();
        if (found.size() > max) {
            reply.header("x-ms-continuation-NextTableName", found.get(max));
        }
        Metadata metadata = metadata(request);
        json(200, reply, metadata, out -> {
            writeContext(out, metadata, request, TABLES);
            out.writeArrayFieldStart("value");
            for (String name : found.subList(0, Math.min(max, found.size()))) {
                out.writeStartObject();
                out.writeStringField("TableName", name);
                out.writeEndObject();
            }
            out.writeEndArray();
        });
    }

    private void createTable(StorageRequest request, Reply reply) throws IOException {
        JsonNode name = ODataJson.object(request.document(limits)).get("TableName");
        if (name == null || !name.isTextual()) {
            throw new StorageException(StorageCode.INVALID_INPUT, "The body needs a 'TableName'.");
        }
        String table = name.textValue();
        if (!tables.createTable(table)) {
            throw new StorageException(StorageCode.TABLE_ALREADY_EXISTS, "Table '%s' exists already.".formatted(table));
        }
        if (wantsNoContent(request, reply)) {
            reply.send(204);
            return;
        }
        Metadata metadata = metadata(request);
        json(201, reply, metadata, out -> {
            writeContext(out, metadata, request, TABLES + "/@Element");
            out.writeStringField("TableName", table);
        });
    }

    private void oneTable(String method, String table, Grant grant, Reply reply) {
        if (!method.equals("DELETE")) {
            throw StorageException.notImplemented(method + " on one table");
        }
        grant.require(Requirement.container(SasPermission.DELETE));
        if (!tables.dropTable(table)) {
            throw StorageException.noTable(table);
        }
        reply.send(204);
    }

    private void entities(String method, String table, StorageRequest request, Grant grant, Reply reply) throws IOException {
        switch (method) {
            case "GET" -> {
                grant.require(Requirement.object(SasPermission.READ));
                query(table, request, grant, reply);
            }
            case "POST" -> {
                grant.require(Requirement.object(SasPermission.ADD));
                ODataJson.Received received = ODataJson.entity(request.document(limits));
                grant.requireKey(received.key());
                inserted(table, tables.insert(table, received.key(), received.properties()), request, reply);
            }
            default -> throw StorageException.notImplemented(method + " on a table's entities");
        }
    }

    private void inserted(String table, Entity entity, StorageRequest request, Reply reply) throws IOException {
        String address = address(request) + "/" + ODataJson.editLink(table, entity.key());
        reply.header("ETag", entity.etag()).header("DataServiceId", address);
        if (wantsNoContent(request, reply)) {
            reply.send(204);
            return;
        }
        reply.header("Location", address);
        one(201, table, entity, request, reply);
    }

    private void entity(String method, String table, EntityKey key, StorageRequest request, Grant grant, Reply reply) throws IOException {
        grant.requireKey(key);
        Optional<String> ifMatch = request.header("if-match");
        switch (method) {
            case "GET" -> {
                grant.require(Requirement.object(SasPermission.READ));
                Entity found = tables.find(table, key).orElseThrow(() -> StorageException.noEntity(table, key));
                reply.header("ETag", found.etag());
                one(200, table, found, request, reply);
            }
            case "PUT" -> {
                grant.require(ifMatch.isPresent() ? Requirement.object(SasPermission.UPDATE) : UPSERT);
                ODataJson.Received received = ODataJson.entity(request.document(limits));
                Entity stored = ifMatch.isPresent()
                        ? tables.replace(table, key, received.properties(), ifMatch.get())
                        : tables.insertOrReplace(table, key, received.properties());
                reply.header("ETag", stored.etag()).send(204);
            }
            case "MERGE", "PATCH" -> {
                grant.require(ifMatch.isPresent() ? Requirement.object(SasPermission.UPDATE) : UPSERT);
                ODataJson.Received received = ODataJson.entity(request.document(limits));
                Entity stored = ifMatch.isPresent()
                        ? tables.merge(table, key, received.properties(), ifMatch.get())
                        : tables.insertOrMerge(table, key, received.properties());
                reply.header("ETag", stored.etag()).send(204);
            }
            case "DELETE" -> {
                grant.require(Requirement.object(SasPermission.DELETE));
                tables.delete(table, key, ifMatch.orElseThrow(() -> new StorageException(
                        StorageCode.MISSING_REQUIRED_HEADER, "The header 'If-Match' is missing; '*' deletes whatever the ETag.")));
                reply.send(204);
            }
            default -> throw StorageException.notImplemented(method + " on an entity");
        }
    }

    private void one(int status, String table, Entity entity, StorageRequest request, Reply reply) throws IOException {
        Metadata metadata = metadata(request);
        json(status, reply, metadata, out -> {
            writeContext(out, metadata, request, table + "/@Element");
            ODataJson.write(out, entity, address(request), table, metadata, select(request));
        });
    }

    private void query(String table, StorageRequest request, Grant grant, Reply reply) throws IOException {
        int max = QueueRequests.number(request, "$top", limits.entitiesPerPageMax(), 1, Integer.MAX_VALUE);
        Predicate<Entity> filter = ODataFilter.parse(request.parameter("$filter"));
        EntityKey from = new EntityKey(continued(request, "nextpartitionkey"), continued(request, "nextrowkey"));
        EntityStore.Page page = tables.query(table, from,
                entity -> !grant.hides(entity.key()) && filter.test(entity), Math.min(max, limits.entitiesPerPageMax()));
        page.next().ifPresent(next -> reply
                .header("x-ms-continuation-NextPartitionKey", continuation(next.partitionKey()))
                .header("x-ms-continuation-NextRowKey", continuation(next.rowKey())));
        Metadata metadata = metadata(request);
        json(200, reply, metadata, out -> {
            writeContext(out, metadata, request, table);
            out.writeArrayFieldStart("value");
            for (Entity entity : page.entities()) {
                out.writeStartObject();
                ODataJson.write(out, entity, address(request), table, metadata, select(request));
                out.writeEndObject();
            }
            out.writeEndArray();
        });
    }

    /// A key as it may stand in a header; the mark in front keeps an empty key from being an empty header.
    private static String continuation(String key) {
        return "1!" + Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String continued(StorageRequest request, String parameter) {
        String text = request.parameter(parameter);
        if (text.isEmpty()) {
            return "";
        }
        try {
            if (text.startsWith("1!")) {
                return new String(Base64.getUrlDecoder().decode(text.substring(2)), StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException _) {
            // the same refusal
        }
        throw new StorageException(StorageCode.INVALID_QUERY_PARAMETER_VALUE,
                "'%s' is not a continuation of this server.".formatted(parameter));
    }

    private static List<String> select(StorageRequest request) {
        String select = request.parameter("$select");
        return select.isEmpty() || select.equals("*") ? List.of() : Arrays.stream(select.split(",")).map(String::strip).toList();
    }

    private static Metadata metadata(StorageRequest request) {
        String format = request.parameter("$format");
        return Metadata.in(format.isEmpty() ? request.headerOrEmpty("accept") : format);
    }

    private static boolean wantsNoContent(StorageRequest request, Reply reply) {
        if (request.headerOrEmpty("prefer").contains("return-no-content")) {
            reply.header("Preference-Applied", "return-no-content");
            return true;
        }
        return false;
    }

    private static void writeContext(JsonGenerator out, Metadata metadata, String address, String what) throws IOException {
        if (metadata != Metadata.NONE) {
            out.writeStringField("odata.metadata", address + "/$metadata#" + what);
        }
    }

    private void writeContext(JsonGenerator out, Metadata metadata, StorageRequest request, String what) throws IOException {
        writeContext(out, metadata, address(request), what);
    }

    /// Where the client reaches the account; without a host when the request's is not one of ours.
    private String address(StorageRequest request) {
        String scheme = request.caller().isSecure() ? "https" : "http";
        String authority = request.headerOrEmpty("host");
        return hosts.account(authority).map(_ -> scheme + "://" + authority)
                .orElseGet(() -> hosts.base(scheme, authority).map(Object::toString).orElse("") + "/" + StorageAccount.TABLE.account());
    }

    private interface Fields {
        void write(JsonGenerator out) throws IOException;
    }

    private static void json(int status, Reply reply, Metadata metadata, Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            fields.write(out);
            out.writeEndObject();
        }
        reply.send(status, metadata.contentType(), bytes.toByteArray());
    }
}
