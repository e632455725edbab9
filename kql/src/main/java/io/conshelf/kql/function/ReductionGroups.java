package io.conshelf.kql.function;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The groups that `reduce` makes of patterns.
///
/// Values of one pattern are one group; a large threshold lets that share of those that occur more than once stay groups of their
/// own. While there are more groups than the threshold's share of all values, the two are joined that have most words in common,
/// as long as any two have one.
final class ReductionGroups {
    /// From here on values stay apart: the page's example has 0.9.
    private static final double LARGE = 0.5;
    /// Each is compared with each.
    private static final int COMPARED_MAX = 2_000;

    private final List<String> texts;
    private final long[] values;
    /// How many groups the values of a pattern are.
    private final long[] groups;
    private final long[] rows;
    private final double threshold;

    /// @param patterns in the order in which they come, each with a word at least
    /// @param values   how many different values have the pattern
    /// @param once     how many of them occur once
    /// @param rows     how many rows have the pattern
    ReductionGroups(List<String> patterns, List<String> values, List<String> once, List<String> rows, double threshold) {
        texts = patterns.stream().map(pattern -> DynamicText.stringValue(pattern).orElse("[]")).toList();
        this.values = numbers(values);
        this.rows = numbers(rows);
        this.threshold = threshold;
        groups = numbers(once);
        Arrays.setAll(groups, i -> this.values[i] - Math.max(0, groups[i] - 1));
    }

    private static long[] numbers(List<String> texts) {
        return texts.stream().mapToLong(Long::parseLong).toArray();
    }

    /// For each pattern: the pattern, how many of its values are in one group, in which group those are, and the group's pattern.
    String answer() {
        for (int i = 0; i < groups.length; i++) {
            groups[i] = Math.min(groups[i], threshold < LARGE ? 1 : share(values[i]));
        }
        long count = Arrays.stream(groups).sum();
        long groupsMax = share(Arrays.stream(values).sum());
        int[] group = new int[groups.length];
        Arrays.setAll(group, i -> i);
        List<String> patterns = new ArrayList<>(texts);
        if (count > groupsMax) {
            join(count - groupsMax, group, patterns);
        }
        List<String> answer = new ArrayList<>();
        for (int i = 0; i < group.length; i++) {
            answer.add(DynamicParts.array(List.of(DynamicText.ofString(texts.get(i)), Long.toString(values[i] - groups[i] + 1),
                    Integer.toString(group[i]), DynamicText.ofString(patterns.get(group[i])))));
        }
        return DynamicParts.array(answer);
    }

    private long share(long all) {
        // What is off by a rounding error is not less.
        return Math.max(1, (long) Math.floor(threshold * all + 1e-9));
    }

    /// Groups of different patterns.
    private static final class Joined {
        final int first;
        final List<Integer> members = new ArrayList<>();
        String[] words;
        long rows;

        Joined(int first, String[] words) {
            this.first = first;
            this.words = words;
        }
    }

