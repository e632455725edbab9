package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.EdgeDirection;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.GraphEdge;
import io.conshelf.kql.syntax.Syntax.GraphEdgeRange;
import io.conshelf.kql.syntax.Syntax.GraphMarkComponents;
import io.conshelf.kql.syntax.Syntax.GraphMatch;
import io.conshelf.kql.syntax.Syntax.GraphNode;
import io.conshelf.kql.syntax.Syntax.GraphNodeTable;
import io.conshelf.kql.syntax.Syntax.GraphOutput;
import io.conshelf.kql.syntax.Syntax.GraphOutputKind;
import io.conshelf.kql.syntax.Syntax.GraphPartition;
import io.conshelf.kql.syntax.Syntax.GraphPattern;
import io.conshelf.kql.syntax.Syntax.GraphPatternElement;
import io.conshelf.kql.syntax.Syntax.GraphShortestPaths;
import io.conshelf.kql.syntax.Syntax.GraphToTable;
import io.conshelf.kql.syntax.Syntax.GraphWhereEdges;
import io.conshelf.kql.syntax.Syntax.GraphWhereNodes;
import io.conshelf.kql.syntax.Syntax.MakeGraph;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The graph operators and their patterns.
abstract class GraphReader extends SubqueryReader {
    GraphReader(String text, int start) {
        super(text, start);
    }

    final MakeGraph makeGraph() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Name source = name();
        if (!trySymbol("-->") && !trySymbol("--")) {
            missing("'-->'");
        }
        Name target = name();
        Optional<Name> nodeId = Optional.empty();
        List<GraphNodeTable> nodes = List.of();
        if (tryTake("with_node_id")) {
            expect("=");
            nodeId = Optional.of(name());
        } else if (tryTake("with")) {
            nodes = list(new Item<>("a table", this::atPrimary, this::nodeTable), Length.ONE_OR_MORE,
                    endOr("partitioned-by"));
        }
        return new MakeGraph(parameters, source, target, nodeId, nodes, graphPartition(), since(start));
    }

    private GraphNodeTable nodeTable() {
        int start = start();
        Expression table = callOrPath();
        expect("on");
        return new GraphNodeTable(table, name(), since(start));
    }

    private Optional<GraphPartition> graphPartition() {
        int start = start();
        if (!tryTake("partitioned-by")) {
            return Optional.empty();
        }
        Expression column = simplePath();
        return Optional.of(new GraphPartition(column, parenthesizedSubquery(), since(start)));
    }

    final GraphMatch graphMatch() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        List<GraphPattern> patterns = patterns();
        Optional<Expression> where = graphWhere();
        return new GraphMatch(parameters, patterns, where, graphProject(), since(start));
    }

    final GraphShortestPaths graphShortestPaths() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters("output");
        List<GraphPattern> patterns = patterns();
        Optional<Expression> where = graphWhere();
        return new GraphShortestPaths(parameters, patterns, where, graphProject(), since(start));
    }

    private Optional<Expression> graphWhere() {
        return tryTake("where") ? Optional.of(expression()) : Optional.empty();
    }

    private List<Expression> graphProject() {
        return tryTake("project") ? columns(Length.ONE_OR_MORE) : List.of();
    }

    // ------------------------------------------------------------------ patterns

    private List<GraphPattern> patterns() {
        return list(new Item<>("a pattern such as (a)-[e]->(b)", this::atPatternElement, this::pattern),
                Length.ONE_OR_MORE);
    }

    private boolean atPatternElement() {
        return at("(") || at("-") || at("<") && at(1, "-");
    }

    private GraphPattern pattern() {
        int start = start();
        List<GraphPatternElement> elements = new ArrayList<>();
        while (atPatternElement()) {
            int before = position();
            elements.add(at("(") ? node() : edge());
            if (position() == before) {
                break;
            }
        }
        return new GraphPattern(elements, since(start));
    }

    private GraphNode node() {
        int start = start();
        take();
        Optional<Name> name = atName() ? Optional.of(name()) : Optional.empty();
        expect(")");
        return new GraphNode(name, since(start));
    }

    private GraphEdge edge() {
        int start = start();
        if (trySymbol("-->")) {
            return new GraphEdge(Optional.empty(), EdgeDirection.RIGHT, Optional.empty(), since(start));
        }
        if (trySymbol("<--")) {
            return new GraphEdge(Optional.empty(), EdgeDirection.LEFT, Optional.empty(), since(start));
        }
        if (trySymbol("--")) {
            return new GraphEdge(Optional.empty(), EdgeDirection.ANY, Optional.empty(), since(start));
        }
        boolean left = symbolLength("<-[") > 0;
        if (!trySymbol("<-[") && !trySymbol("-[")) {
            missing("an edge such as -[e]-> or -->");
            return new GraphEdge(Optional.empty(), EdgeDirection.ANY, Optional.empty(), here());
        }
        Optional<Name> name = atName() ? Optional.of(name()) : Optional.empty();
        Optional<GraphEdgeRange> range = at("*") ? Optional.of(edgeRange()) : Optional.empty();
        boolean right = trySymbol("]->");
        if (!right && !trySymbol("]-")) {
            missing("']->' or ']-'");
        }
        EdgeDirection direction = right ? EdgeDirection.RIGHT : left ? EdgeDirection.LEFT : EdgeDirection.ANY;
        return new GraphEdge(name, direction, range, since(start));
    }

    private GraphEdgeRange edgeRange() {
        int start = start();
        take();
        Expression from = bound();
        expect("..");
        return new GraphEdgeRange(from, bound(), since(start));
    }

    private Expression bound() {
        return atPrimary() ? callOrPath() : missingExpression();
    }

    // ------------------------------------------------------------------ out of the graph

    final GraphToTable graphToTable() {
        int start = start();
        take();
        return new GraphToTable(list(new Item<>("'nodes' or 'edges'", () -> at("nodes") || at("edges"), this::graphOutput),
                Length.ONE_OR_MORE), since(start));
    }

    private GraphOutput graphOutput() {
        int start = start();
        GraphOutputKind kind = take().text().equals("nodes") ? GraphOutputKind.NODES : GraphOutputKind.EDGES;
        Optional<Name> name = tryTake("as") ? Optional.of(name()) : Optional.empty();
        List<OperatorParameter> parameters = kind == GraphOutputKind.NODES ? parameters("with_node_id")
                : parameters("with_source_id", "with_target_id");
        return new GraphOutput(kind, name, parameters, since(start));
    }

    final GraphMarkComponents graphMarkComponents() {
        int start = start();
        take();
        return new GraphMarkComponents(parameters("with_component_id"), since(start));
    }

    final GraphWhereNodes graphWhereNodes() {
        int start = start();
        take();
        return new GraphWhereNodes(unnamed(), since(start));
    }

    final GraphWhereEdges graphWhereEdges() {
        int start = start();
        take();
        return new GraphWhereEdges(unnamed(), since(start));
    }
}
