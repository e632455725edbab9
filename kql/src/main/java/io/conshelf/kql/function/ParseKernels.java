package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Texts taken apart.
final class ParseKernels {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+)://(.*)", Pattern.DOTALL);

    private static final int VERSION_PARTS = 4;
    private static final int VERSION_PART_DIGITS = 8;
    private static final Pattern VERSION = Pattern.compile("[0-9]{1,8}(?:\\.[0-9]{1,8}){0,3}");

    static final List<Kernel> ALL = List.of(
            kernel("kql_parse_csv", DYNAMIC, (in, row, out) -> out.text(row, fields(in.text(0, row))), STRING),
            kernel("kql_parse_url", DYNAMIC, (in, row, out) -> out.text(row, UrlParts.of(in.text(0, row)).toDynamic()), STRING),
            kernel("kql_parse_urlquery", DYNAMIC, (in, row, out) -> out.text(row,
                    "{\"Query Parameters\":" + UrlParts.parameters(in.text(0, row)) + "}"), STRING),
            kernel("kql_parse_version", STRING, (in, row, out) -> {
                String digits = version(in.text(0, row));
                if (digits.isEmpty()) {
                    out.setNull(row);
                } else {
                    out.text(row, digits);
                }
            }, STRING),
            kernel("kql_parse_command_line", DYNAMIC, (in, row, out) -> out.text(row, arguments(in.text(0, row))), STRING),
            kernel("kql_parse_xml", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row, XmlText.toDynamic(in.text(0, row))), STRING),
            kernel("kql_parse_path", DYNAMIC, (in, row, out) -> out.text(row, path(in.text(0, row))), STRING));

    private ParseKernels() {}

    /// The fields of the first record; quotes may hold commas, line ends and doubled quotes.
    private static String fields(String csv) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        int at = 0;
        for (; at < csv.length(); at++) {
            char c = csv.charAt(at);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (at + 1 < csv.length() && csv.charAt(at + 1) == '"') {
                    field.append('"');
                    at++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && field.isEmpty()) {
                quoted = true;
            } else if (c == ',') {
                fields.add(DynamicText.ofString(field.toString()));
                field.setLength(0);
            } else if (c == '\n' || c == '\r') {
                break;
            } else {
                field.append(c);
            }
        }
        fields.add(DynamicText.ofString(field.toString()));
        return DynamicParts.array(fields);
    }

    private static String path(String text) {
        Matcher scheme = SCHEME.matcher(text);
        boolean hasScheme = scheme.matches();
        String rest = hasScheme ? scheme.group(2) : text;
        int slash = Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\'));
        String directory = slash < 0 ? "" : rest.substring(0, slash);
        String file = rest.substring(slash + 1);
        // An alternate data stream stands after a colon of the file's name.
        int colon = file.indexOf(':');
        String stream = colon < 0 ? "" : file.substring(colon + 1);
        String name = colon < 0 ? file : file.substring(0, colon);
        int dot = name.lastIndexOf('.');
        int parent = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'));
        String root = rest.length() > 1 && rest.charAt(1) == ':' ? rest.substring(0, 2) : "";
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("Scheme", DynamicText.ofString(hasScheme ? scheme.group(1) : ""));
        parts.put("RootPath", DynamicText.ofString(root));
        parts.put("DirectoryPath", DynamicText.ofString(directory));
        parts.put("DirectoryName", DynamicText.ofString(directory.substring(parent + 1)));
        parts.put("Filename", DynamicText.ofString(name));
        parts.put("Extension", DynamicText.ofString(dot < 0 ? "" : name.substring(dot + 1)));
        parts.put("AlternateDataStreamName", DynamicText.ofString(stream));
        return DynamicParts.bag(parts);
    }

    /// As Windows takes a command line apart: the program's name ends at a blank or its closing quote; behind it, backslashes before a quote halve.
    private static String arguments(String line) {
        List<String> arguments = new ArrayList<>();
        int at = 0;
        StringBuilder argument = new StringBuilder();
        boolean isQuoted = false;
        while (at < line.length() && (isQuoted || line.charAt(at) > ' ')) {
            if (line.charAt(at) == '"') {
                isQuoted = !isQuoted;
            } else {
                argument.append(line.charAt(at));
            }
            at++;
        }
        if (!line.isEmpty()) {
            arguments.add(DynamicText.ofString(argument.toString()));
        }
        while (true) {
            while (at < line.length() && line.charAt(at) <= ' ') {
                at++;
            }
            if (at >= line.length()) {
                return DynamicParts.array(arguments);
            }
            argument.setLength(0);
            isQuoted = false;
            while (at < line.length() && (isQuoted || line.charAt(at) > ' ')) {
                int backslashes = at;
                while (at < line.length() && line.charAt(at) == '\\') {
                    at++;
                }
                backslashes = at - backslashes;
                if (at < line.length() && line.charAt(at) == '"') {
                    argument.repeat('\\', backslashes / 2);
                    if (backslashes % 2 == 1) {
                        argument.append('"');
                    } else if (isQuoted && at + 1 < line.length() && line.charAt(at + 1) == '"') {
                        argument.append('"');
                        at++;
                    } else {
                        isQuoted = !isQuoted;
                    }
                    at++;
                } else {
                    argument.repeat('\\', backslashes);
                    if (backslashes == 0) {
                        argument.append(line.charAt(at++));
                    }
                }
            }
            arguments.add(DynamicText.ofString(argument.toString()));
        }
    }

    /// Four parts of eight digits each; empty for what is no version.
    private static String version(String text) {
        if (!VERSION.matcher(text).matches()) {
            return "";
        }
        String[] parts = text.split("\\.");
        var digits = new StringBuilder();
        for (int i = 0; i < VERSION_PARTS; i++) {
            String part = i < parts.length ? parts[i] : "";
            digits.repeat('0', VERSION_PART_DIGITS - part.length()).append(part);
        }
        return digits.toString();
    }
}
