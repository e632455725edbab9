package io.conshelf.kql.geo;

import com.google.common.geometry.S2LatLng;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.uber.h3core.H3Core;
import com.uber.h3core.util.LatLng;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedSet;
import java.util.stream.Stream;

/// Cells of the H3 grid, by their tokens.
public final class H3Cells {
    private static final int RESOLUTION_MAX = 15;
    /// Five levels make 16,807 cells.
    private static final int LEVELS_DOWN_MAX = 5;
    private static final int DISTANCE_MAX = 142;
    private static final int TOKENS_MAX = 61_680;
    /// In square metres, of a cell of resolution 0; each level has a seventh.
    private static final double AREA_OF_BASE_CELL = 4.36e12;

    private H3Cells() {}

    /// The native library is loaded when the first function is used.
    private static final class Core {
        static final H3Core H3 = load();

        private static H3Core load() {
            try {
                return H3Core.newInstance();
            } catch (IOException failure) {
                throw new UncheckedIOException("the library of H3 cannot be unpacked: " + failure.getMessage(), failure);
            }
        }
    }

    public static Optional<String> of(double longitude, double latitude, double resolution) {
        return Sphere.point(longitude, latitude).isPresent() && isResolution(resolution)
                ? Optional.of(Core.H3.latLngToCellAddress(latitude, longitude, (int) resolution))
                : Optional.empty();
    }

    private static boolean isResolution(double resolution) {
        return resolution >= 0 && resolution <= RESOLUTION_MAX;
    }

    private static Optional<String> cell(String token) {
        boolean isHexadecimal = !token.isEmpty() && token.length() <= 16 && token.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0);
        return isHexadecimal && Core.H3.isValidCell(token) ? Optional.of(token) : Optional.empty();
    }

    public static OptionalInt resolution(String token) {
        return cell(token).map(cell -> OptionalInt.of(Core.H3.getResolution(cell))).orElse(OptionalInt.empty());
    }

    public static Optional<String> center(String token) {
        return cell(token).map(cell -> GeoJson.point(at(Core.H3.cellToLatLng(cell))));
    }

    public static Optional<String> polygon(String token) {
        return cell(token).map(cell -> GeoJson.ring(Core.H3.cellToBoundary(cell).stream().map(H3Cells::at).toList()));
    }

    private static S2LatLng at(LatLng place) {
        return S2LatLng.fromDegrees(place.lat, place.lng);
    }

    /// @param resolution that of the parent; below 0, one level up
    public static Optional<String> parent(String token, double resolution) {
        return cell(token).flatMap(cell -> {
            int own = Core.H3.getResolution(cell);
            double wanted = resolution < 0 ? own - 1 : resolution;
            return wanted >= 0 && wanted <= own ? Optional.of(Core.H3.cellToParentAddress(cell, (int) wanted)) : Optional.empty();
        });
    }

    /// @param resolution that of the children; below 0, one level down
    public static Optional<List<String>> children(String token, double resolution) {
        return cell(token).flatMap(cell -> {
            int own = Core.H3.getResolution(cell);
            double wanted = resolution < 0 ? own + 1 : resolution;
            return wanted >= own && isResolution(wanted) && wanted - own <= LEVELS_DOWN_MAX
                    ? Optional.of(Core.H3.cellToChildren(cell, (int) wanted))
                    : Optional.empty();
        });
    }

    public static Optional<List<String>> neighbours(String token) {
        return cell(token).map(cell -> Core.H3.gridDisk(cell, 1).stream().filter(one -> !one.equals(cell)).toList());
    }

    /// The cells by how many steps they are away.
    public static Optional<List<List<String>>> rings(String token, double distance) {
        return distance >= 0 && distance <= DISTANCE_MAX
                ? cell(token).map(cell -> Core.H3.gridDiskDistances(cell, (int) distance))
                : Optional.empty();
    }

    /// The cells whose centres lie in a polygon widened by a radius.
    ///
    /// @param radius in metres
    public static Optional<List<String>> covering(Polygons polygons, double resolution, double radius) {
        if (!isResolution(resolution) || !(radius >= 0)) {
            return Optional.empty();
        }
        Optional<Polygons> wide = radius > 0 ? Buffers.of(polygons, radius, radius / 100) : Optional.of(polygons);
        if (wide.isEmpty() || wide.get().area() / (AREA_OF_BASE_CELL / Math.pow(7, (int) resolution)) > TOKENS_MAX * 2.0) {
            return Optional.empty();
        }
        SequencedSet<String> cells = new LinkedHashSet<>();
        List<List<LatLng>> holes = new ArrayList<>();
        List<LatLng> shell = List.of();
        for (S2Loop loop : wide.get().union().getLoops()) {
            if (loop.isHole()) {
                holes.add(corners(loop));
                continue;
            }
            add(cells, shell, holes, (int) resolution);
            shell = corners(loop);
            holes = new ArrayList<>();
        }
        add(cells, shell, holes, (int) resolution);
        return cells.size() > TOKENS_MAX ? Optional.empty() : Optional.of(List.copyOf(cells));
    }

    private static void add(SequencedSet<String> cells, List<LatLng> shell, List<List<LatLng>> holes, int resolution) {
        if (!shell.isEmpty()) {
            cells.addAll(Core.H3.polygonToCellAddresses(shell, holes, resolution));
        }
    }

    private static List<LatLng> corners(S2Loop loop) {
        Stream<S2Point> corners = loop.orientedVertices().stream();
        return corners.map(corner -> {
            S2LatLng at = new S2LatLng(corner);
            return new LatLng(at.latDegrees(), at.lngDegrees());
        }).toList();
    }
}
