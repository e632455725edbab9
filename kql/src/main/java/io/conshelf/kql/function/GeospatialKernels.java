package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import com.google.common.geometry.S2Point;
import io.conshelf.kql.geo.Buffers;
import io.conshelf.kql.geo.Geohash;
import io.conshelf.kql.geo.H3Cells;
import io.conshelf.kql.geo.Lines;
import io.conshelf.kql.geo.Polygons;
import io.conshelf.kql.geo.S2Cells;
import io.conshelf.kql.geo.Sphere;
import io.conshelf.kql.geo.WellKnownText;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Shapes and cells on the Earth. What is no valid shape, place or cell gives null.
final class GeospatialKernels {
    static final List<Kernel> ALL = List.of(
            kernel("kql_geo_distance", REAL, (in, row, out) -> real(out, row, both(place(in, row, 0), place(in, row, 2),
                    (a, b) -> Sphere.distance(a, b, in.bool(4, row)))), REAL, REAL, REAL, REAL, BOOL),
            kernel("kql_geo_azimuth", REAL, (in, row, out) -> real(out, row, place(in, row, 0).flatMap(a -> place(in, row, 2)
                    .flatMap(b -> boxed(Sphere.azimuth(a, b))))), REAL, REAL, REAL, REAL),
            kernel("kql_geo_angle", REAL, (in, row, out) -> real(out, row, place(in, row, 0).flatMap(a -> place(in, row, 2)
                    .flatMap(b -> place(in, row, 4).flatMap(c -> boxed(Sphere.angle(a, b, c)))))), REAL, REAL, REAL, REAL, REAL, REAL),
            kernel("kql_geo_in_circle", BOOL, (in, row, out) -> bool(out, row, both(place(in, row, 0), place(in, row, 2),
                    (point, center) -> Sphere.distance(point, center, false) <= in.float64(4, row)).filter(_ -> in.float64(4, row) > 0)),
                    REAL, REAL, REAL, REAL, REAL),
            kernel("kql_geo_point_buffer", DYNAMIC, (in, row, out) -> text(out, row, place(in, row, 0)
                    .flatMap(point -> Buffers.of(point, in.float64(2, row), in.float64(3, row)))), REAL, REAL, REAL, REAL),

            atPolygon("kql_geo_in_polygon", BOOL, (polygons, point, row, out) -> out.bool(row, polygons.contains(point))),
            atPolygon("kql_geo_polygon_distance", REAL, (polygons, point, row, out) -> out.float64(row, polygons.distance(point))),
            atPolygon("kql_geo_polygon_closest", DYNAMIC, (polygons, point, row, out) -> out.text(row, polygons.closestPoint(point))),
            atLine("kql_geo_line_distance", REAL, (lines, point, row, out) -> out.float64(row, lines.distance(point))),
            atLine("kql_geo_line_closest", DYNAMIC, (lines, point, row, out) -> out.text(row, lines.closestPoint(point))),

            ofLine("kql_geo_line_length", REAL, (lines, in, row, out) -> out.float64(row, lines.length())),
            ofLine("kql_geo_line_centroid", DYNAMIC, (lines, in, row, out) -> out.text(row, lines.centroid())),
            ofLine("kql_geo_line_simplify", DYNAMIC, (lines, in, row, out) -> text(out, row, lines.simplified(in.float64(1, row))), REAL),
            ofLine("kql_geo_line_densify", DYNAMIC, (lines, in, row, out) ->
                    text(out, row, lines.densified(in.float64(1, row), in.bool(2, row))), REAL, BOOL).thatMayFail(),
            ofLine("kql_geo_line_buffer", DYNAMIC, (lines, in, row, out) ->
                    text(out, row, Buffers.of(lines, in.float64(1, row), in.float64(2, row)).map(Polygons::text)), REAL, REAL),
            ofLine("kql_geo_line_to_s2", DYNAMIC, (lines, in, row, out) ->
                    tokens(out, row, S2Cells.covering(lines, in.float64(1, row), in.float64(2, row))), REAL, REAL),
            kernel("kql_geo_line_interpolate", DYNAMIC, (in, row, out) ->
                    text(out, row, Lines.interpolate(in.text(0, row), in.float64(1, row))), DYNAMIC, REAL),
            kernel("kql_geo_line_locate", REAL, (in, row, out) -> real(out, row, place(in, row, 1)
                    .flatMap(point -> boxed(Lines.locate(in.text(0, row), point, in.bool(3, row))))), DYNAMIC, REAL, REAL, BOOL),

            ofPolygon("kql_geo_polygon_area", REAL, (polygons, in, row, out) -> out.float64(row, polygons.area())),
            ofPolygon("kql_geo_polygon_perimeter", REAL, (polygons, in, row, out) -> out.float64(row, polygons.perimeter())),
            ofPolygon("kql_geo_polygon_centroid", DYNAMIC, (polygons, in, row, out) -> out.text(row, polygons.centroid())),
            ofPolygon("kql_geo_polygon_simplify", DYNAMIC, (polygons, in, row, out) ->
                    text(out, row, polygons.simplified(in.float64(1, row))), REAL),
            ofPolygon("kql_geo_polygon_densify", DYNAMIC, (polygons, in, row, out) ->
                    text(out, row, polygons.densified(in.float64(1, row), in.bool(2, row))), REAL, BOOL).thatMayFail(),
            ofPolygon("kql_geo_polygon_buffer", DYNAMIC, (polygons, in, row, out) ->
                    text(out, row, Buffers.of(polygons, in.float64(1, row), in.float64(2, row)).map(Polygons::text)), REAL, REAL),
            ofPolygon("kql_geo_polygon_to_s2", DYNAMIC, (polygons, in, row, out) ->
                    tokens(out, row, S2Cells.covering(polygons, in.float64(1, row), in.float64(2, row))), REAL, REAL),
            ofPolygon("kql_geo_polygon_to_h3", DYNAMIC, (polygons, in, row, out) ->
                    tokens(out, row, H3Cells.covering(polygons, in.float64(1, row), in.float64(2, row))), REAL, REAL),

            two("kql_geo_intersects_lines", BOOL, Lines::read, Lines::read, (a, b, row, out) -> out.bool(row, a.intersects(b))),
            two("kql_geo_intersects_polygons", BOOL, Polygons::read, Polygons::read, (a, b, row, out) -> out.bool(row, a.intersects(b))),
            two("kql_geo_intersects_line_polygon", BOOL, Lines::read, Polygons::read, (line, polygon, row, out) -> out.bool(row, polygon.intersects(line))),
            two("kql_geo_intersection_lines", DYNAMIC, Lines::read, Lines::read, (a, b, row, out) -> out.text(row, a.intersection(b))),
            two("kql_geo_intersection_polygons", DYNAMIC, Polygons::read, Polygons::read, (a, b, row, out) -> out.text(row, a.intersection(b))),
            two("kql_geo_intersection_line_polygon", DYNAMIC, Lines::read, Polygons::read,
                    (line, polygon, row, out) -> out.text(row, polygon.intersection(line))),
            kernel("kql_geo_union_lines", DYNAMIC, (in, row, out) ->
                    text(out, row, elements(in.text(0, row)).flatMap(Lines::readAll).map(Lines::union)), DYNAMIC),
            kernel("kql_geo_union_polygons", DYNAMIC, (in, row, out) ->
                    text(out, row, elements(in.text(0, row)).flatMap(Polygons::readAll).map(Polygons::text)), DYNAMIC),
            kernel("kql_geo_simplify_polygons", DYNAMIC, (in, row, out) -> text(out, row, elements(in.text(0, row)).flatMap(Polygons::readAll)
                    .flatMap(polygons -> polygons.simplified(in.float64(1, row)))), DYNAMIC, REAL),
            kernel("kql_geo_from_wkt", DYNAMIC, (in, row, out) -> text(out, row, WellKnownText.toGeoJson(in.text(0, row))), STRING),

            kernel("kql_geohash", STRING, (in, row, out) -> text(out, row,
                    Geohash.of(in.float64(0, row), in.float64(1, row), in.float64(2, row)).map(Geohash::toString)), REAL, REAL, REAL),
            ofCell("kql_geohash_center", DYNAMIC, token -> Geohash.parse(token).map(Geohash::center)),
            ofCell("kql_geohash_polygon", DYNAMIC, token -> Geohash.parse(token).map(Geohash::polygon)),
            kernel("kql_geohash_neighbors", DYNAMIC, (in, row, out) -> tokens(out, row, Geohash.parse(in.text(0, row))
                    .map(cell -> cell.neighbours().stream().map(Geohash::toString).toList())), STRING),
            kernel("kql_s2", STRING, (in, row, out) -> text(out, row,
                    S2Cells.of(in.float64(0, row), in.float64(1, row), in.float64(2, row))), REAL, REAL, REAL),
            ofCell("kql_s2_center", DYNAMIC, S2Cells::center),
            ofCell("kql_s2_polygon", DYNAMIC, S2Cells::polygon),
            kernel("kql_s2_neighbors", DYNAMIC, (in, row, out) -> tokens(out, row, S2Cells.neighbours(in.text(0, row))), STRING),
            kernel("kql_h3", STRING, (in, row, out) -> text(out, row,
                    H3Cells.of(in.float64(0, row), in.float64(1, row), in.float64(2, row))), REAL, REAL, REAL),
            ofCell("kql_h3_center", DYNAMIC, H3Cells::center),
            ofCell("kql_h3_polygon", DYNAMIC, H3Cells::polygon),
            kernel("kql_h3_neighbors", DYNAMIC, (in, row, out) -> tokens(out, row, H3Cells.neighbours(in.text(0, row))), STRING),
            kernel("kql_h3_level", INT, (in, row, out) -> {
                OptionalInt level = H3Cells.resolution(in.text(0, row));
                if (level.isPresent()) {
                    out.int32(row, level.getAsInt());
                } else {
                    out.setNull(row);
                }
            }, STRING),
            kernel("kql_h3_parent", STRING, (in, row, out) -> text(out, row, H3Cells.parent(in.text(0, row), in.float64(1, row))), STRING, REAL),
            kernel("kql_h3_children", DYNAMIC, (in, row, out) -> tokens(out, row, H3Cells.children(in.text(0, row), in.float64(1, row))), STRING, REAL),
            kernel("kql_h3_rings", DYNAMIC, (in, row, out) -> text(out, row, H3Cells.rings(in.text(0, row), in.float64(1, row))
                    .map(rings -> DynamicParts.array(rings.stream().map(GeospatialKernels::array).toList()))), STRING, REAL));

