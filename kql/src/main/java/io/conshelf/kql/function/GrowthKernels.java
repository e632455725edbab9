package io.conshelf.kql.function;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.Interruption;
import io.conshelf.kql.value.TooLargeValue;
import java.util.List;

/// What stands in for DuckDB's own functions where a plan can make texts without end: those make what they are asked for,
/// and DuckDB's memory limit does not see it.
final class GrowthKernels {
    /// Of what DuckDB's functions make of one batch of 2,048 rows.
    private static final long BATCH_BYTES_MAX = 256L << 20;

    private static final int TEXT_LENGTH_MAX = 64 << 20;

    static final List<Kernel> ALL = List.of(
            // kql_fits(text, factor): the text, unless what is to be made of all texts of the batch would be too large.
            new Kernel("kql_fits", List.of(STRING, LONG), false, STRING, (in, out) -> {
                long bytes = 0;
                for (int row = 0; row < in.rows(); row++) {
                    if (in.isNull(0, row)) {
                        out.setNull(row);
                        continue;
                    }
                    String text = in.text(0, row);
                    bytes += text.length() * in.int64(1, row);
                    if (bytes > BATCH_BYTES_MAX) {
                        throw new TooLargeValue("a function would make more than " + BATCH_BYTES_MAX
                                + " bytes of text in one batch of rows");
                    }
                    out.text(row, text);
                }
            }).overAllRows().thatMayFail(),
            Kernels.kernel("kql_replace_string", STRING,
                    (in, row, out) -> out.text(row, replace(in.text(0, row), in.text(1, row), in.text(2, row))),
                    STRING, STRING, STRING).thatMayFail());

    private GrowthKernels() {}

    private static String replace(String text, String lookup, String rewrite) {
        if (lookup.isEmpty()) {
            return text;
        }
        var replaced = new StringBuilder();
        int copied = 0;
        for (int at = text.indexOf(lookup); at >= 0; at = text.indexOf(lookup, copied)) {
            Interruption.look();
            append(replaced, text, copied, at);
            append(replaced, rewrite, 0, rewrite.length());
            copied = at + lookup.length();
        }
        append(replaced, text, copied, text.length());
        return replaced.toString();
    }

    /// Appends a part of a text unless the whole would be too long.
    static void append(StringBuilder whole, CharSequence text, int from, int to) {
        bound((long) whole.length() + to - from);
        whole.append(text, from, to);
    }

    /// Ends the query where a text is to have so many characters.
    static void bound(long length) {
        if (length > TEXT_LENGTH_MAX) {
            throw new TooLargeValue("a text would have more than " + TEXT_LENGTH_MAX + " characters");
        }
    }
}
