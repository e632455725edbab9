package io.conshelf.kql.geo;

import com.google.common.geometry.S1Angle;
import com.google.common.geometry.S2EdgeUtil;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polyline;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedSet;

/// A line or several, with edges along great circles.
public record Lines(List<S2Polyline> parts) {
    /// In metres: half the way round is simplified to nothing.
    static final double TOLERANCE_MAX = 7_800_000;

    /// An edge, whichever way it is walked.
    record Edge(S2Point a, S2Point b) {
        static Edge of(S2Point a, S2Point b) {
            return a.compareTo(b) <= 0 ? new Edge(a, b) : new Edge(b, a);
        }
    }

    public static Optional<Lines> read(String json) {
        return GeoJson.lines(json).map(Lines::new);
    }

    /// The lines of an array; empty where one of them is none.
    public static Optional<Lines> readAll(List<String> json) {
        List<S2Polyline> parts = new ArrayList<>();
        for (String one : json) {
            Optional<List<S2Polyline>> lines = GeoJson.lines(one);
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            parts.addAll(lines.get());
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(new Lines(parts));
    }

    /// In metres.
    public double distance(S2Point point) {
        return Sphere.metres(closest(point), point);
    }

    public String closestPoint(S2Point point) {
        return GeoJson.point(closest(point));
    }

    private S2Point closest(S2Point point) {
        return parts.stream().map(line -> line.project(point)).min(Comparator.comparing(point::angle)).orElseThrow();
    }

    /// The edges of all lines, each once.
    private SequencedSet<Edge> edges() {
        SequencedSet<Edge> edges = new LinkedHashSet<>();
        for (S2Polyline line : parts) {
            for (int i = 1; i < line.numVertices(); i++) {
                edges.add(Edge.of(line.vertex(i - 1), line.vertex(i)));
            }
        }
        return edges;
    }

    /// In metres, of what lines share only once.
    public double length() {
        double length = 0;
        for (Edge edge : edges()) {
            length += Sphere.metres(edge.a, edge.b);
        }
        return length;
    }

    public String centroid() {
        S2Point sum = new S2Point(0, 0, 0);
        for (Edge edge : edges()) {
            // the middle of an edge, as long as the edge
            S2Point middle = edge.a.add(edge.b);
            double half = edge.a.sub(edge.b).norm() / middle.norm();
            sum = sum.add(middle.mul(half));
        }
        return GeoJson.point(sum.normalize());
    }

    /// @param tolerance in metres
    public Optional<String> simplified(double tolerance) {
        if (!(tolerance >= 0 && tolerance <= TOLERANCE_MAX)) {
            return Optional.empty();
        }
        List<S2Polyline> simplified = parts.stream().map(line -> simplified(line, Sphere.angle(tolerance))).filter(line -> line.numVertices() >= 2).toList();
        return simplified.isEmpty() ? Optional.empty() : Optional.of(GeoJson.lines(simplified));
    }

    private static S2Polyline simplified(S2Polyline line, S1Angle tolerance) {
        List<S2Point> kept = new ArrayList<>();
        for (S2Point vertex : line.subsampleVertices(tolerance).vertices()) {
            if (kept.isEmpty() || kept.getLast().angle(vertex) > tolerance.radians()) {
                kept.add(vertex);
            }
        }
        return new S2Polyline(kept);
    }

    /// @param tolerance in metres
    public Optional<String> densified(double tolerance, boolean acrossAntimeridian) {
        return Densification.of(tolerance, acrossAntimeridian).map(densification ->
                GeoJson.lines(parts.stream().map(line -> new S2Polyline(densification.line(line.vertices()))).toList()));
    }

    public boolean intersects(Lines other) {
        return parts.stream().anyMatch(line -> other.parts.stream().anyMatch(line::intersects));
    }

    /// What both have: the edges they share as lines, otherwise the points where they meet.
    public String intersection(Lines other) {
        SequencedSet<Edge> mine = edges();
        SequencedSet<Edge> theirs = other.edges();
        SequencedSet<Edge> shared = walkedEdges();
        shared.removeIf(edge -> !theirs.contains(Edge.of(edge.a, edge.b)));
        SequencedSet<S2Point> points = new LinkedHashSet<>();
        for (Edge one : mine) {
            Interruption.look();
            for (Edge two : theirs) {
                int crossing = S2EdgeUtil.robustCrossing(one.a, one.b, two.a, two.b);
                if (crossing > 0) {
                    points.add(S2EdgeUtil.getIntersection(one.a, one.b, two.a, two.b));
                } else if (crossing == 0) {
                    points.add(one.a.equals(two.a) || one.a.equals(two.b) ? one.a : one.b);
                }
            }
        }
        if (shared.isEmpty()) {
            return GeoJson.points(List.copyOf(points));
        }
        return GeoJson.lines(Chains.of(shared));
    }

    /// All lines in as few as can be, each edge once.
    public String union() {
        return GeoJson.lines(Chains.of(walkedEdges()));
    }

    /// The same edges, each in the direction in which it was walked first.
    private SequencedSet<Edge> walkedEdges() {
        SequencedSet<Edge> walked = new LinkedHashSet<>();
        SequencedSet<Edge> seen = new LinkedHashSet<>();
        for (S2Polyline line : parts) {
            for (int i = 1; i < line.numVertices(); i++) {
                if (seen.add(Edge.of(line.vertex(i - 1), line.vertex(i)))) {
                    walked.add(new Edge(line.vertex(i - 1), line.vertex(i)));
                }
            }
        }
        return walked;
    }

    /// The point of the one line at a part of its length.
    public static Optional<String> interpolate(String json, double fraction) {
        return fraction >= 0 && fraction <= 1 ? GeoJson.line(json).map(line -> GeoJson.point(line.interpolate(fraction))) : Optional.empty();
    }

    /// Which part of the one line's length lies before the point of it that is closest to another.
    public static OptionalDouble locate(String json, S2Point point, boolean onSpheroid) {
        Optional<S2Polyline> read = GeoJson.line(json);
        if (read.isEmpty()) {
            return OptionalDouble.empty();
        }
        S2Polyline line = read.get();
        int nearest = line.getNearestEdgeIndex(point);
        S2Point at = line.projectToEdge(point, nearest);
        double before = 0;
        double all = 0;
        for (int i = 1; i < line.numVertices(); i++) {
            double length = Sphere.distance(line.vertex(i - 1), line.vertex(i), onSpheroid);
            all += length;
            if (i <= nearest) {
                before += length;
            }
        }
        before += Sphere.distance(line.vertex(nearest), at, onSpheroid);
        return OptionalDouble.of(Math.min(1, before / all));
    }
}
