package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Token.Kind;
import io.conshelf.kql.value.TimeSpanText;
import java.util.ArrayList;
import java.util.List;

/// Cuts text into tokens. Every character belongs to a token or to the blanks and comments before one; what is no
/// token becomes [Kind#BAD] with a diagnostic. The last token is [Kind#END].
final class Lexer {
    /// Tokens and what was wrong with them, in order of position.
    record Lexed(List<Token> tokens, List<Fault> faults) {}

    /// Something wrong inside a token: where, and what would work.
    record Fault(Span span, String hint) {}

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private int at;

    private Lexer(String text, int start) {
        this.text = text;
        this.at = start;
    }

    /// The tokens of `text` from `start` on; spans count from the start of `text`.
    static Lexed lex(String text, int start) {
        Lexer lexer = new Lexer(text, start);
        while (!lexer.next().isEnd()) {
            // next() collects
        }
        return new Lexed(lexer.tokens, lexer.faults);
    }

    private Token next() {
        int before = at;
        skipBlanks();
        boolean space = at > before;
        int start = at;
        Kind kind = at < text.length() ? scan() : Kind.END;
        Token token = new Token(kind, text.substring(start, at), Span.between(start, at), space);
        tokens.add(token);
        return token;
    }

    private void skipBlanks() {
        while (at < text.length()) {
            if (isBlank(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                at = lineEnd(at);
            } else {
                return;
            }
        }
    }

    private Kind scan() {
        char c = peek(0);
        if (!isLetterOrDigit(c)) {
            int punctuation = punctuationLength();
            if (punctuation > 0) {
                at += punctuation;
                return Kind.PUNCTUATION;
            }
            if (startsString(at)) {
                return string();
            }
            if (c == '#') {
                at = lineEnd(at);
                return Kind.DIRECTIVE;
            }
        }
        int keyword = Keywords.longestAt(text, at);
        if (keyword > 0) {
            if (charAt(at + keyword) == '(') {
                Kind literal = literalKind(text.substring(at, at + keyword));
                if (literal != Kind.END) {
                    return typedLiteral(literal, at + keyword);
                }
            }
            if (!isNamePart(charAt(at + keyword))) {
                at += keyword;
                return Kind.KEYWORD;
            }
        }
        if (isNameStart(c)) {
            return word();
        }
        if (isDigit(c)) {
            return number();
        }
        faults.add(new Fault(new Span(at, 1), "this character is no part of the language"));
        at++;
        return Kind.BAD;
    }

    private Kind word() {
        int end = nameEnd(at);
        int length = end - at;
        if (isRawGuid()) {
            at += GUID_LENGTH;
            return Kind.RAW_GUID;
        }
        if (length == 1 && startsString(at)) {
            return string();
        }
        String word = text.substring(at, end);
        at = end;
        return switch (word) {
            case "true", "True", "TRUE", "false", "False", "FALSE" -> Kind.BOOL;
            default -> Kind.IDENTIFIER;
        };
    }

    private Kind number() {
        if (isRawGuid()) {
            at += GUID_LENGTH;
            return Kind.RAW_GUID;
        }
        int start = at;
        at = realEnd(start);
        if (at > start) {
            return Kind.REAL;
        }
        at = timespanEnd(start);
        if (at > start) {
            return Kind.TIMESPAN;
        }
        at = longEnd(start);
        if (at > start) {
            return Kind.LONG;
        }
        // Digits and then letters make a name: the engine says that it knows no such column.
        at = nameEnd(start);
        return Kind.IDENTIFIER;
    }

    /// `name(anything but a line break or a closing parenthesis)`.
    private Kind typedLiteral(Kind kind, int open) {
        int end = open + 1;
        while (end < text.length() && text.charAt(end) != ')' && !isLineBreak(text.charAt(end))) {
            end++;
        }
        if (charAt(end) == ')') {
            end++;
        } else {
            faults.add(new Fault(new Span(end, 0), "expected ')'"));
        }
        at = end;
        return kind;
    }

    /// Whether a word with a bracket right behind it is a literal.
    static boolean beginsLiteral(String word) {
        return literalKind(word) != Kind.END;
    }

    private static Kind literalKind(String keyword) {
        return switch (keyword) {
            case "long", "int64" -> Kind.LONG;
            case "int", "int32" -> Kind.INT;
            case "real", "double" -> Kind.REAL;
            case "decimal" -> Kind.DECIMAL;
            case "bool" -> Kind.BOOL;
            case "datetime", "date" -> Kind.DATETIME;
            case "time", "timespan" -> Kind.TIMESPAN;
            case "guid" -> Kind.GUID;
            default -> Kind.END;
        };
    }

    private Kind string() {
        StringForm form = StringForm.at(text, at);
        at = form.end();
        if (!form.closed()) {
            faults.add(new Fault(new Span(at, 0), "expected a closing " + form.quote()));
        }
        return Kind.STRING;
    }

    private boolean startsString(int start) {
        return StringForm.startsAt(text, start);
    }

    private int punctuationLength() {
        char next = peek(1);
        return switch (peek(0)) {
            case '(', ')', '[', ']', '{', '}', '|', '+', '-', '*', '/', '%', ':', ';', ',', '?' -> 1;
            case '.' -> next == '.' ? 2 : 1;
            case '<' -> next == '=' || next == '|' || next == '>' ? 2 : 1;
            case '>' -> next == '=' ? 2 : 1;
            case '=' -> next == '=' || next == '>' || next == '~' ? 2 : 1;
            case '!' -> next == '=' || next == '~' ? 2 : 0;
            case '@' -> next == '\'' || next == '"' || next == '`' || next == '~' ? 0 : 1;
            default -> 0;
        };
    }

    // ------------------------------------------------------------------ numbers

    private int digitsEnd(int start) {
        int end = start;
        while (isDigit(charAt(end))) {
            end++;
        }
        return end;
    }

    /// The end of a real such as `1.5`, `1.`, `2e-3`; `start` where there is none. `1..2` is two numbers, `1...2` not.
    private int realEnd(int start) {
        int end = digitsEnd(start);
        if (charAt(end) == '.' && (charAt(end + 1) != '.' || charAt(end + 2) == '.')) {
            end = exponentEnd(digitsEnd(end + 1));
        } else {
            int exponent = exponentEnd(end);
            if (exponent == end) {
                return start;
            }
            end = exponent;
        }
        return isNamePart(charAt(end)) ? start : end;
    }

    private int exponentEnd(int start) {
        if (charAt(start) != 'e' && charAt(start) != 'E') {
            return start;
        }
        int digits = charAt(start + 1) == '+' || charAt(start + 1) == '-' ? start + 2 : start + 1;
        int end = digitsEnd(digits);
        return end == digits ? start : end;
    }

    private int timespanEnd(int start) {
        int unit = digitsEnd(start);
        if (charAt(unit) == '.' && digitsEnd(unit + 1) > unit + 1) {
            unit = digitsEnd(unit + 1);
        }
        int end = unit;
        while (isLetter(charAt(end))) {
            end++;
        }
        return !isNamePart(charAt(end)) && TimeSpanText.isUnit(text.substring(unit, end)) ? end : start;
    }

    private int longEnd(int start) {
        int end = digitsEnd(start);
        if (charAt(start) == '0' && (charAt(start + 1) == 'x' || charAt(start + 1) == 'X')) {
            int hex = start + 2;
            while (isHexDigit(charAt(hex))) {
                hex++;
            }
            if (hex > start + 2) {
                end = hex;
            }
        }
        return isNamePart(charAt(end)) ? start : end;
    }

    private static final int GUID_LENGTH = 36;

    private boolean isRawGuid() {
        if (at + GUID_LENGTH > text.length()) {
            return false;
        }
        for (int i = 0; i < GUID_LENGTH; i++) {
            char c = text.charAt(at + i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : !isHexDigit(c)) {
                return false;
            }
        }
        return true;
    }

    // ------------------------------------------------------------------ characters

    private int nameEnd(int start) {
        int end = start + 1;
        while (isNamePart(charAt(end))) {
            end++;
        }
        return end;
    }

    private int lineEnd(int start) {
        int end = start;
        while (end < text.length() && !isLineBreak(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private char peek(int offset) {
        return charAt(at + offset);
    }

    /// NUL past the end: it is no part of any token.
    private char charAt(int index) {
        return index < text.length() ? text.charAt(index) : '\0';
    }

    static boolean isBlank(char c) {
        return switch (c) {
            case '\t', ' ', '\r', '\n', '\f', '\u00A0', '\u1680', '\u180E', '\u202F', '\u205F', '\u3000', '\uFEFF' -> true;
            default -> c >= '\u2000' && c <= '\u200B';
        };
    }

    static boolean isLineBreak(char c) {
        return c == '\n' || c == '\r' || c == '\u2028' || c == '\u2029';
    }

    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetterOrDigit(char c) {
        return isLetter(c) || isDigit(c);
    }

    static boolean isHexDigit(char c) {
        return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    private static boolean isNameStart(char c) {
        return isLetter(c) || c == '_' || c == '$';
    }

    static boolean isNamePart(char c) {
        return isLetterOrDigit(c) || c == '_';
    }
}
