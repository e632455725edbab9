package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The columns an expression can name.
///
/// @param elsewhere columns that these rows lack and others beside them have, which can be named all the same
/// @param open      there are further columns that only the data knows, so that no name is wrong
record Columns(List<Column> list, Map<String, Column> byName, Map<String, Column> elsewhere, boolean open) {
    static final Columns NONE = of(List.of(), false);

    static Columns of(List<Column> list, boolean open) {
        Map<String, Column> byName = new HashMap<>();
        list.forEach(column -> byName.putIfAbsent(column.name(), column));
        return new Columns(List.copyOf(list), byName, Map.of(), open);
    }

    Columns with(Map<String, Column> others) {
        return new Columns(list, byName, others, open);
    }

    static Columns of(Meaning.Rows rows) {
        return of(rows.columns(), rows.open());
    }

    Optional<Column> find(String name) {
        return Optional.ofNullable(byName.getOrDefault(name, elsewhere.get(name)));
    }
}
