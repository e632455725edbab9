package io.conshelf.kql.geo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.geometry.S2LatLng;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import com.google.common.geometry.S2Polyline;
import io.conshelf.kql.value.RealText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Shapes as GeoJSON, read from and written as the text of a dynamic.
public final class GeoJson {
    static final String NOTHING = "{\"type\":\"GeometryCollection\",\"geometries\":[]}";

    private static final JsonFactory JSON = new JsonFactory();
    /// Lists within lists: those of a MultiPolygon, and a few for what is wrong.
    private static final int DEPTH_MAX = 6;
    // Held, or it would be forgotten with what is set here.
    private static final Logger S2_LOG = Logger.getLogger("com.google.common.geometry");

    static {
        // It writes a line for each shape that is none; the query's answer tells that.
        S2_LOG.setLevel(Level.OFF);
    }

    private GeoJson() {}

    /// A `type` and its `coordinates`, a number or a list of these.
    private record Shape(String type, Object coordinates) {}

    /// The lines of a LineString or MultiLineString; empty where one of them is none.
    static Optional<List<S2Polyline>> lines(String json) {
        return shape(json).flatMap(shape -> switch (shape.type) {
            case "LineString" -> line(shape.coordinates).map(List::of);
            case "MultiLineString" -> all(shape.coordinates, GeoJson::line);
            default -> Optional.empty();
        });
    }

    /// The one line of a LineString.
    static Optional<S2Polyline> line(String json) {
        return shape(json).filter(shape -> shape.type.equals("LineString")).flatMap(shape -> line(shape.coordinates));
    }

    /// The polygons of a Polygon or MultiPolygon, which may overlap.
    static Optional<List<S2Polygon>> polygons(String json) {
        return shape(json).flatMap(shape -> switch (shape.type) {
            case "Polygon" -> polygon(shape.coordinates).map(List::of);
            case "MultiPolygon" -> all(shape.coordinates, GeoJson::polygon);
            default -> Optional.empty();
        });
    }

    @FunctionalInterface
    private interface Part<R> {
        Optional<R> read(Object coordinates);
    }

    private static <R> Optional<List<R>> all(Object coordinates, Part<R> part) {
        if (!(coordinates instanceof List<?> list) || list.isEmpty()) {
            return Optional.empty();
        }
        List<R> read = new ArrayList<>(list.size());
        for (Object one : list) {
            Optional<R> value = part.read(one);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            read.add(value.get());
        }
        return Optional.of(read);
    }

    private static Optional<S2Point> point(Object coordinates) {
        return coordinates instanceof List<?> pair && pair.size() >= 2 && pair.get(0) instanceof Double longitude && pair.get(1) instanceof Double latitude
                ? Sphere.point(longitude, latitude)
                : Optional.empty();
    }

    private static Optional<S2Polyline> line(Object coordinates) {
        return all(coordinates, GeoJson::point).filter(points -> points.size() >= 2 && haveShortestWays(points)).map(S2Polyline::new).filter(S2Polyline::isValid);
    }

