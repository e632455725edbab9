package io.conshelf.engine;

import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.external.OutsideRows;
import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Stored tables, materialized views and external tables as the SQL writer wants them.
///
/// @param snapshot what plans were bound in
/// @param outside  what the request reads beyond the cluster
/// @param now      ticks: what `now()` is
record StoredRelations(Reading reading, Snapshot snapshot, ExternalTables external, OutsideTables outside, long now)
        implements Relations {
    private static final String WHOLE = "view:";
    private static final String PART = "part:";

    StoredRelations(Reading reading, ExternalTables external, OutsideTables outside, long now) {
        this(reading, reading.snapshot(), external, outside, now);
    }

    /// Of what the cluster does by itself, which reads nothing beyond it.
    StoredRelations(Reading reading, Snapshot snapshot, ExternalTables external, long now) {
        this(reading, snapshot, external, new OutsideTables(external.outside(), new OutsideRows.Origin("", true), reading.stop()), now);
    }

    /// What a plan calls a view.
    static String wholeId(MaterializedView view) {
        return WHOLE + view.part().orElseThrow().id().tableId();
    }

    /// What a plan calls the materialized part of a view; the whole view where that is older than an age.
    static String partId(MaterializedView view, OptionalLong ageMaxTicks) {
        String id = PART + view.part().orElseThrow().id().tableId();
        return ageMaxTicks.isPresent() ? id + ":" + ageMaxTicks.getAsLong() : id;
    }

    @Override
    public Relation of(TableId id) {
        if (id.tableId().startsWith(WHOLE)) {
            Table part = view(id, id.tableId().substring(WHOLE.length())).part().orElseThrow();
            return reading.numbers(part)
                    ? relation(part, reading.relation(part.id()), 0)
                    : viewRows(id, part.id().tableId()).whole();
        }
        if (id.tableId().startsWith(PART)) {
            return part(id, id.tableId().substring(PART.length()).split(":"));
        }
        if (ExternalTable.isExternal(id)) {
            return external(id, List.of());
        }
        if (OutsideTables.isOutside(id)) {
            return outside.relation(reading, id, List.of(), now);
        }
        return relation(stored(id), reading.relation(id), reading.cursor(id.databaseId()));
    }

    private Table stored(TableId id) {
        return snapshot.table(id)
                .orElseThrow(() -> new AssertionError("table " + id.name() + " is not of the snapshot it was bound in"));
    }

    @Override
    public Relation of(Plan.Scan scan, Supplier<List<Expr>> predicates, Set<Hidden> needed) {
        TableId id = scan.table();
        if (OutsideTables.isOutside(id)) {
            return outside.relation(reading, id, predicates.get(), now);
        }
        if (ExternalTable.isExternal(id)) {
            return external(id, predicates.get());
        }
        boolean isView = id.tableId().startsWith(WHOLE) || id.tableId().startsWith(PART);
        boolean needsExtents = needed.contains(Hidden.EXTENT_ID) || needed.contains(Hidden.EXTENT_TAGS);
        return isView || needsExtents ? of(id) : relation(stored(id), reading.rows(id), reading.cursor(id.databaseId()));
    }

    @Override
    public OptionalLong rows(TableId id) {
        return reading.count(id);
    }

    @Override
    public boolean isWithoutNan(TableId id, String column) {
        return reading.isWithoutNan(id, column);
    }

    private Relation external(TableId id, List<Expr> predicates) {
        ExternalTable table = snapshot.databaseById(id.databaseId())
                .flatMap(database -> database.externals().table(id.name()))
                .orElseThrow(() -> new AssertionError("external table " + id.name() + " is not of the snapshot it was bound in"));
        return external.relation(reading, table, ExternalTable.mappingOf(id), predicates, now);
    }

    private Relation part(TableId id, String[] partAndAge) {
        var rows = viewRows(id, partAndAge[0]);
        if (partAndAge.length == 1) {
            return rows.materialized();
        }
        long lastRun = reading.viewState(view(id, partAndAge[0]).part().orElseThrow()).lastRun();
        return lastRun > now - Long.parseLong(partAndAge[1]) ? rows.materialized() : rows.whole();
    }

    private ViewRows viewRows(TableId id, String partId) {
        return new ViewRows(this, database(id), view(id, partId));
    }

    private MaterializedView view(TableId id, String partId) {
        return ViewRows.byPart(database(id), partId)
                .orElseThrow(() -> new AssertionError("view " + id.name() + " is not of the snapshot it was bound in"));
    }

    private Database database(TableId id) {
        return snapshot.databaseById(id.databaseId()).orElseThrow();
    }

    /// @param from   as [Reading#relation] gives it
    /// @param cursor as [Reading#cursor] gives it
    static Relation relation(Table table, String from, long cursor) {
        Map<String, String> columns =
                table.columns().stream().collect(Collectors.toMap(TableColumn::name, TableColumn::id));
        return new Relation(from, columns, Map.of(
                Hidden.INGESTION_TIME, "{row}." + Table.INGESTED_COLUMN,
                Hidden.EXTENT_ID, "{row}." + Table.EXTENT_COLUMN,
                Hidden.EXTENT_TAGS, Extent.tagsSql(table, "{row}." + Table.EXTENT_COLUMN),
                Hidden.COMMIT_SEQUENCE, "{row}." + Table.COMMIT_COLUMN,
                Hidden.CURSOR_HORIZON, Long.toString(cursor)));
    }
}
