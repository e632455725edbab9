package io.conshelf.connectors.mqtt;

import java.util.List;

/// What a subscription was given before it was opened, held against what the broker sends first.
///
/// The broker repeats what is not acknowledged, in its order, before anything new. Of what was given, the first few may have been acknowledged, nobody knows how
/// many; those behind them are not, so they come for sure. A message has no name, only what it says, and another one may say the same. So what comes is a repeat
/// only where it begins with an end of what was given that has all the sure ones in it. Where several ends fit, the shortest counts: a message may be given
/// twice then, and none is taken for a repeat that is not one.
final class Repeats {
    /// More has to come before anybody can tell.
    static final int OPEN = -1;

    /// @param digest of what a message says
    record Given(long number, long digest) {}

    private final List<Given> given;
    private final int doubtful;

    /// @param given    in their order
    /// @param doubtful how many of the first may have been acknowledged
    Repeats(List<Given> given, int doubtful) {
        this.given = List.copyOf(given);
        this.doubtful = doubtful;
    }

    List<Given> given() {
        return given;
    }

    /// The last so many messages that were given.
    List<Given> last(int count) {
        return given.subList(given.size() - count, given.size());
    }

    /// How many of the messages that have come first repeat the last that were given, or [#OPEN].
    ///
    /// @param came digests of all that have come
    int among(List<Long> came) {
        int[] common = common(came);
        for (int from = doubtful; from >= 0; from--) {
            int length = given.size() - from;
            int fits = from == given.size() ? 0 : Math.min(common[from], length);
            if (fits == length) {
                return length;
            }
            if (fits == came.size()) {
                return OPEN;
            }
        }
        return 0;
    }

    /// By place in what was given: how many messages from there on are those that have come. In linear time, since hostile senders may say the same for ever.
    private int[] common(List<Long> came) {
        long[] all = new long[came.size() + given.size()];
        for (int i = 0; i < came.size(); i++) {
            all[i] = came.get(i);
        }
        for (int i = 0; i < given.size(); i++) {
            all[came.size() + i] = given.get(i).digest();
        }
        int[] prefix = new int[all.length];
        int left = 0;
        int right = 0;
        for (int i = 1; i < all.length; i++) {
            int length = i < right ? Math.min(right - i, prefix[i - left]) : 0;
            while (i + length < all.length && all[length] == all[i + length]) {
                length++;
            }
            prefix[i] = length;
            if (i + length > right) {
                left = i;
                right = i + length;
            }
        }
        int[] common = new int[given.size()];
        for (int i = 0; i < given.size(); i++) {
            common[i] = Math.min(came.size(), came.isEmpty() ? 0 : prefix[came.size() + i]);
        }
        return common;
    }
}
