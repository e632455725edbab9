package io.conshelf.kql.geo;

import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polyline;
import io.conshelf.kql.geo.Lines.Edge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;

/// Edges joined to lines: a line goes on through every point where just two edges meet.
final class Chains {
    private final Map<S2Point, List<Edge>> meeting = new HashMap<>();
    private final Set<Edge> used = new HashSet<>();

    private Chains(SequencedSet<Edge> edges) {
        for (Edge edge : edges) {
            meeting.computeIfAbsent(edge.a(), _ -> new ArrayList<>(2)).add(edge);
            meeting.computeIfAbsent(edge.b(), _ -> new ArrayList<>(2)).add(edge);
        }
    }

    static List<S2Polyline> of(SequencedSet<Edge> edges) {
        Chains chains = new Chains(edges);
        List<S2Polyline> lines = new ArrayList<>();
        // Lines with ends first; what is left then are closed ones.
        for (Edge edge : edges) {
            if (chains.isEnd(edge.a())) {
                chains.walk(edge.a(), edge, lines);
            } else if (chains.isEnd(edge.b())) {
                chains.walk(edge.b(), edge, lines);
            }
        }
        for (Edge edge : edges) {
            chains.walk(edge.a(), edge, lines);
        }
        return lines;
    }

    private boolean isEnd(S2Point point) {
        return meeting.get(point).size() != 2;
    }

    private void walk(S2Point from, Edge first, List<S2Polyline> lines) {
        if (!used.add(first)) {
            return;
        }
        List<S2Point> walked = new ArrayList<>(List.of(from));
        S2Point at = other(first, from);
        walked.add(at);
        while (!isEnd(at)) {
            S2Point here = at;
            Edge next = meeting.get(here).stream().filter(edge -> !used.contains(edge)).findFirst().orElse(null);
            if (next == null) {
                break;
            }
            used.add(next);
            at = other(next, here);
            walked.add(at);
        }
        lines.add(new S2Polyline(walked));
    }

    private static S2Point other(Edge edge, S2Point end) {
        return edge.a().equals(end) ? edge.b() : edge.a();
    }
}
