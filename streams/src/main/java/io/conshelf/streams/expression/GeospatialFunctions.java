package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.ANY;
import static io.conshelf.streams.expression.Parameter.FLOAT;
import static io.conshelf.streams.expression.Parameter.RECORD;

import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.sf.geographiclib.Geodesic;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.Polygonal;
import org.locationtech.jts.operation.distance.DistanceOp;

/// Geospatial functions. They write GeoJSON and read GeoJSON and WKT, longitude first. Distances are those on the ellipsoid; how shapes lie is looked at in
/// the plane of degrees from level 1.2 on, and on the globe before.
final class GeospatialFunctions {
    private static final Shape GEO_JSON = Shape.of("type", "coordinates");
    /// Within so many degrees two points are one, where a ring closes.
    private static final double TOLERANCE_DEGREES = 1e-13;

    static final List<Function> ALL = List.of(
            Function.of("CreatePoint", FLOAT, FLOAT, (latitude, longitude) -> geoJson("Point", List.of(longitude, latitude))),
            Function.of("CreateLineString", List.of(RECORD, RECORD), points -> geoJson("LineString", coordinates("createlinestring", points))).repeating(),
            Function.of("CreatePolygon", List.of(RECORD, RECORD, RECORD, RECORD), GeospatialFunctions::polygon).repeating(),
            relation("ST_WITHIN", Geometry::within),
            relation("ST_OVERLAPS", Geometry::overlaps),
            relation("ST_INTERSECTS", Geometry::intersects),
            new Function("ST_DISTANCE", List.of(ANY, ANY), 2, Function.Rest.NONE, Function.Nulls.GIVE_NULL, _ -> {
                Geographies geographies = new Geographies(shape -> shape);
                return arguments -> Value.of(distance(read(geographies, "st_distance", arguments, 0), read(geographies, "st_distance", arguments, 1)));
            }));

    private GeospatialFunctions() {}

    @FunctionalInterface
    private interface Relation {
        boolean holds(Geometry first, Geometry second);
    }

    private static Function relation(String name, Relation relation) {
        String shown = name.toLowerCase(Locale.ROOT);
        return new Function(name, List.of(ANY, ANY), 2, Function.Rest.NONE, Function.Nulls.GIVE_NULL, context -> {
            Geographies geographies = new Geographies(context.level().isAtLeast(Compatibility.V1_2) ? shape -> shape : SphereShapes::of);
            return arguments -> {
                Geometry first = read(geographies, shown, arguments, 0);
                Geometry second = read(geographies, shown, arguments, 1);
                try {
                    return Value.of(relation.holds(first, second) ? 1 : 0);
                } catch (IllegalArgumentException | org.locationtech.jts.geom.TopologyException crossed) {
                    throw new ValueFault("Function " + shown + " cannot compare these geographies: " + crossed.getMessage());
                }
            };
        });
    }

    private static Geometry read(Geographies geographies, String function, Value[] arguments, int index) {
        try {
            return geographies.of(arguments[index]);
        } catch (Geographies.NoGeography wrong) {
            throw new ValueFault("The " + (index == 0 ? "1st" : "2nd") + " argument of function " + function + " is not a geography: "
                    + wrong.getMessage() + ".");
        }
    }

    /// With a polygon the distance is 0, as documented.
    private static double distance(Geometry first, Geometry second) {
        if (first instanceof Polygonal || second instanceof Polygonal) {
            return 0;
        }
        Coordinate[] nearest = DistanceOp.nearestPoints(first, second);
        return Geodesic.WGS84.Inverse(nearest[0].y, nearest[0].x, nearest[1].y, nearest[1].x).s12;
    }

    private static Record geoJson(String type, List<Value> coordinates) {
        return new Record(GEO_JSON, new Value[] {Value.of(type), new Array(coordinates)});
    }

    private static List<Value> coordinates(String function, Value[] points) {
        List<Value> coordinates = new ArrayList<>(points.length);
        for (int i = 0; i < points.length; i++) {
            boolean isPoint = points[i] instanceof Record point && point.field("type") instanceof Text(String type) && type.equalsIgnoreCase("point")
                    && point.field("coordinates") instanceof Array(List<Value> numbers) && numbers.size() >= 2;
            if (!isPoint) {
                throw new ValueFault("The " + (i + 1) + ". argument of function " + function + " is not a GeoJSON point.");
            }
            coordinates.add(((Record) points[i]).field("coordinates"));
        }
        return coordinates;
    }

    private static Value polygon(Value[] points) {
        List<Value> ring = coordinates("createpolygon", points);
        if (!isSame(ring.getFirst(), ring.getLast())) {
            throw new ValueFault("The first and the last point of function createpolygon must be equal.");
        }
        return geoJson("Polygon", List.of(new Array(ring)));
    }

    private static boolean isSame(Value one, Value other) {
        return Math.abs(number(one, 0) - number(other, 0)) <= TOLERANCE_DEGREES && Math.abs(number(one, 1) - number(other, 1)) <= TOLERANCE_DEGREES;
    }

    private static double number(Value point, int index) {
        return switch (((Array) point).elements().get(index)) {
            case FloatingPoint(double number) -> number;
            case BigInt(long number) -> number;
            case Value.Null _, Text _, Value.DateTime _, Value.Bit _, Record _, Array _ -> Double.NaN;
        };
    }
}
