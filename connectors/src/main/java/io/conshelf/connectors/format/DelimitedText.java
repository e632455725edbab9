package io.conshelf.connectors.format;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A dialect of delimited text.
///
/// @param quote   empty where fields are never quoted
/// @param escape  empty where nothing escapes; the quote itself in RFC 4180
/// @param nullText the text that stands for null; empty where nothing does
public record DelimitedText(char delimiter, Optional<String> rowDelimiter, Optional<Character> quote, Optional<Character> escape, boolean hasHeader,
        Optional<String> nullText, int skipLines, Charset encoding) {

    /// RFC 4180 with a header or without.
    public static DelimitedText rfc4180(char delimiter, boolean hasHeader) {
        return new DelimitedText(delimiter, Optional.empty(), Optional.of('"'), Optional.of('"'), hasHeader, Optional.empty(), 0,
                StandardCharsets.UTF_8);
    }

    /// True when the escape character is the quote, doubled: what Kusto reads.
    public boolean escapesByDoubling() {
        return quote.equals(escape);
    }

    DelimitedText encodedAs(Charset other) {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, hasHeader, nullText, skipLines, other);
    }

    DelimitedText withoutSkipping() {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, hasHeader, nullText, 0, encoding);
    }

    DelimitedText withoutHeader() {
        return new DelimitedText(delimiter, rowDelimiter, quote, escape, false, nullText, 0, encoding);
    }
}
