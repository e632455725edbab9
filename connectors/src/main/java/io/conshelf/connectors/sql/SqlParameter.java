package io.conshelf.connectors.sql;

import java.util.Optional;

/// A value for a parameter of a procedure or script.
///
/// @param value as text; empty for null
/// @param type  by the name that a definition uses, such as `Int32`; empty where the server decides
public record SqlParameter(Optional<String> value, Optional<String> type) {

    /// The value in SQL.
    ///
    /// @throws IllegalArgumentException when there is no such type
    String literal(SqlDialect dialect) {
        String text = value.map(dialect::literal).orElse("NULL");
        return type.isPresent() ? "CAST(" + text + " AS " + dialect.parameterType(type.get()) + ")" : text;
    }
}
