package io.conshelf.kql.bind;

import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which nodes of a pattern its edges connect, whatever their direction: a tree for each part of the pattern that is connected, as
/// an edge between two nodes that are connected already closes a circle and is not added.
final class GraphLinks {
    /// @param length of an edge of variable length; empty for a single edge
    private record Link(Node to, Optional<Expr> length) {}

    private final Map<Node, List<Link>> links = new IdentityHashMap<>();

    /// The lengths of the edges on the way from one node to another, when there is one.
    Optional<List<Optional<Expr>>> way(Node from, Node to) {
        return way(from, to, Optional.empty());
    }

    private Optional<List<Optional<Expr>>> way(Node from, Node to, Optional<Node> before) {
        if (from == to) {
            return Optional.of(List.of());
        }
        for (Link link : links.getOrDefault(from, List.of())) {
            if (before.filter(node -> node == link.to()).isEmpty()) {
                var rest = way(link.to(), to, Optional.of(from));
                if (rest.isPresent()) {
                    var lengths = new ArrayList<>(rest.get());
                    lengths.add(link.length());
                    return Optional.of(lengths);
                }
            }
        }
        return Optional.empty();
    }

    void add(Node from, Node to, Optional<Expr> length) {
        links.computeIfAbsent(from, _ -> new ArrayList<>()).add(new Link(to, length));
        links.computeIfAbsent(to, _ -> new ArrayList<>()).add(new Link(from, length));
    }
}
