package io.conshelf.engine.duck;

/// The only ways a value or a name becomes part of SQL text.
public final class Sql {
    private Sql() {}

    /// A string literal. DuckDB's plain literals have no escapes but the doubled quote; it refuses NUL, so that is spelled.
    public static String text(String value) {
        String quoted = "'" + value.replace("'", "''") + "'";
        return value.indexOf('\0') < 0 ? quoted : "(" + quoted.replace("\0", "' || chr(0) || '") + ")";
    }

    /// A user's name for a column of a file that DuckDB writes, which it takes from the SQL: nothing else has a user's name in it.
    public static String columnOfFile(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a column's name has no NUL");
        }
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /// A generated id as an identifier. User names never come here.
    public static String identifier(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean isPlain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
            if (!isPlain) {
                throw new IllegalArgumentException("'" + id + "' is not a generated id");
            }
        }
        return "\"" + id + "\"";
    }
}
