package io.conshelf.engine.ingest;

import java.io.OutputStream;

/// Looks through delimited text for what DuckDB's reader lets pass and Kusto does not: lines whose last field is empty (a
/// separator, or one and an empty pair of quotes, before the end of the line; one inside a quoted field costs time only), and
/// a quote that is never closed, which leaves an odd number of them.
final class LineEnds extends OutputStream {
    private final byte separator;
    private boolean hasTrailingSeparators;
    private boolean hasOpenQuote;
    // The last three bytes, the newest lowest.
    private int last;

    LineEnds(char separator) {
        this.separator = (byte) separator;
    }

    boolean hasTrailingSeparators() {
        return hasTrailingSeparators;
    }

    boolean hasOpenQuote() {
        return hasOpenQuote;
    }

    @Override
    public void write(int b) {
        hasOpenQuote ^= b == '"';
        if (b == '\n' || b == '\r') {
            end();
        }
        last = (last << 8 | b & 0xFF) & 0xFFFFFF;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            write(bytes[i]);
        }
    }

    /// To be called at the end of the text, which ends a line too.
    void end() {
        boolean isEmptyQuotes = (last & 0xFFFF) == ('"' << 8 | '"') && (byte) (last >> 16) == separator;
        hasTrailingSeparators |= (byte) last == separator || isEmptyQuotes;
    }
}
