package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;

/// Kusto's rules for names of databases, tables, columns, functions and mappings.
public final class EntityNames {
    private static final int LENGTH_MAX = 1_024;

    private EntityNames() {}

    /// Returns the name, or refuses it telling which character or length breaks the rules.
    ///
    /// @param kind for the message: `table`, `column`
    public static String checked(String kind, String name) {
        if (name.isEmpty() || name.length() > LENGTH_MAX) {
            throw refused(kind, name, "a name has 1 to " + LENGTH_MAX + " characters, this one " + name.length());
        }
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            if (!Character.isLetterOrDigit(c) && "_ .-".indexOf(c) < 0) {
                throw refused(kind, name, "'" + Character.toString(c) + "' at position " + (i + 1)
                        + " is not a letter, digit, underscore, space, dot or dash");
            }
            i += Character.charCount(c);
        }
        if (name.isBlank()) {
            throw refused(kind, name, "it is blank");
        }
        if (name.startsWith("__") || name.endsWith("__")) {
            throw refused(kind, name, "names that start or end with '__' are reserved");
        }
        return name;
    }

    private static KustoException refused(String kind, String name, String reason) {
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "…";
        return new KustoException(StorageErrors.entityNameIsNotValid(kind, shown, reason));
    }
}