    private void join(long fewer, int[] group, List<String> patterns) {
        long left = fewer;
        List<Joined> all = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Joined one = new Joined(i, DynamicParts.elements(texts.get(i)).toArray(String[]::new));
            one.members.add(i);
            one.rows = rows[i];
            all.add(one);
        }
        while (left > 0 && all.size() > COMPARED_MAX) {
            List<Joined> shorter = withoutRarest(all);
            left -= all.size() - shorter.size();
            if (shorter.size() == all.size() && all.stream().noneMatch(one -> fixed(one.words) > 1)) {
                break;
            }
            all = shorter;
        }
        if (left > 0 && all.size() <= COMPARED_MAX) {
            all = nearest(all, left);
        }
        for (Joined one : all) {
            one.members.forEach(member -> {
                group[member] = one.first;
                groups[member] = one.members.size() > 1 ? 1 : groups[member];
            });
            patterns.set(one.first, DynamicParts.array(List.of(one.words)));
        }
    }

    /// The patterns without the rarest word of each, those that are then equal being one.
    private static List<Joined> withoutRarest(List<Joined> all) {
        Map<String, Long> rowsOf = new HashMap<>();
        for (Joined one : all) {
            for (int i = 0; i < one.words.length; i++) {
                rowsOf.merge(i + ":" + one.words[i], one.rows, Long::sum);
            }
        }
        Map<List<String>, Joined> shorter = new LinkedHashMap<>();
        for (Joined one : all) {
            Interruption.look();
            int rarest = -1;
            for (int i = 0; i < one.words.length && fixed(one.words) > 1; i++) {
                if (!one.words[i].equals(DynamicParts.NULL) && (rarest < 0
                        || rowsOf.get(i + ":" + one.words[i]) < rowsOf.get(rarest + ":" + one.words[rarest]))) {
                    rarest = i;
                }
            }
            if (rarest >= 0) {
                one.words = one.words.clone();
                one.words[rarest] = DynamicParts.NULL;
                one.words = ended(one.words, one.words.length);
            }
            shorter.merge(List.of(one.words), one, ReductionGroups::both);
        }
        return new ArrayList<>(shorter.values());
    }

    private static List<Joined> nearest(List<Joined> all, long fewer) {
        int size = all.size();
        int[] best = new int[size];
        int[] common = new int[size];
        boolean[] isGone = new boolean[size];
        for (int i = 0; i < size; i++) {
            look(all, isGone, i, best, common);
        }
        for (long left = fewer; left > 0; left--) {
            Interruption.look();
            int at = -1;
            for (int i = 0; i < size; i++) {
                if (!isGone[i] && common[i] > 0 && (at < 0 || common[i] > common[at])) {
                    at = i;
                }
            }
            if (at < 0) {
                break;
            }
            int other = best[at];
            Joined joined = all.get(at);
            joined.words = common(joined.words, all.get(other).words);
            both(joined, all.get(other));
            isGone[other] = true;
            for (int i = 0; i < size; i++) {
                if (!isGone[i] && (i == at || best[i] == at || best[i] == other)) {
                    look(all, isGone, i, best, common);
                } else if (!isGone[i] && i < at && matches(all.get(i).words, joined.words) > common[i]) {
                    best[i] = at;
                    common[i] = matches(all.get(i).words, joined.words);
                }
            }
        }
        List<Joined> left = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            if (!isGone[i]) {
                left.add(all.get(i));
            }
        }
        return left;
    }

    /// The one behind it that it has most in common with.
    private static void look(List<Joined> all, boolean[] isGone, int at, int[] best, int[] common) {
        best[at] = -1;
        common[at] = 0;
        for (int i = at + 1; i < all.size(); i++) {
            int now = isGone[i] ? 0 : matches(all.get(at).words, all.get(i).words);
            if (now > common[at]) {
                best[at] = i;
                common[at] = now;
            }
        }
    }

    private static Joined both(Joined one, Joined other) {
        one.members.addAll(other.members);
        one.rows += other.rows;
        return one;
    }

    private static int fixed(String[] words) {
        return (int) Arrays.stream(words).filter(word -> !word.equals(DynamicParts.NULL)).count();
    }

    private static int matches(String[] one, String[] other) {
        int matches = 0;
        for (int i = 0; i < Math.min(one.length, other.length); i++) {
            if (one[i].equals(other[i]) && !one[i].equals(DynamicParts.NULL)) {
                matches++;
            }
        }
        return matches;
    }

    private static String[] common(String[] one, String[] other) {
        String[] words = new String[Math.max(one.length, other.length)];
        for (int i = 0; i < words.length; i++) {
            boolean isSame = i < one.length && i < other.length && Objects.equals(one[i], other[i]);
            words[i] = isSame ? one[i] : DynamicParts.NULL;
        }
        return ended(words, words.length);
    }

    /// One star at the end is as many.
    private static String[] ended(String[] words, int length) {
        int end = length;
        while (end > 1 && words[end - 1].equals(DynamicParts.NULL) && words[end - 2].equals(DynamicParts.NULL)) {
            end--;
        }
        return Arrays.copyOf(words, end);
    }
}
