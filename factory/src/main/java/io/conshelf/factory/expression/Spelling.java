package io.conshelf.factory.expression;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the name that was meant.
public final class Spelling {
    private static final int DISTANCE_MAX = 2;

    private Spelling() {}

    /// The known name that differs from the stated one least, if it is near at all.
    public static Optional<String> nearest(Collection<String> known, String stated) {
        String lower = stated.toLowerCase(Locale.ROOT);
        return known.stream().filter(name -> Math.abs(name.length() - stated.length()) <= DISTANCE_MAX)
                .min(Comparator.comparingInt(name -> distance(name.toLowerCase(Locale.ROOT), lower)))
                .filter(name -> distance(name.toLowerCase(Locale.ROOT), lower) <= DISTANCE_MAX);
    }

    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[right.length() + 1];
            current[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
