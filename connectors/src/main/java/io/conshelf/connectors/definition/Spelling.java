package io.conshelf.connectors.definition;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds the name that was meant.
public final class Spelling {
    private static final int DISTANCE_MAX = 2;
    private static final int SHOWN_MAX = 12;

    private Spelling() {}

    /// The known name that differs from the stated one least, if it is near at all.
    public static Optional<String> nearest(Collection<String> known, String stated) {
        String lower = stated.toLowerCase(Locale.ROOT);
        // of a short name, some other letters are another name
        int max = Math.min(DISTANCE_MAX, (stated.length() - 1) / 2);
        return known.stream().filter(name -> Math.abs(name.length() - stated.length()) <= max)
                .min(Comparator.comparingInt(name -> distance(name.toLowerCase(Locale.ROOT), lower)))
                .filter(name -> distance(name.toLowerCase(Locale.ROOT), lower) <= max);
    }

    /// What a message about an unknown name ends with: the name that was meant, or those that there are, if they are few.
    public static String hint(Collection<String> known, String stated) {
        return hint("", known, stated);
    }

    /// @param prefix what stands before the names where they are used
    public static String hint(String prefix, Collection<String> known, String stated) {
        return nearest(known, stated).map(name -> "; did you mean '" + prefix + name + "'?").orElseGet(() -> known.isEmpty() || known.size() > SHOWN_MAX ? ""
                : (known.size() == 1 ? "; there is " : "; there are ") + known.stream().sorted().map(prefix::concat).collect(Collectors.joining(", ")));
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
