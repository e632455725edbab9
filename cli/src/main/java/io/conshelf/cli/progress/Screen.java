package io.conshelf.cli.progress;

/// What a terminal can show.
///
/// @param isUnicode  it shows more than ASCII
/// @param isColoured it is to show colours
public record Screen(int columns, int rows, boolean isUnicode, boolean isColoured) {
    /// What is left out of a text that does not fit.
    String ellipsis() {
        return isUnicode ? "…" : "~";
    }

    String ingested() {
        return isUnicode ? "█" : "#";
    }

    String read() {
        return isUnicode ? "▒" : "=";
    }

    String outstanding() {
        return isUnicode ? "░" : ".";
    }

    String arrow() {
        return isUnicode ? "→" : "->";
    }

    String paint(Colour colour, String text) {
        return isColoured ? colour.code + text + "\u001b[0m" : text;
    }

    enum Colour {
        DIM("\u001b[2m"), RED("\u001b[31m"), GREEN("\u001b[32m"), YELLOW("\u001b[33m"), CYAN("\u001b[36m");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }
}
