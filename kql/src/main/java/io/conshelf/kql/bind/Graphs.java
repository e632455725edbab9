package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.bind.GraphElements.Edge;
import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.bind.GraphMatching.Match;
import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Cycles;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The operators that make graphs and work on them. A graph is two tables, its nodes and its edges; what is asked of it becomes
/// joins and walks over them.
final class Graphs {
    private final Binder binder;
    private final GraphMaking making;
    private final GraphMatching matching;
    private final GraphFunctions functions;

    Graphs(Binder binder, Projections projections) {
        this.binder = binder;
        making = new GraphMaking(binder);
        matching = new GraphMatching(binder, projections);
        functions = new GraphFunctions(binder);
    }

    GraphFunctions functions() {
        return functions;
    }

    /// Whether an operator makes a graph or works on one.
    static boolean isGraphOperator(TabularOperator operator) {
        return operator instanceof Syntax.MakeGraph || worksOnGraph(operator);
    }

    private static boolean worksOnGraph(TabularOperator operator) {
        return operator instanceof Syntax.GraphMatch || operator instanceof Syntax.GraphShortestPaths
                || operator instanceof Syntax.GraphToTable || operator instanceof Syntax.GraphMarkComponents
                || operator instanceof Syntax.GraphWhereEdges || operator instanceof Syntax.GraphWhereNodes;
    }

    /// What the operator makes of rows or a graph; `results` takes further tables.
    Meaning apply(TabularOperator operator, Meaning input, Scope scope, List<Result> results) {
        if (operator instanceof Syntax.MakeGraph make) {
            return input instanceof Rows rows ? make(make, rows, scope)
                    : binder.fail(Messages.tableExpected(operator.span()));
        }
        if (!(input instanceof Graph graph)) {
            return input instanceof Meaning.Failed ? input
                    : binder.fail(Messages.graphExpected(operator.span(), OperatorNames.of(operator)));
        }
        if (operator instanceof Syntax.GraphMatch match) {
            Cycles cycles = new Parameters(binder, "graph-match", match.parameters())
                    .word("cycles", List.of("none", "all", "unique_edges"))
                    .map(word -> Cycles.valueOf(word.toUpperCase(Locale.ROOT))).orElse(Cycles.UNIQUE_EDGES);
            return matching.match(new Match("graph-match", match.patterns(), match.where(), match.project(), cycles,
                    Optional.empty()), graph, scope);
        }
        if (operator instanceof Syntax.GraphShortestPaths paths) {
            boolean all = new Parameters(binder, "graph-shortest-paths", paths.parameters()).word("output", List.of("any", "all"))
                    .equals(Optional.of("all"));
            return matching.match(new Match("graph-shortest-paths", paths.patterns(), paths.where(), paths.project(), Cycles.NONE,
                    Optional.of(all)), graph, scope);
        }
        if (operator instanceof Syntax.GraphToTable tables) {
            return toTable(tables, graph, scope, results);
        }
        if (operator instanceof Syntax.GraphMarkComponents mark) {
            Parameters parameters = new Parameters(binder, "graph-mark-components", mark.parameters());
            boolean strong = parameters.word("kind", List.of("weak", "strong")).equals(Optional.of("strong"));
            return making.components(graph, parameters.name("with_component_id").orElse("ComponentId"), strong);
        }
        binder.refuse(operator.span(), OperatorNames.of(operator));
        return graph;
    }

    // ---------------------------------------------------------------- make-graph

    private Meaning make(Syntax.MakeGraph op, Rows edges, Scope scope) {
        Optional<Column> source = column(op.source(), edges);
        Optional<Column> target = column(op.target(), edges);
        List<GraphMaking.Table> tables = new ArrayList<>();
        boolean failed = source.isEmpty() || target.isEmpty();
        for (Syntax.GraphNodeTable table : op.nodes()) {
            Optional<Rows> rows = binder.expressions.rows(table.table(), scope);
            if (rows.isEmpty()) {
                return new Meaning.Failed();
            }
            Optional<Column> key = column(table.key(), rows.get());
            failed |= key.isEmpty();
            key.ifPresent(column -> tables.add(new GraphMaking.Table(rows.get(), column)));
        }
        Optional<Column> partition = op.partition().flatMap(p -> partition(p, edges, tables, scope));
        Graph graph = failed ? nothing(tables, edges)
                : making.make(edges, source.orElseThrow(), target.orElseThrow(), tables, op.nodeId().map(Syntax.Name::text), partition);
        if (op.partition().isPresent()) {
            Scope inside = scope.inner();
            inside.declare(Scope.INPUT, graph);
            return binder.expressions.any(query(op.partition().get(), !tables.isEmpty()), Env.of(inside));
        }
        return graph;
    }