    private GeospatialKernels() {}

    /// The shape of the text that was read last: most often the same text stands in all rows.
    private static final class LastRead<S> {
        private final Function<String, Optional<S>> reader;
        private String text = "";
        private Optional<S> shape = Optional.empty();

        LastRead(Function<String, Optional<S>> reader) {
            this.reader = reader;
        }

        Optional<S> read(String json) {
            if (!json.equals(text)) {
                shape = reader.apply(json);
                text = json;
            }
            return shape;
        }
    }

    @FunctionalInterface
    private interface AtShape<S> {
        void run(S shape, S2Point point, int row, CellWriter out);
    }

    private static Kernel atPolygon(String name, Type returns, AtShape<Polygons> method) {
        return at(name, returns, Polygons::read, method);
    }

    private static Kernel atLine(String name, Type returns, AtShape<Lines> method) {
        return at(name, returns, Lines::read, method);
    }

    /// A place, and a shape.
    private static <S> Kernel at(String name, Type returns, Function<String, Optional<S>> reader, AtShape<S> method) {
        return kernel(name, returns, () -> new LastRead<>(reader), (last, in, row, out) -> {
            Optional<S> shape = last.read(in.text(2, row));
            Optional<S2Point> point = place(in, row, 0);
            if (shape.isPresent() && point.isPresent()) {
                method.run(shape.get(), point.get(), row, out);
            } else {
                out.setNull(row);
            }
        }, REAL, REAL, DYNAMIC);
    }

