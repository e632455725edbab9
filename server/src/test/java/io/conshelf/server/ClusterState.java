package io.conshelf.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a cluster holds, as its administrator is told: what a request that was refused may have changed nothing of. Extents are left out but for their tags, as the cluster
/// merges them by itself; what is in them is not.
///
/// @param queuedSources that wait to be ingested; those of earlier requests end meanwhile
record ClusterState(Map<String, String> parts, double queuedSources) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int LATEST = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// How the administrator asks.
    interface Administrator {
        /// The first table of the answer to a query or command.
        JsonNode ask(String database, String text) throws Exception;

        /// A path of the server.
        String get(String path) throws Exception;
    }

    /// Of which lists, and what of them: some columns change by themselves.
    private static final Map<String, List<String>> LISTS = Map.of(
            ".show databases", List.of("DatabaseName", "PrettyName"),
            ".show database schema as csl script", List.of("DatabaseSchemaScript"),
            ".show database principals", List.of("Role", "PrincipalFQN", "Notes"),
            ".show cluster principals", List.of("Role", "PrincipalFQN", "Notes"),
            ".show stored_query_results", List.of("Name", "RowCount"),
            ".show graph_snapshots *", List.of("Name", "ModelName"));

    /// @param database  the one that is asked about
    /// @param folder    where commands may read and write
    /// @param container where they may too, with its signature
    static ClusterState of(Administrator administrator, String database, Path folder, URI container) throws Exception {
        var parts = new LinkedHashMap<String, String>();
        for (var list : LISTS.entrySet()) {
            parts.put(list.getKey(), rows(administrator.ask(database, list.getKey()), list.getValue()).toString());
        }
        // Whatever schema, policies and roles become is there, the latest first, a change that was taken back too.
        var journal = rows(administrator.ask(database, ".show journal"), List.of("Event", "Database", "EntityName", "Principal"));
        parts.put("journal", journal.size() + " entries, " + journal.stream().limit(LATEST).toList());
        var tags = rows(administrator.ask(database, ".show database extents"), List.of("TableName", "Tags"));
        parts.put("tags", new TreeSet<>(tags.stream().map(List::toString).toList()).toString());
        for (List<String> table : rows(administrator.ask(database, ".show tables details"), List.of("TableName", "TotalRowCount"))) {
            parts.put("rows of " + table.getFirst(), table.getLast() + (table.getLast().equals("0") ? "" : " " + administrator.ask(database, "['" + table.getFirst()
                    + "'] | summarize count(), sum(hash(tostring(pack_all()), 1000000007))").path("Rows")));
        }
        for (String path : List.of("/v1/rest/applications", "/v1/rest/users")) {
            parts.put(path, JSON.readTree(administrator.get(path)).path("value").toString());
        }
        parts.put(folder.toString(), files(folder));
        parts.put("blobs", blobs(container));
        double queued = administrator.get("/metrics").lines().filter(line -> line.startsWith("conshelf_ingestion_queued_sources "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ')))).findFirst().orElseThrow();
        return new ClusterState(parts, queued);
    }

    private static List<List<String>> rows(JsonNode table, List<String> columns) {
        var at = new HashMap<String, Integer>();
        table.path("Columns").forEach(column -> at.put(column.path("ColumnName").asText(), at.size()));
        if (!at.keySet().containsAll(columns)) {
            throw new IllegalStateException("No " + columns + " among " + at.keySet());
        }
        var rows = new ArrayList<List<String>>();
        table.path("Rows").forEach(row -> rows.add(columns.stream().map(column -> row.path(at.get(column)).asText()).toList()));
        return rows;
    }

    private static String files(Path folder) throws Exception {
        var files = new ArrayList<String>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                files.add(folder.relativize(file) + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        return files.toString();
    }

    private static String blobs(URI container) throws Exception {
        var listed = CLIENT.send(HttpRequest.newBuilder(URI.create(container + "&restype=container&comp=list")).timeout(PATIENCE).build(), BodyHandlers.ofString());
        if (listed.statusCode() != 200) {
            throw new IllegalStateException(container.getPath() + " answers " + listed.statusCode() + " " + listed.body());
        }
        return listed.body();
    }

    /// What is other now, a line each; none where nothing is.
    List<String> changesSince(ClusterState before) {
        var names = new ArrayList<>(before.parts.keySet());
        parts.keySet().stream().filter(name -> !before.parts.containsKey(name)).forEach(names::add);
        Stream<String> changes = names.stream().filter(name -> !String.valueOf(parts.get(name)).equals(before.parts.get(name)))
                .map(name -> name + ": " + before.parts.get(name) + " became " + parts.get(name));
        Stream<String> queued = queuedSources > before.queuedSources ? Stream.of(before.queuedSources + " queued sources became " + queuedSources) : Stream.empty();
        return Stream.concat(changes, queued).toList();
    }
}