    /// Partitions are one graph whose nodes say to which they belong.
    private Optional<Column> partition(Syntax.GraphPartition partition, Rows edges, List<GraphMaking.Table> tables, Scope scope) {
        Optional<Expr> value = binder.expressions.expr(partition.column(), Env.of(scope, Columns.of(edges), "make-graph"));
        if (!(value.orElse(new Expr.Null(Plan.indexType())) instanceof Expr.Ref(Column column))) {
            value.ifPresent(_ -> binder.report(Messages.columnNameExpected(partition.column().span(), "make-graph")));
            return Optional.empty();
        }
        if (tables.stream().anyMatch(table -> Columns.of(table.rows()).find(column.name()).isEmpty())) {
            binder.refuse(partition.span(), "make-graph partitioned-by a column that the nodes lack");
        }
        return Optional.of(column);
    }

    private Expression query(Syntax.GraphPartition partition, boolean ofNodes) {
        Optional<TabularOperator> ofAll = GraphPartitions.ofAllMatches(partition.subquery());
        Optional<Expression> apart = ofAll.flatMap(_ -> GraphPartitions.apart(partition, ofNodes));
        if (ofAll.isPresent() && apart.isEmpty()) {
            binder.refuse(ofAll.get().span(), OperatorNames.of(ofAll.get()) + " of each partition of a graph");
        }
        return apart.orElse(partition.subquery());
    }

    /// What is wrong has been said; the properties are known all the same.
    private Graph nothing(List<GraphMaking.Table> tables, Rows edges) {
        List<Column> nodes = new ArrayList<>();
        for (String hidden : List.of("$key", "$order", "$in", "$out", "$id")) {
            nodes.add(binder.column(hidden, Plan.indexType()));
        }
        tables.forEach(table -> table.rows().columns().forEach(column -> nodes.add(binder.column(column.name(), column.type()))));
        List<Column> ends = new ArrayList<>();
        for (String hidden : List.of("$edge", "$from", "$to")) {
            ends.add(binder.column(hidden, Plan.indexType()));
        }
        edges.columns().forEach(column -> ends.add(binder.column(column.name(), column.type())));
        return new Graph(binder.nothing(nodes), binder.nothing(ends), false);
    }

    private Optional<Column> column(Syntax.Name name, Rows rows) {
        Optional<Column> column = Columns.of(rows).find(name.text());
        if (column.isEmpty() && !rows.open() && !name.isMissing()) {
            binder.report(Messages.unresolvedScalar(name.span(), "make-graph", name.text()));
        }
        if (column.filter(key -> key.type() == Type.DYNAMIC).isPresent()) {
            binder.report(Messages.dynamicNode(name.span()));
            return Optional.empty();
        }
        return column;
    }

    // ---------------------------------------------------------------- graph-to-table

    private Meaning toTable(Syntax.GraphToTable op, Graph graph, Scope scope, List<Result> results) {
        List<Rows> tables = new ArrayList<>();
        for (Syntax.GraphOutput output : op.outputs()) {
            if (op.outputs().size() > 1 && output.name().isEmpty()) {
                binder.report(Messages.graphTableWithoutName(output.span(), output.kind() == Syntax.GraphOutputKind.NODES ? "nodes" : "edges"));
            }
            Parameters parameters = new Parameters(binder, "graph-to-table", output.parameters());
            List<Assignment> columns = new ArrayList<>();
            Plan plan;
            if (output.kind() == Syntax.GraphOutputKind.NODES) {
                Node node = new Node(new PlanCopy(binder).copy(graph.nodes()), graph.labelled());
                plan = node.plan();
                id(parameters, "with_node_id", node.id(), columns);
                node.visible().forEach(column -> columns.add(Binder.same(column)));
            } else {
                Edge edge = new Edge(new PlanCopy(binder).copy(graph.edges()), graph.labelled());
                plan = edge.plan();
                id(parameters, "with_source_id", edge.from(), columns);
                id(parameters, "with_target_id", edge.to(), columns);
                edge.visible().forEach(column -> columns.add(Binder.same(column)));
            }
            Rows rows = Rows.of(new Plan.Project(plan, columns));
            tables.add(rows);
            output.name().ifPresent(name -> scope.declare(name.text(), rows));
            results.add(new Result(output.name().map(Syntax.Name::text).orElse(""), rows.plan(), false));
        }
        if (tables.size() == 1) {
            results.clear();
        }
        return tables.isEmpty() ? new Meaning.Failed() : tables.getFirst();
    }

    /// The id of a node is the hash of its key.
    private void id(Parameters parameters, String parameter, Column key, List<Assignment> columns) {
        parameters.name(parameter).ifPresent(name -> binder.calls.tryBuiltin("hash", List.of(new Expr.Ref(key)))
                .ifPresent(hash -> columns.add(new Assignment(binder.column(name, hash.type()), hash))));
    }
}
