package io.conshelf.kql.geo;

import com.google.common.geometry.S1Angle;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import com.google.common.geometry.S2Polyline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A polygon or several as one, with edges along great circles.
public record Polygons(S2Polygon union) {
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
        return new Polygons(parts.size() == 1 ? parts.getFirst() : RingStarts.like(parts, S2Polygon.union(parts)));
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
        return GeoJson.polygon(RingStarts.like(List.of(union, other.union), both));
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
        simplified.initToSimplified(union, Sphere.angle(tolerance), false);
        boolean isNothing = simplified.isEmpty() || isWithin(simplified, Sphere.angle(tolerance));
        return isNothing ? Optional.empty() : Optional.of(GeoJson.polygon(simplified));
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
