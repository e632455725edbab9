package io.conshelf.engine;

import io.conshelf.engine.external.OutsideRows;
import io.conshelf.engine.external.OutsideRows.Asking;
import io.conshelf.engine.external.OutsideRows.Origin;
import io.conshelf.engine.sql.Relations.Relation;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Catalog.Table;
import io.conshelf.kql.bind.Catalog.TableKind;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What one request reads beyond the tables of the cluster. Its plans have numbers in place of what opens it.
final class OutsideTables {
    private final OutsideRows rows;
    private final Origin origin;
    private final WriteStop stop;
    private final Map<Outside, Table> tables = new LinkedHashMap<>();
    private final Map<TableId, Outside> wanted = new LinkedHashMap<>();
    private final Asking asking;
    private boolean isHeld;

    /// @param stop ends what is asked while plans are made
    OutsideTables(OutsideRows rows, Origin origin, WriteStop stop) {
        this.rows = rows;
        this.origin = origin;
        this.stop = stop;
        this.asking = rows.asking();
    }

    /// Whether it is beyond the cluster, asked for by any request.
    static boolean isOutside(TableId id) {
        return id.databaseId().equals(Outside.DATABASE);
    }

    /// What is asked for twice is one table.
    Table table(Outside outside) {
        return tables.computeIfAbsent(outside, _ -> {
            var id = new TableId(Outside.DATABASE, Integer.toString(wanted.size() + 1), outside.name());
            wanted.put(id, outside);
            return new Table(id, TableKind.EXTERNAL, columns(outside));
        });
    }

    private List<ColumnSchema> columns(Outside outside) {
        return outside.declared().orElseGet(() -> switch (outside) {
            case Outside.Call call -> rows.columns(call, asking, stop);
            case Outside.Files _, Outside.Folders _ -> throw new AssertionError("declared by the query");
        });
    }

    /// Runs what only looks at rows that are going to be read again: nobody is asked for them twice.
    <T> T looking(Supplier<T> look) {
        return asking.looking(look);
    }

    /// @param predicates rows may be left out that do not fulfil each of these
    /// @param now        ticks: what `now()` is
    Relation relation(Reading reading, TableId id, List<Expr> predicates, long now) {
        Outside outside = Optional.ofNullable(wanted.get(id)).orElseThrow(() -> new KustoException(Errors.badRequest("'" + id.name()
                + "' lies beyond the cluster and cannot be read here")));
        if (!isHeld) {
            isHeld = true;
            reading.afterwards(asking::close);
        }
        return rows.relation(reading, outside, table(outside).columns(), asking, origin, predicates, now);
    }
}
