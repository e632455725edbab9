package io.conshelf.kql.function;

import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One way through a regular expression of Kusto (https://learn.microsoft.com/kusto/query/regex), which says the same in the dialect of RE2.
/// What RE2 has no words for is an error that names it.
final class RegexTranslation {
    /// Alphabetic, marks, digits, connectors and what joins letters. Alphabetic are, beside letters and marks, numbers that are written as
    /// letters and the symbols that are letters in circles and squares, which stand here as themselves: an expression may have many of this.
    private static final String WORD = "\\pL\\pM\\p{Nd}\\p{Pc}\\p{Nl}\u200c\u200d\u24b6-\u24e9"
            + "\ud83c\udd30-\ud83c\udd49\ud83c\udd50-\ud83c\udd69\ud83c\udd70-\ud83c\udd89";
    private static final String BLANK = "\\t-\\r\\x85\\pZ";
    private static final String ASCII_BLANK = "\\t-\\r ";
    private static final Pattern NAMED = Pattern.compile("\\[:\\^?[a-z]+:]");
    private static final Pattern FLAGS = Pattern.compile("\\(\\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])");
    private static final Pattern WORD_BORDER = Pattern.compile("\\\\b\\{[a-z-]+}");
    private static final String NAMED_GROUP = "(?<";
    private static final Pattern PROPERTY = Pattern.compile("([^=:!]*)(!=|=|:)(.*)");
    /// What a class may be a value of, however its name is written.
    private static final Set<String> PROPERTIES = Set.of("gc", "generalcategory", "sc", "script", "scx", "scriptextensions");

    private final String regex;
    private final StringBuilder re2;
    private final Deque<Flags> around = new ArrayDeque<>();
    private Flags flags = new Flags(false, true, false);
    private int at;
    private int classes;

    /// What the flags `x`, `u` and `i` say at a place.
    ///
    /// @param isVerbose blanks and comments mean nothing
    /// @param isUnicode short classes know every script
    record Flags(boolean isVerbose, boolean isUnicode, boolean ignoresCase) {
        Flags with(String set, String cleared) {
            return new Flags(isVerbose && cleared.indexOf('x') < 0 || set.indexOf('x') >= 0,
                    isUnicode && cleared.indexOf('u') < 0 || set.indexOf('u') >= 0,
                    ignoresCase && cleared.indexOf('i') < 0 || set.indexOf('i') >= 0);
        }
    }

    private RegexTranslation(String regex) {
        this.regex = regex;
        re2 = new StringBuilder(regex.length() + 16);
    }

    static String of(String regex) {
        return new RegexTranslation(regex).translate();
    }

    private String translate() {
        while (at < regex.length()) {
            char c = regex.charAt(at);
            switch (c) {
                case '\\' -> escape(false);
                case '[' -> characterClass();
                case '(' -> group();
                case ')' -> {
                    if (!around.isEmpty()) {
                        flags = around.pop();
                    }
                    copy(1);
                }
                default -> {
                    int skipped = flags.isVerbose() ? skipped(regex, at) : at;
                    if (skipped > at) {
                        at = skipped;
                    } else {
                        copy(1);
                    }
                }
            }
        }
        return re2.toString();
    }

    /// Behind a blank or a comment that the flag `x` leaves out, if there is one.
    static int skipped(String regex, int at) {
        if (Character.isWhitespace(regex.charAt(at))) {
            return at + 1;
        }
        if (regex.charAt(at) != '#') {
            return at;
        }
        int end = regex.indexOf('\n', at);
        return end < 0 ? regex.length() : end + 1;
    }

    private void copy(int count) {
        re2.append(regex, at, at + count);
        at += count;
    }

    private void group() {
        Matcher set = FLAGS.matcher(regex).region(at, regex.length());
        if (set.lookingAt() && set.end() - set.start() > 3) {
            flagged(set.group(1), set.group(2) == null ? "" : set.group(2), set.group(3).equals(":"));
            at = set.end();
            return;
        }
        around.push(flags);
        if (regex.startsWith(NAMED_GROUP, at) && isNameBegin(at + NAMED_GROUP.length())) {
            re2.append("(?P<");
            at += NAMED_GROUP.length();
        } else {
            copy(1);
        }
    }

    /// `(?<name>` is a group with a name, which RE2 spells `(?P<name>`; `(?<=` and `(?<!` look behind, which it does not.
    private boolean isNameBegin(int index) {
        return index < regex.length() && (Character.isLetter(regex.charAt(index)) || regex.charAt(index) == '_');
    }

    private void flagged(String set, String cleared, boolean isGroup) {
        if (isGroup) {
            around.push(flags);
        }
        flags = flags.with(set, cleared);
        String left = set.replaceAll("[xu]", "");
        String without = cleared.replaceAll("[xu]", "");
        String all = left + (without.length() > 1 ? without : "");
        if (isGroup) {
            re2.append("(?").append(all).append(':');
        } else if (!all.isEmpty()) {
            re2.append("(?").append(all).append(')');
        }
    }

    /// A class of which RE2 knows all parts stays as it is; another is counted out.
    private void characterClass() {
        Optional<RegexClass.Read> counted = RegexClass.read(regex, at, flags);
        if (counted.isPresent()) {
            re2.append(counted.get().re2());
            at = counted.get().end();
            classes += counted.get().classes();
            if (classes > RegexClass.CLASSES_MAX) {
                throw tooManyClasses(regex);
            }
            // What a class is counted out to may be a thousand times as long as the class.
            RegexText.checkTranslated(re2);
            return;
        }
        copy(1);
        if (regex.startsWith("^", at)) {
            copy(1);
        }
        // A bracket that would end the class at once is a letter of it.
        if (regex.startsWith("]", at)) {
            copy(1);
        }
        while (at < regex.length() && regex.charAt(at) != ']') {
            Matcher named = NAMED.matcher(regex).region(at, regex.length());
            if (regex.charAt(at) == '\\') {
                escape(true);
            } else if (named.lookingAt()) {
                copy(named.end() - at);
            } else if (flags.isVerbose() && skipped(regex, at) > at) {
                at = skipped(regex, at);
            } else {
                copy(1);
            }
        }
        if (at < regex.length()) {
            copy(1);
        }
    }

    static PatternSyntaxException tooManyClasses(String regex) {
        return new PatternSyntaxException("it computes more than " + RegexClass.CLASSES_MAX + " classes", regex);
    }

    private void escape(boolean inClass) {
        if (at + 1 == regex.length()) {
            copy(1);
            return;
        }
        char letter = regex.charAt(at + 1);
        switch (letter) {
            case 'd' -> replace(2, flags.isUnicode() ? "\\p{Nd}" : "\\d");
            case 'D' -> replace(2, flags.isUnicode() ? "\\P{Nd}" : "\\D");
            case 'w' -> replace(2, !flags.isUnicode() ? "\\w" : inClass ? WORD : "[" + WORD + "]");
            case 's' -> replace(2, inClass ? blank() : "[" + blank() + "]");
            case 'W' -> replace(2, inClass || !flags.isUnicode() ? "\\W" : "[^" + WORD + "]");
            case 'S' -> replace(2, inClass ? "\\S" : "[^" + blank() + "]");
            case 'u', 'U' -> {
                OptionalInt end = codePointEnd(regex, at);
                if (end.isPresent()) {
                    replace(end.getAsInt() - at, "\\x{" + Integer.toHexString(codePoint(regex, at, end.getAsInt())) + "}");
                } else {
                    copy(2);
                }
            }
            case 'p', 'P' -> property(inClass);
            case 'b' -> {
                Matcher border = WORD_BORDER.matcher(regex).region(at, regex.length());
                if (!inClass && border.lookingAt()) {
                    throw new PatternSyntaxException("'" + border.group() + "' is not supported yet", regex);
                }
                copy(2);
            }
            case '<', '>' -> {
                if (!inClass) {
                    throw new PatternSyntaxException("'\\" + letter + "', the border of a word, is not supported yet; the letter itself is '" + letter + "'", regex);
                }
                copy(2);
            }
            default -> copy(2);
        }
    }

    private String blank() {
        return flags.isUnicode() ? BLANK : ASCII_BLANK;
    }

    private void replace(int count, String by) {
        re2.append(by);
        at += count;
    }

    /// A class by its long name, which RE2 knows by the short one of its category or by its script.
    private void property(boolean inClass) {
        int end = regex.startsWith("{", at + 2) ? regex.indexOf('}', at) : -1;
        if (end < 0) {
            copy(2);
            return;
        }
        Property property = Property.of(regex.substring(at + 3, end), regex);
        boolean isNot = regex.charAt(at + 1) == 'P' ^ property.isNot();
        String name = property.name();
        if (name.equals("White_Space") && !(isNot && inClass)) {
            replace(end + 1 - at, inClass ? BLANK : (isNot ? "[^" : "[") + BLANK + "]");
        } else {
            replace(end + 1 - at, (isNot ? "\\P{" : "\\p{") + name + "}");
        }
    }

    /// What stands in the braces of `\p{…}`: a value, `gc=value` or `gc!=value`.
    ///
    /// @param name  the short one of a category, or a script as RE2 writes it
    /// @param isNot whether all characters but those are meant
    record Property(String name, boolean isNot) {
        static Property of(String text, String regex) {
            Matcher valued = PROPERTY.matcher(text);
            if (!valued.matches()) {
                return new Property(nameOf(text.strip()), false);
            }
            if (!PROPERTIES.contains(valued.group(1).replaceAll("[-_\\s]", "").toLowerCase(Locale.ROOT))) {
                throw new PatternSyntaxException("'\\p{" + RegexText.shown(text) + "}' is not supported: before '" + valued.group(2)
                        + "' stands gc (General_Category), sc (Script) or scx (Script_Extensions)", regex);
            }
            return new Property(nameOf(valued.group(3).strip()), valued.group(2).equals("!="));
        }

        private static String nameOf(String value) {
            String[] words = value.replace('-', ' ').replace('_', ' ').split(" ");
            StringBuilder name = new StringBuilder();
            for (String word : words) {
                if (!word.isEmpty()) {
                    name.append(name.isEmpty() ? "" : "_").append(word.substring(0, 1).toUpperCase(Locale.ROOT))
                            .append(word.substring(1).toLowerCase(Locale.ROOT));
                }
            }
            return RegexCategory.named(name.toString()).map(Enum::name).orElse(value.startsWith("^") ? value : name.toString());
        }
    }

    /// Behind `\u007F`, `\U0000007F`, `\x7F` and their like with braces.
    static OptionalInt codePointEnd(String regex, int at) {
        int digits = switch (regex.charAt(at + 1)) {
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 2;
        };
        boolean isBraced = regex.startsWith("{", at + 2);
        int begin = isBraced ? at + 3 : at + 2;
        int end = isBraced ? regex.indexOf('}', at) : begin + digits;
        if (end <= begin || end > regex.length() || end - begin > 8 || !regex.substring(begin, end).chars().allMatch(HexFormat::isHexDigit)) {
            return OptionalInt.empty();
        }
        long point = Long.parseLong(regex.substring(begin, end), 16);
        return point > Character.MAX_CODE_POINT ? OptionalInt.empty() : OptionalInt.of(isBraced ? end + 1 : end);
    }

    static int codePoint(String regex, int at, int end) {
        boolean isBraced = regex.charAt(at + 2) == '{';
        return Integer.parseInt(regex.substring(isBraced ? at + 3 : at + 2, isBraced ? end - 1 : end), 16);
    }
}
