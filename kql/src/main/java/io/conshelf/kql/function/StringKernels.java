package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.textToText;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.List;

/// What strings need beyond DuckDB's functions.
final class StringKernels {
    /// Kusto repeats a text at most so often.
    private static final int REPEAT_MAX = 1_024;
    private static final int TEXT_LENGTH_MAX = 64 << 20;

    private static final ListKernels<TermList> TERMS = new ListKernels<>(TermList::new);

    static final List<Kernel> ALL = List.of(
            kernel("kql_has", BOOL,
                    (in, row, out) -> out.bool(row, hasTerm(in.text(0, row), in.text(1, row),
                            in.bool(2, row), in.bool(3, row), in.bool(4, row))),
                    STRING, STRING, BOOL, BOOL, BOOL),
            TERMS.ofEach("kql_has_any", BOOL, STRING, (terms, in, row, out) -> out.bool(row, terms.isAnyIn(in.text(0, row)))),
            TERMS.ofOne("kql_has_any_of", BOOL, STRING, (terms, in, row, out) -> out.bool(row, terms.isAnyIn(in.text(0, row)))),
            TERMS.ofEach("kql_has_all", BOOL, STRING, (terms, in, row, out) -> out.bool(row, terms.areAllIn(in.text(0, row)))),
            TERMS.ofOne("kql_has_all_of", BOOL, STRING, (terms, in, row, out) -> out.bool(row, terms.areAllIn(in.text(0, row)))),
            TERMS.ofEach("kql_has_any_index", LONG, STRING, (terms, in, row, out) -> out.int64(row, terms.firstIn(in.text(0, row)))),
            TERMS.ofOne("kql_has_any_index_of", LONG, STRING, (terms, in, row, out) -> out.int64(row, terms.firstIn(in.text(0, row)))),
            kernel("kql_strrep", STRING,
                    (in, row, out) -> out.text(row, repeat(in.text(0, row), in.int64(1, row), in.text(2, row))),
                    STRING, LONG, STRING).thatMayFail(),
            kernel("kql_indexof", LONG,
                    (in, row, out) -> {
                        if (isNoRange(in.int64(3, row), in.int64(4, row))) {
                            out.setNull(row);
                        } else {
                            out.int64(row, indexOf(in.text(0, row), in.text(1, row),
                                    in.int64(2, row), in.int64(3, row), in.int64(4, row)));
                        }
                    },
                    STRING, STRING, LONG, LONG, LONG),
            kernel("kql_countof", LONG,
                    (in, row, out) -> out.int64(row, count(in.text(0, row), in.text(1, row))), STRING, STRING),
            kernel("kql_replace_strings", STRING,
                    (in, row, out) -> out.text(row, replaceAll(in.text(0, row), in.text(1, row), in.text(2, row))),
                    STRING, DYNAMIC, DYNAMIC).thatMayFail(),
            kernel("kql_strcat_array", STRING,
                    // What is no array is told as a whole, by recorded answers.
                    (in, row, out) -> out.text(row, DynamicParts.isArray(in.text(0, row)) ? joined(terms(in.text(0, row)), in.text(1, row))
                            : text(in.text(0, row))),
                    DYNAMIC, STRING).thatMayFail(),
            kernel("kql_translate", STRING,
                    (in, row, out) -> out.text(row, translate(in.text(0, row), in.text(1, row), in.text(2, row))),
                    STRING, STRING, STRING),
            kernel("kql_codepoints", DYNAMIC,
                    (in, row, out) -> out.text(row, codePoints(in.text(0, row))), STRING),
            kernel("kql_from_codepoints", STRING,
                    (in, row, out) -> out.text(row, fromCodePoints(in.text(0, row))), DYNAMIC),
            textToText("kql_upper", text -> new String(text.codePoints().map(Character::toUpperCase).toArray(), 0, text.codePointCount(0, text.length()))),
            textToText("kql_reverse", text -> new StringBuilder(text).reverse().toString()),
            textToText("kql_regex_quote", RegexText::quote));

    private StringKernels() {}

