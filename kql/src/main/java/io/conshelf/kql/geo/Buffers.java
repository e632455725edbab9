package io.conshelf.kql.geo;

import com.google.common.geometry.S1Angle;
import com.google.common.geometry.S2;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import com.google.common.geometry.S2Polyline;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Everything within a distance of a shape. Round parts are polygons whose corners lie on the circle.
public final class Buffers {
    /// Beyond a quarter of the Earth's circumference a circle is not round a point any more, but round the one opposite.
    private static final double RADIUS_MAX = Math.PI / 2 * Sphere.RADIUS;
    private static final double TOLERANCE_SHARE_MIN = 1e-6;
    private static final int CORNERS_MAX = 8_192;

    private final S1Angle radius;
    /// In radians, between the corners of what is round.
    private final double step;

    private Buffers(S1Angle radius, double step) {
        this.radius = radius;
        this.step = step;
    }

    /// @param radius    in metres
    /// @param tolerance in metres: how far a side may be from the circle
    private static Optional<Buffers> of(double radius, double tolerance) {
        if (!(radius > 0 && radius < RADIUS_MAX) || !(tolerance >= radius * TOLERANCE_SHARE_MIN)) {
            return Optional.empty();
        }
        double share = Math.min(tolerance / radius, 0.9);
        return Optional.of(new Buffers(Sphere.angle(radius), Math.max(2 * Math.acos(1 - share), 2 * Math.PI / CORNERS_MAX)));
    }

    public static Optional<String> of(S2Point point, double radius, double tolerance) {
        return of(radius, tolerance).map(buffer -> GeoJson.polygon(buffer.around(point)));
    }

    public static Optional<Polygons> of(Lines lines, double radius, double tolerance) {
        return of(radius, tolerance).map(buffer -> new Polygons(S2Polygon.union(buffer.around(lines.parts()))));
    }

    public static Optional<Polygons> of(Polygons polygons, double radius, double tolerance) {
        return of(radius, tolerance).map(buffer -> {
            List<S2Polyline> rings = polygons.union().getLoops().stream().map(Buffers::ring).toList();
            List<S2Polygon> parts = buffer.around(rings);
            parts.add(polygons.union());
            return new Polygons(S2Polygon.union(parts));
        });
    }

    private static S2Polyline ring(S2Loop loop) {
        List<S2Point> closed = new ArrayList<>(loop.vertices());
        closed.add(loop.vertex(0));
        return new S2Polyline(closed);
    }

    private S2Polygon around(S2Point point) {
        int corners = (int) Math.ceil(2 * Math.PI / step);
        List<S2Point> outline = new ArrayList<>(corners);
        S2Point from = S2.ortho(point);
        for (int i = 0; i < corners; i++) {
            outline.add(at(point, from, 2 * Math.PI * i / corners));
        }
        return new S2Polygon(new S2Loop(outline));
    }

    private List<S2Polygon> around(List<S2Polyline> lines) {
        List<S2Polygon> parts = new ArrayList<>();
        for (S2Polyline line : lines) {
            for (int i = 1; i < line.numVertices(); i++) {
                Interruption.look();
                parts.add(around(line.vertex(i - 1), line.vertex(i)));
            }
        }
        return parts;
    }

    /// Half a circle round either end, and the straight sides between.
    private S2Polygon around(S2Point a, S2Point b) {
        List<S2Point> outline = new ArrayList<>();
        S2Point left = S2Point.normalize(S2.robustCrossProd(a, b));
        arc(a, left, outline);
        arc(b, left.neg(), outline);
        S2Loop loop = new S2Loop(outline);
        loop.normalize();
        return new S2Polygon(loop);
    }

    /// Counterclockwise, from one direction to the opposite.
    private void arc(S2Point center, S2Point from, List<S2Point> outline) {
        for (double turn = 0; turn < Math.PI; turn += step) {
            outline.add(at(center, from, turn));
        }
        outline.add(at(center, from, Math.PI));
    }

    private S2Point at(S2Point center, S2Point from, double turn) {
        S2Point across = S2Point.normalize(S2Point.crossProd(center, from));
        S2Point direction = from.mul(Math.cos(turn)).add(across.mul(Math.sin(turn)));
        return S2Point.normalize(center.mul(Math.cos(radius.radians())).add(direction.mul(Math.sin(radius.radians()))));
    }
}
