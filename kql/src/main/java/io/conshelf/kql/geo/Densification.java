package io.conshelf.kql.geo;

import com.google.common.geometry.S2EdgeUtil;
import com.google.common.geometry.S2LatLng;
import com.google.common.geometry.S2Point;
import io.conshelf.kql.value.Interruption;
import io.conshelf.kql.value.TooLargeValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts points into edges that were drawn straight on a flat map, so that great circles between them keep close to them.
///
/// An edge is halved on the map until two points of it, chosen so that the greatest distance lies near them, are close enough to the great circle.
final class Densification {
    private static final double TOLERANCE_MIN = 0.1;
    private static final double TOLERANCE_MAX = 10_000;
    private static final int POINTS_MAX = 10_485_760;
    /// Where along an edge the distance of the two curves is looked at, from either end.
    private static final double LOOK_AT = 0.31215691082248312;
    /// How much closer it must be there, for what lies between these points.
    private static final double SCALE = 0.83829992569888509;

    private final double tolerance;
    private final boolean acrossAntimeridian;

    private Densification(double tolerance, boolean acrossAntimeridian) {
        this.tolerance = tolerance;
        this.acrossAntimeridian = acrossAntimeridian;
    }

    /// @param metres from 0.1 to 10,000
    static Optional<Densification> of(double metres, boolean acrossAntimeridian) {
        return metres >= TOLERANCE_MIN && metres <= TOLERANCE_MAX
                ? Optional.of(new Densification(Sphere.angle(metres).radians() * SCALE, acrossAntimeridian))
                : Optional.empty();
    }

    private record Flat(double longitude, double latitude) {
        static Flat of(S2Point point) {
            S2LatLng at = new S2LatLng(point);
            return new Flat(at.lngDegrees(), at.latDegrees());
        }

        Flat towards(Flat other, double part) {
            return new Flat(longitude + (other.longitude - longitude) * part, latitude + (other.latitude - latitude) * part);
        }

        S2Point point() {
            return S2LatLng.fromDegrees(latitude, longitude).normalized().toPoint();
        }
    }

    List<S2Point> line(List<S2Point> vertices) {
        List<S2Point> dense = new ArrayList<>(List.of(vertices.getFirst()));
        for (int i = 1; i < vertices.size(); i++) {
            Flat from = Flat.of(vertices.get(i - 1));
            Flat to = Flat.of(vertices.get(i));
            edge(from, vertices.get(i - 1), wrapped(from, to), vertices.get(i), dense);
        }
        return dense;
    }

    /// A ring's corners without the last, which is the first again.
    List<S2Point> ring(List<S2Point> corners) {
        List<S2Point> closed = new ArrayList<>(corners);
        closed.add(corners.getFirst());
        List<S2Point> dense = line(closed);
        dense.removeLast();
        return dense;
    }

    private Flat wrapped(Flat from, Flat to) {
        double across = to.longitude - from.longitude;
        return acrossAntimeridian && Math.abs(across) > 180 ? new Flat(to.longitude - Math.signum(across) * 360, to.latitude) : to;
    }

    private void edge(Flat from, S2Point a, Flat to, S2Point b, List<S2Point> dense) {
        if (isClose(from, a, to, b)) {
            dense.add(b);
            if (dense.size() > POINTS_MAX) {
                throw new TooLargeValue("a densified shape has more than " + POINTS_MAX + " points");
            }
            return;
        }
        Interruption.look();
        Flat middle = from.towards(to, 0.5);
        S2Point point = middle.point();
        edge(from, a, middle, point, dense);
        edge(middle, point, to, b, dense);
    }

    private boolean isClose(Flat from, S2Point a, Flat to, S2Point b) {
        if (a.dotProd(b) < -1e-14) {
            return false;
        }
        return apart(from, a, to, b, LOOK_AT) <= tolerance && apart(from, a, to, b, 1 - LOOK_AT) <= tolerance;
    }

    private static double apart(Flat from, S2Point a, Flat to, S2Point b, double part) {
        return S2EdgeUtil.interpolate(part, a, b).angle(from.towards(to, part).point());
    }
}
