package io.conshelf.kql.bind;

import io.conshelf.kql.bind.GraphElements.Edge;
import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Makes the rows of graphs: edges with their ends, and one node for each key that the tables of nodes or the edges have.
final class GraphMaking {
    /// Nodes of tables come after those that the edges name, which come in the edges' order.
    private static final long AFTER_EDGES = 1L << 60;

    private final Binder binder;

    GraphMaking(Binder binder) {
        this.binder = binder;
    }

    /// A table of nodes.
    record Table(Rows rows, Column key) {}

    /// @param nodeId    the name of the only column of nodes without a table
    /// @param partition a column of the edges and of all tables: nodes of different values are different nodes
    Graph make(Rows edges, Column source, Column target, List<Table> tables, Optional<String> nodeId, Optional<Column> partition) {
        Type type = source.type();
        Plan made = binder.entities.shared(edges(edges, source, target, type, partition));
        Map<String, Column> properties = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>();
        for (Table table : tables) {
            keys.add(table.key().name());
            table.rows().columns().forEach(column -> properties.putIfAbsent(column.name(), column));
        }
        nodeId.ifPresent(name -> {
            keys.add(name);
            properties.put(name, binder.column(name, type));
        });
        List<Plan> inputs = new ArrayList<>();
        for (Table table : tables) {
            Columns columns = Columns.of(table.rows());
            Expr id = binder.calls.convert(new Expr.Ref(table.key()), type);
            inputs.add(nodes(table.rows().plan(), key(id, partition.flatMap(column -> columns.find(column.name()))), id,
                    number(AFTER_EDGES), 0, 0, properties.values().stream().map(column -> columns.find(column.name())
                            .map(own -> binder.calls.convert(new Expr.Ref(own), column.type()))
                            .orElseGet(() -> Literals.nothing(column.type()))).toList(), properties));
        }
        for (boolean isSource : List.of(true, false)) {
            Edge edge = new Edge(new PlanCopy(binder).copy(made), false);
            Expr key = new Expr.Ref(isSource ? edge.from() : edge.to());
            Column end = edge.visible().get(edges.columns().indexOf(isSource ? source : target));
            Expr id = binder.calls.convert(new Expr.Ref(end), type);
            Expr order = call("graph", "{0} * 2 + " + (isSource ? 0 : 1), Type.LONG, new Expr.Ref(edge.index()));
            Optional<Column> value = partition.map(column -> edge.visible().get(edges.columns().indexOf(column)));
            inputs.add(nodes(edge.plan(), key, id, order, isSource ? 1 : 0, isSource ? 0 : 1, properties.values().stream()
                    .map(column -> keys.contains(column.name()) ? binder.calls.convert(id, column.type())
                            : value.filter(v -> v.name().equals(column.name())).<Expr>map(v -> binder.calls.convert(new Expr.Ref(v), column.type()))
                                    .orElseGet(() -> Literals.nothing(column.type()))).toList(), properties));
        }
        return new Graph(binder.entities.shared(merged(inputs)), made, false);
    }

    private Expr key(Expr id, Optional<Column> partition) {
        return partition.map(value -> call("graph", "{0} || chr(1) || {1}", Type.STRING,
                binder.calls.convert(new Expr.Ref(value), Type.STRING), binder.calls.convert(id, Type.STRING))).orElse(id);
    }

    private Plan edges(Rows edges, Column source, Column target, Type type, Optional<Column> partition) {
        Column index = binder.column("$edge", Type.LONG);
        Plan numbered = new Plan.Window(edges.plan(), List.of(new Assignment(index, rowNumber("row_number()"))));
        List<Assignment> all = new ArrayList<>(List.of(Binder.same(index),
                end("$from", key(new Expr.Ref(source), partition)),
                end("$to", key(binder.calls.convert(new Expr.Ref(target), type), partition))));
        edges.columns().forEach(column -> all.add(Binder.same(column)));
        return new Plan.Project(numbered, all);
    }

    private Assignment end(String name, Expr key) {
        return new Assignment(binder.column(name, key.type()), key);
    }

    private Plan nodes(Plan plan, Expr key, Expr id, Expr order, long asSource, long asTarget, List<Expr> values, Map<String, Column> properties) {
        List<Assignment> all = new ArrayList<>(List.of(new Assignment(binder.column("$key", key.type()), key),
                new Assignment(binder.column("$order", Type.LONG), order),
                new Assignment(binder.column("$in", Type.LONG), number(asTarget)),
                new Assignment(binder.column("$out", Type.LONG), number(asSource)), end("$id", id)));
        int i = 0;
        for (Column property : properties.values()) {
            all.add(new Assignment(binder.column(property.name(), property.type()), values.get(i++)));
        }
        return new Plan.Project(plan, all);
    }

