package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.ExportCommands.ExportSink;
import io.conshelf.engine.external.PartitionKeys;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Writes the rows of a query to an external table: files into the folders of their partitions, or rows in bulk into a SQL
/// server.
final class ExternalExport {
    /// What each `with (…)` property does; a name that is not here is refused.
    static final Set<String> PROPERTIES = Set.of(
            "sizelimit", "parquetrowgroupsize",
            // One node writes one artifact after the other, and operations keep their details: these are checked and change
            // nothing here.
            "distributed", "distribution", "distributionkind", "concurrency", "spread", "persistdetails");

    private static final String ROWS = "temp.main.export_rows";
    private static final String KEYS = "temp.main.export_keys";
    private static final String SORTED = "temp.main.export_sorted";
    private static final int KEYS_AT_ONCE = 1_000;
    /// Each has a file of its own, and its name in memory.
    private static final int PARTITIONS_MAX = 10_000;

    private final CommandServices services;
    private final Connection connection;
    private final ExternalTable table;
    private final List<Written> written;

    private ExternalExport(CommandServices services, Connection connection, ExternalTable table, List<Written> written) {
        this.services = services;
        this.connection = connection;
        this.table = table;
        this.written = written;
    }

    /// An artifact, or a SQL table.
    record Written(String path, long records) {}

    /// Refuses a table that nothing can be written to, before anything is read.
    static void check(CommandServices services, ExternalTable table) {
        switch (table.source()) {
            case Files files -> {
                if (!ExternalTableDefinition.isExported(files.format())) {
                    throw new KustoException(Errors.notSupported("export to external table '" + table.name() + "' of the format '"
                            + files.format() + "'; exported are csv, tsv, json and parquet"));
                }
                files.connections().forEach(text -> ExportTarget.of(services, text));
            }
            case Sql sql -> services.externalTables().sqlExport(sql).check();
        }
    }

    /// @param connection with the reading's transaction
    /// @param written    learns of each artifact as soon as it is in its place, so also of those of an export that fails
    static void run(
            CommandServices services, Connection connection, BoundQuery query, ExternalTable table, Map<String, String> properties,
            List<Written> written)
            throws SQLException, IOException {
        var export = new ExternalExport(services, connection, table, written);
        var ordered = export.ordered(query);
        switch (table.source()) {
            case Files files -> export.files(files, ordered, ExportOptions.of(files, properties));
            case Sql sql -> {
                long records = services.externalTables().sqlExport(sql).copy(connection, ordered.columns(), ordered.sql(), WriteStop.current());
                export.written.add(new Written(sql.table(), records));
            }
        }
    }

    /// The query's columns in the order of the table's: they are found by name.
    private BoundQuery ordered(BoundQuery query) {
        var wanted = table.schema();
        var problem = mismatch(query.columns());
        if (problem.isPresent()) {
            throw new KustoException(Errors.badRequest("the query does not match external table '" + table.name() + "': " + problem.get()));
        }
        var values = wanted.stream().map(column -> "v" + query.columns().indexOf(column)).toList();
        return new BoundQuery(wanted, ExportCommands.select(query, values));
    }

    private Optional<String> mismatch(List<ColumnSchema> columns) {
        return mismatch(table, columns);
    }

    /// What a query's columns have that the table's do not, or the other way round.
    static Optional<String> mismatch(ExternalTable table, List<ColumnSchema> columns) {
        var wanted = table.schema();
        boolean isSame = columns.size() == wanted.size() && columns.containsAll(wanted);
        return isSame
                ? Optional.empty()
                : Optional.of("the query gives " + SchemaText.csl(columns) + ", the table has " + SchemaText.csl(wanted));
    }

    // ---- files

    private void files(Files files, BoundQuery query, ExportOptions options) throws SQLException, IOException {
        var targets = files.connections().stream().map(text -> ExportTarget.of(services, text)).toList();
        if (files.partitions().isEmpty()) {
            write(query, options, targets, "");
            return;
        }
        var keys = new PartitionKeys(files, query.columns());
        try (var statement = connection.createStatement()) {
            var stop = WriteStop.current();
            stop.during(statement, () -> statement.execute("CREATE TEMP TABLE export_rows AS "
                    + ExportCommands.select(query, keys.values(query.columns().size()))));
            var paths = paths(keys);
            stop.during(statement, () -> statement.execute("CREATE TEMP TABLE export_sorted AS SELECT r.*, k.id FROM " + ROWS
                    + " AS r JOIN " + KEYS + " AS k ON " + keys.join("r", "k") + " ORDER BY k.id"));
            statement.execute("DROP TABLE " + ROWS);
            var stored = keys.stored(query.columns());
            for (int id = 0; id < paths.size(); id++) {
                var one = new BoundQuery(
                        stored.stream().map(query.columns()::get).toList(),
                        "SELECT " + stored.stream().map(i -> "v" + i).collect(Collectors.joining(", ")) + " FROM " + SORTED + " WHERE id = " + id);
                write(one, options, targets, paths.get(id) + "/");
            }
            statement.execute("DROP TABLE " + SORTED);
            statement.execute("DROP TABLE " + KEYS);
        }
    }

    /// Gives each combination of partitions the number of its folder. Several may share one.
    private List<String> paths(PartitionKeys keys) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE export_keys AS SELECT CAST(0 AS BIGINT) AS id, " + keys.names() + " FROM " + ROWS + " LIMIT 0");
            var folders = new ArrayList<String>();
            var numbers = new HashMap<String, Integer>();
            var inserts = new ArrayList<String>();
            try (var rows = statement.executeQuery("SELECT DISTINCT " + keys.names() + " FROM " + ROWS)) {
                while (rows.next()) {
                    if (inserts.size() == PARTITIONS_MAX) {
                        throw new KustoException(Errors.badRequest("the rows lie in more than " + PARTITIONS_MAX + " partitions of external table '"
                                + table.name() + "': export fewer at a time, or partition by a coarser rule"));
                    }
                    String folder = keys.folder(rows);
                    int number = numbers.computeIfAbsent(folder, name -> {
                        folders.add(name);
                        return folders.size() - 1;
                    });
                    inserts.add("(" + number + ", " + keys.literals(rows) + ")");
                }
            }
            for (int from = 0; from < inserts.size(); from += KEYS_AT_ONCE) {
                statement.execute("INSERT INTO " + KEYS + " VALUES "
                        + String.join(", ", inserts.subList(from, Math.min(inserts.size(), from + KEYS_AT_ONCE))));
            }
            return folders;
        }
    }

    private void write(BoundQuery query, ExportOptions options, List<ExportTarget> targets, String folder) throws SQLException, IOException {
        ExportSink sink = (file, records) -> {
            // Several places share the load.
            var target = targets.get(written.size() % targets.size());
            String prefix = options.namePrefix().isEmpty() ? "" : options.namePrefix() + "_";
            String name = folder + prefix + (written.size() + 1) + "_" + UUID.randomUUID().toString().replace("-", "") + options.extension();
            written.add(new Written(target.put(services, name, file), records));
        };
        ExportCommands.write(services, connection, query, options, sink);
    }
}
