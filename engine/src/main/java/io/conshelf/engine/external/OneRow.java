package io.conshelf.engine.external;

import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.TableColumn;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A row of texts and dynamic values that somebody is asked for when it is first read: once, however often it is read.
final class OneRow implements ForeignRows {
    private final List<TableColumn> columns;
    private final Supplier<List<Optional<String>>> asked;
    private Optional<List<Optional<String>>> cells = Optional.empty();

    /// @param asked gives a cell a column; an empty one is null
    OneRow(List<TableColumn> columns, Supplier<List<Optional<String>>> asked) {
        this.columns = List.copyOf(columns);
        this.asked = asked;
    }

    private synchronized List<Optional<String>> cells() {
        if (cells.isEmpty()) {
            cells = Optional.of(asked.get());
        }
        return cells.get();
    }

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        return new Scan() {
            private boolean isEnded;

            @Override
            public synchronized Optional<Rows> next() {
                if (isEnded) {
                    return Optional.empty();
                }
                isEnded = true;
                var layout = RowLayout.of(wanted);
                var written = Rows.columnsFor(layout);
                var row = cells();
                for (int i = 0; i < wanted.size(); i++) {
                    RowColumn column = written.get(i);
                    row.get(columns.indexOf(wanted.get(i))).ifPresentOrElse(text -> column.text(0, text), () -> column.setNull(0));
                }
                return Optional.of(new Rows(layout, written, 1));
            }

            @Override
            public void close() {
                // Whoever is asked is stopped with the request.
            }
        };
    }
}
