package io.conshelf.kql.geo;

import com.google.common.geometry.S2EdgeUtil;
import com.google.common.geometry.S2Loop;
import com.google.common.geometry.S2Point;
import com.google.common.geometry.S2Polygon;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Where the rings of a polygon begin that was made from others: so that the edge that comes from the last of all their edges is the last. The recorded
/// answers of the service begin there.
final class RingStarts {
    /// In radians: rounding moves points by no more.
    private static final double SAME = 1e-14;
    /// Beyond so many comparisons rings begin where they happen to.
    private static final long COMPARISONS_MAX = 4_000_000;

    private final List<S2Point> from = new ArrayList<>();
    private final List<S2Point> to = new ArrayList<>();

    private RingStarts(List<S2Polygon> sources) {
        for (S2Polygon source : sources) {
            for (S2Loop loop : source.getLoops()) {
                for (int i = 0; i < loop.numVertices(); i++) {
                    from.add(loop.vertex(i));
                    to.add(loop.vertex(i + 1));
                }
            }
        }
    }

    static S2Polygon like(List<S2Polygon> sources, S2Polygon made) {
        RingStarts starts = new RingStarts(sources);
        if (made.isEmpty() || made.isFull() || (long) starts.from.size() * made.getNumVertices() > COMPARISONS_MAX) {
            return made;
        }
        List<S2Loop> loops = new ArrayList<>();
        for (S2Loop loop : made.getLoops()) {
            loops.add(starts.turned(loop));
        }
        S2Polygon turned = new S2Polygon();
        turned.initNested(loops);
        return turned;
    }

    private S2Loop turned(S2Loop loop) {
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
        return new S2Loop(corners);
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
