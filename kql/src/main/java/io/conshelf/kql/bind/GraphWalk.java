package io.conshelf.kql.bind;

import io.conshelf.kql.bind.GraphElements.Edge;
import io.conshelf.kql.bind.GraphElements.Element;
import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.bind.GraphElements.Path;
import io.conshelf.kql.bind.GraphMatching.Lengths;
import io.conshelf.kql.bind.GraphMatching.Match;
import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Cycles;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.plan.Plan.PathFold;
import io.conshelf.kql.plan.Plan.PathPart;
import io.conshelf.kql.plan.Plan.PathValue;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The plan of a pattern: joins along it, element after element. A condition is checked as soon as what it reads is there, so
/// that walks of variable length begin at few nodes.
final class GraphWalk {
    private final Binder binder;
    private final Graph graph;
    private final Match match;
    private final Map<Syntax.GraphPatternElement, Element> elements;
    private final Map<Syntax.GraphEdgeRange, Lengths> lengths;
    private final Set<Column> read;
    private final List<Expr> pending = new ArrayList<>();
    private final Set<Node> reached = Collections.newSetFromMap(new IdentityHashMap<>());
    private final GraphLinks links = new GraphLinks();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Expr> nodeKeys = new ArrayList<>();
    private final List<Expr> edgeNumbers = new ArrayList<>();
    private final List<Expr> edgeLists = new ArrayList<>();
    private final List<Expr> nodeLists = new ArrayList<>();
    private final List<Expr> pathLengths = new ArrayList<>();
    private Optional<Plan> plan = Optional.empty();
    private final List<Optional<Expr>> returning = new ArrayList<>();

    GraphWalk(Binder binder, Graph graph, Match match, Map<Syntax.GraphPatternElement, Element> elements,
            Map<Syntax.GraphEdgeRange, Lengths> lengths, Set<Column> read) {
        this.binder = binder;
        this.graph = graph;
        this.match = match;
        this.elements = elements;
        this.lengths = lengths;
        this.read = read;
    }

    Plan plan(List<Expr> conditions, List<Assignment> assignments) {
        pending.addAll(conditions);
        Expr first = new Expr.Null(Type.LONG);
        Expr last = first;
        for (Syntax.GraphPattern pattern : match.patterns()) {
            first = begin(pattern.elements().getFirst());
            last = first;
            for (int i = 1; i + 1 < pattern.elements().size(); i += 2) {
                last = step((Node) elements.get(pattern.elements().get(i - 1)), (Syntax.GraphEdge) pattern.elements().get(i),
                        pattern.elements().get(i + 1), last);
            }
        }
        withoutCycles();
        // What is still here is only there for what has been reported.
        Plan whole = now();
        if (match.shortest().isPresent()) {
            whole = shortest(whole, first, last, match.shortest().get(), assignments);
            return whole;
        }
        return new Plan.Project(whole, assignments);
    }

    private Plan now() {
        return plan.orElseGet(() -> binder.nothing(List.of()));
    }

    private void then(Plan next) {
        Plan filtered = next;
        Set<Column> columns = new HashSet<>(next.columns());
        for (Expr condition : List.copyOf(pending)) {
            if (columns.containsAll(ExprWalk.columns(condition))) {
                pending.remove(condition);
                filtered = new Plan.Filter(filtered, condition);
            }
        }
        plan = Optional.of(filtered);
    }

    private void filter(Expr condition) {
        plan = Optional.of(new Plan.Filter(now(), condition));
    }

    private Expr begin(Syntax.GraphPatternElement element) {
        Node node = (Node) elements.get(element);
        if (reached.add(node)) {
            then(plan.isEmpty() ? node.plan() : new Plan.Join(JoinKind.INNER, now(), node.plan(), List.of()));
            nodes.add(node);
            nodeKeys.add(new Expr.Ref(node.key()));
        }
        return new Expr.Ref(node.key());
    }

    /// One edge and the node it leads to, from a node with that key.
    private Expr step(Node source, Syntax.GraphEdge edge, Syntax.GraphPatternElement target, Expr from) {
        Expr end = switch (elements.get(edge)) {
            case Edge single -> single(single, edge.direction(), from);
            case Path path -> walk(path, edge.direction(), lengths.get(edge.range().orElseThrow()), from);
            case Node _ -> throw new AssertionError("no edge: " + edge);
        };
        Node node = (Node) elements.get(target);
        Optional<Expr> length = elements.get(edge) instanceof Path ? Optional.of(pathLengths.getLast()) : Optional.empty();
        if (links.way(source, node).isPresent()) {
            // A pattern may close its circle by single edges, by recorded answers.
            if (length.isPresent() || source == node || match.shortest().isPresent()) {
                returning.add(length);
            }
        } else {
            links.add(source, node, length);
        }
        if (!reached.add(node)) {
            filter(same(end, new Expr.Ref(node.key())));
            return end;
        }
        nodes.add(node);
        nodeKeys.add(end);
        boolean isRead = node.plan().columns().stream().anyMatch(read::contains);
        if (isRead || isNamed(target)) {
            then(new Plan.Join(JoinKind.INNER, now(), node.plan(), List.of(new JoinKey(end, new Expr.Ref(node.key())))));
        }
        return end;
    }

