package io.conshelf.streams.expression;

import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.geom.Polygonal;
import org.locationtech.jts.geom.TopologyException;
import org.locationtech.jts.geom.util.GeometryFixer;
import org.locationtech.jts.io.ParseException;
import org.locationtech.jts.io.WKTReader;

/// Geographies as queries write them: records of GeoJSON, texts of GeoJSON and of WKT. Belongs to one thread.
///
/// Those read lately are kept: fences of reference data come again and again.
final class Geographies {
    private static final int KEPT = 512;
    private static final int POINTS_MAX = 1_000_000;

    /// What is no geography, and why.
    static final class NoGeography extends Exception {
        NoGeography(String message) {
            super(message, null, false, false);
        }
    }

    private final GeometryFactory geometries = new GeometryFactory();
    private final JsonRead json = new JsonRead(JsonRead.Reading.PLAIN);
    private final Map<Value, Geometry> lately = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Value, Geometry> eldest) {
            return size() > KEPT;
        }
    };

    private final UnaryOperator<Geometry> view;

    /// @param view what is made of a geography as it is read
    Geographies(UnaryOperator<Geometry> view) {
        this.view = view;
    }

    Geometry of(Value value) throws NoGeography {
        Geometry known = lately.get(value);
        if (known != null) {
            return known;
        }
        Geometry read = switch (value) {
            case Record record -> geoJson(record);
            case Text(String text) when text.stripLeading().startsWith("{") ->
                geoJson(json.record(text).orElseThrow(() -> new NoGeography("the text is not JSON")));
            case Text(String text) -> wellKnownText(text);
            case Value.Null _, BigInt _, FloatingPoint _, Value.DateTime _, Value.Bit _, Array _ ->
                throw new NoGeography("a value of type '" + value.typeName() + "' is neither GeoJSON nor WKT");
        };
        Geometry seen;
        try {
            // Lines that cross themselves have no inside to speak of: what is enclosed counts.
            seen = view.apply(read instanceof Polygonal && !read.isValid() ? GeometryFixer.fix(read) : read);
        } catch (IllegalArgumentException | TopologyException crossed) {
            throw new NoGeography("its lines cross: " + crossed.getMessage());
        }
        lately.put(value, seen);
        return seen;
    }

    /// A ring whose ends nearly meet is closed.
    private Geometry wellKnownText(String text) throws NoGeography {
        WKTReader reader = new WKTReader(geometries);
        reader.setFixStructure(true);
        try {
            return reader.read(text);
        } catch (ParseException | IllegalArgumentException notWkt) {
            throw new NoGeography("it cannot be read as WKT: " + notWkt.getMessage());
        }
    }

    private Geometry geoJson(Record record) throws NoGeography {
        if (!(record.field("type") instanceof Text(String type)) || !(record.field("coordinates") instanceof Array coordinates)) {
            throw new NoGeography("GeoJSON has a type and coordinates");
        }
        int[] points = new int[1];
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "point" -> geometries.createPoint(point(coordinates, points));
            case "linestring" -> lineString(coordinates, points);
            case "polygon" -> polygon(coordinates, points);
            case "multipoint" -> geometries.createMultiPointFromCoords(line(coordinates, points));
            case "multilinestring" -> {
                List<org.locationtech.jts.geom.LineString> lines = new ArrayList<>();
                for (Value line : coordinates.elements()) {
                    lines.add(lineString(array(line), points));
                }
                yield geometries.createMultiLineString(lines.toArray(org.locationtech.jts.geom.LineString[]::new));
            }
            case "multipolygon" -> {
                List<Polygon> polygons = new ArrayList<>();
                for (Value polygon : coordinates.elements()) {
                    polygons.add(polygon(array(polygon), points));
                }
                yield geometries.createMultiPolygon(polygons.toArray(Polygon[]::new));
            }
            default -> throw new NoGeography("GeoJSON of type '" + type + "' is not supported");
        };
    }

    private org.locationtech.jts.geom.LineString lineString(Array coordinates, int[] points) throws NoGeography {
        Coordinate[] line = line(coordinates, points);
        if (line.length < 2) {
            throw new NoGeography("a line has at least 2 points");
        }
        return geometries.createLineString(line);
    }

    /// A list of rings, or, as some of the documentation has it, one ring by itself.
    private Polygon polygon(Array coordinates, int[] points) throws NoGeography {
        if (coordinates.elements().isEmpty()) {
            throw new NoGeography("a polygon has a ring");
        }
        boolean isRing = coordinates.elements().getFirst() instanceof Array first && !first.elements().isEmpty()
                && !(first.elements().getFirst() instanceof Array);
        if (isRing) {
            return geometries.createPolygon(ring(coordinates, points));
        }
        List<LinearRing> rings = new ArrayList<>();
        for (Value ring : coordinates.elements()) {
            rings.add(ring(array(ring), points));
        }
        return geometries.createPolygon(rings.getFirst(), rings.subList(1, rings.size()).toArray(LinearRing[]::new));
    }

    private LinearRing ring(Array coordinates, int[] points) throws NoGeography {
        List<Coordinate> ring = new ArrayList<>(List.of(line(coordinates, points)));
        if (ring.size() < 3) {
            throw new NoGeography("a polygon has at least 3 points");
        }
        if (!ring.getFirst().equals2D(ring.getLast())) {
            ring.add(ring.getFirst().copy());
        }
        if (ring.size() < 4) {
            throw new NoGeography("a polygon has at least 3 points");
        }
        return geometries.createLinearRing(ring.toArray(Coordinate[]::new));
    }

    private static Coordinate[] line(Array coordinates, int[] points) throws NoGeography {
        List<Coordinate> line = new ArrayList<>();
        for (Value point : coordinates.elements()) {
            line.add(point(array(point), points));
        }
        return line.toArray(Coordinate[]::new);
    }

    private static Coordinate point(Array coordinates, int[] points) throws NoGeography {
        if (++points[0] > POINTS_MAX) {
            throw new NoGeography("more than " + POINTS_MAX + " points");
        }
        if (coordinates.elements().size() < 2) {
            throw new NoGeography("a point has a longitude and a latitude");
        }
        return new Coordinate(number(coordinates.elements().get(0)), number(coordinates.elements().get(1)));
    }

    private static double number(Value value) throws NoGeography {
        return switch (value) {
            case BigInt(long number) -> number;
            case FloatingPoint(double number) -> number;
            case Value.Null _, Text _, Value.DateTime _, Value.Bit _, Record _, Array _ -> throw new NoGeography("a coordinate is a number");
        };
    }

    private static Array array(Value value) throws NoGeography {
        if (value instanceof Array array) {
            return array;
        }
        throw new NoGeography("coordinates are arrays");
    }
}
