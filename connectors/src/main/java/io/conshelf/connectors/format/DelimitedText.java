package io.conshelf.connectors.format;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A dialect of delimited text.
///
/// @param quote   empty where fields are never quoted
/// @param escape  empty where nothing escapes; the quote itself in RFC 4180
/// @param nullTexts the texts that stand for null, of which the first is written; none where nothing does
public record DelimitedText(char delimiter, Optional<String> rowDelimiter, Optional<Character> quote, Optional<Character> escape, boolean hasHeader,
        List<String> nullTexts, int skipLines, Charset encoding) {
    public DelimitedText {
        nullTexts = List.copyOf(nullTexts);
    }

    public DelimitedText(char delimiter, Optional<String> rowDelimiter, Optional<Character> quote, Optional<Character> escape, boolean hasHeader,
            Optional<String> nullText, int skipLines, Charset encoding) {
        this(delimiter, rowDelimiter, quote, escape, hasHeader, nullText.stream().toList(), skipLines, encoding);
    }

    /// RFC 4180 without a header.
    public static DelimitedText rfc4180(char delimiter) {
        return new DelimitedText(delimiter, Optional.empty(), Optional.of('"'), Optional.of('"'), false, Optional.empty(), 0,
                StandardCharsets.UTF_8);
    }

    /// What is written for null.
    String writtenNull() {
        return nullTexts.isEmpty() ? "" : nullTexts.getFirst();
    }

    DelimitedText encodedAs(Charset other) {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, hasHeader, nullTexts, skipLines, other);
    }

    DelimitedText withoutSkipping() {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, hasHeader, nullTexts, 0, encoding);
    }

    public DelimitedText withHeader() {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, true, nullTexts, skipLines, encoding);
    }

    DelimitedText withoutHeader() {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, false, nullTexts, 0, encoding);
    }
}
