package io.conshelf.kql.function;

import static io.conshelf.kql.type.Type.BOOL;
import static io.conshelf.kql.type.Type.DYNAMIC;
import static io.conshelf.kql.type.Type.REAL;
import static io.conshelf.kql.type.Type.STRING;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What `reduce` does with single texts: their words, which of them are frequent where they stand, and the pattern as people
/// read it. A pattern is the text of an array with the word of each place, or null where any word may stand.
///
/// `characters` are those that separate words, behind `=`; empty for all but the letters and digits of ASCII.
public final class Reduction {
    static final List<Kernel> KERNELS = List.of(
            Kernels.kernel("kql_reduce_words", DYNAMIC,
                    (in, row, out) -> out.text(row, array(Words.of(in.text(0, row), in.text(1, row)).words())), STRING, STRING),
            new Kernel("kql_reduce_pattern", List.of(STRING, STRING, DYNAMIC), false, STRING, Reduction::patterns),
            new Kernel("kql_reduce_shorter", List.of(STRING, BOOL, DYNAMIC), false, STRING, Reduction::shorter),
            Kernels.kernel("kql_reduce_text", STRING,
                    (in, row, out) -> out.text(row, text(in.text(0, row), in.text(1, row), in.text(2, row))), STRING, STRING, STRING),
            Kernels.kernel("kql_reduce_groups", DYNAMIC,
                    (in, row, out) -> out.text(row, new ReductionGroups(DynamicParts.elements(in.text(0, row)), DynamicParts.elements(in.text(1, row)),
                            DynamicParts.elements(in.text(2, row)), DynamicParts.elements(in.text(3, row)), in.float64(4, row)).answer()),
                    DYNAMIC, DYNAMIC, DYNAMIC, DYNAMIC, REAL));

    private Reduction() {}

    /// The words of a text, in their order.
    public static Expr words(Expr text, Expr characters) {
        return Declare.call("reduce", "kql_reduce_words({0}, {1})", DYNAMIC, text, characters);
    }

    /// The pattern of a text that has the frequent words only.
    ///
    /// @param frequent an array of places and words: `0:error`
    public static Expr pattern(Expr text, Expr characters, Expr frequent) {
        return Declare.call("reduce", "kql_reduce_pattern({0}, {1}, {2})", STRING, text, characters, frequent);
    }

    /// The pattern, or where it is none of those to keep one that has nothing but the most frequent of its words.
    ///
    /// @param frequent as of [#pattern], the most frequent first
    public static Expr shorter(Expr pattern, Expr keep, Expr frequent) {
        return Declare.call("reduce", "kql_reduce_shorter({0}, {1}, {2})", STRING, pattern, keep, frequent);
    }

    /// What becomes of patterns: see [ReductionGroups].
    public static Expr groups(Expr patterns, Expr values, Expr once, Expr rows, Expr threshold) {
        return Declare.call("reduce", "kql_reduce_groups({0}, {1}, {2}, {3}, {4})", DYNAMIC, patterns, values, once, rows, threshold);
    }

    /// A pattern with a star for each run of places where any word may stand, and what separates the words of one of its texts.
    public static Expr text(Expr text, Expr characters, Expr pattern) {
        return Declare.call("reduce", "kql_reduce_text({0}, {1}, {2})", STRING, text, characters, pattern);
    }

    /// A text cut into words.
    ///
    /// @param between what stands before the first word, between two, and behind the last
    private record Words(List<String> words, List<String> between) {
        static Words of(String text, String characters) {
            List<String> words = new ArrayList<>();
            List<String> between = new ArrayList<>();
            int from = 0;
            int at = 0;
            while (true) {
                while (at < text.length() && separates(text.charAt(at), characters)) {
                    at++;
                }
                between.add(text.substring(from, at));
                if (at == text.length()) {
                    return new Words(words, between);
                }
                from = at;
                while (at < text.length() && !separates(text.charAt(at), characters)) {
                    at++;
                }
                words.add(text.substring(from, at));
                from = at;
            }
        }

        private static boolean separates(char c, String characters) {
            return characters.isEmpty() ? !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
                    : characters.indexOf(c, 1) >= 0;
        }
    }

    /// The frequent words are the same in all rows: they are read once a batch, as they may be a long text.
    private static void patterns(Chunk in, CellWriter out) {
        Set<String> frequent = new HashSet<>();
        int rows = in.rows();
        if (rows > 0 && !in.isNull(2, 0)) {
            DynamicParts.elements(in.text(2, 0)).forEach(word -> frequent.add(DynamicText.stringValue(word).orElse("")));
        }
        for (int row = 0; row < rows; row++) {
            out.text(row, in.isNull(0, row) ? "[]" : pattern(Words.of(in.text(0, row), in.text(1, row)).words(), frequent));
        }
    }

    private static void shorter(Chunk in, CellWriter out) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int row = 0; row < in.rows(); row++) {
            if (in.bool(1, row)) {
                out.text(row, in.text(0, row));
                continue;
            }
            if (ranks.isEmpty()) {
                DynamicParts.elements(in.text(2, row)).forEach(word -> ranks.put(DynamicText.stringValue(word).orElse(""), ranks.size()));
            }
            out.text(row, shorter(DynamicParts.elements(in.text(0, row)), ranks));
        }
    }

    private static String shorter(List<String> places, Map<String, Integer> ranks) {
        int best = -1;
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i < places.size(); i++) {
            int rank = places.get(i).equals(DynamicParts.NULL) ? Integer.MAX_VALUE
                    : ranks.getOrDefault(i + ":" + DynamicText.stringValue(places.get(i)).orElse(""), Integer.MAX_VALUE - 1);
            if (rank < bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        List<String> shorter = new ArrayList<>(Collections.nCopies(best, DynamicParts.NULL));
        shorter.add(places.get(best));
        if (best < places.size() - 1) {
            shorter.add(DynamicParts.NULL);
        }
        return DynamicParts.array(shorter);
    }

    private static String pattern(List<String> words, Set<String> frequent) {
        List<String> pattern = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            pattern.add(frequent.contains(i + ":" + words.get(i)) ? quoted(words.get(i)) : DynamicParts.NULL);
        }
        // How many words follow that are rare everywhere makes no difference.
        while (pattern.size() > 1 && pattern.getLast().equals(DynamicParts.NULL) && pattern.get(pattern.size() - 2).equals(DynamicParts.NULL)) {
            pattern.removeLast();
        }
        return DynamicParts.array(pattern);
    }

    private static String text(String text, String characters, String pattern) {
        // Separators that were asked for are no part of a pattern beside a star.
        boolean keeps = characters.isEmpty();
        Words words = Words.of(text, characters);
        List<String> places = DynamicParts.elements(pattern);
        StringBuilder all = new StringBuilder();
        boolean wasStar = false;
        int count = Math.max(words.words().size(), places.size());
        for (int i = 0; i < count; i++) {
            boolean isStar = i >= places.size() || places.get(i).equals(DynamicParts.NULL);
            String before = i < words.between().size() ? words.between().get(i) : "";
            if (isStar && wasStar) {
                continue;
            }
            if (keeps || !isStar && !wasStar) {
                all.append(before);
            }
            all.append(isStar ? "*" : words.words().get(i));
            wasStar = isStar;
        }
        if (keeps || !wasStar) {
            all.append(words.between().getLast());
        }
        return all.toString();
    }

    private static String array(List<String> words) {
        return DynamicParts.array(words.stream().map(Reduction::quoted).toList());
    }

    private static String quoted(String text) {
        return DynamicText.ofString(text);
    }
}
