package io.conshelf.kql.geo;

import com.google.common.geometry.S1Angle;
import com.google.common.geometry.S2LatLng;
import com.google.common.geometry.S2Point;
import java.util.Optional;
import java.util.OptionalDouble;
import net.sf.geographiclib.Geodesic;

/// The Earth, and points on it.
public final class Sphere {
    /// In metres: the mean radius that S2 uses too, which all recorded distances and areas agree with.
    static final double RADIUS = 6_371_010.0;

    private static final double TWO_PI = 2 * Math.PI;
    /// In radians: points closer than this have no direction from one another.
    private static final double SAME = 1e-15;

    private Sphere() {}

    public static Optional<S2Point> point(double longitude, double latitude) {
        return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90
                ? Optional.of(S2LatLng.fromDegrees(latitude, longitude).toPoint())
                : Optional.empty();
    }

    static S1Angle angle(double metres) {
        return S1Angle.radians(metres / RADIUS);
    }

    static double metres(S1Angle angle) {
        return angle.radians() * RADIUS;
    }

    static double metres(S2Point a, S2Point b) {
        return a.angle(b) * RADIUS;
    }

    /// Along the ellipsoid of WGS 84.
    static double metresOnSpheroid(S2Point a, S2Point b) {
        S2LatLng from = new S2LatLng(a);
        S2LatLng to = new S2LatLng(b);
        return Geodesic.WGS84.Inverse(from.latDegrees(), from.lngDegrees(), to.latDegrees(), to.lngDegrees()).s12;
    }

    /// In metres.
    public static double distance(S2Point a, S2Point b, boolean onSpheroid) {
        return onSpheroid ? metresOnSpheroid(a, b) : new S2LatLng(a).getDistance(new S2LatLng(b)).radians() * RADIUS;
    }

    static boolean areOpposite(S2Point a, S2Point b) {
        return a.dotProd(b) < 0 && Math.PI - a.angle(b) < SAME;
    }

    /// In radians, clockwise from north, from 0 to 2π; empty where there is no one direction.
    public static OptionalDouble azimuth(S2Point from, S2Point to) {
        double apart = from.angle(to);
        if (apart < SAME || Math.PI - apart < SAME) {
            return OptionalDouble.empty();
        }
        S2LatLng a = new S2LatLng(from);
        S2LatLng b = new S2LatLng(to);
        double east = b.lngRadians() - a.lngRadians();
        double y = Math.sin(east) * Math.cos(b.latRadians());
        double x = Math.cos(a.latRadians()) * Math.sin(b.latRadians()) - Math.sin(a.latRadians()) * Math.cos(b.latRadians()) * Math.cos(east);
        return OptionalDouble.of(turn(Math.atan2(y, x)));
    }

    /// In radians: clockwise at `b`, from where `a` lies to where `c` lies.
    public static OptionalDouble angle(S2Point a, S2Point b, S2Point c) {
        OptionalDouble first = azimuth(b, a);
        OptionalDouble second = azimuth(b, c);
        return first.isPresent() && second.isPresent() ? OptionalDouble.of(turn(second.getAsDouble() - first.getAsDouble())) : OptionalDouble.empty();
    }

    private static double turn(double radians) {
        double turned = radians % TWO_PI;
        return turned < 0 ? turned + TWO_PI : turned;
    }
}
