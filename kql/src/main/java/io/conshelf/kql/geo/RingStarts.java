package io.conshelf.kql.geo;

import com.google.common.geometry.S2EdgeUtil;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Where the rings of a polygon begin that was made from others: so that the edge that comes from the last of all their edges is the last. The recorded
/// answers of the service begin there.
final class RingStarts {
    /// In radians: rounding moves points by no more.
    private static final double SAME = 1e-14;
    /// Beyond so many comparisons rings begin where they happen to.
    private static final long COMPARISONS_MAX = 4_000_000;

    private final List<S2Point> from = new ArrayList<>();
    private final List<S2Point> to = new ArrayList<>();

    private RingStarts(List<S2Loop> sources) {
        for (S2Loop loop : sources) {
            for (int i = 0; i < loop.numVertices(); i++) {
                from.add(loop.vertex(i));
                to.add(loop.vertex(i + 1));
            }
        }
    }

    static S2Polygon like(List<S2Polygon> sources, S2Polygon made) {
        S2Polygon turned = new S2Polygon();
        turned.initNested(rings(sources.stream().flatMap(source -> source.getLoops().stream()).toList(), made));
        return turned;
    }

    /// The rings of what was made from these, in the order of the edges they are from; a polygon itself keeps none.
    static List<S2Loop> rings(List<S2Loop> sources, S2Polygon made) {
        RingStarts starts = new RingStarts(sources);
        if (made.isEmpty() || made.isFull() || (long) starts.from.size() * made.getNumVertices() > COMPARISONS_MAX) {
            return new ArrayList<>(made.getLoops());
        }
        return made.getLoops().stream().map(starts::turned).sorted(Comparator.comparingInt(Ring::firstSource))
                .map(Ring::loop).collect(Collectors.toCollection(ArrayList::new));
    }

    /// @param firstSource the edge of the sources that its first edge is from: several rings come in that order
    private record Ring(S2Loop loop, int firstSource) {}

    private Ring turned(S2Loop loop) {
        int last = 0;
        int lastSource = -1;
        for (int i = 0; i < loop.numVertices(); i++) {
            int source = source(loop.vertex(i), loop.vertex(i + 1), lastSource);
            if (source > lastSource) {
                lastSource = source;
                last = i;
            }
        }
        List<S2Point> corners = new ArrayList<>(loop.vertices());
        Collections.rotate(corners, -(last + 1));
        return new Ring(new S2Loop(corners), source(corners.getFirst(), corners.get(1), -1));
    }

    /// The last edge of the sources, behind one that is known, on which another lies.
    private int source(S2Point a, S2Point b, int above) {
        for (int i = from.size() - 1; i > above; i--) {
            if (isOn(a, i) && isOn(b, i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isOn(S2Point point, int edge) {
        return S2EdgeUtil.getDistance(point, from.get(edge), to.get(edge)).radians() < SAME;
    }
}
