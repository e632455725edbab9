package io.conshelf.kql.geo;

import com.google.common.geometry.S1Angle;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import com.google.common.geometry.S2Polyline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A polygon or several as one, with edges along great circles.
public record Polygons(S2Polygon union) {
    private static final Comparator<Made> BY_CORNERS = Comparator.comparingInt(made -> made.polygon.getNumVertices());

    public static Optional<Polygons> read(String json) {
        return GeoJson.polygons(json).map(Polygons::of);
    }

    /// The polygons of an array; empty where one of them is none.
    public static Optional<Polygons> readAll(List<String> json) {
        List<S2Polygon> all = new ArrayList<>();
        for (String one : json) {
            Optional<List<S2Polygon>> polygons = GeoJson.polygons(one);
            if (polygons.isEmpty()) {
                return Optional.empty();
            }
            all.addAll(polygons.get());
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(of(all));
    }

    static Polygons of(List<S2Polygon> parts) {
        // The two with the fewest corners first, and what they make among the others, as S2's own union of many does.
        List<Made> left = new ArrayList<>(parts.stream().map(part -> new Made(part, part.getLoops())).toList());
        left.sort(BY_CORNERS);
        while (left.size() > 1) {
            Made made = left.removeFirst().with(left.removeFirst());
            int at = 0;
            while (at < left.size() && BY_CORNERS.compare(left.get(at), made) <= 0) {
                at++;
            }
            left.add(at, made);
        }
        return new Polygons(left.getFirst().polygon);
    }

    /// @param rings those of the polygon, in the order of the edges they are from
    private record Made(S2Polygon polygon, List<S2Loop> rings) {
        Made with(Made other) {
            S2Polygon both = new S2Polygon();
            both.initToUnion(polygon, other.polygon);
            List<S2Loop> sources = new ArrayList<>(rings);
            sources.addAll(other.rings);
            List<S2Loop> turned = RingStarts.rings(sources, both);
            S2Polygon made = new S2Polygon();
            made.initNested(new ArrayList<>(turned));
            return new Made(made, turned);
        }
    }

    public boolean contains(S2Point point) {
        return union.contains(point);
    }

    /// In metres; 0 within.
    public double distance(S2Point point) {
        return union.contains(point) ? 0 : Sphere.metres(union.getDistance(point));
    }

    public String closestPoint(S2Point point) {
        return GeoJson.point(union.contains(point) ? point : union.project(point));
    }

    /// In square metres.
    public double area() {
        return union.getArea() * Sphere.RADIUS * Sphere.RADIUS;
    }

    /// In metres, with that of holes.
    public double perimeter() {
        double metres = 0;
        for (S2Loop loop : union.getLoops()) {
            for (int i = 0; i < loop.numVertices(); i++) {
                metres += Sphere.metres(loop.vertex(i), loop.vertex(i + 1));
            }
        }
        return metres;
    }

    public String centroid() {
        return GeoJson.point(union.getCentroid().normalize());
    }

    public String text() {
        return GeoJson.polygon(union);
    }

    public boolean intersects(Polygons other) {
        return union.intersects(other.union);
    }

    public String intersection(Polygons other) {
        S2Polygon both = new S2Polygon();
        both.initToIntersection(union, other.union);
        S2Polygon area = RingStarts.like(List.of(union, other.union), both);
        List<S2Point> points = touching(other, area);
        if (points.isEmpty()) {
            return GeoJson.polygon(area);
        }
        return area.isEmpty() ? GeoJson.points(points) : GeoJson.collection(List.of(GeoJson.points(points), GeoJson.polygon(area)));
    }

    /// The corners that both have away from the area they share, where they meet in a point and not along an edge.
    private List<S2Point> touching(Polygons other, S2Polygon area) {
        Set<S2Point> theirs = corners(other.union);
        Set<S2Point> within = corners(area);
        List<S2Point> points = new ArrayList<>();
        for (S2Loop loop : union.getLoops()) {
            for (int i = 0; i < loop.numVertices(); i++) {
                S2Point corner = loop.vertex(i);
                boolean alongEdge = theirs.contains(loop.vertex(i + 1)) || theirs.contains(loop.vertex(i + loop.numVertices() - 1));
                if (theirs.contains(corner) && !alongEdge && !within.contains(corner) && !area.contains(corner)) {
                    points.add(corner);
                }
            }
        }
        return points;
    }

    private static Set<S2Point> corners(S2Polygon polygon) {
        return polygon.getLoops().stream().flatMap(loop -> loop.vertices().stream()).collect(Collectors.toSet());
    }

    public boolean intersects(Lines lines) {
        return lines.parts().stream().anyMatch(line -> line.vertices().stream().anyMatch(union::contains) || crosses(line));
    }

    private boolean crosses(S2Polyline line) {
        return union.getLoops().stream().anyMatch(loop -> {
            List<S2Point> closed = new ArrayList<>(loop.vertices());
            closed.add(loop.vertex(0));
            return line.intersects(new S2Polyline(closed));
        });
    }

    public String intersection(Lines lines) {
        return GeoJson.lines(lines.parts().stream().flatMap(line -> union.intersectWithPolyline(line).stream()).toList());
    }

    /// @param tolerance in metres
    public Optional<String> simplified(double tolerance) {
        if (!(tolerance >= 0 && tolerance <= Lines.TOLERANCE_MAX)) {
            return Optional.empty();
        }
        S2Polygon simplified = new S2Polygon();
        simplified.initToSimplified(withoutClose(Sphere.angle(tolerance)), Sphere.angle(tolerance), false);
        boolean isNothing = simplified.isEmpty() || isWithin(simplified, Sphere.angle(tolerance));
        return isNothing ? Optional.empty() : Optional.of(GeoJson.polygon(simplified));
    }

    /// Corners that follow one within a tolerance fall together with it, before edges are looked at.
    private S2Polygon withoutClose(S1Angle tolerance) {
        List<S2Loop> loops = new ArrayList<>();
        for (S2Loop loop : union.getLoops()) {
            List<S2Point> kept = new ArrayList<>();
            for (S2Point corner : loop.vertices()) {
                if (kept.isEmpty() || kept.getLast().angle(corner) > tolerance.radians()) {
                    kept.add(corner);
                }
            }
            if (kept.size() > 1 && kept.getLast().angle(kept.getFirst()) <= tolerance.radians()) {
                kept.removeLast();
            }
            if (kept.size() > 2) {
                loops.add(new S2Loop(kept));
            }
        }
        S2Polygon polygon = new S2Polygon();
        polygon.initNested(loops);
        return polygon;
    }

    /// Whether no two corners are farther apart than a tolerance: nothing is left of such a polygon.
    private static boolean isWithin(S2Polygon polygon, S1Angle tolerance) {
        return polygon.getLoops().stream().allMatch(loop -> loop.vertices().stream().allMatch(a -> a.angle(loop.vertex(0)) < tolerance.radians()));
    }

    /// @param tolerance in metres
    public Optional<String> densified(double tolerance, boolean acrossAntimeridian) {
        return Densification.of(tolerance, acrossAntimeridian).map(densification -> {
            S2Polygon dense = new S2Polygon();
            List<S2Loop> loops = new ArrayList<>();
            for (S2Loop loop : union.getLoops()) {
                loops.add(new S2Loop(densification.ring(loop.vertices())));
            }
            dense.initNested(loops);
            return GeoJson.polygon(dense);
        });
    }
}
