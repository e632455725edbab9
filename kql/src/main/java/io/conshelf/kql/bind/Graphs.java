package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Graph operators: names and types are bound, running them is refused.
final class Graphs {
    private final Binder binder;
    private final Items items;
    private final Projections projections;

    Graphs(Binder binder, Projections projections) {
        this.binder = binder;
        this.projections = projections;
        items = new Items(binder);
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
        binder.refuse(operator.span(), OperatorNames.of(operator));
        if (operator instanceof Syntax.MakeGraph make) {
            return input instanceof Rows rows ? make(make, rows, scope)
                    : binder.fail(Messages.tableExpected(operator.span()));
        }
        if (!(input instanceof Graph graph)) {
            return input instanceof Meaning.Failed ? input
                    : binder.fail(Messages.graphExpected(operator.span(), OperatorNames.of(operator)));
        }
        if (operator instanceof Syntax.GraphMatch match) {
            return match("graph-match", match.patterns(), match.where(), match.project(), graph, scope);
        }
        if (operator instanceof Syntax.GraphShortestPaths paths) {
            return match("graph-shortest-paths", paths.patterns(), paths.where(), paths.project(), graph, scope);
        }
        if (operator instanceof Syntax.GraphToTable tables) {
            return toTable(tables, graph, scope, results);
        }
        if (operator instanceof Syntax.GraphMarkComponents mark) {
            String name = new Parameters(binder, "graph-mark-components", mark.parameters()).name("with_component_id")
                    .orElse("ComponentId");
            List<Column> nodes = new ArrayList<>(graph.nodes());
            nodes.add(binder.column(name, Type.LONG));
            return new Graph(nodes, graph.edges());
        }
        return graph;
    }

    // ---------------------------------------------------------------- make-graph

    private Meaning make(Syntax.MakeGraph op, Rows edges, Scope scope) {
        Optional<Column> source = column(op.source(), edges);
        column(op.target(), edges);
        List<Column> nodes = new ArrayList<>();
        Map<String, Column> byName = new HashMap<>();
        for (Syntax.GraphNodeTable table : op.nodes()) {
            Optional<Rows> rows = binder.expressions.rows(table.table(), scope);
            if (rows.isEmpty()) {
                return new Meaning.Failed();
            }
            column(table.key(), rows.get());
            for (Column column : rows.get().columns()) {
                if (byName.putIfAbsent(column.name(), column) == null) {
                    nodes.add(column);
                }
            }
        }
        op.nodeId().ifPresent(id -> nodes.add(binder.column(id.text(), source.map(Column::type).orElse(Type.DYNAMIC))));
        Graph graph = new Graph(nodes, edges.columns());
        if (op.partition().isPresent()) {
            column(op.partition().get().column(), edges, scope);
            Scope inside = scope.inner();
            inside.declare(Scope.INPUT, graph);
            return binder.expressions.any(op.partition().get().subquery(), Env.of(inside));
        }
        return graph;
    }

    private void column(Expression column, Rows rows, Scope scope) {
        binder.expressions.expr(column, Env.of(scope, Columns.of(rows), "make-graph"));
    }

    private Optional<Column> column(Syntax.Name name, Rows rows) {
        Optional<Column> column = Columns.of(rows).find(name.text());
        if (column.isEmpty() && !rows.open() && !name.isMissing()) {
            binder.report(Messages.unresolvedScalar(name.span(), "make-graph", name.text()));
        }
        return column;
    }

    // ---------------------------------------------------------------- graph-match

    private Meaning match(String operator, List<Syntax.GraphPattern> patterns, Optional<Expression> where,
            List<Expression> project, Graph graph, Scope scope) {
        Map<String, Columns> elements = new HashMap<>();
        Map<String, Columns> inside = new HashMap<>();
        Set<String> variable = new HashSet<>();
        for (Syntax.GraphPattern pattern : patterns) {
            for (Syntax.GraphPatternElement element : pattern.elements()) {
                switch (element) {
                    case Syntax.GraphNode node -> node.name().ifPresent(name -> {
                        elements.put(name.text(), Columns.of(graph.nodes(), false));
                        inside.put(name.text(), Columns.of(graph.nodes(), false));
                    });
                    case Syntax.GraphEdge edge -> edge.name().ifPresent(name -> {
                        elements.put(name.text(), Columns.of(edge.range().isEmpty() ? graph.edges() : lists(graph.edges()), false));
                        inside.put(name.text(), Columns.of(graph.edges(), false));
                        if (edge.range().isPresent()) {
                            variable.add(name.text());
                        }
                    });
                }
            }
        }
        Set<Column> lists = new HashSet<>();
        elements.forEach((name, columns) -> {
            if (variable.contains(name)) {
                lists.addAll(columns.list());
            }
        });
        GraphScope variables = new GraphScope(inside, variable, Columns.of(graph.nodes(), false), lists);
        Env env = Env.of(scope, Columns.NONE, operator).withElements(elements, variables);
        where.ifPresent(predicate -> binder.expressions.predicate(predicate, env));
        if (project.isEmpty()) {
            return graph;
        }
        Items.Bound bound = items.bind(project, env);
        List<Items.Item> listed = bound.items().stream().map(item -> variables.isList(item.value())
                ? new Items.Item(item.name(), item.written(), new Expr.Null(Type.DYNAMIC), item.at()) : item).toList();
        List<Column> columns = projections.assign(listed, operator).stream().map(Assignment::column).toList();
        return new Rows(new Plan.Refused(operator, columns), bound.failed(), "");
    }

