package io.conshelf.factory.expression;

import java.time.format.TextStyle;
import java.util.Locale;

/// Prints timestamps by .NET's standard (`D`, `o`, …) and custom (`yyyy-MM-dd`) formats with the names of en-US.
final class TimestampFormat {
    private TimestampFormat() {}

    static String print(Timestamp timestamp, String format) {
        if (format.isEmpty()) {
            return custom(timestamp, "M/d/yyyy h:mm:ss tt");
        }
        return custom(timestamp, format.length() == 1 ? standard(format.charAt(0)) : format);
    }

    private static String standard(char format) {
        return switch (format) {
            case 'd' -> "M/d/yyyy";
            case 'D' -> "dddd, MMMM d, yyyy";
            case 'f' -> "dddd, MMMM d, yyyy h:mm tt";
            case 'F', 'U' -> "dddd, MMMM d, yyyy h:mm:ss tt";
            case 'g' -> "M/d/yyyy h:mm tt";
            case 'G' -> "M/d/yyyy h:mm:ss tt";
            case 'm', 'M' -> "MMMM d";
            case 'o', 'O' -> "yyyy-MM-dd'T'HH:mm:ss.fffffffK";
            case 'r', 'R' -> "ddd, dd MMM yyyy HH:mm:ss 'GMT'";
            case 's' -> "yyyy-MM-dd'T'HH:mm:ss";
            case 't' -> "h:mm tt";
            case 'T' -> "h:mm:ss tt";
            case 'u' -> "yyyy-MM-dd HH:mm:ss'Z'";
            case 'y', 'Y' -> "MMMM yyyy";
            default -> throw new IllegalArgumentException("knows no date format '" + format + "'; a custom format has two characters or more");
        };
    }

    private static String custom(Timestamp timestamp, String format) {
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i);
            switch (c) {
                case '\'', '"' -> {
                    int close = format.indexOf(c, i + 1);
                    if (close < 0) {
                        throw new IllegalArgumentException("found no closing " + c + " in the date format \"" + format + '"');
                    }
                    text.append(format, i + 1, close);
                    i = close + 1;
                }
                case '\\' -> {
                    if (i + 1 == format.length()) {
                        throw new IllegalArgumentException("found a date format that ends in \\");
                    }
                    text.append(format.charAt(i + 1));
                    i += 2;
                }
                // '%' lets a single letter stand for a custom format.
                case '%' -> i++;
                default -> {
                    int length = run(format, i);
                    field(timestamp, c, length, text);
                    i += length;
                }
            }
        }
        return text.toString();
    }

    private static int run(String format, int from) {
        int to = from;
        while (to < format.length() && format.charAt(to) == format.charAt(from)) {
            to++;
        }
        return to - from;
    }

    private static void field(Timestamp timestamp, char field, int length, StringBuilder text) {
        var t = timestamp.local();
        switch (field) {
            case 'y' -> {
                int year = length <= 2 ? t.getYear() % 100 : t.getYear();
                text.append(padded(year, length));
            }
            case 'M' -> text.append(switch (length) {
                case 1, 2 -> padded(t.getMonthValue(), length);
                case 3 -> t.getMonth().getDisplayName(TextStyle.SHORT, Locale.US);
                default -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.US);
            });
            case 'd' -> text.append(switch (length) {
                case 1, 2 -> padded(t.getDayOfMonth(), length);
                case 3 -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.US);
                default -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
            });
            case 'H' -> text.append(padded(t.getHour(), Math.min(length, 2)));
            case 'h' -> text.append(padded((t.getHour() + 11) % 12 + 1, Math.min(length, 2)));
            case 'm' -> text.append(padded(t.getMinute(), Math.min(length, 2)));
            case 's' -> text.append(padded(t.getSecond(), Math.min(length, 2)));
            case 'f' -> text.append(fraction(t.getNano(), length));
            case 'F' -> {
                String digits = fraction(t.getNano(), length).replaceFirst("0+$", "");
                // .NET drops the point in front of an empty fraction.
                if (digits.isEmpty() && !text.isEmpty() && text.charAt(text.length() - 1) == '.') {
                    text.setLength(text.length() - 1);
                }
                text.append(digits);
            }
            case 't' -> text.append(t.getHour() < 12 ? "AM" : "PM", 0, Math.min(length, 2));
            case 'K' -> text.append(timestamp.isUtc() ? "Z".repeat(length) : "");
            case 'z' -> text.append(switch (length) {
                case 1 -> "+0";
                case 2 -> "+00";
                default -> "+00:00";
            });
            case 'g' -> text.append("A.D.");
            default -> text.append(String.valueOf(field).repeat(length));
        }
    }

    private static String fraction(int nanos, int length) {
        if (length > 7) {
            throw new IllegalArgumentException("knows fractions of up to 7 digits, found " + length);
        }
        return "%09d".formatted(nanos).substring(0, length);
    }

    private static String padded(int value, int width) {
        String digits = Integer.toString(value);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }
}
