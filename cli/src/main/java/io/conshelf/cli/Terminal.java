package io.conshelf.cli;

/// The terminal that the launcher found on standard output.
final class Terminal {
    private Terminal() {}

    /// Its width in characters; 0 where output goes to a file or a pipe.
    static int columns() {
        return Integer.getInteger("conshelf.columns", 0);
    }
}