    /// The columns of an edge of variable length: a list for each.
    private List<Column> lists(List<Column> columns) {
        return columns.stream().map(column -> binder.column(column.name(), Type.DYNAMIC)).toList();
    }

    /// The variables of a pattern: what a function such as `map(e, …)` sees inside them.
    ///
    /// @param variable the edges of variable length
    /// @param lists    columns that hold a value for each of their edges; what is computed from them is such a list too
    record GraphScope(Map<String, Columns> inside, Set<String> variable, Columns nodes, Set<Column> lists) {
        static final GraphScope NONE = new GraphScope(Map.of(), Set.of(), Columns.NONE, Set.of());

        boolean isList(Expr value) {
            return ExprWalk.columns(value).stream().anyMatch(lists::contains);
        }
    }

    /// `map(e, value)`, `all(e, predicate)`, `any(e, predicate)`, `inner_nodes(e)` over an element of the pattern.
    Optional<Meaning> call(Syntax.FunctionCall call, Env env) {
        String name = call.function().text();
        if (env.graph() == GraphScope.NONE) {
            return Optional.empty();
        }
        if (name.equals("inner_nodes")) {
            return Optional.of(Meaning.Scalar.unnamed(new Expr.Null(Type.DYNAMIC)));
        }
        if (!name.equals("map") && !name.equals("all") && !name.equals("any")) {
            return Optional.empty();
        }
        if (call.arguments().size() != 2) {
            return Optional.of(binder.fail(Messages.wrongArgumentCount(call.function().span(), name, "2 arguments",
                    call.arguments().size())));
        }
        Optional<Columns> columns = switch (call.arguments().getFirst()) {
            case Syntax.NameReference(String element, _, _) -> Optional.ofNullable(env.graph().inside().get(element));
            case Syntax.FunctionCall inner when inner.function().text().equals("inner_nodes") -> Optional.of(env.graph().nodes());
            case Expression _ -> Optional.empty();
        };
        if (columns.isEmpty()) {
            return Optional.of(binder.fail(Messages.graphExpected(call.arguments().getFirst().span(), name)));
        }
        Env inner = env.with(columns.get());
        Optional<Expr> value = binder.expressions.expr(call.arguments().getLast(), inner);
        if (value.isEmpty()) {
            return Optional.of(new Meaning.Failed());
        }
        if (!name.equals("map")) {
            return Optional.of(Meaning.Scalar.unnamed(new Expr.Null(Type.BOOL)));
        }
        Column list = binder.column("map", Type.DYNAMIC);
        if (!(call.arguments().getFirst() instanceof Syntax.NameReference(String element, _, _))
                || env.graph().variable().contains(element)) {
            env.graph().lists().add(list);
        }
        return Optional.of(Meaning.Scalar.unnamed(new Expr.Ref(list)));
    }

    // ---------------------------------------------------------------- graph-to-table

    private Meaning toTable(Syntax.GraphToTable op, Graph graph, Scope scope, List<Result> results) {
        List<Rows> tables = new ArrayList<>();
        for (Syntax.GraphOutput output : op.outputs()) {
            Parameters parameters = new Parameters(binder, "graph-to-table", output.parameters());
            List<Column> columns = new ArrayList<>();
            boolean nodes = output.kind() == Syntax.GraphOutputKind.NODES;
            for (String id : nodes ? List.of("with_node_id") : List.of("with_source_id", "with_target_id")) {
                parameters.name(id).ifPresent(name -> columns.add(binder.column(name, Type.LONG)));
            }
            columns.addAll(nodes ? graph.nodes() : graph.edges());
            Rows rows = Rows.of(new Plan.Refused("graph-to-table", columns));
            tables.add(rows);
            output.name().ifPresent(name -> scope.declare(name.text(), rows));
            results.add(new Result(output.name().map(Syntax.Name::text).orElse(""), rows.plan(), false));
        }
        if (tables.size() == 1) {
            results.clear();
        }
        return tables.isEmpty() ? new Meaning.Failed() : tables.getFirst();
    }
}