    /// Whether a text contains another that does not go on with a letter or digit at the ends that are asked for.
    static boolean hasTerm(String source, String term, boolean fromStart, boolean toEnd, boolean ignoreCase) {
        return ignoreCase
                ? hasTerm(TermList.lower(source), TermList.lower(term), fromStart, toEnd)
                : hasTerm(source, term, fromStart, toEnd);
    }

    static boolean hasTerm(String text, String sought, boolean fromStart, boolean toEnd) {
        if (sought.isEmpty()) {
            return true;
        }
        boolean bounded = fromStart && RegexText.isAlphanumeric(sought.codePointAt(0));
        boolean ended = toEnd && RegexText.isAlphanumeric(sought.codePointBefore(sought.length()));
        for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
            int end = at + sought.length();
            boolean begins = !bounded || at == 0 || !RegexText.isAlphanumeric(text.codePointBefore(at));
            boolean ends = !ended || end == text.length() || !RegexText.isAlphanumeric(text.codePointAt(end));
            if (begins && ends) {
                return true;
            }
        }
        return false;
    }

    /// The elements of an array as texts, a null as an empty one; of anything else nothing.
    static List<String> terms(String array) {
        if (!DynamicParts.isArray(array)) {
            return List.of();
        }
        List<String> terms = new ArrayList<>();
        for (String element : DynamicParts.elements(array)) {
            terms.add(element.equals(DynamicParts.NULL) ? "" : text(element));
        }
        return terms;
    }

    /// The last array and its elements: mostly those of the next row too where an argument is a constant.
    static final class LastTerms {
        private String array = "";
        private List<String> terms = List.of();

        /// The same list as long as the array is the same.
        List<String> of(String next) {
            if (!next.equals(array)) {
                terms = terms(next);
                array = next;
            }
            return terms;
        }
    }

    /// The text of a dynamic value that is not null, as `tostring()` gives it.
    static String text(String dynamic) {
        return DynamicText.stringValue(dynamic).orElseGet(() -> DynamicText.toJson(dynamic));
    }

    private static String joined(List<String> terms, String delimiter) {
        var text = new StringBuilder();
        for (int i = 0; i < terms.size(); i++) {
            GrowthKernels.append(text, delimiter, 0, i == 0 ? 0 : delimiter.length());
            GrowthKernels.append(text, terms.get(i), 0, terms.get(i).length());
        }
        return text.toString();
    }

    private static String repeat(String value, long times, String delimiter) {
        int count = Math.clamp(times, 0, REPEAT_MAX);
        if (count == 0) {
            return "";
        }
        long length = (long) count * (value.length() + delimiter.length());
        if (length > TEXT_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "strrep(): the result would have " + length + " characters, at most " + TEXT_LENGTH_MAX + " are possible");
        }
        return (value + delimiter).repeat(count - 1) + value;
    }

    /// What the pages of the functions that tell an index have a null for.
    static boolean isNoRange(long length, long occurrence) {
        return length < -1 || occurrence < 0;
    }

    /// Positions count code points; a negative start counts from the end, a negative length is no limit.
    private static long indexOf(String source, String sought, long start, long length, long occurrence) {
        int size = source.codePointCount(0, source.length());
        long from = start < 0 ? Math.max(0, size + start) : start;
        if (from > size || occurrence <= 0) {
            return -1;
        }
        long to = length < 0 ? size : Math.min(size, from + length);
        int first = source.offsetByCodePoints(0, (int) from);
        int last = source.offsetByCodePoints(first, (int) (to - from));
        // By recorded answers the length limits where the match begins: indexof("abcdefg", "cde", 1, 2) is 2.
        int at = first - 1;
        for (long n = 0; n < occurrence; n++) {
            at = source.indexOf(sought, at + 1);
            if (at < 0 || at >= last) {
                return -1;
            }
        }
        return source.codePointCount(0, at);
    }

    /// Matches may overlap.
    private static long count(String source, String sought) {
        if (sought.isEmpty()) {
            return 0;
        }
        long count = 0;
        for (int at = source.indexOf(sought); at >= 0; at = source.indexOf(sought, at + 1)) {
            count++;
        }
        return count;
    }

    /// A lookup that is no string is never found; one whose replacement is no string is found and stays.
    private static String replaceAll(String source, String lookupArray, String rewriteArray) {
        List<String> lookups = DynamicKernels.elements(lookupArray).orElse(List.of()).stream()
                .map(lookup -> DynamicText.stringValue(lookup).orElse("")).toList();
        List<String> replacements = DynamicKernels.elements(rewriteArray).orElse(List.of());
        if (lookups.size() != replacements.size()) {
            throw new IllegalArgumentException("replace_strings(): " + lookups.size() + " lookups, but "
                    + replacements.size() + " rewrites");
        }
        List<String> rewrites = new ArrayList<>();
        for (int i = 0; i < lookups.size(); i++) {
            rewrites.add(DynamicText.stringValue(replacements.get(i)).orElse(lookups.get(i)));
        }
        return replaceEach(source, lookups, rewrites);
    }

    /// A part of a text.
    ///
    /// @param isPutIn a rewrite, which is not looked at again
    private record Part(String text, boolean isPutIn) {}

    /// An earlier lookup goes before a later one wherever they stand, and what it put in is not looked at again.
    private static String replaceEach(String source, List<String> lookups, List<String> rewrites) {
        List<Part> parts = List.of(new Part(source, false));
        for (int i = 0; i < lookups.size(); i++) {
            String lookup = lookups.get(i);
            if (!lookup.isEmpty() && parts.stream().anyMatch(part -> !part.isPutIn && part.text.contains(lookup))) {
                parts = replaced(parts, lookup, new Part(rewrites.get(i), true));
            }
            Interruption.look();
        }
        var text = new StringBuilder(source.length());
        parts.forEach(part -> GrowthKernels.append(text, part.text, 0, part.text.length()));
        return text.toString();
    }

    private static List<Part> replaced(List<Part> parts, String lookup, Part rewrite) {
        List<Part> replaced = new ArrayList<>();
        for (Part part : parts) {
            if (part.isPutIn) {
                replaced.add(part);
                continue;
            }
            int from = 0;
            for (int at = part.text.indexOf(lookup); at >= 0; at = part.text.indexOf(lookup, from)) {
                if (at > from) {
                    replaced.add(new Part(part.text.substring(from, at), false));
                }
                replaced.add(rewrite);
                from = at + lookup.length();
            }
            if (from < part.text.length()) {
                replaced.add(from == 0 ? part : new Part(part.text.substring(from), false));
            }
        }
        return replaced;
    }

    /// A character of the list becomes the one at its place in the replacements, or their last; without any it is dropped.
    private static String translate(String list, String replacements, String source) {
        int[] from = list.codePoints().toArray();
        int[] to = replacements.codePoints().toArray();
        StringBuilder text = new StringBuilder(source.length());
        source.codePoints().forEach(point -> {
            for (int i = 0; i < from.length; i++) {
                if (from[i] == point) {
                    if (to.length > 0) {
                        text.appendCodePoint(to[Math.min(i, to.length - 1)]);
                    }
                    return;
                }
            }
            text.appendCodePoint(point);
        });
        return text.toString();
    }

    private static String codePoints(String source) {
        StringBuilder text = new StringBuilder().append('[');
        source.codePoints().forEach(point -> {
            if (text.length() > 1) {
                text.append(',');
            }
            text.append(point);
        });
        return text.append(']').toString();
    }

    /// The text of numbers, which may stand in arrays; empty where one of them is no character.
    private static String fromCodePoints(String array) {
        StringBuilder text = new StringBuilder();
        return appendCodePoints(array, text) ? text.toString() : "";
    }

    private static boolean appendCodePoints(String array, StringBuilder text) {
        for (String element : DynamicParts.elements(array)) {
            if (DynamicParts.isArray(element)) {
                if (!appendCodePoints(element, text)) {
                    return false;
                }
                continue;
            }
            long point = DynamicNumbers.toLong(element).orElse(-1);
            if (point < 0 || point > Character.MAX_CODE_POINT || point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                return false;
            }
            text.appendCodePoint((int) point);
        }
        return true;
    }
}
