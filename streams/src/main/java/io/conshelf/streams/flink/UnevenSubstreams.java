package io.conshelf.streams.flink;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/// The substreams of which somebody is ahead of others, where they wait for who is silent of them no longer than a limit.
final class UnevenSubstreams {
    private final long silenceMax;
    private final Set<Substream> all = new LinkedHashSet<>();

    interface GoOn {
        /// @param arrival of those who have told nothing since no more is expected
        void without(Substream substream, long arrival);
    }

    /// @param silenceMax in arrival; `Long.MAX_VALUE`: something else lets them go on, and none of them is remembered here
    UnevenSubstreams(long silenceMax) {
        this.silenceMax = silenceMax;
    }

    void add(Substream substream) {
        if (silenceMax != Long.MAX_VALUE) {
            all.add(substream);
        }
    }

    /// Nothing is known of it any more.
    void gone(Substream substream) {
        all.remove(substream);
    }

    int size() {
        return all.size();
    }

    /// All inputs have been read up to this arrival; `Long.MIN_VALUE` where that is not known.
    void readUpTo(long arrival, GoOn goOn) {
        if (all.isEmpty() || arrival == Long.MIN_VALUE) {
            return;
        }
        long silentSince = arrival - silenceMax;
        for (Iterator<Substream> each = all.iterator(); each.hasNext(); ) {
            Substream substream = each.next();
            if (substream.waitsSince() <= silentSince) {
                goOn.without(substream, silentSince);
            }
            if (substream.waitsSince() == Long.MAX_VALUE) {
                each.remove();
            }
        }
    }
}
