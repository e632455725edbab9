package io.conshelf.kql.function;

import com.google.re2j.PatternSyntaxException;
import io.conshelf.kql.function.RegexTranslation.Flags;
import io.conshelf.kql.function.RegexTranslation.Property;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A class of characters that RE2 cannot say, since it holds other classes (`[x[^y]]`) or is computed of two (`[a-z&&[^k]]`, `--`, `~~`):
/// counted out here into the ranges of its characters.
final class RegexClass {
    static final int CLASSES_MAX = 1_000;
    /// Behind what has a meaning in a class, and behind control characters.
    private static final int NUMBERED_MAX = 0xA0;
    private static final int DEPTH_MAX = 100;
    private static final Pattern NAMED = Pattern.compile("\\[:(\\^?)([a-z]+):]");
    private static final int ALL = Character.MAX_CODE_POINT + 1;
    /// The classes of ASCII by name, as pairs of first and last characters.
    private static final Map<String, String> ASCII = Map.ofEntries(
            Map.entry("alnum", "09AZaz"), Map.entry("alpha", "AZaz"), Map.entry("ascii", "\0\u007f"), Map.entry("blank", "\t\t  "),
            Map.entry("cntrl", "\0\u001f\u007f\u007f"), Map.entry("digit", "09"), Map.entry("graph", "!~"), Map.entry("lower", "az"),
            Map.entry("print", " ~"), Map.entry("punct", "!/:@[`{~"), Map.entry("space", "\t\r  "), Map.entry("upper", "AZ"),
            Map.entry("word", "09AZ__az"), Map.entry("xdigit", "09AFaf"));
    /// The short classes whose complement RE2 takes in ASCII, within a class.
    private static final String COMPLEMENTS = "WSP";
    private static final Pattern UNEQUAL = Pattern.compile("\\\\p\\{[^{}!=]{0,50}!=");
    private static final String BLANKS = "\t\n\u000b\f\r\u0085";

    private final String regex;
    private final Flags flags;
    private int at;
    private int classes;
    private boolean isPlain = true;
    /// The last name that is known to RE2 alone: a script.
    private String script = "";

    private RegexClass(String regex, int at, Flags flags) {
        this.regex = regex;
        this.at = at;
        this.flags = flags;
    }

    /// @param end     behind the class
    /// @param classes how many it is computed of
    record Read(String re2, int end, int classes) {}

    /// What the reading of a class ended at that is none by these rules.
    private static final class NoClass extends RuntimeException {
        private static final long serialVersionUID = 1;

        NoClass() {
            super(null, null, false, false);
        }
    }

    /// The class that begins at a bracket. Empty where RE2 reads it as Kusto does, and where a bracket in it has no end, which then is a
    /// letter of it.
    static Optional<Read> read(String regex, int at, Flags flags) {
        if (!isWorthReading(regex, at, flags)) {
            return Optional.empty();
        }
        RegexClass all = new RegexClass(regex, at, flags);
        try {
            BitSet characters = all.bracketed(0);
            if (!all.isPlain && !all.script.isEmpty()) {
                throw new PatternSyntaxException("the script '" + all.script + "' in a class that is computed of others is not supported yet", regex);
            }
            return all.isPlain ? Optional.empty() : Optional.of(new Read(all.withoutCase(characters), all.at, all.classes));
        } catch (NoClass _) {
            return Optional.empty();
        }
    }

    /// Whether there is anything before the first bracket that ends the class for RE2 that RE2 does not read as Kusto does.
    private static boolean isWorthReading(String regex, int open, Flags flags) {
        int at = regex.startsWith("^", open + 1) ? open + 2 : open + 1;
        at = regex.startsWith("]", at) ? at + 1 : at;
        while (at < regex.length() && regex.charAt(at) != ']') {
            Matcher named = NAMED.matcher(regex).region(at, regex.length());
            if (named.lookingAt()) {
                at = named.end();
            } else if (regex.charAt(at) == '\\' && at + 1 < regex.length()) {
                if (flags.isUnicode() && (COMPLEMENTS.indexOf(regex.charAt(at + 1)) >= 0 || UNEQUAL.matcher(regex).region(at, regex.length()).lookingAt())) {
                    return true;
                }
                at += 2;
            } else if (regex.charAt(at) == '[' || isOperator(regex, at)) {
                return true;
            } else {
                at++;
            }
        }
        return false;
    }

    private static boolean isOperator(String regex, int at) {
        return regex.startsWith("&&", at) || regex.startsWith("--", at) || regex.startsWith("~~", at);
    }

