package io.conshelf.cli.output;

import java.io.OutputStream;
import java.io.Writer;

/// Where results are printed.
///
/// @param bytes   what `text` writes to, for what is no text
/// @param columns the terminal's width, or 0 where there is none
public record Output(OutputStream bytes, Writer text, int columns) {
    /// For formats of text alone.
    public static Output ofText(Writer text, int columns) {
        return new Output(OutputStream.nullOutputStream(), text, columns);
    }
}
