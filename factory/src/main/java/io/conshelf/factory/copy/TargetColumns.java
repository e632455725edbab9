package io.conshelf.factory.copy;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.kusto.IngestionSettings.Target;
import io.conshelf.connectors.kusto.KustoCluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a copy knows of the columns of the table it writes to. Whoever may only ingest may not see them; then names go to the cluster as the
/// source has them, and it is the cluster that tells which of them it does not have.
sealed interface TargetColumns {
    /// @param types by name, in the table's order
    record Seen(String table, Map<String, ValueType> types) implements TargetColumns {
        @Override
        public Target target(String name) throws StoreException {
            ValueType type = types.get(name);
            if (type == null) {
                throw StoreException.user("UserErrorKustoColumnNotFound", "Table '" + table + "' has no column '" + name + "'; it has " + types.keySet());
            }
            return new Target.Typed(new Column(name, type));
        }

        @Override
        public Optional<ValueType> type(String name) {
            return Optional.ofNullable(types.get(name));
        }

        @Override
        public List<String> names() {
            return List.copyOf(types.keySet());
        }

        @Override
        public boolean areSeen() {
            return true;
        }
    }

    /// @param why the cluster's refusal
    record Hidden(StoreException why) implements TargetColumns {
        @Override
        public Target target(String name) {
            return new Target.Untyped(name);
        }

        @Override
        public Optional<ValueType> type(String name) {
            return Optional.empty();
        }

        @Override
        public List<String> names() throws StoreException {
            throw new StoreException(why.code(), why.fault(), "The copy needs the names of the table's columns: " + why.getMessage(), why);
        }

        @Override
        public boolean areSeen() {
            return false;
        }
    }

    static TargetColumns of(Stores.Database database, String table) throws StoreException {
        try {
            return new Seen(table, database.cluster().columns(database.name(), table));
        } catch (StoreException refused) {
            if (KustoCluster.isForbidden(refused)) {
                return new Hidden(refused);
            }
            throw refused;
        }
    }

    /// The column of a name.
    ///
    /// @throws StoreException when it is known that there is none
    Target target(String name) throws StoreException;

    /// The type of a column, where it is known.
    Optional<ValueType> type(String name);

    /// All columns, in the table's order.
    ///
    /// @throws StoreException when they may not be seen
    List<String> names() throws StoreException;

    boolean areSeen();
}