    private static boolean isNamed(Syntax.GraphPatternElement element) {
        return element instanceof Syntax.GraphNode node && node.name().isPresent();
    }

    private Expr single(Edge edge, Syntax.EdgeDirection direction, Expr from) {
        Directed directed = directed(edge, direction);
        edgeNumbers.add(new Expr.Ref(edge.index()));
        pathLengths.add(new Expr.Constant(Type.LONG, 1L));
        then(new Plan.Join(JoinKind.INNER, now(), directed.plan(), List.of(new JoinKey(from, new Expr.Ref(directed.from())))));
        return new Expr.Ref(directed.to());
    }

    /// Edges with the nodes they lead from and to when walked in a direction of the pattern.
    private record Directed(Plan plan, Column from, Column to) {}

    private Directed directed(Edge edge, Syntax.EdgeDirection direction) {
        return switch (direction) {
            case RIGHT -> new Directed(edge.plan(), edge.from(), edge.to());
            case LEFT -> new Directed(edge.plan(), edge.to(), edge.from());
            case ANY -> {
                Edge there = new Edge(new PlanCopy(binder).copy(graph.edges()), graph.labelled());
                Edge back = new Edge(new PlanCopy(binder).copy(graph.edges()), graph.labelled());
                List<Column> swapped = new ArrayList<>(back.plan().columns());
                swapped.set(Graph.FROM, back.to());
                swapped.set(Graph.TO, back.from());
                // An edge from a node to itself is there twice, by recorded answers.
                List<Assignment> renamed = new ArrayList<>();
                swapped.forEach(column -> renamed.add(new Assignment(binder.column(column.name(), column.type()), new Expr.Ref(column))));
                Plan both = new Plan.Union(List.of(there.plan(), new Plan.Project(back.plan(), renamed)), edge.plan().columns());
                yield new Directed(both, edge.from(), edge.to());
            }
        };
    }

    private Expr walk(Path path, Syntax.EdgeDirection direction, Lengths lengths, Expr from) {
        Directed directed = directed(path.edge(), direction);
        Plan edges = directed.plan();
        List<PathValue> values = new ArrayList<>(path.values(binder, read));
        for (PathValue value : path.calls()) {
            Expr asCondition = new Expr.Ref(value.column());
            if (value.fold() == PathFold.ALL && value.of() == PathPart.EDGES && pending.contains(asCondition)) {
                // Edges that no path may have are left out before.
                edges = new Plan.Filter(edges, value.value());
                pending.remove(asCondition);
                values.remove(value);
            }
        }
        Column end = binder.column("$end", from.type());
        Column length = binder.column("$length", Type.LONG);
        Column numbers = binder.column("$numbers", Type.DYNAMIC);
        Column between = binder.column("$between", Type.DYNAMIC);
        Cycles cycles = match.shortest().isPresent() ? Cycles.NONE : match.cycles();
        edgeLists.add(new Expr.Ref(numbers));
        nodeLists.add(new Expr.Ref(between));
        pathLengths.add(new Expr.Ref(length));
        then(new Plan.Walks(now(), from, edges, path.edge().index(), directed.from(), directed.to(), path.node().plan(),
                path.node().key(), lengths.least(), lengths.most(), cycles, values, end, length, numbers, between));
        return new Expr.Ref(end);
    }

    // ---------------------------------------------------------------- cycles

    private void withoutCycles() {
        Cycles cycles = match.shortest().isPresent() ? Cycles.NONE : match.cycles();
        switch (cycles) {
            case ALL -> { }
            case UNIQUE_EDGES -> edgesApart();
            case NONE -> {
                // A path of no edge stays where it is.
                returning.forEach(length -> filter(length.map(l -> sql("{0} = 0", l)).orElse(new Expr.Constant(Type.BOOL, false))));
                for (int i = 0; i < nodes.size(); i++) {
                    for (int j = i + 1; j < nodes.size(); j++) {
                        filter(apartOrOne(i, j));
                    }
                }
                apart(nodeKeys, nodeLists);
            }
        }
    }

