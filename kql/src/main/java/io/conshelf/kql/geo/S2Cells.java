package io.conshelf.kql.geo;

import com.google.common.geometry.S2Cell;
import com.google.common.geometry.S2CellId;
import com.google.common.geometry.S2LatLng;
import com.google.common.geometry.S2Polyline;
import com.google.common.geometry.S2Region;
import com.google.common.geometry.S2RegionCoverer;
import com.google.common.geometry.S2RegionUnion;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Cells of the S2 grid, by their tokens.
public final class S2Cells {
    private static final int LEVEL_MAX = S2CellId.MAX_LEVEL;
    private static final int TOKENS_MAX = 65_536;
    private static final int TOKEN_LENGTH_MAX = 16;

    private S2Cells() {}

    public static Optional<String> of(double longitude, double latitude, double level) {
        return isLevel(level)
                ? Sphere.point(longitude, latitude).map(point -> S2CellId.fromPoint(point).parent((int) level).toToken())
                : Optional.empty();
    }

    private static boolean isLevel(double level) {
        return level >= 0 && level <= LEVEL_MAX;
    }

    private static Optional<S2CellId> cell(String token) {
        if (token.isEmpty() || token.length() > TOKEN_LENGTH_MAX || !token.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
            return Optional.empty();
        }
        return Optional.of(S2CellId.fromToken(token)).filter(S2CellId::isValid);
    }

    public static Optional<String> center(String token) {
        return cell(token).map(cell -> GeoJson.point(cell.toLatLng()));
    }

    public static Optional<String> polygon(String token) {
        return cell(token).map(id -> {
            S2Cell cell = new S2Cell(id);
            return GeoJson.ring(List.of(new S2LatLng(cell.getVertex(0)), new S2LatLng(cell.getVertex(1)), new S2LatLng(cell.getVertex(2)),
                    new S2LatLng(cell.getVertex(3))));
        });
    }

    public static Optional<List<String>> neighbours(String token) {
        return cell(token).map(cell -> {
            List<S2CellId> around = new ArrayList<>();
            cell.getAllNeighbors(cell.level(), around);
            return around.stream().distinct().map(S2CellId::toToken).toList();
        });
    }

    /// The cells of one level that cover a line and all within a radius of it.
    ///
    /// @param radius in metres
    public static Optional<List<String>> covering(Lines lines, double level, double radius) {
        if (!(radius >= 0) || !isLevel(level)) {
            return Optional.empty();
        }
        if (radius > 0) {
            return Buffers.of(lines, radius, radius / 100).flatMap(wide -> covering(wide.union(), (int) level));
        }
        List<S2Region> regions = new ArrayList<>();
        for (S2Polyline line : lines.parts()) {
            regions.add(line);
        }
        return covering(new S2RegionUnion(regions), (int) level);
    }

    public static Optional<List<String>> covering(Polygons polygons, double level, double radius) {
        if (!(radius >= 0) || !isLevel(level)) {
            return Optional.empty();
        }
        return radius > 0
                ? Buffers.of(polygons, radius, radius / 100).flatMap(wide -> covering(wide.union(), (int) level))
                : covering(polygons.union(), (int) level);
    }

    /// From few cells down to those of the level, as far as they touch the region; empty where there are too many.
    private static Optional<List<String>> covering(S2Region region, int level) {
        ArrayList<S2CellId> cells = new ArrayList<>();
        S2RegionCoverer.builder().setMaxLevel(level).setMaxCells(8).build().getCovering(region, cells);
        while (cells.stream().anyMatch(cell -> cell.level() < level)) {
            Interruption.look();
            ArrayList<S2CellId> finer = new ArrayList<>(cells.size() * 4);
            for (S2CellId cell : cells) {
                if (cell.level() == level) {
                    finer.add(cell);
                    continue;
                }
                for (S2CellId child : cell.children()) {
                    if (region.mayIntersect(new S2Cell(child))) {
                        finer.add(child);
                    }
                }
            }
            if (finer.size() > TOKENS_MAX) {
                return Optional.empty();
            }
            cells = finer;
        }
        return Optional.of(cells.stream().map(S2CellId::toToken).toList());
    }
}
