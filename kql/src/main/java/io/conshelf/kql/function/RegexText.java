package io.conshelf.kql.function;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Regular expressions of Kusto in the dialect of DuckDB (RE2), whose short classes know ASCII only: by recorded answers
/// `\d`, `\s` and `\w` match the digits, blanks and letters of every script.
final class RegexText {
    private static final String WORD = "\\p{L}\\p{M}\\p{Nd}\\p{Pc}";
    private static final String BLANK = "\\t\\n\\x{B}\\f\\r\\x{85}\\p{Z}";
    private static final String ALPHANUMERIC = "\\pL\\pN";
    /// Such as `Ⅷ` and `½`, which are no digits to Java.
    private static final int MORE_NUMBERS = 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;
    private static final Pattern SPECIAL = Pattern.compile("[\\\\.+*?()|\\[\\]{}^$]");

    private static final Pattern NAMED = Pattern.compile("\\[:\\^?[a-z]+:]");
    private static final String NAMED_GROUP = "(?<";

    private RegexText() {}

    static String toRe2(String kusto) {
        if (kusto.indexOf('\\') < 0 && !kusto.contains(NAMED_GROUP)) {
            return kusto;
        }
        StringBuilder re2 = new StringBuilder(kusto.length() + 16);
        boolean inClass = false;
        for (int at = 0; at < kusto.length(); at++) {
            char c = kusto.charAt(at);
            if (c == '\\' && at + 1 < kusto.length()) {
                re2.append(escaped(kusto.charAt(++at), inClass));
                continue;
            }
            if (c == '(' && !inClass && kusto.startsWith(NAMED_GROUP, at) && isNameBegin(kusto, at + NAMED_GROUP.length())) {
                re2.append("(?P<");
                at += NAMED_GROUP.length() - 1;
                continue;
            }
            if (c == '[') {
                String begin = inClass ? named(kusto, at) : opened(kusto, at);
                re2.append(begin);
                at += begin.length() - 1;
                inClass = true;
                continue;
            }
            if (c == ']') {
                inClass = false;
            }
            re2.append(c);
        }
        return re2.toString();
    }

    /// `(?<name>` is a group with a name, which RE2 spells `(?P<name>`; `(?<=` and `(?<!` look behind, which it does not.
    private static boolean isNameBegin(String regex, int at) {
        return at < regex.length() && (Character.isLetter(regex.charAt(at)) || regex.charAt(at) == '_');
    }

    /// The begin of a class; a bracket that would end it at once is a letter of it.
    private static String opened(String regex, int at) {
        int end = at + 1;
        if (regex.startsWith("^", end)) {
            end++;
        }
        if (regex.startsWith("]", end)) {
            end++;
        }
        return regex.substring(at, end);
    }

    /// Within a class a class by its name, such as `[:alpha:]`, else the bracket as a letter.
    private static String named(String regex, int at) {
        Matcher name = NAMED.matcher(regex).region(at, regex.length());
        return name.lookingAt() ? name.group() : "[";
    }

    private static String escaped(char letter, boolean inClass) {
        return switch (letter) {
            case 'd' -> "\\p{Nd}";
            case 'D' -> "\\P{Nd}";
            case 'w' -> inClass ? WORD : "[" + WORD + "]";
            case 's' -> inClass ? BLANK : "[" + BLANK + "]";
            case 'W' -> inClass ? "\\W" : "[^" + WORD + "]";
            case 'S' -> inClass ? "\\S" : "[^" + BLANK + "]";
            default -> "\\" + letter;
        };
    }

    /// A text as a regular expression that matches only it.
    static String quote(String text) {
        return SPECIAL.matcher(text).replaceAll("\\\\$0");
    }

    /// A regular expression that finds a term: a text that does not go on with a letter or digit where it begins or ends with
    /// one.
    static String term(String text, boolean fromStart, boolean toEnd) {
        return term(text, fromStart, toEnd, "[^" + ALPHANUMERIC + "]");
    }

    /// The same of a term that stands between characters of ASCII.
    static String termInAscii(String text, boolean fromStart, boolean toEnd) {
        return term(text, fromStart, toEnd, "[\\x00-/:-@\\[-`{-\\x7f]");
    }

    private static String term(String text, boolean fromStart, boolean toEnd, String border) {
        String before = fromStart && isAlphanumericAt(text, 0) ? "(?:^|" + border + ")" : "";
        String after = toEnd && isAlphanumericAt(text, text.length() - 1) ? "(?:$|" + border + ")" : "";
        return before + quote(text) + after;
    }

    private static boolean isAlphanumericAt(String text, int index) {
        return isAlphanumeric(index == 0 ? text.codePointAt(0) : text.codePointBefore(text.length()));
    }

    /// Whether a character is a part of terms.
    static boolean isAlphanumeric(int point) {
        return Character.isLetterOrDigit(point) || (MORE_NUMBERS >> Character.getType(point) & 1) != 0;
    }
}
