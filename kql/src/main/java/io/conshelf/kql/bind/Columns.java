package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The columns an expression can name.
///
/// @param open there are further columns that only the data knows, so that no name is wrong
record Columns(List<Column> list, Map<String, Column> byName, boolean open) {
    static final Columns NONE = of(List.of(), false);

    static Columns of(List<Column> list, boolean open) {
        Map<String, Column> byName = new HashMap<>();
        list.forEach(column -> byName.putIfAbsent(column.name(), column));
        return new Columns(List.copyOf(list), byName, open);
    }

    static Columns of(Meaning.Rows rows) {
        return of(rows.columns(), rows.open());
    }

    Optional<Column> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
