package io.conshelf.kql.function;

import java.util.Optional;

/// A format of `format_datetime()` in DuckDB's words.
final class DateTimeFormat {
    /// What stands for itself in both.
    private static final String DELIMITERS = " /-:,._[]";

    private DateTimeFormat() {}

    /// Empty where DuckDB has no word for a part, or what stands there is none.
    static Optional<String> ofDuckDb(String format) {
        var text = new StringBuilder();
        for (int at = 0; at < format.length(); ) {
            char letter = format.charAt(at);
            int end = at;
            while (end < format.length() && format.charAt(end) == letter) {
                end++;
            }
            if (DELIMITERS.indexOf(letter) >= 0) {
                text.append(letter);
                at++;
                continue;
            }
            String part = switch (format.substring(at, end)) {
                case "yyyy" -> "%Y";
                case "yy" -> "%y";
                case "MM" -> "%m";
                case "M" -> "%-m";
                case "dd" -> "%d";
                case "d" -> "%-d";
                case "HH" -> "%H";
                case "H" -> "%-H";
                case "hh" -> "%I";
                case "h" -> "%-I";
                case "mm" -> "%M";
                case "m" -> "%-M";
                case "ss" -> "%S";
                case "s" -> "%-S";
                case "fff" -> "%g";
                case "ffffff" -> "%f";
                case "tt" -> "%p";
                default -> "";
            };
            if (part.isEmpty()) {
                return Optional.empty();
            }
            text.append(part);
            at = end;
        }
        return Optional.of(text.toString());
    }
}
