package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rows with other columns: chosen, renamed and reordered.
final class MappedRows implements RowReader {
    private final RowReader source;
    private final int[] from;
    private final List<Column> columns;

    private MappedRows(RowReader source, int[] from, List<Column> columns) {
        this.source = source;
        this.from = from;
        this.columns = columns;
    }

    /// Applies a mapping to tabular rows.
    static RowReader of(RowReader source, Translator translator, String what) throws StoreException {
        int[] from = new int[translator.fields().size()];
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            Translator.Field field = translator.fields().get(i);
            from[i] = position(source.columns(), field.from(), what);
            columns.add(new Column(field.to(), source.columns().get(from[i]).type()));
        }
        return new MappedRows(source, from, List.copyOf(columns));
    }

    /// Where a mapped value stands in tabular data.
    static int position(List<Column> columns, Translator.From from, String what) throws StoreException {
        return switch (from) {
            case Translator.From.Name(String name) -> byName(columns, name, what);
            case Translator.From.Ordinal(int ordinal) -> {
                if (ordinal < 1 || ordinal > columns.size()) {
                    throw StoreException.user("UserErrorColumnNotFound", "The mapping reads column " + ordinal + " of " + what + ", which has "
                            + columns.size() + " columns");
                }
                yield ordinal - 1;
            }
            case Translator.From.Path(JsonPath path) -> {
                if (path.steps().size() != 1 || !(path.steps().getFirst() instanceof JsonPath.Step.Name(String name))) {
                    throw StoreException.user("UserErrorInvalidTranslator", "The mapping reads the path " + path.toKusto() + " of " + what
                            + ", which is tabular; name a column");
                }
                yield byName(columns, name, what);
            }
        };
    }

    private static int byName(List<Column> columns, String name, String what) throws StoreException {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        throw StoreException.user("UserErrorColumnNotFound", "The mapping reads the column '" + name + "', and " + what + " has "
                + columns.stream().map(Column::name).toList());
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        Optional<List<JsonNode>> row = source.next();
        if (row.isEmpty()) {
            return row;
        }
        List<JsonNode> cells = new ArrayList<>(from.length);
        for (int index : from) {
            cells.add(row.get().get(index));
        }
        return Optional.of(cells);
    }

    @Override
    public void close() throws StoreException {
        source.close();
    }
}
