package io.conshelf.engine.store;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/// Something in a database that [EntityRules] may be about, beside its tables, which carry their own.
///
/// @param name as commands write it; of a column, see [#column]
public record EntityId(Kind kind, String name) implements Comparable<EntityId> {
    private static final Comparator<EntityId> ORDER = Comparator.comparing(EntityId::kind).thenComparing(EntityId::name);

    /// What there is; the name is what errors and scopes call it.
    public enum Kind {
        FUNCTION("Function"), MATERIALIZED_VIEW("MaterializedView"), EXTERNAL_TABLE("ExternalTable"), COLUMN("Column"),
        GRAPH_MODEL("GraphModel");

        private final String kustoName;

        Kind(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }

        static Optional<Kind> named(String name) {
            return Arrays.stream(values()).filter(kind -> kind.kustoName.equals(name)).findFirst();
        }
    }

    /// A column, by ids that renaming leaves alone.
    public static EntityId column(Table table, TableColumn column) {
        return new EntityId(Kind.COLUMN, ofTable(table) + column.id());
    }

    static String ofTable(Table table) {
        return table.id().tableId() + ".";
    }

    @Override
    public int compareTo(EntityId other) {
        return ORDER.compare(this, other);
    }
}
