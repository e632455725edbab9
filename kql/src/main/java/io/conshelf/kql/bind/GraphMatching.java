package io.conshelf.kql.bind;

import io.conshelf.kql.bind.GraphElements.Edge;
import io.conshelf.kql.bind.GraphElements.Element;
import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.bind.GraphElements.Path;
import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan.Cycles;
import io.conshelf.kql.plan.Plan.PathFold;
import io.conshelf.kql.plan.Plan.PathPart;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Binds `graph-match` and `graph-shortest-paths`: the elements of the pattern with their columns, the conditions, what is
/// projected. [GraphWalk] makes the plan.
final class GraphMatching {
    private final Binder binder;
    private final Projections projections;
    private final Items items;

    GraphMatching(Binder binder, Projections projections) {
        this.binder = binder;
        this.projections = projections;
        items = new Items(binder);
    }

    /// What the two operators share.
    ///
    /// @param shortest empty for `graph-match`; whether all shortest paths are wanted
    record Match(String operator, List<Syntax.GraphPattern> patterns, Optional<Expression> where, List<Expression> project,
            Cycles cycles, Optional<Boolean> shortest) {}

    Meaning match(Match match, Graph graph, Scope scope) {
        Map<Syntax.GraphPatternElement, Element> all = new HashMap<>();
        Map<String, Element> named = new HashMap<>();
        for (Syntax.GraphPattern pattern : match.patterns()) {
            for (Syntax.GraphPatternElement element : pattern.elements()) {
                all.put(element, element(element, named, graph));
            }
        }
        GraphElements elements = new GraphElements(named, Optional.empty());
        Env env = Env.of(scope, Columns.NONE, match.operator()).withElements(elements.columns(), elements);
        List<Expr> conditions = new ArrayList<>();
        match.where().ifPresent(where -> conditions(where, env, conditions));
        if (match.project().isEmpty()) {
            if (!match.patterns().isEmpty()) {
                binder.refuse(match.patterns().getFirst().span(), match.operator() + " without project");
            }
            return graph;
        }
        Items.Bound bound = items.bind(match.project(), env);
        List<Items.Item> listed = bound.items().stream().map(item -> elements.isList(item.value()) ? new Items.Item(item.name(),
                item.written(), binder.calls.convert(item.value(), Type.DYNAMIC), item.at()) : item).toList();
        var assignments = projections.assign(listed, match.operator());
        Set<Column> read = new HashSet<>();
        conditions.forEach(condition -> read.addAll(ExprWalk.columns(condition)));
        assignments.forEach(assignment -> read.addAll(ExprWalk.columns(assignment.value())));
        Map<Syntax.GraphEdgeRange, Lengths> lengths = new HashMap<>();
        match.patterns().forEach(pattern -> pattern.elements().forEach(element -> {
            if (element instanceof Syntax.GraphEdge edge) {
                edge.range().ifPresent(range -> lengths.put(range, lengths(range, env, match.operator())));
            }
        }));
        if (match.shortest().isPresent() && (match.patterns().size() != 1 || lengths.isEmpty())) {
            binder.report(Messages.error(match.patterns().getFirst().span(),
                    "graph-shortest-paths takes one sequence, with an edge of variable length in it"));
        }
        if (!inTurn(match)) {
            return new Rows(binder.nothing(List.of()), bound.failed(), "");
        }
        return new Rows(new GraphWalk(binder, graph, match, all, lengths, read).plan(conditions, assignments), bound.failed(), "");
    }

    /// Whether each pattern has nodes and edges in turn, with a node at both ends; what has not is reported.
    private boolean inTurn(Match match) {
        boolean isInTurn = true;
        for (Syntax.GraphPattern pattern : match.patterns()) {
            boolean wantsNode = true;
            for (Syntax.GraphPatternElement element : pattern.elements()) {
                boolean isNode = element instanceof Syntax.GraphNode;
                if (isNode != wantsNode) {
                    isInTurn = false;
                    binder.report(Messages.error(element.span(), "%s: %s is expected here, and %s was found"
                            .formatted(match.operator(), wantsNode ? "a node" : "an edge", isNode ? "a node" : "an edge")));
                }
                wantsNode = !wantsNode;
            }
            if (wantsNode) {
                isInTurn = false;
                binder.report(Messages.error(pattern.span(), match.operator() + ": a pattern ends with a node"));
            }
        }
        return isInTurn;
    }

