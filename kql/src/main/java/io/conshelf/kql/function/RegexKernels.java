package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Regular expressions where DuckDB's functions do not reach. They run in time linear in the text, as RE2 does.
final class RegexKernels {
    private static final int EXTRACTED_GROUPS_MAX = 16;

    static final List<Kernel> ALL = List.of(
            // What it tells DuckDB may be no regular expression.
            kernel("kql_regex_text", STRING, Translated::new, (translated, in, row, out) -> out.text(row, translated.of(in.text(0, row))), STRING)
                    .thatMayFail(),
            kernel("kql_extract", STRING, Compiled::new,
                    (compiled, in, row, out) -> out.text(row,
                            extract(compiled.of(in.text(0, row)), in.int64(1, row), in.text(2, row))),
                    STRING, LONG, STRING),
            kernel("kql_extract_all", DYNAMIC, Compiled::new,
                    (compiled, in, row, out) -> {
                        List<String> found = extractAll(compiled.of(in.text(0, row)), in.text(1, row), in.text(2, row));
                        if (found.isEmpty()) {
                            out.setNull(row);
                        } else {
                            out.text(row, DynamicParts.array(found));
                        }
                    },
                    STRING, DYNAMIC, STRING).thatMayFail(),
            kernel("kql_replace_regex", STRING, Compiled::new,
                    (compiled, in, row, out) -> out.text(row,
                            replace(compiled.of(in.text(1, row)), in.text(0, row), in.text(2, row))),
                    STRING, STRING, STRING).thatMayFail(),
            kernel("kql_count_regex", LONG, Compiled::new,
                    (compiled, in, row, out) -> out.int64(row, count(compiled.of(in.text(1, row)), in.text(0, row))),
                    STRING, STRING),
            kernel("kql_indexof_regex", LONG, Compiled::new,
                    (compiled, in, row, out) -> {
                        if (in.int64(2, row) < 0 || in.int64(4, row) == 0 || StringKernels.isNoRange(in.int64(3, row), in.int64(4, row))) {
                            out.setNull(row);
                        } else {
                            out.int64(row, indexOf(in.text(0, row), compiled.of(in.text(1, row)),
                                    in.int64(2, row), in.int64(3, row), in.int64(4, row)));
                        }
                    },
                    STRING, STRING, LONG, LONG, LONG));

    private RegexKernels() {}

    /// The last pattern in DuckDB's dialect.
    private static final class Translated {
        private String regex = "";
        private String re2 = "";

        String of(String newRegex) {
            if (!newRegex.equals(regex)) {
                try {
                    re2 = RegexText.toRe2(newRegex);
                } catch (PatternSyntaxException broken) {
                    throw new IllegalArgumentException(noRegex(newRegex, broken), broken);
                }
                regex = newRegex;
            }
            return re2;
        }
    }

    /// The last pattern, compiled: nearly always all rows have the same.
    private static final class Compiled {
        private String regex = "";
        private Pattern pattern = Pattern.compile("");

        Pattern of(String newRegex) {
            if (!newRegex.equals(regex)) {
                try {
                    pattern = Pattern.compile(RegexText.toRe2(newRegex));
                } catch (PatternSyntaxException broken) {
                    throw new IllegalArgumentException(noRegex(newRegex, broken), broken);
                }
                regex = newRegex;
            }
            return pattern;
        }
    }

    private static String noRegex(String text, PatternSyntaxException broken) {
        return "'" + RegexText.shown(text) + "' is no regular expression: " + broken.getDescription();
    }

    private static String extract(Pattern pattern, long group, String source) {
        Matcher matcher = pattern.matcher(Interruption.watched(source));
        if (group < 0 || group > matcher.groupCount() || !matcher.find()) {
            return "";
        }
        String found = matcher.group((int) group);
        return found == null ? "" : found;
    }