    /// From a point to the one opposite to it, all ways are as short.
    private static boolean haveShortestWays(List<S2Point> points) {
        for (int i = 1; i < points.size(); i++) {
            if (Sphere.areOpposite(points.get(i - 1), points.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static Optional<S2Polygon> polygon(Object coordinates) {
        return all(coordinates, GeoJson::ring).flatMap(loops -> {
            if (loops.size() == 1) {
                return Optional.of(new S2Polygon(loops.getFirst()));
            }
            S2Polygon polygon = new S2Polygon();
            polygon.initNested(loops);
            return polygon.isValid() ? Optional.of(polygon) : Optional.empty();
        });
    }

    /// Ring or hole: the smaller of the two regions that it parts.
    private static Optional<S2Loop> ring(Object coordinates) {
        return all(coordinates, GeoJson::point).filter(points -> points.size() >= 4 && points.getFirst().equals(points.getLast()) && haveShortestWays(points)).map(points -> {
            S2Loop loop = new S2Loop(points.subList(0, points.size() - 1));
            if (loop.isValid()) {
                loop.normalize();
            }
            return loop;
        }).filter(S2Loop::isValid);
    }

    private static Optional<Shape> shape(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            String type = null;
            Object coordinates = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                    type = parser.getText();
                } else if (name.equals("coordinates")) {
                    coordinates = coordinates(parser, 0);
                } else {
                    parser.skipChildren();
                }
            }
            return type == null || coordinates == null ? Optional.empty() : Optional.of(new Shape(type, coordinates));
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    private static Object coordinates(JsonParser parser, int depth) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                return parser.getDoubleValue();
            }
            case START_ARRAY -> {
                if (depth == DEPTH_MAX) {
                    parser.skipChildren();
                    return "too deep";
                }
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(coordinates(parser, depth + 1));
                }
                return list;
            }
            default -> {
                parser.skipChildren();
                return "no coordinate";
            }
        }
    }

    static String point(S2Point point) {
        return point(new S2LatLng(point));
    }

    static String point(S2LatLng point) {
        StringBuilder text = new StringBuilder("{\"type\":\"Point\",\"coordinates\":");
        append(text, point);
        return text.append('}').toString();
    }

    /// A Point, a MultiPoint, or an empty collection.
    static String points(List<S2Point> points) {
        return switch (points.size()) {
            case 0 -> NOTHING;
            case 1 -> point(points.getFirst());
            default -> shape("MultiPoint", points, GeoJson::append);
        };
    }

    /// A LineString, a MultiLineString, or an empty collection.
    static String collection(List<String> geometries) {
        return "{\"type\":\"GeometryCollection\",\"geometries\":[" + String.join(",", geometries) + "]}";
    }

    static String lines(List<S2Polyline> lines) {
        return switch (lines.size()) {
            case 0 -> NOTHING;
            case 1 -> shape("LineString", lines.getFirst().vertices(), GeoJson::append);
            default -> shape("MultiLineString", lines, (text, line) -> list(text, line.vertices(), GeoJson::append));
        };
    }

    /// A Polygon, a MultiPolygon, or an empty collection.
    static String polygon(S2Polygon polygon) {
        List<List<S2Loop>> shells = new ArrayList<>();
        for (int i = 0; i < polygon.numLoops(); i++) {
            S2Loop loop = polygon.loop(i);
            if (loop.isHole() && !shells.isEmpty()) {
                shells.getLast().add(loop);
            } else {
                shells.add(new ArrayList<>(List.of(loop)));
            }
        }
        return switch (shells.size()) {
            case 0 -> NOTHING;
            case 1 -> shape("Polygon", shells.getFirst(), GeoJson::appendRing);
            default -> shape("MultiPolygon", shells, (text, shell) -> list(text, shell, GeoJson::appendRing));
        };
    }

    /// A Polygon of one ring, which is closed here.
    static String ring(List<S2LatLng> corners) {
        List<S2LatLng> closed = new ArrayList<>(corners);
        closed.add(corners.getFirst());
        return shape("Polygon", List.of(closed), (text, ring) -> list(text, ring, GeoJson::append));
    }

    @FunctionalInterface
    private interface Append<P> {
        void to(StringBuilder text, P part);
    }

    private static <P> String shape(String type, List<P> parts, Append<P> append) {
        StringBuilder text = new StringBuilder("{\"type\":\"").append(type).append("\",\"coordinates\":");
        list(text, parts, append);
        return text.append('}').toString();
    }

    private static <P> void list(StringBuilder text, List<P> parts, Append<P> append) {
        text.append('[');
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            append.to(text, parts.get(i));
        }
        text.append(']');
    }

    private static void appendRing(StringBuilder text, S2Loop loop) {
        List<S2Point> ring = new ArrayList<>(loop.numVertices() + 1);
        for (int i = 0; i <= loop.numVertices(); i++) {
            ring.add(loop.orientedVertex(i));
        }
        list(text, ring, GeoJson::append);
    }

    private static void append(StringBuilder text, S2Point point) {
        append(text, new S2LatLng(point));
    }

    private static void append(StringBuilder text, S2LatLng at) {
        text.append('[').append(RealText.format(at.lngDegrees(), true)).append(',').append(RealText.format(at.latDegrees(), true)).append(']');
    }
}
