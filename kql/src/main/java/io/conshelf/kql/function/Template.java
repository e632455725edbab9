package io.conshelf.kql.function;

import java.util.List;

/// Fills the placeholders of a lowering's template: `{0}`, `{1}` …, `{*}`, `{1*}` with arguments, named ones such as
/// `{over}` by the caller.
public final class Template {
    private Template() {}

    public static String fill(String template, List<String> arguments) {
        StringBuilder sql = new StringBuilder(template.length() + 32);
        int at = 0;
        while (true) {
            int open = template.indexOf('{', at);
            if (open < 0) {
                return sql.append(template, at, template.length()).toString();
            }
            sql.append(template, at, open);
            int close = template.indexOf('}', open);
            String inside = close < 0 ? "" : template.substring(open + 1, close);
            if (isRest(inside)) {
                int from = inside.length() == 1 ? 0 : Integer.parseInt(inside, 0, inside.length() - 1, 10);
                sql.append(String.join(", ", arguments.subList(Math.min(from, arguments.size()), arguments.size())));
                at = close + 1;
            } else if (isIndex(inside)) {
                sql.append(atom(arguments.get(Integer.parseInt(inside))));
                at = close + 1;
            } else {
                // A brace that DuckDB is to see, as in a struct or a JSON text.
                sql.append('{');
                at = open + 1;
            }
        }
    }

    /// The expression, in parentheses unless it can stand beside any operator without them.
    public static String atom(String sql) {
        return isAtom(sql) ? sql : "(" + sql + ")";
    }

    private static boolean isIndex(String inside) {
        return !inside.isEmpty() && inside.length() < 7 && inside.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isRest(String inside) {
        return inside.endsWith("*") && (inside.length() == 1 || isIndex(inside.substring(0, inside.length() - 1)));
    }

    // A word, a literal, a call or group whose closing parenthesis is the last character, or a place for one of these.
    private static boolean isAtom(String sql) {
        int i = 0;
        while (i < sql.length() && isWord(sql.charAt(i))) {
            i++;
        }
        if (i == sql.length()) {
            return i > 0;
        }
        return switch (sql.charAt(i)) {
            case '(' -> closing(sql, i) == sql.length() - 1;
            case '\'' -> i == 0 && endOfText(sql, 0) == sql.length() - 1;
            case '{' -> i == 0 && sql.charAt(sql.length() - 1) == '}' && isIndex(sql.substring(1, sql.length() - 1));
            default -> false;
        };
    }

    /// Where the parenthesis that opens there ends; -1 if it does not.
    public static int closing(String sql, int open) {
        int depth = 0;
        for (int i = open; i < sql.length(); i++) {
            switch (sql.charAt(i)) {
                case '(' -> depth++;
                case ')' -> {
                    if (--depth == 0) {
                        return i;
                    }
                }
                case '\'' -> i = endOfText(sql, i);
                default -> {}
            }
        }
        return -1;
    }

    private static int endOfText(String sql, int quote) {
        int i = quote + 1;
        while (i < sql.length()) {
            if (sql.charAt(i) == '\'') {
                if (i + 1 < sql.length() && sql.charAt(i + 1) == '\'') {
                    i++;
                } else {
                    return i;
                }
            }
            i++;
        }
        return sql.length();
    }

    private static boolean isWord(char c) {
        return c == '_' || c == '.' || Character.isLetterOrDigit(c);
    }
}
