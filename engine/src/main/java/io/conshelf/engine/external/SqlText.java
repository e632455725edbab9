package io.conshelf.engine.external;

import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A text of SQL whose parameters have names, `@name`, as one with places: `?`. What stands in literals, quoted names and comments
/// is left alone, and so are names that nobody gives a value: a server's own variables begin with the same sign.
///
/// @param names of the places, in their order
record SqlText(String sql, List<String> names) {
    SqlText {
        names = List.copyOf(names);
    }

    static SqlText of(SqlDialect dialect, String text, Set<String> parameters) {
        return new Reader(dialect, text, parameters).read();
    }

    private static final class Reader {
        private final SqlDialect dialect;
        private final String text;
        private final Set<String> parameters;
        private final StringBuilder sql = new StringBuilder();
        private final List<String> names = new ArrayList<>();
        private int at;

        Reader(SqlDialect dialect, String text, Set<String> parameters) {
            this.dialect = dialect;
            this.text = text;
            this.parameters = parameters;
        }

        SqlText read() {
            boolean isPostgres = dialect == SqlDialect.POSTGRESQL;
            boolean isMySql = dialect == SqlDialect.MYSQL;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '\'') {
                    copyTo(quoted('\'', isMySql || isPostgres && isEscaped()));
                } else if (c == '"') {
                    copyTo(quoted('"', isMySql));
                } else if (c == '`' && isMySql) {
                    copyTo(quoted('`', false));
                } else if (c == '[' && dialect == SqlDialect.SQL_SERVER) {
                    copyTo(quoted(']', false));
                } else if (text.startsWith("--", at) && !(isMySql && !isBlank(at + 2)) || c == '#' && isMySql) {
                    int end = text.indexOf('\n', at);
                    copyTo(end < 0 ? text.length() : end);
                } else if (text.startsWith("/*", at)) {
                    copyTo(commentEnd());
                } else if (c == '$' && isPostgres && !isPartOfName(at - 1)) {
                    copyTo(dollarEnd());
                } else if (c == '@' && !isPartOfName(at - 1) && nameEnd(at + 1) > at + 1) {
                    parameter();
                } else if (c == '?' && isPostgres) {
                    // An operator of PostgreSQL, as its driver wants it written.
                    sql.append("??");
                    at++;
                } else {
                    copyTo(at + 1);
                }
            }
            return new SqlText(sql.toString(), names);
        }

        private void parameter() {
            int end = nameEnd(at + 1);
            String name = text.substring(at + 1, end);
            if (parameters.contains(name)) {
                sql.append('?');
                names.add(name);
                at = end;
            } else {
                copyTo(end);
            }
        }

        private void copyTo(int end) {
            sql.append(text, at, end);
            at = end;
        }

        /// Behind the quote that closes; one that is written twice opens again at once.
        private int quoted(char closing, boolean hasEscapes) {
            for (int i = at + 1; i < text.length(); i++) {
                if (hasEscapes && text.charAt(i) == '\\') {
                    i++;
                } else if (text.charAt(i) == closing) {
                    return i + 1;
                }
            }
            return text.length();
        }

        /// `E'…'`
        private boolean isEscaped() {
            return at > 0 && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e') && !isPartOfName(at - 2);
        }

        private int commentEnd() {
            if (dialect == SqlDialect.MYSQL) {
                int end = text.indexOf("*/", at + 2);
                return end < 0 ? text.length() : end + 2;
            }
            int depth = 0;
            int i = at;
            while (i < text.length()) {
                if (text.startsWith("/*", i)) {
                    depth++;
                    i += 2;
                } else if (text.startsWith("*/", i)) {
                    depth--;
                    i += 2;
                    if (depth == 0) {
                        return i;
                    }
                } else {
                    i++;
                }
            }
            return text.length();
        }

        /// Without a blank two signs are a difference to MySQL.
        private boolean isBlank(int index) {
            return index >= text.length() || text.charAt(index) <= ' ';
        }

        /// `$tag$ … $tag$`
        private int dollarEnd() {
            int open = nameEnd(at + 1);
            if (open >= text.length() || text.charAt(open) != '$') {
                return at + 1;
            }
            String tag = text.substring(at, open + 1);
            int end = text.indexOf(tag, open + 1);
            return end < 0 ? text.length() : end + tag.length();
        }

        private int nameEnd(int start) {
            int end = start;
            while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
                end++;
            }
            return end;
        }

        private boolean isPartOfName(int index) {
            return index >= 0 && (Character.isLetterOrDigit(text.charAt(index)) || "_@$".indexOf(text.charAt(index)) >= 0);
        }
    }
}