    @FunctionalInterface
    private interface OfShape<S> {
        void run(S shape, Chunk in, int row, CellWriter out);
    }

    private static Kernel ofLine(String name, Type returns, OfShape<Lines> method, Type... more) {
        return of(name, returns, Lines::read, method, more);
    }

    private static Kernel ofPolygon(String name, Type returns, OfShape<Polygons> method, Type... more) {
        return of(name, returns, Polygons::read, method, more);
    }

    private static <S> Kernel of(String name, Type returns, Function<String, Optional<S>> reader, OfShape<S> method, Type... more) {
        Type[] parameters = new Type[more.length + 1];
        parameters[0] = DYNAMIC;
        System.arraycopy(more, 0, parameters, 1, more.length);
        return kernel(name, returns, () -> new LastRead<>(reader), (last, in, row, out) -> {
            Optional<S> shape = last.read(in.text(0, row));
            if (shape.isPresent()) {
                method.run(shape.get(), in, row, out);
            } else {
                out.setNull(row);
            }
        }, parameters);
    }

    private record TwoRead<A, B>(LastRead<A> first, LastRead<B> second) {}

    @FunctionalInterface
    private interface OfTwo<A, B> {
        void run(A first, B second, int row, CellWriter out);
    }

    private static <A, B> Kernel two(String name, Type returns, Function<String, Optional<A>> first, Function<String, Optional<B>> second,
            OfTwo<A, B> method) {
        return kernel(name, returns, () -> new TwoRead<>(new LastRead<>(first), new LastRead<>(second)), (last, in, row, out) -> {
            Optional<A> one = last.first.read(in.text(0, row));
            Optional<B> other = last.second.read(in.text(1, row));
            if (one.isPresent() && other.isPresent()) {
                method.run(one.get(), other.get(), row, out);
            } else {
                out.setNull(row);
            }
        }, DYNAMIC, DYNAMIC);
    }

