package io.conshelf.engine;

import io.conshelf.engine.command.ViewServices.Backfill;
import io.conshelf.engine.command.ViewServices.Checked;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.engine.store.ViewState;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Defines, makes and alters materialized views: what they are, the storage of their parts, and what a part begins with.
final class ViewMaking {
    private static final Logger LOG = LoggerFactory.getLogger(ViewMaking.class);
    /// Extents of a backfill that is split by time.
    private static final int PERIODS_MAX = 1_000;

    private final Storage storage;
    private final ExternalTables external;
    private final InstantSource clock;

    ViewMaking(Storage storage, ExternalTables external, InstantSource clock) {
        this.storage = storage;
        this.external = external;
        this.clock = clock;
    }

    MaterializedView.Definition define(
            Snapshot snapshot, Database database, String source, boolean isOverView, String query, List<String> dimensionTables) {
        var shape = ViewRows.shape(snapshot, database, query, now());
        checkSources(shape, database, source, dimensionTables);
        if (isOverView) {
            var other = database.view(source)
                    .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", source)));
            if (other.part().isEmpty() || !ViewRows.shape(snapshot, database, other.query(), now()).isDeduplication()) {
                throw ViewShape.bad("a view can only be over a view that is a 'take_any(*)' aggregation, which '" + source + "' is not");
            }
        }
        return new MaterializedView.Definition(
                source, isOverView, query, shape.columns(), shape.keyNames(), shape.isGrouped(), dimensionTables);
    }

    private static void checkSources(
            ViewShape shape, Database database, String source, List<String> dimensionTables) {
        var read = PlanWriter.tables(shape.input()).stream().map(TableId::name).toList();
        long times = read.stream().filter(source::equals).count();
        if (times != 1) {
            throw ViewShape.bad("the query reads its source '" + source + "' once, not " + times + " times");
        }
        read.stream().filter(name -> !name.equals(source) && !dimensionTables.contains(name)).findFirst().ifPresent(name -> {
            throw ViewShape.bad("the query reads '" + name + "' beside its source; name it in 'dimensionTables'");
        });
        dimensionTables.stream().filter(name -> database.table(name).isEmpty() && database.view(name).isEmpty()).findFirst()
                .ifPresent(name -> {
                    throw new KustoException(StorageErrors.tableNotFound(name));
                });
    }

    MaterializedView create(
            String database, MaterializedView view, Optional<Backfill> backfill, Checked inTransaction) {
        var source = source(storage.snapshot().existing(database), view.definition());
        // Before the transaction begins, so that it sees all that is up to it.
        long horizon = storage.committedTo(source);
        if (backfill.isEmpty()) {
            return storage.writer(database).change(transaction -> {
                inTransaction.check(transaction);
                return put(transaction, view, horizon);
            });
        }
        return storage.writer(database).loadAlone(new TableId(source.databaseId(), "view " + view.name(), view.name()), transaction -> {
            inTransaction.check(transaction);
            try (var reading = storage.readWithin(transaction)) {
                var made = put(transaction, view, horizon);
                var rows = rows(reading, transaction, made);
                backfill(transaction, made, rows, horizon, backfill.get());
                return made;
            }
        });
    }

    private MaterializedView put(Transaction transaction, MaterializedView view, long cursor) throws SQLException {
        var columns = ViewRows.shape(snapshot(transaction), transaction.database(), view.query(), now()).partColumns();
        var part = transaction.views().createPart(view.name(), columns);
        transaction.views().setState(part, new ViewState(cursor, Moments.ticks(transaction.now()), Moments.ticks(transaction.now()), false));
        return transaction.views().put(view.withPart(part));
    }

    private Snapshot snapshot(Transaction transaction) {
        return storage.snapshot().with(transaction.database());
    }

