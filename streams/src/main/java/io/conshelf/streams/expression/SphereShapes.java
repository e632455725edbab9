package io.conshelf.streams.expression;

import java.util.ArrayList;
import java.util.List;
import net.sf.geographiclib.Geodesic;
import net.sf.geographiclib.GeodesicLine;
import net.sf.geographiclib.GeodesicMask;
import org.locationtech.jts.algorithm.Orientation;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.LineString;
import org.locationtech.jts.geom.Polygon;

/// Shapes on the globe, as levels before 1.2 see them: an edge is the shortest way over the ellipsoid, and a polygon whose points run the wrong way round is
/// all of the globe without it.
final class SphereShapes {
    /// An edge is broken where it is longer; then a straight line in degrees is as good.
    private static final double PIECE_METRES = 20_000;
    private static final int PIECES_MAX = 2_000;

    private SphereShapes() {}

    static Geometry of(Geometry planar) {
        // A polygon without an inside has become one without points.
        if (planar.isEmpty()) {
            return planar;
        }
        return switch (planar) {
            case Polygon polygon -> polygon(polygon);
            case LineString line -> line.getFactory().createLineString(broken(line.getCoordinates()));
            default -> planar;
        };
    }

    private static Geometry polygon(Polygon polygon) {
        Coordinate[] ring = polygon.getExteriorRing().getCoordinates();
        Geometry inside = polygon.getFactory().createPolygon(broken(ring));
        if (Orientation.isCCW(ring)) {
            return inside;
        }
        return polygon.getFactory().toGeometry(new Envelope(-180, 180, -90, 90)).difference(inside);
    }

    private static Coordinate[] broken(Coordinate[] points) {
        List<Coordinate> all = new ArrayList<>();
        all.add(points[0]);
        for (int i = 1; i < points.length; i++) {
            Coordinate from = points[i - 1];
            Coordinate to = points[i];
            GeodesicLine way = Geodesic.WGS84.InverseLine(from.y, from.x, to.y, to.x, GeodesicMask.STANDARD | GeodesicMask.DISTANCE_IN);
            int pieces = (int) Math.min(PIECES_MAX, Math.ceil(way.Distance() / PIECE_METRES));
            // An edge that runs around the other side of the globe is left as it is written.
            boolean isShort = Math.abs(to.x - from.x) < 180;
            for (int piece = 1; piece < pieces && isShort; piece++) {
                var at = way.Position(way.Distance() * piece / pieces, GeodesicMask.STANDARD | GeodesicMask.LONG_UNROLL);
                all.add(new Coordinate(at.lon2, at.lat2));
            }
            all.add(to);
        }
        return all.toArray(Coordinate[]::new);
    }
}