    private BitSet bracketed(int depth) {
        if (depth > DEPTH_MAX) {
            throw new PatternSyntaxException("classes of characters are nested more than " + DEPTH_MAX + " deep", regex);
        }
        if (++classes > CLASSES_MAX) {
            throw RegexTranslation.tooManyClasses(regex);
        }
        at++;
        boolean isNot = skip("^");
        BitSet union = new BitSet();
        skipBlanks();
        int dashes = at;
        while (skip("-")) {
            union.set('-');
        }
        // They are letters, where RE2 begins a range with the second.
        isPlain &= at - dashes < 2;
        if (union.isEmpty() && skip("]")) {
            union.set(']');
        }
        BitSet computed = new BitSet();
        String operator = "";
        while (true) {
            skipBlanks();
            if (at >= regex.length()) {
                throw new NoClass();
            }
            Matcher named = NAMED.matcher(regex).region(at, regex.length());
            if (skip("]")) {
                BitSet all = combined(computed, operator, union);
                if (isNot) {
                    folded(all).flip(0, ALL);
                }
                return all;
            }
            if (regex.charAt(at) == '[' && named.lookingAt() && ASCII.containsKey(named.group(2))) {
                union.or(pairs(ASCII.getOrDefault(named.group(2), ""), !named.group(1).isEmpty()));
                at = named.end();
            } else if (regex.charAt(at) == '[') {
                isPlain = false;
                union.or(bracketed(depth + 1));
            } else if (isOperator(regex, at)) {
                isPlain = false;
                classes++;
                computed = combined(computed, operator, union);
                operator = regex.substring(at, at + 2);
                union = new BitSet();
                at += 2;
            } else {
                item(union);
            }
        }
    }

    /// What stands before an operator, and what after it.
    private BitSet combined(BitSet before, String operator, BitSet after) {
        switch (operator) {
            case "&&" -> folded(before).and(folded(after));
            case "--" -> folded(before).andNot(folded(after));
            case "~~" -> folded(before).xor(folded(after));
            default -> before.or(after);
        }
        return before;
    }

    private BitSet folded(BitSet characters) {
        if (flags.ignoresCase()) {
            Cases.close(characters);
        }
        return characters;
    }

    /// A character, a range of them, or a short class.
    private void item(BitSet union) {
        if (regex.charAt(at) == '\\' && shortClass(union)) {
            return;
        }
        int first = character();
        skipBlanks();
        boolean isRange = regex.startsWith("-", at) && !regex.startsWith("-]", at) && !regex.startsWith("--", at) && at + 1 < regex.length();
        if (!isRange) {
            union.set(first);
            return;
        }
        at++;
        skipBlanks();
        if (at >= regex.length()) {
            throw new NoClass();
        }
        int last = character();
        if (last < first) {
            throw new NoClass();
        }
        union.set(first, last + 1);
    }

    private boolean shortClass(BitSet union) {
        if (at + 1 == regex.length()) {
            throw new NoClass();
        }
        char letter = regex.charAt(at + 1);
        boolean isNot = Character.isUpperCase(letter);
        BitSet characters = new BitSet();
        int end = at + 2;
        switch (Character.toLowerCase(letter)) {
            case 'd' -> {
                if (flags.isUnicode()) {
                    RegexCategory.Nd.addTo(characters);
                } else {
                    characters.or(pairs("09", false));
                }
            }
            case 'w' -> {
                if (flags.isUnicode()) {
                    characters.or(Words.ALL);
                } else {
                    characters.or(pairs("09AZ__az", false));
                }
            }
            case 's' -> characters.or(flags.isUnicode() ? blanks() : pairs("\t\r  ", false));
            case 'p' -> {
                boolean isBraced = regex.startsWith("{", at + 2);
                end = isBraced ? regex.indexOf('}', at) + 1 : at + 3;
                if (end <= at + 2 || end > regex.length()) {
                    throw new NoClass();
                }
                String name = regex.substring(at + 2, end).replaceAll("[{}]", "");
                isNot ^= property(name, characters);
            }
            default -> {
                return false;
            }
        }
        if (isNot) {
            characters.flip(0, ALL);
            isPlain &= letter == 'D' || !flags.isUnicode();
        }
        union.or(characters);
        at = end;
        return true;
    }

    /// Whether all characters but those are meant that it adds.
    private boolean property(String text, BitSet characters) {
        Property property = Property.of(text, regex);
        if (property.name().equals("White_Space")) {
            characters.or(blanks());
        } else {
            RegexCategory.named(property.name()).ifPresentOrElse(category -> category.addTo(characters), () -> script = text);
        }
        return property.isNot();
    }

