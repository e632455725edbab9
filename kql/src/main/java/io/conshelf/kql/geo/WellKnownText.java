package io.conshelf.kql.geo;

import io.conshelf.kql.value.RealText;
import java.util.Optional;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryCollection;
import org.locationtech.jts.geom.LineString;
import org.locationtech.jts.geom.MultiLineString;
import org.locationtech.jts.geom.MultiPoint;
import org.locationtech.jts.geom.MultiPolygon;
import org.locationtech.jts.geom.Point;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.io.ParseException;
import org.locationtech.jts.io.WKTReader;

/// Shapes in well-known text, as GeoJSON.
public final class WellKnownText {
    private static final int DEPTH_MAX = 64;

    private WellKnownText() {}

    public static Optional<String> toGeoJson(String text) {
        if (depth(text) > DEPTH_MAX) {
            return Optional.empty();
        }
        try {
            Geometry shape = new WKTReader().read(text);
            StringBuilder json = new StringBuilder();
            return shape.isEmpty() && !(shape instanceof GeometryCollection) || !append(json, shape) ? Optional.empty() : Optional.of(json.toString());
        } catch (ParseException | IllegalArgumentException notShape) {
            return Optional.empty();
        }
    }

    private static int depth(String text) {
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '(') {
                deepest = Math.max(deepest, ++depth);
            } else if (text.charAt(i) == ')') {
                depth--;
            }
        }
        return deepest;
    }

    /// @return whether there is GeoJSON for such a shape
    private static boolean append(StringBuilder json, Geometry shape) {
        return switch (shape) {
            case Point point -> coordinates(json, "Point", () -> append(json, point.getCoordinate()));
            case LineString line -> coordinates(json, "LineString", () -> append(json, line.getCoordinates()));
            case Polygon polygon -> coordinates(json, "Polygon", () -> append(json, polygon));
            case MultiPoint points -> coordinates(json, "MultiPoint", () -> append(json, points.getCoordinates()));
            case MultiLineString lines -> coordinates(json, "MultiLineString", () -> parts(json, lines, part -> append(json, part.getCoordinates())));
            case MultiPolygon polygons -> coordinates(json, "MultiPolygon", () -> parts(json, polygons, part -> append(json, (Polygon) part)));
            case GeometryCollection all -> {
                json.append("{\"type\":\"GeometryCollection\",\"geometries\":");
                boolean[] isKnown = {true};
                parts(json, all, part -> isKnown[0] &= append(json, part));
                json.append('}');
                yield isKnown[0];
            }
            default -> false;
        };
    }

    private static boolean coordinates(StringBuilder json, String type, Runnable coordinates) {
        json.append("{\"type\":\"").append(type).append("\",\"coordinates\":");
        coordinates.run();
        json.append('}');
        return true;
    }

    @FunctionalInterface
    private interface Part {
        void append(Geometry part);
    }

    private static void parts(StringBuilder json, GeometryCollection all, Part append) {
        json.append('[');
        for (int i = 0; i < all.getNumGeometries(); i++) {
            if (i > 0) {
                json.append(',');
            }
            append.append(all.getGeometryN(i));
        }
        json.append(']');
    }

    private static void append(StringBuilder json, Polygon polygon) {
        json.append('[');
        append(json, polygon.getExteriorRing().getCoordinates());
        for (int i = 0; i < polygon.getNumInteriorRing(); i++) {
            json.append(',');
            append(json, polygon.getInteriorRingN(i).getCoordinates());
        }
        json.append(']');
    }

    private static void append(StringBuilder json, Coordinate[] coordinates) {
        json.append('[');
        for (int i = 0; i < coordinates.length; i++) {
            if (i > 0) {
                json.append(',');
            }
            append(json, coordinates[i]);
        }
        json.append(']');
    }

    private static void append(StringBuilder json, Coordinate at) {
        json.append('[').append(RealText.format(at.getX(), true)).append(',').append(RealText.format(at.getY(), true)).append(']');
    }
}
