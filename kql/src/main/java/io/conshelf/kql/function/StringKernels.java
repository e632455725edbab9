package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.textToText;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What strings need beyond DuckDB's functions.
final class StringKernels {
    /// Kusto repeats a text at most so often.
    private static final int REPEAT_MAX = 1_024;
    private static final int TEXT_LENGTH_MAX = 64 << 20;

    static final List<Kernel> ALL = List.of(
            kernel("kql_has", BOOL,
                    (in, row, out) -> out.bool(row, hasTerm(in.text(0, row), in.text(1, row),
                            in.bool(2, row), in.bool(3, row), in.bool(4, row))),
                    STRING, STRING, BOOL, BOOL, BOOL),
            kernel("kql_has_any", BOOL,
                    (in, row, out) -> out.bool(row, terms(in.text(1, row)).stream()
                            .anyMatch(term -> hasTerm(in.text(0, row), term, true, true, true))),
                    STRING, DYNAMIC),
            kernel("kql_has_all", BOOL,
                    (in, row, out) -> out.bool(row, terms(in.text(1, row)).stream()
                            .allMatch(term -> hasTerm(in.text(0, row), term, true, true, true))),
                    STRING, DYNAMIC),
            kernel("kql_has_any_index", LONG,
                    (in, row, out) -> out.int64(row, hasAnyIndex(in.text(0, row), terms(in.text(1, row)))),
                    STRING, DYNAMIC),
            kernel("kql_strrep", STRING,
                    (in, row, out) -> out.text(row, repeat(in.text(0, row), in.int64(1, row), in.text(2, row))),
                    STRING, LONG, STRING),
            kernel("kql_indexof", LONG,
                    (in, row, out) -> out.int64(row, indexOf(in.text(0, row), in.text(1, row),
                            in.int64(2, row), in.int64(3, row), in.int64(4, row))),
                    STRING, STRING, LONG, LONG, LONG),
            kernel("kql_countof", LONG,
                    (in, row, out) -> out.int64(row, count(in.text(0, row), in.text(1, row))), STRING, STRING),
            kernel("kql_replace_strings", STRING,
                    (in, row, out) -> out.text(row, replaceAll(in.text(0, row), terms(in.text(1, row)), terms(in.text(2, row)))),
                    STRING, DYNAMIC, DYNAMIC),
            kernel("kql_strcat_array", STRING,
                    (in, row, out) -> out.text(row, String.join(in.text(1, row), terms(in.text(0, row)))),
                    DYNAMIC, STRING),
            kernel("kql_translate", STRING,
                    (in, row, out) -> out.text(row, translate(in.text(0, row), in.text(1, row), in.text(2, row))),
                    STRING, STRING, STRING),
            kernel("kql_codepoints", DYNAMIC,
                    (in, row, out) -> out.text(row, codePoints(in.text(0, row))), STRING),
            kernel("kql_from_codepoints", STRING,
                    (in, row, out) -> out.text(row, fromCodePoints(in.text(0, row))), DYNAMIC),
            textToText("kql_regex_quote", RegexText::quote));

    private StringKernels() {}

    /// Whether a text contains another that does not go on with a letter or digit at the ends that are asked for.
    static boolean hasTerm(String source, String term, boolean fromStart, boolean toEnd, boolean ignoreCase) {
        if (term.isEmpty()) {
            return true;
        }
        String text = ignoreCase ? source.toLowerCase(Locale.ROOT) : source;
        String sought = ignoreCase ? term.toLowerCase(Locale.ROOT) : term;
        boolean bounded = fromStart && Character.isLetterOrDigit(sought.codePointAt(0));
        boolean ended = toEnd && Character.isLetterOrDigit(sought.codePointBefore(sought.length()));
        for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
            int end = at + sought.length();
            boolean begins = !bounded || at == 0 || !Character.isLetterOrDigit(text.codePointBefore(at));
            boolean ends = !ended || end == text.length() || !Character.isLetterOrDigit(text.codePointAt(end));
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

    /// The text of a dynamic value that is not null, as `tostring()` gives it.
    static String text(String dynamic) {
        return DynamicText.stringValue(dynamic).orElseGet(() -> DynamicText.toJson(dynamic));
    }

    private static long hasAnyIndex(String source, List<String> terms) {
        for (int i = 0; i < terms.size(); i++) {
            if (hasTerm(source, terms.get(i), true, true, true)) {
                return i;
            }
        }
        return -1;
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

    private static String replaceAll(String source, List<String> lookups, List<String> rewrites) {
        if (lookups.size() != rewrites.size()) {
            throw new IllegalArgumentException("replace_strings(): " + lookups.size() + " lookups, but "
                    + rewrites.size() + " rewrites");
        }
        return replaceFrom(source, lookups, rewrites, 0);
    }

    /// An earlier lookup goes before a later one wherever they stand, and what it put in is not looked at again.
    private static String replaceFrom(String source, List<String> lookups, List<String> rewrites, int first) {
        if (first == lookups.size() || source.isEmpty()) {
            return source;
        }
        String lookup = lookups.get(first);
        StringBuilder text = new StringBuilder(source.length());
        int from = 0;
        for (int at = lookup.isEmpty() ? -1 : source.indexOf(lookup); at >= 0; at = source.indexOf(lookup, from)) {
            text.append(replaceFrom(source.substring(from, at), lookups, rewrites, first + 1)).append(rewrites.get(first));
            from = at + lookup.length();
        }
        return text.append(replaceFrom(source.substring(from), lookups, rewrites, first + 1)).toString();
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

    /// The text of numbers, which may stand in arrays.
    private static String fromCodePoints(String array) {
        StringBuilder text = new StringBuilder();
        for (String element : DynamicParts.elements(array)) {
            if (DynamicParts.isArray(element)) {
                text.append(fromCodePoints(element));
            } else {
                DynamicNumbers.toLong(element)
                        .ifPresent(point -> {
                            if (Character.isValidCodePoint((int) point)) {
                                text.appendCodePoint((int) point);
                            }
                        });
            }
        }
        return text.toString();
    }
}