    /// The number of edges that an edge of variable length stands for.
    record Lengths(long least, long most) {}

    private Lengths lengths(Syntax.GraphEdgeRange range, Env env, String operator) {
        long least = length(range.from(), env, operator);
        long most = length(range.to(), env, operator);
        if (least < 0 || most < least) {
            binder.report(Messages.error(range.span(), operator + ": an edge of variable length goes from a least number of edges to a"
                    + " number that is no smaller"));
        }
        return new Lengths(least, most);
    }

    private long length(Expression length, Env env, String operator) {
        Optional<Expr> value = binder.expressions.expr(length, Env.of(env.scope()));
        if (value.isPresent() && value.get() instanceof Expr.Constant(Type type, Number number) && type.isInteger()) {
            return number.longValue();
        }
        if (value.isPresent() && !binder.isUndecided(value.get())) {
            binder.report(Messages.integerExpected(length.span(), operator));
        }
        return 1;
    }

    private Element element(Syntax.GraphPatternElement element, Map<String, Element> named, Graph graph) {
        Optional<String> name = switch (element) {
            case Syntax.GraphNode node -> node.name().map(Syntax.Name::text);
            case Syntax.GraphEdge edge -> edge.name().map(Syntax.Name::text);
        };
        if (name.isPresent() && named.get(name.get()) instanceof Element known && known instanceof Node == element instanceof Syntax.GraphNode) {
            if (!(known instanceof Node)) {
                binder.report(Messages.nameTwice(element.span(), name.get()));
            }
            return known;
        }
        Element made = switch (element) {
            case Syntax.GraphNode _ -> node(graph);
            case Syntax.GraphEdge edge when edge.range().isPresent() -> Path.of(binder, edge(graph), node(graph));
            case Syntax.GraphEdge _ -> edge(graph);
        };
        name.ifPresent(text -> named.put(text, made));
        return made;
    }

    private Node node(Graph graph) {
        return new Node(new PlanCopy(binder).copy(graph.nodes()), graph.labelled());
    }

    private Edge edge(Graph graph) {
        return new Edge(new PlanCopy(binder).copy(graph.edges()), graph.labelled());
    }

    /// The terms of the condition. One about the properties of an edge of variable length must hold for each of its edges.
    private void conditions(Expression where, Env env, List<Expr> conditions) {
        if (where instanceof Syntax.Parenthesized(Expression inner, _)) {
            conditions(inner, env, conditions);
            return;
        }
        if (where instanceof Syntax.Binary binary && binary.operator() == Syntax.BinaryOperator.AND) {
            conditions(binary.left(), env, conditions);
            conditions(binary.right(), env, conditions);
            return;
        }
        for (Path path : env.graph().paths()) {
            Optional<Expr> ofEach = ofEach(where, path, env);
            if (ofEach.isPresent()) {
                conditions.add(path.add(binder, PathPart.EDGES, PathFold.ALL, ofEach.get()));
                return;
            }
        }
        binder.expressions.predicate(where, env).ifPresent(conditions::add);
    }

    /// The condition over one edge of the path, where it is about nothing else.
    private Optional<Expr> ofEach(Expression where, Path path, Env env) {
        Map<String, Columns> sides = new HashMap<>(env.sides());
        env.graph().byName().forEach((name, element) -> {
            if (element == path) {
                sides.put(name, path.edge().columns());
            }
        });
        var bound = binder.apart(() -> binder.expressions.predicate(where, env.withSides(sides)));
        return bound.result().filter(expr -> bound.errors().isEmpty()).filter(expr -> {
            Set<Column> columns = ExprWalk.columns(expr);
            return !columns.isEmpty() && path.edge().visible().containsAll(columns);
        });
    }
}
