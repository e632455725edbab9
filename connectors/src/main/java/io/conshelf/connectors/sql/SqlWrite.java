package io.conshelf.connectors.sql;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of rows in a table.
public sealed interface SqlWrite {
    /// Each is a new row.
    record Insert() implements SqlWrite {}

    /// A row with the same key is changed.
    ///
    /// @param keys          the primary key where none are named
    /// @param interimSchema where the rows wait in a table of their own; in a temporary one where none is named
    record Upsert(List<String> keys, Optional<String> interimSchema) implements SqlWrite {
        public Upsert {
            keys = List.copyOf(keys);
        }
    }

    /// A procedure of SQL Server takes the rows of a batch as a table.
    ///
    /// @param parameters the other ones, as text
    record Procedure(String name, String tableType, String tableParameter, Map<String, SqlParameter> parameters) implements SqlWrite {
        public Procedure {
            parameters = Map.copyOf(parameters);
        }
    }
}
