package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.NONE;
import static io.conshelf.kql.type.Type.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Places, lines and polygons on the Earth, as GeoJSON, and the cells of geohash, S2 and H3. What is no valid place, shape or cell gives null.
final class GeospatialFunctions {
    private static final double TOLERANCE = 10;

    static final List<ScalarFunction> ALL = Stream.of(places(), lines(), polygons(), cells()).flatMap(List::stream).toList();

    private GeospatialFunctions() {}

    private static List<ScalarFunction> places() {
        return List.of(
                scalar("geo_distance_2points", NONE, "The distance of two places, in metres.",
                        spheroid(List.of(real("p1_longitude"), real("p1_latitude"), real("p2_longitude"), real("p2_latitude")),
                                "kql_geo_distance({0}, {1}, {2}, {3}, ")),
                scalar("geo_azimuth", NONE, "The direction from one place to another, in radians clockwise from north.",
                        takes(real("p1_longitude"), real("p1_latitude"), real("p2_longitude"), real("p2_latitude")).returns(REAL)
                                .sql("kql_geo_azimuth({0}, {1}, {2}, {3})")),
                scalar("geo_angle", NONE, "The angle between the lines from the second place to the first and to the third, in radians clockwise.",
                        takes(real("p1_longitude"), real("p1_latitude"), real("p2_longitude"), real("p2_latitude"), real("p3_longitude"),
                                real("p3_latitude")).returns(REAL).sql("kql_geo_angle({0}, {1}, {2}, {3}, {4}, {5})")),
                scalar("geo_point_in_circle", NONE, "True where a place lies within so many metres of another.",
                        takes(real("p_longitude"), real("p_latitude"), real("pc_longitude"), real("pc_latitude"), real("c_radius")).returns(BOOL)
                                .sql("kql_geo_in_circle({0}, {1}, {2}, {3}, {4})")),
                scalar("geo_point_in_polygon", NONE, "True where a place lies in a polygon.",
                        takes(real("longitude"), real("latitude"), dynamic("polygon")).returns(BOOL).sql("kql_geo_in_polygon({0}, {1}, {2})")),
                scalar("geo_point_buffer", NONE, "The polygon of all within so many metres of a place.",
                        takes(real("longitude"), real("latitude"), real("radius"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_point_buffer({0}, {1}, {2}, {3})")),
                scalar("geo_distance_point_to_line", NONE, "The distance of a place from a line, in metres.",
                        takes(real("longitude"), real("latitude"), dynamic("lineString")).returns(REAL).sql("kql_geo_line_distance({0}, {1}, {2})")),
                scalar("geo_distance_point_to_polygon", NONE, "The distance of a place from a polygon, in metres; 0 within it.",
                        takes(real("longitude"), real("latitude"), dynamic("polygon")).returns(REAL).sql("kql_geo_polygon_distance({0}, {1}, {2})")),
                scalar("geo_closest_point_on_line", NONE, "The point of a line that is closest to a place.",
                        takes(real("longitude"), real("latitude"), dynamic("lineString")).returns(DYNAMIC).sql("kql_geo_line_closest({0}, {1}, {2})")),
                scalar("geo_closest_point_on_polygon", NONE, "The point of a polygon that is closest to a place.",
                        takes(real("longitude"), real("latitude"), dynamic("polygon")).returns(DYNAMIC)
                                .sql("kql_geo_polygon_closest({0}, {1}, {2})")),
                scalar("geo_from_wkt", NONE, "The GeoJSON of a shape in well-known text.",
                        takes(stringOrDynamic("wkt")).returns(DYNAMIC).sql("kql_geo_from_wkt({0})")));
    }

    private static List<ScalarFunction> lines() {
        return List.of(
                scalar("geo_line_length", NONE, "The length of a line, in metres.",
                        takes(dynamic("lineString")).returns(REAL).sql("kql_geo_line_length({0})")),
                scalar("geo_line_centroid", NONE, "The middle of a line, weighed by length.",
                        takes(dynamic("lineString")).returns(DYNAMIC).sql("kql_geo_line_centroid({0})")),
                scalar("geo_line_simplify", NONE, "A line without what is closer than so many metres to the rest.",
                        takes(dynamic("lineString"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_line_simplify({0}, {1})")),
                scalar("geo_line_densify", NONE, "A line drawn straight on a flat map, with the points it takes to keep to that along great circles.",
                        densify("lineString", "kql_geo_line_densify")),
                scalar("geo_line_buffer", NONE, "The polygon of all within so many metres of a line.",
                        takes(dynamic("lineString"), real("radius"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_line_buffer({0}, {1}, {2})")),
                scalar("geo_line_interpolate_point", NONE, "The point of a line at a part of its length.",
                        takes(dynamic("lineString"), real("fraction")).returns(DYNAMIC).sql("kql_geo_line_interpolate({0}, {1})")),
                scalar("geo_line_locate_point", NONE, "Which part of a line's length lies before its point closest to a place.",
                        spheroid(List.of(dynamic("lineString"), real("longitude"), real("latitude")), "kql_geo_line_locate({0}, {1}, {2}, ")),
                scalar("geo_line_to_s2cells", NONE, "The S2 cells that cover a line, or all within so many metres of it.",
                        takes(dynamic("lineString"), real("level").orElse(REAL, 11.0), real("radius").orElse(REAL, 0.0)).returns(DYNAMIC)
                                .sql("kql_geo_line_to_s2({0}, {1}, {2})")),
                scalar("geo_intersects_2lines", NONE, "True where two lines meet.",
                        takes(dynamic("lineString1"), dynamic("lineString2")).returns(BOOL).sql("kql_geo_intersects_lines({0}, {1})")),
                scalar("geo_intersection_2lines", NONE, "What two lines share.",
                        takes(dynamic("lineString1"), dynamic("lineString2")).returns(DYNAMIC).sql("kql_geo_intersection_lines({0}, {1})")),
                scalar("geo_intersects_line_with_polygon", NONE, "True where a line meets a polygon.",
                        takes(dynamic("lineString"), dynamic("polygon")).returns(BOOL).sql("kql_geo_intersects_line_polygon({0}, {1})")),
                scalar("geo_intersection_line_with_polygon", NONE, "The parts of a line that lie in a polygon.",
                        takes(dynamic("lineString"), dynamic("polygon")).returns(DYNAMIC).sql("kql_geo_intersection_line_polygon({0}, {1})")),
                scalar("geo_union_lines_array", NONE, "The lines of an array as one, each piece once.",
                        takes(dynamic("lineStrings")).returns(DYNAMIC).sql("kql_geo_union_lines({0})")));
    }

    private static List<ScalarFunction> polygons() {
        return List.of(
                scalar("geo_polygon_area", NONE, "The area of a polygon, in square metres.",
                        takes(dynamic("polygon")).returns(REAL).sql("kql_geo_polygon_area({0})")),
                scalar("geo_polygon_perimeter", NONE, "The length of a polygon's borders, in metres.",
                        takes(dynamic("polygon")).returns(REAL).sql("kql_geo_polygon_perimeter({0})")),
                scalar("geo_polygon_centroid", NONE, "The middle of a polygon, weighed by area.",
                        takes(dynamic("polygon")).returns(DYNAMIC).sql("kql_geo_polygon_centroid({0})")),
                scalar("geo_polygon_simplify", NONE, "A polygon without what is closer than so many metres to the rest.",
                        takes(dynamic("polygon"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_polygon_simplify({0}, {1})")),
                scalar("geo_polygon_densify", NONE, "A polygon drawn straight on a flat map, with the points it takes to keep to that along great circles.",
                        densify("polygon", "kql_geo_polygon_densify")),
                scalar("geo_polygon_buffer", NONE, "The polygon of all within so many metres of a polygon.",
                        takes(dynamic("polygon"), real("radius"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_polygon_buffer({0}, {1}, {2})")),
                scalar("geo_polygon_to_s2cells", NONE, "The S2 cells that cover a polygon, or all within so many metres of it.",
                        takes(dynamic("polygon"), real("level").orElse(REAL, 11.0), real("radius").orElse(REAL, 0.0)).returns(DYNAMIC)
                                .sql("kql_geo_polygon_to_s2({0}, {1}, {2})")),
                scalar("geo_polygon_to_h3cells", NONE, "The H3 cells whose middle lies in a polygon, or within so many metres of it.",
                        takes(dynamic("polygon"), real("resolution").orElse(REAL, 6.0), real("radius").orElse(REAL, 0.0)).returns(DYNAMIC)
                                .sql("kql_geo_polygon_to_h3({0}, {1}, {2})")),
                scalar("geo_intersects_2polygons", NONE, "True where two polygons share a part.",
                        takes(dynamic("polygon1"), dynamic("polygon2")).returns(BOOL).sql("kql_geo_intersects_polygons({0}, {1})")),
                scalar("geo_intersection_2polygons", NONE, "The part that two polygons share.",
                        takes(dynamic("polygon1"), dynamic("polygon2")).returns(DYNAMIC).sql("kql_geo_intersection_polygons({0}, {1})")),
                scalar("geo_union_polygons_array", NONE, "The polygons of an array as one.",
                        takes(dynamic("polygons")).returns(DYNAMIC).sql("kql_geo_union_polygons({0})")),
                scalar("geo_simplify_polygons_array", NONE, "The polygons of an array as one, without what is closer than so many metres to the rest.",
                        takes(dynamic("polygons"), real("tolerance").orElse(REAL, TOLERANCE)).returns(DYNAMIC)
                                .sql("kql_geo_simplify_polygons({0}, {1})")));
    }

    private static List<ScalarFunction> cells() {
        return List.of(
                at("geo_point_to_geohash", "The geohash of a place.", "accuracy", 5, "kql_geohash"),
                of("geo_geohash_to_central_point", "The middle of a geohash.", "geohash", "kql_geohash_center"),
                of("geo_geohash_to_polygon", "The rectangle of a geohash.", "geohash", "kql_geohash_polygon"),
                of("geo_geohash_neighbors", "The geohashes around one.", "geohash", "kql_geohash_neighbors"),
                at("geo_point_to_s2cell", "The S2 cell of a place.", "level", 11, "kql_s2"),
                of("geo_s2cell_to_central_point", "The middle of an S2 cell.", "s2cell", "kql_s2_center"),
                of("geo_s2cell_to_polygon", "The polygon of an S2 cell.", "s2cell", "kql_s2_polygon"),
                of("geo_s2cell_neighbors", "The S2 cells around one.", "s2cell", "kql_s2_neighbors"),
                at("geo_point_to_h3cell", "The H3 cell of a place.", "resolution", 6, "kql_h3"),
                of("geo_h3cell_to_central_point", "The middle of an H3 cell.", "h3cell", "kql_h3_center"),
                of("geo_h3cell_to_polygon", "The polygon of an H3 cell.", "h3cell", "kql_h3_polygon"),
                of("geo_h3cell_neighbors", "The H3 cells around one.", "h3cell", "kql_h3_neighbors"),
                scalar("geo_h3cell_level", NONE, "The resolution of an H3 cell.",
                        takes(string("h3cell")).returns(INT).sql("kql_h3_level({0})")),
                scalar("geo_h3cell_parent", NONE, "The H3 cell of a lower resolution around one.",
                        takes(string("h3cell")).returns(STRING).sql("coalesce(kql_h3_parent({0}, -1.0::DOUBLE), '')"),
                        takes(string("h3cell"), real("resolution")).returns(STRING)
                                .sql("coalesce(kql_h3_parent({0}, CASE WHEN {1} >= 0 THEN {1} END), '')")),
                scalar("geo_h3cell_children", NONE, "The H3 cells of a higher resolution within one.",
                        takes(string("h3cell")).returns(DYNAMIC).sql("kql_h3_children({0}, -1.0::DOUBLE)"),
                        takes(string("h3cell"), real("resolution")).returns(DYNAMIC)
                                .sql("kql_h3_children({0}, CASE WHEN {1} >= 0 THEN {1} END)")),
                scalar("geo_h3cell_rings", NONE, "The H3 cells around one, ring by ring.",
                        takes(string("h3cell"), real("distance")).returns(DYNAMIC).sql("kql_h3_rings({0}, {1})")));
    }

    private static Parameter real(String name) {
        return numberAsReal(name);
    }

    private static ScalarFunction at(String name, String summary, String level, double usual, String kernel) {
        return scalar(name, NONE, summary, takes(real("longitude"), real("latitude"), real(level).orElse(REAL, usual)).returns(STRING)
                .sql("coalesce(" + kernel + "({0}, {1}, {2}), '')"));
    }

    private static ScalarFunction of(String name, String summary, String cell, String kernel) {
        return scalar(name, NONE, summary, takes(string(cell)).returns(DYNAMIC).sql(kernel + "({0})"));
    }

    /// A last argument `use_spheroid` may be left out, and be a number.
    private static Signature[] spheroid(List<Parameter> parameters, String call) {
        int last = parameters.size();
        List<Parameter> withBool = new ArrayList<>(parameters);
        withBool.add(bool("use_spheroid").orElse(BOOL, false));
        List<Parameter> withNumber = new ArrayList<>(parameters);
        withNumber.add(real("use_spheroid"));
        return new Signature[] {
            takes(withBool.toArray(Parameter[]::new)).returns(REAL).sql(call + "{" + last + "})"),
            takes(withNumber.toArray(Parameter[]::new)).returns(REAL).sql(call + "{" + last + "} <> 0)")
        };
    }

    private static Signature[] densify(String shape, String kernel) {
        return new Signature[] {
            takes(dynamic(shape), real("tolerance").orElse(REAL, TOLERANCE), bool("preserve_crossing").orElse(BOOL, false)).returns(DYNAMIC)
                    .sql(kernel + "({0}, {1}, {2})"),
            takes(dynamic(shape), real("tolerance"), real("preserve_crossing")).returns(DYNAMIC).sql(kernel + "({0}, {1}, {2} <> 0)")
        };
    }
}