    private static BitSet blanks() {
        BitSet blanks = new BitSet();
        RegexCategory.Z.addTo(blanks);
        BLANKS.chars().forEach(blanks::set);
        return blanks;
    }

    private static BitSet pairs(String pairs, boolean isNot) {
        BitSet characters = new BitSet();
        for (int pair = 0; pair < pairs.length(); pair += 2) {
            characters.set(pairs.charAt(pair), pairs.charAt(pair + 1) + 1);
        }
        if (isNot) {
            characters.flip(0, ALL);
        }
        return characters;
    }

    private int character() {
        int point = regex.codePointAt(at);
        if (point != '\\') {
            at += Character.charCount(point);
            return point;
        }
        if (at + 1 == regex.length()) {
            throw new NoClass();
        }
        char letter = regex.charAt(at + 1);
        if ("uUx".indexOf(letter) >= 0) {
            OptionalInt end = RegexTranslation.codePointEnd(regex, at);
            if (end.isEmpty()) {
                throw new NoClass();
            }
            int read = RegexTranslation.codePoint(regex, at, end.getAsInt());
            at = end.getAsInt();
            return read;
        }
        at += 2;
        return switch (letter) {
            case 'a' -> 7;
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0xb;
            default -> {
                if (Character.isLetterOrDigit(letter)) {
                    throw new NoClass();
                }
                yield letter;
            }
        };
    }

    private boolean skip(String text) {
        if (!regex.startsWith(text, at)) {
            return false;
        }
        at += text.length();
        return true;
    }

    private void skipBlanks() {
        while (flags.isVerbose() && at < regex.length() && RegexTranslation.skipped(regex, at) > at) {
            at = RegexTranslation.skipped(regex, at);
        }
    }

    /// Where the flag `i` is set the other cases are in the class already, and RE2 is not to look for them in each range.
    private String withoutCase(BitSet characters) {
        return flags.ignoresCase() ? "(?-i:" + ranges(folded(characters)) + ")" : ranges(characters);
    }

    private static String ranges(BitSet characters) {
        characters.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        if (characters.isEmpty()) {
            return "[^\\x{0}-\\x{10ffff}]";
        }
        StringBuilder ranges = new StringBuilder("[");
        for (int first = characters.nextSetBit(0); first >= 0;) {
            int end = characters.nextClearBit(first);
            append(ranges, first);
            if (end > first + 1) {
                append(ranges.append('-'), end - 1);
            }
            first = characters.nextSetBit(end);
        }
        return ranges.append(']').toString();
    }

    /// Letters mean themselves behind ASCII, where a number would make hundreds of ranges five times as long.
    private static void append(StringBuilder ranges, int character) {
        if (character >= NUMBERED_MAX) {
            ranges.appendCodePoint(character);
        } else {
            ranges.append("\\x{").append(Integer.toHexString(character)).append('}');
        }
    }

    /// What `\w` is, gone through once.
    private static final class Words {
        private static final BitSet ALL = all();

        private static BitSet all() {
            BitSet all = new BitSet();
            for (RegexCategory part : new RegexCategory[] {RegexCategory.M, RegexCategory.Nd, RegexCategory.Pc}) {
                part.addTo(all);
            }
            IntStream.rangeClosed(0, Character.MAX_CODE_POINT).filter(Character::isAlphabetic).forEach(all::set);
            // They join letters, or keep them apart.
            all.set(0x200c, 0x200e);
            return all;
        }
    }

    /// The characters that have others in another case.
    private static final class Cases {
        /// Without `İ` and `ı`, which fold to no other: only in Turkish they are cases of `i`.
        private static final int[] CASED = IntStream.range(0, ALL)
                .filter(point -> Character.toLowerCase(point) != point || Character.toUpperCase(point) != point)
                .filter(point -> point != 0x130 && point != 0x131).toArray();
        private static final int[] LOWER = IntStream.of(CASED).map(Character::toLowerCase).toArray();
        private static final int[] UPPER = IntStream.of(CASED).map(Character::toUpperCase).toArray();

        /// Adds the other cases of the characters, and those from which they come.
        static void close(BitSet characters) {
            for (int before = -1, count = characters.cardinality(); count > before; count = characters.cardinality()) {
                before = count;
                for (int at = 0; at < CASED.length; at++) {
                    if (characters.get(CASED[at]) || characters.get(LOWER[at]) || characters.get(UPPER[at])) {
                        characters.set(CASED[at]);
                        characters.set(LOWER[at]);
                        characters.set(UPPER[at]);
                    }
                }
            }
        }
    }
}
