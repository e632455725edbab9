package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which field of a record goes to which column of one table, in what way.
///
/// @param targets in the order of `layout`
record RecordMapping(List<Target> targets, RowLayout layout) {
    RecordMapping {
        targets = List.copyOf(targets);
    }

    /// @param bytesMax longer strings are cut to this many bytes of UTF-8, longer dynamic values are null
    record Target(TableColumn column, MappedField.Origin origin, Transform transform, int bytesMax) {}

    /// Fields by position, or by the columns' names.
    static RecordMapping identity(Database database, Table table, Format format) {
        return identity(table.columns(), format).fitting(database, table);
    }

    /// As the table's, for rows that are not stored.
    static RecordMapping identity(List<TableColumn> columns, Format format) {
        var targets = new ArrayList<Target>();
        for (TableColumn column : columns) {
            MappedField.Origin origin = format.isPositional()
                    ? new MappedField.Origin.Ordinal(targets.size())
                    : new MappedField.Origin.Path(JsonPath.ofName(column.name()));
            targets.add(usual(column, origin, Transform.NONE));
        }
        return of(targets);
    }

    /// A mapping's fields; each must name a column of the table, with its type if it names one.
    static RecordMapping of(Database database, Table table, List<MappedField> fields) {
        return of(table.name(), table.columns(), fields).fitting(database, table);
    }

    static RecordMapping of(String table, List<TableColumn> columns, List<MappedField> fields) {
        var targets = new ArrayList<Target>();
        for (MappedField field : fields) {
            TableColumn column = columns.stream()
                    .filter(c -> c.name().equals(field.column()))
                    .findFirst()
                    .orElseThrow(() -> new KustoException(IngestionErrors.inconsistentMapping(field.column(), table)));
            Optional<String> otherType = field.type()
                    .filter(type -> type != column.type())
                    .map(Object::toString);
            if (otherType.isPresent()) {
                throw new KustoException(IngestionErrors.inconsistentType(
                        column.name(), otherType.get(), column.type().kustoName()));
            }
            targets.add(usual(column, field.origin(), field.transform()));
        }
        return of(targets);
    }

    /// With these columns' values for every record.
    RecordMapping with(Map<TableColumn, String> constants) {
        var all = new ArrayList<>(targets);
        constants.forEach((column, text) ->
                all.add(usual(column, new MappedField.Origin.Constant(text), Transform.NONE)));
        return of(all);
    }

    /// For these columns alone.
    RecordMapping only(List<TableColumn> columns) {
        return of(targets.stream().filter(t -> columns.contains(t.column())).toList());
    }

    private static Target usual(TableColumn column, MappedField.Origin origin, Transform transform) {
        return new Target(column, origin, transform, EncodingPolicy.VALUE_BYTES_USUAL);
    }

    /// With values as large as the columns' encoding policies allow.
    private RecordMapping fitting(Database database, Table table) {
        return of(targets.stream()
                .map(t -> new Target(t.column(), t.origin(), t.transform(), EncodingPolicy.valueBytesMax(database, table, t.column())))
                .toList());
    }

    private static RecordMapping of(List<Target> targets) {
        return new RecordMapping(
                targets, RowLayout.of(targets.stream().map(Target::column).toList()));
    }
}