    /// Two nodes are not the same, unless all that leads from one to the other is paths of no edge.
    private Expr apartOrOne(int i, int j) {
        Expr apart = not(same(nodeKeys.get(i), nodeKeys.get(j)));
        List<Optional<Expr>> way = links.way(nodes.get(i), nodes.get(j)).orElse(List.of());
        if (way.isEmpty() || way.stream().anyMatch(Optional::isEmpty)) {
            return apart;
        }
        List<Expr> lengths = way.stream().flatMap(Optional::stream).toList();
        return sql("({0} OR {1} = 0)", apart, new Expr.Call("graph", new Lowering.Sql("(" + sum(lengths.size()) + ")"), lengths, Type.LONG));
    }

    private void edgesApart() {
        for (int i = 0; i < edgeNumbers.size(); i++) {
            for (int j = i + 1; j < edgeNumbers.size(); j++) {
                filter(not(same(edgeNumbers.get(i), edgeNumbers.get(j))));
            }
        }
        apart(edgeNumbers, edgeLists);
    }

    /// Nothing is in two lists, and no single one in a list.
    private void apart(List<Expr> singles, List<Expr> lists) {
        for (Expr single : singles) {
            for (Expr list : lists) {
                filter(sql("NOT list_contains({0}, {1})", list, single));
            }
        }
        for (int i = 0; i < lists.size(); i++) {
            for (int j = i + 1; j < lists.size(); j++) {
                filter(sql("NOT list_has_any({0}, {1})", lists.get(i), lists.get(j)));
            }
        }
    }

    private static Expr same(Expr left, Expr right) {
        return sql("{0} IS NOT DISTINCT FROM {1}", left, right);
    }

    private static Expr not(Expr condition) {
        return sql("NOT {0}", condition);
    }

    private static Expr sql(String template, Expr... arguments) {
        return new Expr.Call("graph", new Lowering.Sql(template), List.of(arguments), Type.BOOL);
    }

    // ---------------------------------------------------------------- the shortest

    /// Of the paths between two nodes those of the least length, or one of them.
    private Plan shortest(Plan paths, Expr first, Expr last, boolean all, List<Assignment> assignments) {
        Column start = binder.column("$start", first.type());
        Column end = binder.column("$end", last.type());
        Column length = binder.column("$length", Type.LONG);
        Expr total = new Expr.Call("graph", new Lowering.Sql(sum(pathLengths.size())), pathLengths, Type.LONG);
        List<Assignment> found = new ArrayList<>(assignments);
        found.add(new Assignment(start, first));
        found.add(new Assignment(end, last));
        found.add(new Assignment(length, total));
        found.add(new Assignment(binder.column("$numbers", Type.DYNAMIC),
                edgeLists.isEmpty() ? new Expr.Null(Type.DYNAMIC) : edgeLists.getFirst()));
        Plan shared = binder.entities.shared(new Plan.Project(paths, found));
        int hidden = shared.columns().size() - 4;
        Plan copy = new PlanCopy(binder).copy(shared);
        // One of several is the one that comes first in the order of its edges, so that it is always the same.
        Plan every = all ? copy : new Plan.Sort(copy, List.of(new SortKey(new Expr.Ref(copy.columns().getLast()), false, false)));
        Plan grouped = new PlanCopy(binder).copy(shared);
        Expr least = new Expr.Aggregate(Catalogue.aggregate("take_any").orElseThrow(), "min({0})",
                List.of(new Expr.Ref(grouped.columns().get(hidden + 2))), Type.LONG);
        Plan shortest = new Plan.Aggregate(grouped, List.of(
                new Assignment(binder.column("$start", first.type()), new Expr.Ref(grouped.columns().get(hidden))),
                new Assignment(binder.column("$end", last.type()), new Expr.Ref(grouped.columns().get(hidden + 1)))),
                List.of(new Assignment(binder.column("$length", Type.LONG), least)));
        List<JoinKey> keys = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            keys.add(new JoinKey(new Expr.Ref(every.columns().get(hidden + i)), new Expr.Ref(shortest.columns().get(i))));
        }
        Plan joined = new Plan.Join(all ? JoinKind.INNER : JoinKind.INNER_UNIQUE, every, shortest, keys);
        return Binder.keep(joined, every.columns().subList(0, hidden));
    }

    private static String sum(int count) {
        var sum = new StringBuilder();
        for (int i = 0; i < count; i++) {
            sum.append(i == 0 ? "" : " + ").append('{').append(i).append('}');
        }
        return sum.toString();
    }
}
