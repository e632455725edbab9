package io.conshelf.engine.command;

import java.util.regex.Pattern;

/// String literals written as `h'…'`, which are shown to nobody who does not ask for them and may.
final class ObfuscatedText {
    private static final Pattern LITERAL =
            Pattern.compile("\\b[hH](@\"[^\"]*\"|@'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*')");

    private ObfuscatedText() {}

    static String masked(String text) {
        return LITERAL.matcher(text).replaceAll("h'*****'");
    }
}
