package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A table as a definition names it.
///
/// @param foldsSchema whether the case of the schema is not meant: PostgreSQL folds names that are not in quotes
/// @param foldsTable  the same of the table
public record SqlTableName(Optional<String> schema, String table, boolean foldsSchema, boolean foldsTable) {

    /// The two properties of newer datasets, which mean exactly themselves.
    public static SqlTableName of(String schema, String table) {
        return new SqlTableName(Optional.of(schema).filter(name -> !name.isBlank()), table, false, false);
    }

    /// The one property of older datasets: `schema.table`, either of them in quotes or brackets.
    public static SqlTableName parse(String text) throws StoreException {
        List<String> steps = new ArrayList<>();
        List<Boolean> folds = new ArrayList<>();
        int at = 0;
        while (at <= text.length()) {
            char first = at < text.length() ? text.charAt(at) : '.';
            boolean opens = first == '"' || first == '[' || first == '`';
            folds.add(!opens);
            StringBuilder step = new StringBuilder();
            at = opens ? quoted(text, at, first == '[' ? ']' : first, step) : plain(text, at, step);
            steps.add(step.toString());
            if (at < text.length() && text.charAt(at) != '.') {
                throw invalid(text);
            }
            at++;
        }
        if (steps.size() > 2 || steps.stream().anyMatch(String::isBlank)) {
            throw invalid(text);
        }
        return new SqlTableName(steps.size() == 2 ? Optional.of(steps.getFirst()) : Optional.empty(), steps.getLast(), folds.getFirst(), folds.getLast());
    }

    private static int plain(String text, int from, StringBuilder step) {
        int end = text.indexOf('.', from);
        end = end < 0 ? text.length() : end;
        step.append(text.substring(from, end).strip());
        return end;
    }

    private static int quoted(String text, int from, char close, StringBuilder step) throws StoreException {
        int at = from + 1;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != close) {
                step.append(c);
            } else if (at < text.length() && text.charAt(at) == close) {
                step.append(c);
                at++;
            } else {
                return at;
            }
        }
        throw invalid(text);
    }

    /// The name as PostgreSQL reads it.
    SqlTableName folded() {
        return new SqlTableName(foldsSchema ? schema.map(name -> name.toLowerCase(Locale.ROOT)) : schema,
                foldsTable ? table.toLowerCase(Locale.ROOT) : table, false, false);
    }

    private static StoreException invalid(String text) {
        return StoreException.user("SqlInvalidTableName", "'" + text + "' is not the name of a table; write table or schema.table");
    }

    @Override
    public String toString() {
        return schema.map(name -> name + ".").orElse("") + table;
    }
}