    /// One group gives a list of texts, several a list of lists.
    private static List<String> extractAll(Pattern pattern, String groups, String source) {
        Matcher matcher = pattern.matcher(Interruption.watched(source));
        List<Integer> wanted = new ArrayList<>();
        if (!DynamicParts.isArray(groups)) {
            throw new IllegalArgumentException("extract_all(): the capture groups are no array");
        }
        for (String group : DynamicParts.elements(groups)) {
            group(pattern, group, matcher.groupCount()).ifPresent(wanted::add);
        }
        if (wanted.isEmpty()) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                wanted.add(group);
            }
        }
        if (wanted.isEmpty() || matcher.groupCount() > EXTRACTED_GROUPS_MAX) {
            throw new IllegalArgumentException("extract_all(): the regular expression '" + pattern.pattern() + "' has "
                    + (wanted.isEmpty() ? "no capture group" : matcher.groupCount() + " capture groups; it may have 1 to " + EXTRACTED_GROUPS_MAX));
        }
        List<String> found = new ArrayList<>();
        long length = 0;
        while (matcher.find()) {
            List<String> parts = new ArrayList<>();
            for (int group : wanted) {
                String part = matcher.group(group);
                parts.add(DynamicText.ofString(part == null ? "" : part));
                length += parts.getLast().length() + 1;
                GrowthKernels.bound(length);
            }
            found.add(parts.size() == 1 ? parts.getFirst() : DynamicParts.array(parts));
        }
        return found;
    }

    /// `\\1` in the rewrite is a group, `\\0` the whole match.
    private static String replace(Pattern pattern, String source, String rewrite) {
        Matcher matcher = pattern.matcher(Interruption.watched(source));
        var replaced = new StringBuilder();
        int copied = 0;
        while (matcher.find()) {
            Interruption.look();
            GrowthKernels.append(replaced, source, copied, matcher.start());
            for (int at = 0; at < rewrite.length(); at++) {
                char c = rewrite.charAt(at);
                char next = c == '\\' && at + 1 < rewrite.length() ? rewrite.charAt(at + 1) : c;
                if (c != '\\' || next == c) {
                    replaced.append(c);
                    at += c == '\\' && at + 1 < rewrite.length() ? 1 : 0;
                } else if (next >= '0' && next <= '9') {
                    String found = next - '0' <= matcher.groupCount() ? matcher.group(next - '0') : null;
                    GrowthKernels.append(replaced, found == null ? "" : found, 0, found == null ? 0 : found.length());
                    at++;
                }
            }
            copied = matcher.end();
        }
        GrowthKernels.append(replaced, source, copied, source.length());
        return replaced.toString();
    }

    /// A group that the expression does not have is left out; a name has to be one of its own.
    private static Optional<Integer> group(Pattern pattern, String dynamic, int count) {
        Optional<String> name = DynamicText.stringValue(dynamic);
        if (name.isPresent() && !pattern.namedGroups().containsKey(name.get())) {
            throw new IllegalArgumentException(
                    "extract_all(): the regular expression '" + pattern.pattern() + "' has no capture group " + dynamic);
        }
        int group = name.map(pattern.namedGroups()::get).orElseGet(() -> (int) DynamicNumbers.toLong(dynamic).orElse(-1));
        return group < 0 || group > count ? Optional.empty() : Optional.of(group);
    }

    private static long count(Pattern pattern, String source) {
        Matcher matcher = pattern.matcher(Interruption.watched(source));
        long count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }

    private static long indexOf(String source, Pattern pattern, long start, long length, long occurrence) {
        int size = source.codePointCount(0, source.length());
        if (start > size) {
            return -1;
        }
        String part = source.substring(source.offsetByCodePoints(0, (int) start));
        Matcher matcher = pattern.matcher(Interruption.watched(part));
        for (long n = 0; n < occurrence; n++) {
            if (!matcher.find()) {
                return -1;
            }
        }
        long at = part.codePointCount(0, matcher.start());
        return length < 0 || at < length ? start + at : -1;
    }
}
