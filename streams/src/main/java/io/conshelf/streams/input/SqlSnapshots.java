package io.conshelf.streams.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlPartitioning;
import io.conshelf.connectors.sql.SqlReading;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlSource;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.input.ReferenceInput.Snapshots;
import io.conshelf.streams.input.SqlReference.Queries;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Asks a database for reference data, again and again. Changes are asked for from the time on that was asked for last, so none is missed by a failure.
final class SqlSnapshots implements Snapshots {
    /// How much of an answer is read.
    ///
    /// @param silenceMax for how long the server may say nothing
    private record Extent(Duration silenceMax, long rowsMax) {
        private static final Extent WHOLE = new Extent(Duration.ofMinutes(5), Long.MAX_VALUE);
        private static final Extent FIRST_ROW = new Extent(Duration.ofSeconds(20), 1);
    }

    /// Then all is asked for, also where changes are: what was committed late is in no answer of changes.
    private static final Duration ALL_AGAIN = Duration.ofHours(1);
    /// The column of changes that says which way: 1 came, 2 went.
    private static final String OPERATION = "_operation_";

    private final SqlReference reference;
    private final Queries queries;
    private final SqlServers servers;
    private final long bytesMax;
    private final Refreshing refreshing;
    private List<Value.Record> rows = List.of();
    private Shape shape = Shape.EMPTY;
    /// The rows are those of this time.
    private Instant asked = Instant.MIN;
    private Instant askedAll = Instant.MIN;

    SqlSnapshots(SqlReference reference, SqlServers servers, long bytesMax) {
        this.reference = reference;
        this.queries = reference.queries();
        this.servers = servers;
        this.bytesMax = bytesMax;
        this.refreshing = new Refreshing(queries.refresh(), queries.refresh());
    }

    @Override
    public Snapshot first(long ticks) throws InputException {
        all(Instant.now());
        refreshing.found();
        return new Snapshot(Long.MIN_VALUE, rows);
    }

    @Override
    public Optional<Snapshot> next() throws InputException, InterruptedException {
        return queries.refresh().isPositive() ? refreshing.next(() -> Optional.of(newer(Instant.now()))) : Optional.empty();
    }

    private Snapshot newer(Instant now) throws InputException {
        if (queries.changes().isEmpty() || !now.isBefore(askedAll.plus(ALL_AGAIN))) {
            all(now);
        } else {
            changed(now);
        }
        return new Snapshot(Ticks.of(now), rows);
    }

    @FunctionalInterface
    private interface Row {
        void take(List<JsonNode> cells, SqlRecords records) throws InputException;
    }

    private void all(Instant now) throws InputException {
        SnapshotRecords read = new SnapshotRecords(bytesMax);
        SqlRecords of = ask(queries.all(), Map.of(SqlReference.SNAPSHOT_TIME, now), Extent.WHOLE, (cells, records) -> read.add(records.of(cells)));
        rows = read.all();
        shape = of.shape();
        asked = now;
        askedAll = now;
    }

    /// A row is known by all its columns: one that is there and comes again is there once, as both ends of the time count and a change at its edge is told twice.
    private void changed(Instant now) throws InputException {
        Optional<Changes> told = changes(now);
        if (told.isEmpty()) {
            all(now);
            return;
        }
        Changes changes = told.get();
        SnapshotRecords next = new SnapshotRecords(bytesMax);
        for (Value.Record row : rows) {
            if (changes.came().remove(row) || !changes.went().contains(row)) {
                next.add(row);
            }
        }
        for (Value.Record row : changes.came()) {
            next.add(row);
        }
        rows = next.all();
        asked = now;
    }

    private record Changes(Set<Value.Record> came, Set<Value.Record> went) {}

    /// The changes since rows were asked for last; nothing where all rows are to be asked for instead. Of a row that came and went nobody tells what was last.
    /// And changes may take more memory than all the rows do, which fit nevertheless: one that another replaces is told as both.
    private Optional<Changes> changes(Instant now) throws InputException {
        Changes changes = new Changes(new LinkedHashSet<>(), new HashSet<>());
        SnapshotRecords bound = new SnapshotRecords(bytesMax);
        try {
            ask(queries.changes(), Map.of(SqlReference.CHANGES_FROM, asked, SqlReference.CHANGES_TO, now), Extent.WHOLE, (cells, records) -> {
                Value.Record change = records.of(cells);
                Value.Record row = row(change);
                bound.add(row);
                (hasCome(change) ? changes.came() : changes.went()).add(row);
            });
        } catch (SnapshotTooLarge _) {
            return Optional.empty();
        }
        return Collections.disjoint(changes.came(), changes.went()) ? Optional.of(changes) : Optional.empty();
    }

    private boolean hasCome(Value.Record change) throws InputException {
        Value operation = change.field(OPERATION);
        if (operation.equals(Value.of(1)) || operation.equals(Value.of(1.0))) {
            return true;
        }
        if (operation.equals(Value.of(2)) || operation.equals(Value.of(2.0))) {
            return false;
        }
        throw new InputException("the column '%s' of deltaSnapshotQuery is 1 for a row that came and 2 for one that went, found %s".formatted(OPERATION, JsonPrint.text(operation)));
    }

    /// The row as the query of all gives it.
    private Value.Record row(Value.Record change) throws InputException {
        Shape found = change.shape();
        boolean isSame = found.indexOf(OPERATION) >= 0 && found.size() == shape.size() + 1 && shape.names().stream().allMatch(name -> found.indexOf(name) >= 0);
        if (!isSame) {
            throw new InputException("deltaSnapshotQuery gives the columns of fullSnapshotQuery (%s) and '%s', found %s".formatted(String.join(", ", shape.names()), OPERATION,
                    String.join(", ", found.names())));
        }
        Value[] values = new Value[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = change.field(shape.name(i));
        }
        return new Value.Record(shape, values);
    }

    @Override
    public void probe() throws InputException {
        Instant now = Instant.now();
        Row one = (cells, records) -> records.of(cells);
        ask(queries.all(), Map.of(SqlReference.SNAPSHOT_TIME, now), Extent.FIRST_ROW, one);
        if (!queries.changes().isEmpty()) {
            ask(queries.changes(), Map.of(SqlReference.CHANGES_FROM, now, SqlReference.CHANGES_TO, now), Extent.FIRST_ROW, one);
        }
    }

    private SqlRecords ask(String text, Map<String, Instant> times, Extent extent, Row row) throws InputException {
        String query = SqlReference.at(text, reference.dialect(), times);
        try {
            SqlSource source = new SqlSource(servers.database(reference.target()), new SqlSource.From.Query(query, Optional.empty()),
                    new SqlReading(extent.silenceMax(), Optional.empty()), new SqlPartitioning.None());
            try (RowReader found = source.open(new Split.OfQuery(query))) {
                SqlRecords records = new SqlRecords(found.columns(), reference.level());
                long rows = 0;
                for (Optional<List<JsonNode>> cells = found.next(); cells.isPresent(); cells = rows < extent.rowsMax() ? found.next() : Optional.empty()) {
                    row.take(cells.get(), records);
                    rows++;
                }
                return records;
            }
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        servers.close();
    }
}
