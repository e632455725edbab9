package io.conshelf.kql.syntax;

/// The wording of syntax errors, in one place.
final class SyntaxFault {
    private SyntaxFault() {}

    static final String CODE = "SYN0002";

    private static final int FOUND_LENGTH_MAX = 60;

    /// `hint` says what would work.
    static Diagnostic of(String text, Span span, String hint) {
        String found = span.in(text).lines().findFirst().orElse("");
        String shown = found.length() <= FOUND_LENGTH_MAX ? found : found.substring(0, FOUND_LENGTH_MAX) + "…";
        // Obfuscated strings stay out of messages.
        String masked = shown.matches("(?s)[hH]@?['\"`~].*") ? "h'…'" : shown;
        return Diagnostic.error(CODE, "Syntax error: " + CODE + ": Query could not be parsed at '" + masked
                + "' on line " + span.position(text) + ": " + hint, span);
    }
}
