package io.conshelf.connectors.definition;

import java.util.function.Function;

/// A text in the making that refuses to become too long: a few steps that double one would fill the memory of all runs.
public final class BoundedText {
    private static final int CHARACTERS_MAX = 32 << 20;

    private final Function<String, ? extends RuntimeException> refusal;
    private final StringBuilder text = new StringBuilder();

    /// @param refusal the error for a message that goes on after the name of what makes the text
    public BoundedText(Function<String, ? extends RuntimeException> refusal) {
        this.refusal = refusal;
    }

    public BoundedText append(String part) {
        return append(part, 0, part.length());
    }

    private BoundedText append(String part, int from, int to) {
        if ((long) text.length() + to - from > CHARACTERS_MAX) {
            throw refusal.apply("makes a text of more than " + CHARACTERS_MAX + " characters");
        }
        text.append(part, from, to);
        return this;
    }

    /// Appends a text with other words in the place of some.
    ///
    /// @param words not empty
    public BoundedText appendReplacing(String part, String words, String others) {
        int from = 0;
        for (int at = part.indexOf(words); at >= 0; at = part.indexOf(words, from)) {
            append(part, from, at).append(others);
            from = at + words.length();
        }
        return append(part, from, part.length());
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
