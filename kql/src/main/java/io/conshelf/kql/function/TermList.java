package io.conshelf.kql.function;

import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/// The terms of a list, to be looked for in many texts whatever the case: a text is gone through once, however many they are.
///
/// A term with letters or digits is found where they are runs of the text, neither of which goes on: so what lies between the
/// first and the last of them is looked up by its text.
final class TermList {
    /// So many are looked for one by one: most texts have none of a few, or lack one of the first of many.
    private static final int SINGLE_MAX = 3;

    private final List<String> terms = new ArrayList<>();
    private final Map<String, List<Term>> byRuns = new HashMap<>();
    /// How many runs terms have.
    private final int[] runCounts;
    /// The places of terms without letters and digits.
    private final List<Integer> bare = new ArrayList<>();

    /// @param lead  characters before the first run
    /// @param place in the list
    private record Term(String text, int lead, int place) {
        boolean isAround(String source, int runs) {
            return source.startsWith(text, runs - lead);
        }
    }

    /// @param array a dynamic
    TermList(String array) {
        StringKernels.terms(array).forEach(term -> terms.add(lower(term)));
        var counts = new TreeSet<Integer>();
        if (terms.size() > SINGLE_MAX) {
            for (int place = 0; place < terms.size(); place++) {
                index(place, counts);
            }
        }
        runCounts = counts.stream().mapToInt(Integer::intValue).toArray();
    }

    private void index(int place, TreeSet<Integer> counts) {
        String term = terms.get(place);
        var runs = runs(term);
        if (runs.count() == 0) {
            bare.add(place);
        } else {
            counts.add(runs.count());
            byRuns.computeIfAbsent(term.substring(runs.start(0), runs.end(runs.count() - 1)), _ -> new ArrayList<>(1))
                    .add(new Term(term, runs.start(0), place));
        }
    }

    boolean isAnyIn(String source) {
        return place(lower(source), Integer.MAX_VALUE) >= 0;
    }

    /// The place of the first one that the text has, or -1.
    int firstIn(String source) {
        return place(lower(source), 0);
    }

    /// @param enough a place up to this need not be the least
    private int place(String text, int enough) {
        if (terms.size() <= SINGLE_MAX) {
            for (int place = 0; place < terms.size(); place++) {
                if (isIn(text, terms.get(place))) {
                    return place;
                }
            }
            return -1;
        }
        int[] least = {Integer.MAX_VALUE};
        forEachIn(text, place -> {
            least[0] = Math.min(least[0], place);
            return least[0] <= enough;
        });
        return least[0] == Integer.MAX_VALUE ? -1 : least[0];
    }

    boolean areAllIn(String source) {
        String text = lower(source);
        for (String term : terms.subList(0, Math.min(SINGLE_MAX, terms.size()))) {
            if (!isIn(text, term)) {
                return false;
            }
        }
        if (terms.size() <= SINGLE_MAX) {
            return true;
        }
        var found = new BitSet(terms.size());
        forEachIn(text, place -> {
            found.set(place);
            return false;
        });
        return found.cardinality() == terms.size();
    }

    private static boolean isIn(String text, String term) {
        return StringKernels.hasTerm(text, term, true, true);
    }

    /// The places of those that the text has, in no order, some of them again, until one was the last that is asked for.
    private void forEachIn(String text, IntPredicate isLast) {
        for (int place : bare) {
            if (text.contains(terms.get(place)) && isLast.test(place)) {
                return;
            }
        }
        var runs = runs(text);
        for (int first = 0; first < runs.count(); first++) {
            Interruption.look();
            for (int count : runCounts) {
                if (first + count > runs.count()) {
                    break;
                }
                int start = runs.start(first);
                for (Term term : byRuns.getOrDefault(text.substring(start, runs.end(first + count - 1)), List.of())) {
                    if (term.isAround(text, start) && isLast.test(term.place())) {
                        return;
                    }
                }
            }
        }
    }

    /// Where the runs of letters and digits of a text begin and end, alternating.
    private record Runs(int[] borders, int count) {
        int start(int run) {
            return borders[2 * run];
        }

        int end(int run) {
            return borders[2 * run + 1];
        }
    }

    private static Runs runs(String text) {
        int[] borders = new int[16];
        int count = 0;
        boolean isInRun = false;
        int length = text.length();
        for (int at = 0; at < length; ) {
            int point = text.codePointAt(at);
            if (RegexText.isAlphanumeric(point) != isInRun) {
                if (count == borders.length) {
                    borders = Arrays.copyOf(borders, 2 * count);
                }
                borders[count++] = at;
                isInRun = !isInRun;
            }
            at += Character.charCount(point);
        }
        if (isInRun) {
            if (count == borders.length) {
                borders = Arrays.copyOf(borders, count + 1);
            }
            borders[count++] = length;
        }
        return new Runs(borders, count / 2);
    }

    /// Character by character, as DuckDB's `lower()`: Java's own looks at the ones beside.
    static String lower(String text) {
        int length = text.length();
        int at = 0;
        while (at < length && Character.toLowerCase(text.charAt(at)) == text.charAt(at) && !Character.isSurrogate(text.charAt(at))) {
            at++;
        }
        if (at == length) {
            return text;
        }
        var lowered = new StringBuilder(length).append(text, 0, at);
        while (at < length) {
            int point = text.codePointAt(at);
            lowered.appendCodePoint(Character.toLowerCase(point));
            at += Character.charCount(point);
        }
        return lowered.toString();
    }
}
