package io.conshelf.kql.geo;

import com.google.common.geometry.S2LatLng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A cell of the geohash grid, of 1 to 18 characters.
///
/// @param longitude its column, counted from -180°, in a grid of 2^longitudeBits columns
/// @param latitude  its row, counted from -90°
public record Geohash(long longitude, long latitude, int length) {
    private static final String DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";
    private static final int LENGTH_MAX = 18;
    /// East and north of the neighbours, in the order in which they are listed.
    private static final int[][] NEIGHBOURS = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

    public static Optional<Geohash> of(double longitude, double latitude, double length) {
        if (Sphere.point(longitude, latitude).isEmpty() || !(length >= 1 && length <= LENGTH_MAX)) {
            return Optional.empty();
        }
        int characters = (int) length;
        return Optional.of(new Geohash(cell(longitude + 180, 360, longitudeBits(characters)), cell(latitude + 90, 180, latitudeBits(characters)), characters));
    }

    public static Optional<Geohash> parse(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        long longitude = 0;
        long latitude = 0;
        boolean isLongitude = true;
        for (int i = 0; i < text.length(); i++) {
            int digit = DIGITS.indexOf(Character.toLowerCase(text.charAt(i)));
            if (digit < 0) {
                return Optional.empty();
            }
            for (int bit = 4; bit >= 0; bit--) {
                long value = digit >> bit & 1;
                if (isLongitude) {
                    longitude = longitude << 1 | value;
                } else {
                    latitude = latitude << 1 | value;
                }
                isLongitude = !isLongitude;
            }
        }
        return Optional.of(new Geohash(longitude, latitude, text.length()));
    }

    private static long cell(double from, double range, int bits) {
        long cells = 1L << bits;
        return Math.min((long) (from / range * cells), cells - 1);
    }

    private static int longitudeBits(int length) {
        return (length * 5 + 1) / 2;
    }

    private static int latitudeBits(int length) {
        return length * 5 / 2;
    }

    private double west() {
        return longitude * width() - 180;
    }

    private double south() {
        return latitude * height() - 90;
    }

    private double width() {
        return 360.0 / (1L << longitudeBits(length));
    }

    private double height() {
        return 180.0 / (1L << latitudeBits(length));
    }

    public String center() {
        return GeoJson.point(S2LatLng.fromDegrees(south() + height() / 2, west() + width() / 2));
    }

    public String polygon() {
        double east = west() + width();
        double north = south() + height();
        return GeoJson.ring(List.of(S2LatLng.fromDegrees(south(), west()), S2LatLng.fromDegrees(south(), east),
                S2LatLng.fromDegrees(north, east), S2LatLng.fromDegrees(north, west())));
    }

    /// Those around it; round the globe from east to west, and none beyond the poles.
    public List<Geohash> neighbours() {
        List<Geohash> neighbours = new ArrayList<>(8);
        long columns = 1L << longitudeBits(length);
        long rows = 1L << latitudeBits(length);
        for (int[] step : NEIGHBOURS) {
            long row = latitude + step[1];
            if (row >= 0 && row < rows) {
                neighbours.add(new Geohash(Math.floorMod(longitude + step[0], columns), row, length));
            }
        }
        return neighbours;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(length);
        int longitudeBit = longitudeBits(length);
        int latitudeBit = latitudeBits(length);
        boolean isLongitude = true;
        for (int i = 0; i < length; i++) {
            int digit = 0;
            for (int bit = 0; bit < 5; bit++) {
                long value = isLongitude ? longitude >> --longitudeBit : latitude >> --latitudeBit;
                digit = digit << 1 | (int) (value & 1);
                isLongitude = !isLongitude;
            }
            text.append(DIGITS.charAt(digit));
        }
        return text.toString();
    }
}
