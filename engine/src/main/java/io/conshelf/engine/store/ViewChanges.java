package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.type.ColumnSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeMap;

/// What a transaction changes of materialized views.
public final class ViewChanges {
    private final Transaction transaction;
    private final Connection connection;

    ViewChanges(Transaction transaction, Connection connection) {
        this.transaction = transaction;
        this.connection = connection;
    }

    /// Creates a view or replaces the one of its name.
    public MaterializedView put(MaterializedView view) {
        EntityNames.checked("materialized view", view.name());
        transaction.edit(db -> {
            var views = new TreeMap<>(db.viewsByName());
            views.put(view.name(), view);
            return db.withViews(views);
        });
        return view;
    }

    /// Makes the storage of a view's part. It is the view's once the view is put.
    public Table createPart(String view, List<ColumnSchema> columns) throws SQLException {
        for (ColumnSchema column : columns) {
            EntityNames.checked("column", column.name());
        }
        return transaction.newTable(new NewTable(MaterializedView.partName(view), columns, "", "", true));
    }

    /// Gives the part of a view exactly these columns; those that it has keep their values.
    public MaterializedView reshapePart(MaterializedView view, List<ColumnSchema> columns) throws SQLException {
        Table part = view.part().orElseThrow();
        var shape = TableShape.replaced(part, columns);
        transaction.addColumns(part, shape);
        return put(view.withPart(part.withColumns(shape.columns(), shape.nextColumn())));
    }

    public MaterializedView rename(MaterializedView view, String name) {
        transaction.edit(db -> {
            var views = new TreeMap<>(db.viewsByName());
            views.remove(view.name());
            return db.withViews(views);
        });
        transaction.moveRules(
                new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name()), new EntityId(EntityId.Kind.MATERIALIZED_VIEW, name));
        return put(view.withName(name));
    }

    public void drop(String name) throws SQLException {
        MaterializedView view = transaction.database().view(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", name)));
        if (view.part().isPresent()) {
            transaction.writes();
            transaction.discardedRows().add(view.part().get().rows());
            ViewState.forget(connection, view.part().get());
        }
        transaction.edit(db -> {
            var views = new TreeMap<>(db.viewsByName());
            views.remove(name);
            return db.withViews(views);
        });
        transaction.dropRules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, name));
    }

    /// How far a view's part goes.
    public ViewState state(Table part) throws SQLException {
        return ViewState.read(connection, part);
    }

    public void setState(Table part, ViewState state) throws SQLException {
        transaction.writes();
        state.write(connection, part);
    }
}