    /// One node a key; of a property that several rows have one of the values that are there.
    private Plan merged(List<Plan> inputs) {
        List<Column> columns = inputs.getFirst().columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
        Plan all = new Plan.Union(inputs, columns);
        List<Assignment> merged = new ArrayList<>();
        merged.add(aggregate(columns.get(Graph.ORDER), "min({0})"));
        merged.add(aggregate(columns.get(Graph.INCOMING), "CAST(sum({0}) AS BIGINT)"));
        merged.add(aggregate(columns.get(Graph.OUTGOING), "CAST(sum({0}) AS BIGINT)"));
        columns.subList(Graph.ID, columns.size()).forEach(column -> merged.add(aggregate(column,
                column.type() == Type.STRING ? "any_value(nullif({0}, ''))" : "any_value({0})")));
        return new Plan.Aggregate(all, List.of(new Assignment(binder.column("$key", columns.getFirst().type()),
                new Expr.Ref(columns.getFirst()))), merged);
    }

    private Assignment aggregate(Column column, String template) {
        return new Assignment(binder.column(column.name(), column.type()), aggregate(template, column.type(), new Expr.Ref(column)));
    }

    private static Expr aggregate(String template, Type type, Expr... arguments) {
        AggregateFunction any = Catalogue.aggregate("take_any").orElseThrow();
        return new Expr.Aggregate(any, template, List.of(arguments), type);
    }

    private static Expr rowNumber(String template) {
        return new Expr.Call("row_number", new Lowering.Window(template), List.of(), Type.LONG);
    }

    private static Expr call(String name, String template, Type type, Expr... arguments) {
        return new Expr.Call(name, new Lowering.Sql(template), List.of(arguments), type);
    }

    private static Expr number(long value) {
        return new Expr.Constant(Type.LONG, value);
    }

    /// `graph-mark-components`: the graph with the number of its component beside each node.
    ///
    /// The ends of all edges become one value, in which a kernel finds the components.
    Graph components(Graph graph, String name, boolean strong) {
        Node node = new Node(new PlanCopy(binder).copy(graph.nodes()), graph.labelled());
        Column position = binder.column("$position", Type.LONG);
        Column order = node.plan().columns().get(Graph.ORDER);
        Plan sorted = new Plan.Sort(node.plan(), List.of(new SortKey(new Expr.Ref(order), false, false),
                new SortKey(new Expr.Ref(node.key()), false, false)));
        Plan numbered = binder.entities.shared(new Plan.Window(sorted,
                List.of(new Assignment(position, rowNumber("row_number() {over} - 1")))));
        Edge edge = new Edge(new PlanCopy(binder).copy(graph.edges()), graph.labelled());
        Plan from = new PlanCopy(binder).copy(numbered);
        Plan to = new PlanCopy(binder).copy(numbered);
        Plan ends = join(join(edge.plan(), edge.from(), from), edge.to(), to);
        Column pairs = binder.column("$pairs", Type.DYNAMIC);
        Plan collected = new Plan.Aggregate(ends, List.of(), List.of(new Assignment(pairs,
                aggregate("CAST(to_json(list([{0}, {1}])) AS VARCHAR)", Type.DYNAMIC, new Expr.Ref(from.columns().getLast()),
                        new Expr.Ref(to.columns().getLast())))));
        Plan counted = new PlanCopy(binder).copy(numbered);
        Column count = binder.column("$count", Type.LONG);
        Plan nodeCount = new Plan.Aggregate(counted, List.of(), List.of(new Assignment(count, aggregate("count(*)", Type.LONG))));
        Column found = binder.column("$components", Type.DYNAMIC);
        Plan components = new Plan.Project(collected, List.of(new Assignment(found, call("graph-mark-components",
                "kql_graph_components({0}, {1}, {2})", Type.DYNAMIC, new Expr.Ref(pairs), new Expr.ScalarQuery(binder.shareId(), nodeCount, Type.LONG),
                new Expr.Constant(Type.BOOL, strong)))));
        Column component = binder.column("$component", Type.DYNAMIC);
        Column at = binder.column("$at", Type.LONG);
        Plan each = new Plan.Expand(components, List.of(new Plan.Expansion(new Expr.Ref(found), component, false)), Optional.of(at),
                OptionalLong.empty());
        Plan all = new PlanCopy(binder).copy(numbered);
        Plan joined = new Plan.Join(JoinKind.INNER, all, each,
                List.of(new JoinKey(new Expr.Ref(all.columns().getLast()), new Expr.Ref(at))));
        List<Assignment> columns = new ArrayList<>(all.columns().subList(0, all.columns().size() - 1).stream().map(Binder::same).toList());
        columns.add(new Assignment(binder.column(name, Type.LONG), binder.calls.convert(new Expr.Ref(component), Type.LONG)));
        return new Graph(binder.entities.shared(new Plan.Project(joined, columns)), graph.edges(), graph.labelled());
    }

    private static Plan join(Plan left, Column key, Plan nodes) {
        return new Plan.Join(JoinKind.INNER, left, nodes,
                List.of(new JoinKey(new Expr.Ref(key), new Expr.Ref(nodes.columns().getFirst()))));
    }
}
