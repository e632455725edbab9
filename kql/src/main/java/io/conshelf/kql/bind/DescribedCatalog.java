package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A catalog that a description in words gives: tables as `(a:long, b:string)`, functions as text.
final class DescribedCatalog implements Catalog {
    private final String cluster;
    private final String current;
    private final Map<String, Database> databases = new LinkedHashMap<>();

    private record Database(String name, Map<TableKind, Map<String, Table>> tables, Map<String, StoredFunction> functions,
            Map<String, StoredGraph> graphs, Map<String, List<String>> entityGroups) {}

    private DescribedCatalog(String cluster, String current) {
        this.cluster = cluster;
        this.current = current;
    }

    static DescribedCatalog of(Map<?, ?> description) {
        String name = text(description, "name", "db");
        DescribedCatalog catalog = new DescribedCatalog(text(description, "cluster", "conshelf"), name);
        catalog.add(name, description);
        map(description, "databases").forEach((other, inner) ->
                catalog.add(String.valueOf(other), inner instanceof Map<?, ?> it ? it : Map.of()));
        return catalog;
    }

    private void add(String name, Map<?, ?> description) {
        Map<TableKind, Map<String, Table>> tables = new LinkedHashMap<>();
        tables.put(TableKind.TABLE, tables(name, TableKind.TABLE, map(description, "tables")));
        tables.put(TableKind.EXTERNAL, tables(name, TableKind.EXTERNAL, map(description, "externalTables")));
        tables.put(TableKind.MATERIALIZED_VIEW,
                tables(name, TableKind.MATERIALIZED_VIEW, map(description, "materializedViews")));
        Map<String, StoredFunction> functions = new LinkedHashMap<>();
        map(description, "functions").forEach((function, text) ->
                functions.put(String.valueOf(function), function(String.valueOf(function), text)));
        Map<String, StoredGraph> graphs = new LinkedHashMap<>();
        map(description, "graphs").forEach((graph, it) -> graphs.put(String.valueOf(graph),
                graph(name, String.valueOf(graph), it instanceof Map<?, ?> parts ? parts : Map.of())));
        Map<String, List<String>> entityGroups = new LinkedHashMap<>();
        map(description, "entityGroups").forEach((group, it) -> entityGroups.put(String.valueOf(group),
                it instanceof List<?> members ? members.stream().map(String::valueOf).toList() : List.of()));
        databases.put(name, new Database(name, tables, functions, graphs, entityGroups));
    }

    /// A graph of one step of edges: their query, and the columns with their ends.
    private static StoredGraph graph(String database, String name, Map<?, ?> parts) {
        return new StoredGraph.Model(database, name, List.of(new StoredGraph.AddEdges(text(parts, "edges", ""), text(parts, "source", ""),
                text(parts, "target", ""), List.of(), Optional.empty())), Map.of(), Map.of());
    }

    private static StoredFunction function(String name, Object description) {
        if (description instanceof Map<?, ?> parts) {
            return new StoredFunction(name, text(parts, "parameters", "()"), text(parts, "body", "{}"));
        }
        return new StoredFunction(name, "", String.valueOf(description));
    }

    private static Map<String, Table> tables(String database, TableKind kind, Map<?, ?> described) {
        Map<String, Table> tables = new LinkedHashMap<>();
        described.forEach((name, it) -> {
            String schema = it instanceof Map<?, ?> parts ? text(parts, "schema", "()") : String.valueOf(it);
            TableId id = new TableId(database, kind + ":" + name, String.valueOf(name));
            tables.put(String.valueOf(name), new Table(id, kind, columns(schema)));
        });
        return tables;
    }

    private static List<ColumnSchema> columns(String schema) {
        Parsed parsed = Parser.parse("datatable " + schema + " []");
        if (parsed.diagnostics().stream().anyMatch(Diagnostic::isError) || parsed.tree().statements().size() != 1
                || !(parsed.tree().statements().getFirst()
                        instanceof Syntax.ExpressionStatement(Syntax.DataTable table, _))) {
            throw new IllegalArgumentException("the schema " + schema + " cannot be read");
        }
        List<ColumnSchema> columns = new ArrayList<>();
        for (Syntax.ColumnDeclaration column : table.schema().columns()) {
            Type type = column.type().scalarType().map(Literals::type)
                    .orElseThrow(() -> new IllegalArgumentException("the schema " + schema + " has an unknown type"));
            columns.add(new ColumnSchema(column.name().text(), type));
        }
        return columns;
    }

    private static String text(Map<?, ?> map, String key, String fallback) {
        return map.get(key) instanceof String text ? text : fallback;
    }

    private static Map<?, ?> map(Map<?, ?> map, String key) {
        return map.get(key) instanceof Map<?, ?> inner ? inner : Map.of();
    }

    @Override
    public String currentDatabase() {
        return current;
    }

    @Override
    public boolean isThisCluster(String nameOrUri) {
        String host = nameOrUri.replaceFirst("^https?://", "").replaceFirst("[/;].*$", "");
        return host.equalsIgnoreCase(cluster) || host.toLowerCase(java.util.Locale.ROOT).startsWith(cluster + ".");
    }

    @Override
    public Optional<String> database(String name) {
        return databases.keySet().stream().filter(known -> known.equalsIgnoreCase(name)).findFirst();
    }

    @Override
    public Optional<Table> table(String database, TableKind kind, String name) {
        return Optional.ofNullable(databases.get(database)).map(it -> it.tables.getOrDefault(kind, Map.of()).get(name));
    }

    @Override
    public List<Table> tables(String database, TableKind kind) {
        return Optional.ofNullable(databases.get(database)).map(it -> List.copyOf(it.tables.getOrDefault(kind, Map.of()).values())).orElse(List.of());
    }

    @Override
    public Optional<StoredFunction> function(String database, String name) {
        return Optional.ofNullable(databases.get(database)).map(it -> it.functions.get(name));
    }

    @Override
    public Optional<StoredGraph> graph(String database, String name, StoredGraph.Wanted wanted) {
        return Optional.ofNullable(databases.get(database)).map(it -> it.graphs.get(name));
    }

    @Override
    public Optional<List<String>> entityGroup(String database, String name) {
        return Optional.ofNullable(databases.get(database)).map(it -> it.entityGroups.get(name));
    }

    @Override
    public Optional<List<String>> databases() {
        return Optional.of(List.copyOf(databases.keySet()));
    }
}
