package io.conshelf.streams.output;

import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The path of an output's files: `{date}`, `{time}`, `{datetime:yyyy}` and one `{column}`. Times are those of rows, in UTC.
final class PathTemplate {
    private static final Pattern TOKEN = Pattern.compile("\\{([^{}]*)}");
    private static final Set<String> SPECIFIERS = Set.of("yyyy", "MM", "M", "dd", "d", "HH", "H", "mm", "m", "ss", "s");
    /// File systems and stores count bytes: mostly 255 in a name.
    private static final int NAME_BYTES_MAX = 200;

    private sealed interface Part {
        record Text(String text) implements Part {}

        record Time(DateTimeFormatter format) implements Part {}

        record Column(String name) implements Part {}
    }

    private final List<Part> parts = new ArrayList<>();

    /// @param dateFormat of `{date}`, such as yyyy/MM/dd
    /// @param timeFormat of `{time}`, such as HH
    /// @throws OutputException where it has what cannot stand in a path
    PathTemplate(String pattern, String dateFormat, String timeFormat) throws OutputException {
        Matcher tokens = TOKEN.matcher(pattern);
        int from = 0;
        boolean hasColumn = false;
        while (tokens.find()) {
            parts.add(new Part.Text(pattern.substring(from, tokens.start())));
            String token = tokens.group(1);
            if (token.equalsIgnoreCase("date")) {
                parts.add(new Part.Time(format(dateFormat)));
            } else if (token.equalsIgnoreCase("time")) {
                parts.add(new Part.Time(format(timeFormat)));
            } else if (token.regionMatches(true, 0, "datetime:", 0, "datetime:".length())) {
                String specifier = token.substring("datetime:".length());
                if (!SPECIFIERS.contains(specifier)) {
                    throw new OutputException("the path has {" + token + "}; behind 'datetime:' stands one of " + SPECIFIERS.stream().sorted().toList());
                }
                parts.add(new Part.Time(format(specifier)));
            } else if (hasColumn || token.isBlank()) {
                throw new OutputException("the path has {" + token + "}, and one column is all that may stand in it beside {date}, {time} and {datetime:…}");
            } else {
                hasColumn = true;
                parts.add(new Part.Column(token));
            }
            from = tokens.end();
        }
        parts.add(new Part.Text(pattern.substring(from)));
    }

    private static DateTimeFormatter format(String pattern) throws OutputException {
        // The formats of the portal, which are letters of .NET with slashes and hyphens between.
        String java = pattern.replace("DD", "dd").replace("D", "d").replace("YYYY", "yyyy");
        if (!java.matches("[yMdHhms/_.: -]*")) {
            throw new OutputException("'" + pattern + "' is no format of dates such as yyyy/MM/dd");
        }
        return DateTimeFormatter.ofPattern(java.replace("yyyy", "uuuu"), Locale.ROOT);
    }

    /// The folder for a row. What a value brings along leads into no other folder.
    String folder(Row row) {
        StringBuilder path = new StringBuilder();
        for (Part part : parts) {
            path.append(switch (part) {
                case Part.Text(String text) -> text;
                case Part.Time(DateTimeFormatter format) -> LocalDateTime.ofInstant(Ticks.instant(row.ticks()), ZoneOffset.UTC).format(format);
                case Part.Column(String name) -> step(row.event().field(name));
            });
        }
        return path.toString().replaceAll("/+", "/").replaceAll("^/|/$", "");
    }

    private static String step(Value value) {
        String text = switch (value) {
            case Value.Null _ -> "null";
            case Value.Text(String own) -> own;
            default -> {
                String json = JsonPrint.text(value);
                yield json.startsWith("\"") && json.length() > 1 ? json.substring(1, json.length() - 1) : json;
            }
        };
        StringBuilder safe = new StringBuilder();
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            i += Character.charCount(character);
            // Half a character is none, and has no bytes that a store could take for a name.
            boolean isName = character != '/' && character != '\\' && !Character.isISOControl(character) && Character.getType(character) != Character.SURROGATE;
            String one = isName ? Character.toString(character) : "_";
            bytes += one.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > NAME_BYTES_MAX) {
                break;
            }
            safe.append(one);
        }
        String name = safe.toString().replaceAll("^\\.+|\\.+$", "_");
        return name.isBlank() ? "_" : name;
    }
}
