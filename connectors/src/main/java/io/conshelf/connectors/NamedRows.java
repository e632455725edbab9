package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Rows under the columns of a target that has some already: by name, in the target's order, null where the rows have no such column.
public final class NamedRows implements RowReader {
    private static final int NONE = -1;

    private final RowReader rows;
    private final List<Column> columns;
    private final int[] from;

    private NamedRows(RowReader rows, List<Column> columns, int[] from) {
        this.rows = rows;
        this.columns = columns;
        this.from = from;
    }

    /// @param what what an error calls the rows
    public static RowReader onto(List<Column> columns, RowReader rows, String what) throws StoreException {
        List<String> wanted = names(columns);
        List<String> own = names(rows.columns());
        if (own.equals(wanted)) {
            return rows;
        }
        requireDistinct(own, what);
        requireDistinct(wanted, "what " + what + " is put to");
        for (String name : own) {
            if (!wanted.contains(name)) {
                throw StoreException.user("UserErrorColumnNotFound", "Column '" + name + "' of " + what + " is none of the target's " + wanted
                        + "; state a mapping, or copy the files apart");
            }
        }
        return new NamedRows(rows, List.copyOf(columns), wanted.stream().mapToInt(own::indexOf).toArray());
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private static void requireDistinct(List<String> names, String what) throws StoreException {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw StoreException.user("UserErrorColumnNameNotUnique", "Column '" + name + "' stands twice in " + what
                        + ", so that columns in another order cannot be told apart by name");
            }
        }
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        Optional<List<JsonNode>> row = rows.next();
        if (row.isEmpty()) {
            return row;
        }
        List<JsonNode> cells = new ArrayList<>(from.length);
        for (int place : from) {
            cells.add(place == NONE ? NullNode.instance : row.get().get(place));
        }
        return Optional.of(cells);
    }

    @Override
    public void close() throws StoreException {
        rows.close();
    }
}
