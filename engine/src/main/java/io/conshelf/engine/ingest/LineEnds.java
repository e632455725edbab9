package io.conshelf.engine.ingest;

import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Looks through delimited text for what DuckDB's reader lets pass and Kusto does not: lines whose last field is empty (a
/// separator, or one and an empty pair of quotes, before the end of the line; one inside a quoted field costs time only), and
/// a quote that is never closed, which leaves an odd number of them.
///
/// Every byte of a file passes here before DuckDB reads it, so eight are looked at together: in a mask the highest bit of each
/// byte says whether it is the character in question.
final class LineEnds extends OutputStream {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long LOW_BITS = 0x7F * ONES;
    private static final long TOP_BIT = 1L << 63;

    private final byte separator;
    private boolean hasTrailingSeparators;
    private boolean hasQuotes;
    private boolean hasOpenQuote;
    // Masks of the last eight bytes, the newest highest.
    private long separators;
    private long quotes;

    LineEnds(char separator) {
        this.separator = (byte) separator;
    }

    boolean hasTrailingSeparators() {
        return hasTrailingSeparators;
    }

    boolean hasQuotes() {
        return hasQuotes;
    }

    boolean hasOpenQuote() {
        return hasOpenQuote;
    }

    @Override
    public void write(int b) {
        hasOpenQuote ^= b == '"';
        hasQuotes |= b == '"';
        if (b == '\n' || b == '\r') {
            end();
        }
        separators = separators >>> 8 | ((byte) b == separator ? TOP_BIT : 0);
        quotes = quotes >>> 8 | (b == '"' ? TOP_BIT : 0);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        int end = from + length;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            write((long) WORDS.get(bytes, at));
        }
        for (; at < end; at++) {
            write(bytes[at]);
        }
    }

    private void write(long word) {
        long nowSeparators = matches(word, separator);
        long nowQuotes = matches(word, '"');
        long ends = matches(word, '\n') | matches(word, '\r');
        if (nowQuotes != 0) {
            hasQuotes = true;
            hasOpenQuote ^= (Long.bitCount(nowQuotes) & 1) == 1;
        }
        if (ends != 0) {
            long afterSeparator = nowSeparators << 8 | separators >>> 56;
            long afterTwoQuotes = (nowQuotes << 8 | quotes >>> 56) & (nowQuotes << 16 | quotes >>> 48);
            long afterSeparatorAndTwo = nowSeparators << 24 | separators >>> 40;
            hasTrailingSeparators |= (ends & (afterSeparator | afterTwoQuotes & afterSeparatorAndTwo)) != 0;
        }
        separators = nowSeparators;
        quotes = nowQuotes;
    }

    private static long matches(long word, int character) {
        long difference = word ^ character * ONES;
        return ~((difference & LOW_BITS) + LOW_BITS | difference | LOW_BITS);
    }

    /// To be called at the end of the text, which ends a line too.
    void end() {
        boolean isAfterTwoQuotes = (quotes & quotes << 8 & TOP_BIT) != 0;
        hasTrailingSeparators |= (separators & TOP_BIT) != 0 || isAfterTwoQuotes && (separators << 16 & TOP_BIT) != 0;
    }
}
