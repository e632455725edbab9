package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which field of a record goes to which column of one table, in what way.
///
/// @param targets in the order of `layout`
record RecordMapping(List<Target> targets, RowLayout layout) {
    RecordMapping {
        targets = List.copyOf(targets);
    }

    record Target(TableColumn column, MappedField.Origin origin, Transform transform) {}

    /// Fields by position, or by the columns' names.
    static RecordMapping identity(Table table, Format format) {
        var targets = new ArrayList<Target>();
        for (TableColumn column : table.columns()) {
            MappedField.Origin origin = format.isPositional()
                    ? new MappedField.Origin.Ordinal(targets.size())
                    : new MappedField.Origin.Path(JsonPath.ofName(column.name()));
            targets.add(new Target(column, origin, Transform.NONE));
        }
        return of(targets);
    }

    /// A mapping's fields; each must name a column of the table, with its type if it names one.
    static RecordMapping of(Table table, List<MappedField> fields) {
        var targets = new ArrayList<Target>();
        for (MappedField field : fields) {
            TableColumn column = table.column(field.column())
                    .orElseThrow(() -> new KustoException(
                            IngestionErrors.inconsistentMapping(field.column(), table.name())));
            Optional<String> otherType = field.type()
                    .filter(type -> type != column.type())
                    .map(Object::toString);
            if (otherType.isPresent()) {
                throw new KustoException(IngestionErrors.inconsistentType(
                        column.name(), otherType.get(), column.type().kustoName()));
            }
            targets.add(new Target(column, field.origin(), field.transform()));
        }
        return of(targets);
    }

    private static RecordMapping of(List<Target> targets) {
        return new RecordMapping(
                targets, RowLayout.of(targets.stream().map(Target::column).toList()));
    }
}
