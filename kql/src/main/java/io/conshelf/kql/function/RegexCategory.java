package io.conshelf.kql.function;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// Unicode's general categories: their names in regular expressions, short and long, and their characters.
enum RegexCategory {
    L("Letter"),
    Lu("Uppercase_Letter", Character.UPPERCASE_LETTER),
    Ll("Lowercase_Letter", Character.LOWERCASE_LETTER),
    Lt("Titlecase_Letter", Character.TITLECASE_LETTER),
    Lm("Modifier_Letter", Character.MODIFIER_LETTER),
    Lo("Other_Letter", Character.OTHER_LETTER),
    M("Mark"),
    Mn("Nonspacing_Mark", Character.NON_SPACING_MARK),
    Mc("Spacing_Mark", Character.COMBINING_SPACING_MARK),
    Me("Enclosing_Mark", Character.ENCLOSING_MARK),
    N("Number"),
    Nd("Decimal_Number", Character.DECIMAL_DIGIT_NUMBER),
    Nl("Letter_Number", Character.LETTER_NUMBER),
    No("Other_Number", Character.OTHER_NUMBER),
    P("Punctuation"),
    Pc("Connector_Punctuation", Character.CONNECTOR_PUNCTUATION),
    Pd("Dash_Punctuation", Character.DASH_PUNCTUATION),
    Ps("Open_Punctuation", Character.START_PUNCTUATION),
    Pe("Close_Punctuation", Character.END_PUNCTUATION),
    Pi("Initial_Punctuation", Character.INITIAL_QUOTE_PUNCTUATION),
    Pf("Final_Punctuation", Character.FINAL_QUOTE_PUNCTUATION),
    Po("Other_Punctuation", Character.OTHER_PUNCTUATION),
    S("Symbol"),
    Sm("Math_Symbol", Character.MATH_SYMBOL),
    Sc("Currency_Symbol", Character.CURRENCY_SYMBOL),
    Sk("Modifier_Symbol", Character.MODIFIER_SYMBOL),
    So("Other_Symbol", Character.OTHER_SYMBOL),
    Z("Separator"),
    Zs("Space_Separator", Character.SPACE_SEPARATOR),
    Zl("Line_Separator", Character.LINE_SEPARATOR),
    Zp("Paragraph_Separator", Character.PARAGRAPH_SEPARATOR),
    C("Other"),
    Cc("Control", Character.CONTROL),
    Cf("Format", Character.FORMAT),
    Cs("Surrogate", Character.SURROGATE),
    Co("Private_Use", Character.PRIVATE_USE);

    private final String longName;
    private final int type;

    RegexCategory(String longName) {
        this(longName, -1);
    }

    RegexCategory(String longName, int type) {
        this.longName = longName;
        this.type = type;
    }

    static Optional<RegexCategory> named(String name) {
        for (RegexCategory category : values()) {
            if (category.longName.equals(name) || category.name().equals(name)) {
                return Optional.of(category);
            }
        }
        return Optional.empty();
    }

    void addTo(BitSet characters) {
        characters.or(Characters.OF.getOrDefault(this, new BitSet()));
    }

    /// Gone through once, when the first class is counted out.
    private static final class Characters {
        private static final Map<RegexCategory, BitSet> OF = count();

        private static Map<RegexCategory, BitSet> count() {
            BitSet[] byType = new BitSet[Byte.MAX_VALUE];
            for (int type = 0; type < byType.length; type++) {
                byType[type] = new BitSet();
            }
            for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
                byType[Character.getType(point)].set(point);
            }
            Map<RegexCategory, BitSet> all = new EnumMap<>(RegexCategory.class);
            for (RegexCategory category : values()) {
                if (category.type >= 0) {
                    all.put(category, byType[category.type]);
                    all.computeIfAbsent(valueOf(category.name().substring(0, 1)), _ -> new BitSet()).or(byType[category.type]);
                }
            }
            return all;
        }
    }
}
