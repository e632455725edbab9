package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.conshelf.kql.value.Interruption;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The value of a key in a text of pairs: what `parse-kv` does for each of its columns. No user can write these names.
final class KeyValueFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("$parse_kv", NONE, "The value after the first pair delimiter and key.",
                    takes(string("text"), string("key"), string("pair_delimiter"), string("kv_delimiter"), string("quotes"),
                            string("escapes"), bool("greedy"))
                            .returns(STRING).sql("kql_parse_kv({*})")),
            scalar("$parse_kv_regex", NONE, "The second group where the first is the key.",
                    takes(string("text"), string("key"), string("regex")).returns(STRING).sql("kql_parse_kv_regex({*})")));

    static final List<Kernel> KERNELS = List.of(
            kernel("kql_parse_kv", STRING, (in, row, out) -> out.text(row, value(in.text(0, row), in.text(1, row),
                            new Rules(in.text(2, row), in.text(3, row), in.text(4, row), in.text(5, row), in.bool(6, row)))),
                    STRING, STRING, STRING, STRING, STRING, STRING, BOOL),
            kernel("kql_parse_kv_regex", STRING, LastPattern::new,
                    (last, in, row, out) -> out.text(row, value(in.text(0, row), in.text(1, row), last.of(in.text(2, row)))),
                    STRING, STRING, STRING));

    private KeyValueFunctions() {}

    /// @param quotes  pairs of the character before a value and the one after it
    /// @param escapes each character of it takes the next one as it is
    private record Rules(String pair, String keyEnd, String quotes, String escapes, boolean greedy) {
        boolean isQuoted(String text, int at) {
            return quoteAt(text, at) >= 0;
        }

        /// The character that ends what the one at an offset opens.
        char close(String text, int at) {
            return quotes.charAt(quoteAt(text, at) + 1);
        }

        /// Whether the character after this one is to be taken as it is.
        boolean isEscape(String text, int at) {
            return escapes.indexOf(text.charAt(at)) >= 0 && at + 1 < text.length();
        }

        private int quoteAt(String text, int at) {
            for (int quote = 0; at < text.length() && quote < quotes.length(); quote += 2) {
                if (quotes.charAt(quote) == text.charAt(at)) {
                    return quote;
                }
            }
            return -1;
        }
    }

    private static final class LastPattern {
        private String text = "";
        private Pattern pattern = Pattern.compile("");

        Pattern of(String regex) {
            if (!regex.equals(text)) {
                pattern = Pattern.compile(RegexText.toRe2(regex));
                text = regex;
            }
            return pattern;
        }
    }

    private static String value(String text, String key, Pattern pattern) {
        Matcher matcher = pattern.matcher(Interruption.watched(text));
        while (matcher.find()) {
            if (matcher.groupCount() >= 2 && key.equals(matcher.group(1))) {
                return matcher.group(2) == null ? "" : matcher.group(2);
            }
        }
        return "";
    }

    /// The value of the first pair with this key; empty where there is none.
    static String value(String text, String key, Rules rules) {
        if (rules.pair.isEmpty() || rules.keyEnd.isEmpty()) {
            return valueBetweenWords(text, key, rules);
        }
        int at = 0;
        int keyEnd = -1;
        while (at < text.length()) {
            // A key in quotes may hold delimiters.
            StringBuilder quotedKey = new StringBuilder();
            int keyStart = skipBlanks(text, at);
            int afterQuotes = rules.isQuoted(text, keyStart) ? readQuoted(text, keyStart, rules, quotedKey) : at;
            // The one that was found from further ahead is still the next, however many pairs without a key lie before it.
            if (keyEnd < afterQuotes) {
                keyEnd = text.indexOf(rules.keyEnd, afterQuotes);
            }
            if (keyEnd < 0) {
                return "";
            }
            int pairEnd = text.indexOf(rules.pair, afterQuotes);
            if (pairEnd >= 0 && pairEnd < keyEnd) {
                at = pairEnd + rules.pair.length();
                continue;
            }
            boolean wanted = afterQuotes > at && text.substring(afterQuotes, keyEnd).isBlank()
                    ? key.contentEquals(quotedKey)
                    : text.substring(at, keyEnd).strip().equals(key);
            int start = keyEnd + rules.keyEnd.length();
            int value = skipBlanks(text, start);
            int end;
            if (rules.isQuoted(text, value)) {
                StringBuilder quoted = new StringBuilder();
                end = readQuoted(text, value, rules, quoted);
                if (wanted) {
                    return quoted.toString();
                }
                end = text.indexOf(rules.pair, end);
            } else {
                end = rules.greedy ? greedyEnd(text, start, rules) : text.indexOf(rules.pair, start);
                if (wanted) {
                    return text.substring(start, end < 0 ? text.length() : end).strip();
                }
            }
            at = end < 0 ? text.length() : end + rules.pair.length();
        }
        return "";
    }

    /// A greedy value goes on to the delimiter before the next key.
    private static int greedyEnd(String text, int start, Rules rules) {
        int from = start;
        int nextKeyEnd = text.indexOf(rules.keyEnd, from);
        while (nextKeyEnd >= 0) {
            for (int end = nextKeyEnd - 1; end >= from; end--) {
                if (text.startsWith(rules.pair, end)) {
                    return end;
                }
            }
            from = nextKeyEnd + rules.keyEnd.length();
            nextKeyEnd = text.indexOf(rules.keyEnd, from);
        }
        return -1;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /// Reads from the opening quote; gives the offset after the closing one.
    private static int readQuoted(String text, int open, Rules rules, StringBuilder value) {
        char close = rules.close(text, open);
        int at = open + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (rules.isEscape(text, at)) {
                value.append(text.charAt(at + 1));
                at += 2;
            } else if (c == close) {
                return at + 1;
            } else {
                value.append(c);
                at++;
            }
        }
        return at;
    }

    /// Without delimiters, words are what letters and digits make, or quotes: the word after the key is its value.
    private static String valueBetweenWords(String text, String key, Rules rules) {
        int at = 0;
        var unclosed = new Unclosed(text, rules);
        while (at < text.length()) {
            if (opensWord(text, at, rules) && unclosed.isClosed(at)) {
                StringBuilder quoted = new StringBuilder();
                at = readQuoted(text, at, rules, quoted);
                if (key.contentEquals(quoted)) {
                    return nextValue(text, at, rules);
                }
            } else if (isWord(text.charAt(at))) {
                int end = wordEnd(text, at);
                if (key.equals(text.substring(at, end))) {
                    return nextValue(text, end, rules);
                }
                at = end;
            } else {
                at++;
            }
        }
        return "";
    }

    /// Whether a word in quotes may begin here: an apostrophe within a word opens nothing.
    private static boolean opensWord(String text, int at, Rules rules) {
        return rules.isQuoted(text, at) && (at == 0 || !isWord(text.charAt(at - 1)));
    }

    /// Which quotes nothing closes. What was read in vain for one is not read again for the next.
    private static final class Unclosed {
        private final String text;
        private final Rules rules;
        /// By the closing character: the places from where the rest was read without finding it.
        private final Map<Character, BitSet> readInVain = new HashMap<>();

        Unclosed(String text, Rules rules) {
            this.text = text;
            this.rules = rules;
        }

        boolean isClosed(int open) {
            char close = rules.close(text, open);
            BitSet known = readInVain.get(close);
            int at = open + 1;
            while (at < text.length() && (known == null || !known.get(at))) {
                if (rules.isEscape(text, at)) {
                    at += 2;
                } else if (text.charAt(at) == close) {
                    return true;
                } else {
                    at++;
                }
            }
            remember(open + 1, at, readInVain.computeIfAbsent(close, _ -> new BitSet(text.length())));
            return false;
        }

        private void remember(int from, int to, BitSet places) {
            int at = from;
            while (at < to) {
                places.set(at);
                at += rules.isEscape(text, at) ? 2 : 1;
            }
        }
    }

    private static String nextValue(String text, int from, Rules rules) {
        int at = from;
        while (at < text.length() && !isWord(text.charAt(at)) && !rules.isQuoted(text, at)) {
            at++;
        }
        if (rules.isQuoted(text, at)) {
            StringBuilder quoted = new StringBuilder();
            readQuoted(text, at, rules, quoted);
            return quoted.toString();
        }
        return text.substring(at, wordEnd(text, at));
    }

    private static int wordEnd(String text, int from) {
        int at = from;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }
}