    private static Kernel ofCell(String name, Type returns, Function<String, Optional<String>> method) {
        return kernel(name, returns, (in, row, out) -> text(out, row, method.apply(in.text(0, row))), STRING);
    }

    private static Optional<S2Point> place(Chunk in, int row, int column) {
        return Sphere.point(in.float64(column, row), in.float64(column + 1, row));
    }

    private static <A, B, R> Optional<R> both(Optional<A> first, Optional<B> second, BiFunction<A, B, R> method) {
        return first.flatMap(a -> second.map(b -> method.apply(a, b)));
    }

    private static Optional<Double> boxed(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }

    private static Optional<List<String>> elements(String array) {
        return DynamicParts.isArray(array) ? Optional.of(DynamicParts.elements(array)) : Optional.empty();
    }

    private static String array(List<String> tokens) {
        return DynamicParts.array(tokens.stream().map(DynamicText::ofString).toList());
    }

    private static void tokens(CellWriter out, int row, Optional<List<String>> tokens) {
        text(out, row, tokens.map(GeospatialKernels::array));
    }

    private static void real(CellWriter out, int row, Optional<Double> value) {
        value.ifPresentOrElse(present -> out.float64(row, present), () -> out.setNull(row));
    }

    private static void bool(CellWriter out, int row, Optional<Boolean> value) {
        value.ifPresentOrElse(present -> out.bool(row, present), () -> out.setNull(row));
    }

    private static void text(CellWriter out, int row, Optional<String> value) {
        value.ifPresentOrElse(present -> out.text(row, present), () -> out.setNull(row));
    }
}