    private void backfill(
            Transaction transaction, MaterializedView view, ViewRows rows, long horizon, Backfill backfill)
            throws SQLException {
        var part = view.part().orElseThrow();
        String delta = rows.delta(0, OptionalLong.of(horizon));
        var dayKey = backfill.splitsByTime() ? datetimeKey(view, part) : Optional.<String>empty();
        if (dayKey.isEmpty()) {
            transaction.extents().open(part, Set.of(), transaction.now()).append(delta, part.columns(), 0);
            return;
        }
        try (var statement = transaction.connection().createStatement()) {
            statement.execute("CREATE TEMP TABLE view_backfill AS " + delta);
        }
        for (long[] period : Periods.of(transaction.connection(), "temp.view_backfill", dayKey.get(), PERIODS_MAX)) {
            transaction.extents().open(part, Set.of(), Moments.instant(period[1])).append(
                    "SELECT " + rows.columnIds() + " FROM temp.view_backfill WHERE " + dayKey.get() + " BETWEEN " + period[0] + " AND " + period[1],
                    part.columns(), 0);
        }
        transaction.extents().open(part, Set.of(), transaction.now()).append(
                "SELECT " + rows.columnIds() + " FROM temp.view_backfill WHERE " + dayKey.get() + " IS NULL", part.columns(), 0);
    }

    private static Optional<String> datetimeKey(MaterializedView view, Table part) {
        return part.columns().stream()
                .filter(c -> view.definition().keys().contains(c.name()) && c.type() == Type.DATETIME)
                .map(c -> c.id()).findFirst();
    }

    MaterializedView alter(Transaction transaction, MaterializedView before, MaterializedView after) throws SQLException {
        var shape = ViewRows.shape(snapshot(transaction), transaction.database(), after.query(), now());
        var part = before.part().orElseThrow();
        var keysBefore = before.columns().stream().filter(c -> before.definition().keys().contains(c.name())).toList();
        var keys = shape.columns().stream().filter(c -> shape.keyNames().contains(c.name())).toList();
        if (!keys.equals(keysBefore)) {
            throw ViewShape.bad("what a view is grouped by cannot be altered");
        }
        for (ColumnSchema column : shape.columns()) {
            before.columns().stream().filter(c -> c.name().equals(column.name()) && c.type() != column.type()).findFirst().ifPresent(c -> {
                throw ViewShape.bad("the type of column '" + c.name() + "' cannot be altered from " + c.type() + " to " + column.type());
            });
        }
        var definition = after.definition();
        // A part that was once finer than the view stays so.
        var kept = new MaterializedView.Definition(
                definition.source(), definition.isOverView(), definition.query(), shape.columns(), shape.keyNames(),
                shape.isGrouped() || before.definition().isGrouped(), definition.dimensionTables());
        return transaction.views().reshapePart(after.with(kept).withPart(part), shape.partColumns());
    }

    /// Views that an earlier release wrote were computed when they were read.
    void giveParts() {
        for (var database : storage.snapshot().databases()) {
            for (var view : database.viewsByName().values()) {
                if (view.part().isEmpty()) {
                    try {
                        givePart(database, view);
                    } catch (RuntimeException e) {
                        LOG.warn("The materialized view '{}' in database '{}' is still computed when it is read: {}", view.name(),
                                database.name(), e.getMessage());
                    }
                }
            }
        }
    }

    private void givePart(Database database, MaterializedView view) {
        storage.writer(database.name()).change(transaction -> put(
                transaction,
                view.with(define(snapshot(transaction), transaction.database(), view.source(), false, view.query(), List.of())),
                0));
    }

    /// The rows of a view as a transaction has made it.
    ViewRows rows(Reading reading, Transaction transaction, MaterializedView view) {
        return new ViewRows(
                new StoredRelations(reading, reading.snapshot().with(transaction.database()), external, now()), transaction.database(), view);
    }

    /// What brings rows to a view.
    ///
    /// @throws KustoException where it is not there
    static TableId source(Database database, MaterializedView.Definition definition) {
        if (definition.isOverView()) {
            return database.view(definition.source()).flatMap(MaterializedView::part).map(Table::id)
                    .orElseThrow(() -> ViewShape.bad("the source view '" + definition.source() + "' is not there"));
        }
        return database.table(definition.source()).map(Table::id)
                .orElseThrow(() -> ViewShape.bad("the source table '" + definition.source() + "' is not there"));
    }

    private long now() {
        return Moments.ticks(clock.instant());
    }
}
