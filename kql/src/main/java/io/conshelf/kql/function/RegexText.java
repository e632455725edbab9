package io.conshelf.kql.function;

import com.google.re2j.PatternSyntaxException;
import java.util.regex.Pattern;

/// Regular expressions of Kusto in the dialect of DuckDB (RE2), whose short classes know ASCII only: by recorded answers
/// `\d`, `\s` and `\w` match the digits, blanks and letters of every script.
public final class RegexText {
    private static final String ALPHANUMERIC = "\\pL\\pN";
    /// Such as `Ⅷ` and `½`, which are no digits to Java.
    private static final int MORE_NUMBERS = 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;
    private static final Pattern SPECIAL = Pattern.compile("[\\\\.+*?()|\\[\\]{}^$]");

    private static final int SHOWN_MAX = 100;

    /// RE2/J reads letters in a time that grows with the square of their number: these in a few seconds, of which nothing can stop it.
    private static final int WRITTEN_MAX = 1 << 17;
    /// With what classes stand for, which takes it less.
    private static final int TRANSLATED_MAX = 1 << 18;

    private RegexText() {}

    /// The same in the dialect of RE2.
    ///
    /// @throws PatternSyntaxException for what RE2 has no words for, and for what is too long
    public static String toRe2(String kusto) {
        if (kusto.length() > WRITTEN_MAX) {
            throw new PatternSyntaxException("it has more than " + WRITTEN_MAX + " characters", "");
        }
        String re2 = kusto.indexOf('\\') < 0 && kusto.indexOf('[') < 0 && !kusto.contains("(?") ? kusto : RegexTranslation.of(kusto);
        checkTranslated(re2);
        return re2;
    }

    static void checkTranslated(CharSequence re2) {
        if (re2.length() > TRANSLATED_MAX) {
            throw new PatternSyntaxException("it has more than " + TRANSLATED_MAX + " characters, with what its classes stand for", "");
        }
    }

    /// A regular expression as an error shows it.
    static String shown(String regex) {
        return regex.codePointCount(0, regex.length()) <= SHOWN_MAX ? regex : regex.substring(0, regex.offsetByCodePoints(0, SHOWN_MAX)) + "…";
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
