package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.ExportOptions.ExportFormat;
import io.conshelf.engine.external.SqlConnectionString;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// `.export`: rows of a query into files of allowed folders, blobs of the server's own containers, external tables, or tables
/// of SQL servers. Each artifact is written aside and handed over when it is complete.
final class ExportCommands {
    private static final Set<String> SQL_PROPERTIES =
            Set.of("createifnotexists", "primarykey", "firetriggers", "persistdetails", "token", "sqldialect");
    private static final List<ColumnSchema> SQL_RESULT = List.of(new ColumnSchema("NumRecords", Type.LONG));

    private ExportCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ExportToStorage", Access.onDatabase(Role.VIEWER), ExportOptions.PROPERTIES, ExportCommands::toStorage);
        registry.on("ExportToExternalTable", Access.onEntity(Role.ADMIN), ExternalExport.PROPERTIES, ExportCommands::toTable);
        // The documentation asks for the administrator of a table that is not of this cluster.
        registry.on("ExportToSqlTable", Access.onDatabase(Role.ADMIN), SQL_PROPERTIES, ExportCommands::toSql);
    }

    private static CommandResult toStorage(CommandContext context) {
        var options = ExportOptions.of(context);
        var targets = context.match().texts("DataConnectionString").stream().map(text -> ExportTarget.of(context.services(), text)).toList();
        var rows = CommandResult.of(context.match().command());
        var artifacts = new ArrayList<Long>();
        ExportSink sink = (file, records) -> {
            // Several places share the load.
            var target = targets.get(artifacts.size() % targets.size());
            artifacts.add(records);
            var name = options.namePrefix() + "_" + artifacts.size() + "_" + UUID.randomUUID().toString().replace("-", "")
                    + options.extension();
            rows.row(target.put(context.services(), name, file), records);
        };
        var source = context.services().source(context.request(), context.match().text("Query"));
        try (var connection = context.services().connect();
                var reading = context.storage().read(connection)) {
            var query = context.services().bind(context.request(), source, reading);
            checkNames(context, options, query);
            try {
                write(context.services(), connection, query, options, sink);
            } catch (SQLException e) {
                throw failed(reading, e);
            }
        } catch (SQLException e) {
            throw failed(e);
        } catch (IOException e) {
            throw new UncheckedIOException("the export could not be written: " + e.getMessage(), e);
        }
        return rows.done();
    }

    /// What reading from elsewhere failed with says more than what DuckDB made of it.
    static KustoException failed(Reading reading, SQLException e) {
        WriteStop.current().check();
        return reading.foreignFailure().map(cause -> new KustoException(cause.error(), e)).orElseGet(() -> failed(e));
    }

    static KustoException failed(SQLException e) {
        // What was stopped says why; DuckDB only says that it was.
        WriteStop.current().check();
        return new KustoException(Errors.of(e), e);
    }

    private static CommandResult toTable(CommandContext context) {
        var table = ExternalTableCommands.existing(context);
        ExternalExport.check(context.services(), table);
        var properties = new HashMap<String, String>();
        context.match().properties().forEach((name, argument) -> properties.put(name, argument.text()));
        ExportOptions.check(properties);
        var source = context.services().source(context.request(), context.match().text("Query"));
        var rows = CommandResult.of(context.match().command());
        var all = new ArrayList<ExternalExport.Written>();
        toTable(context.services(), context.storage(), context.request(), source, table, properties, all);
        for (var written : all) {
            rows.row(table.name(), written.path(), Long.toString(written.records()));
        }
        return rows.done();
    }

    /// Writes a query's rows to an external table.
    ///
    /// @param written learns of each artifact as soon as it is in its place
    static void toTable(
            CommandServices services, Storage storage, Request request, CommandServices.QuerySource source, ExternalTable table,
            Map<String, String> properties, List<ExternalExport.Written> written) {
        try (var connection = services.connect();
                var reading = storage.read(connection)) {
            var query = services.bind(request, source, reading);
            try {
                ExternalExport.run(services, connection, query, table, properties, written);
            } catch (SQLException e) {
                throw failed(reading, e);
            }
        } catch (SQLException e) {
            throw failed(e);
        } catch (IOException e) {
            throw new UncheckedIOException("the export could not be written: " + e.getMessage(), e);
        }
    }

    private static CommandResult toSql(CommandContext context) {
        var connectionString = context.match().text("SqlConnectionString");
        context.isTrue("persistdetails");
        var dialect = context.property("sqldialect")
                .map(name -> SqlDialect.named(name).orElseThrow(() -> new KustoException(Errors.notSupported(
                        "exports to SQL of the dialect '" + name + "'; supported are SqlServer and PostgreSQL"))))
                .orElseGet(() -> SqlConnectionString.dialectOf(connectionString));
        boolean creates = context.isTrue("createifnotexists");
        var key = context.property("primarykey").orElse("");
        if (creates && key.isEmpty()) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "primarykey", "'createifnotexists' needs the result's column that is to be the primary key"));
        }
        var table = new ExternalTable.Sql(
                dialect, context.match().text("SqlTableName"), connectionString, creates, key, context.isTrue("firetriggers"));
        var export = context.services().externalTables().sqlExport(table, context.property("token").orElse(""));
        export.check();
        var source = context.services().source(context.request(), context.match().text("Query"));
        try (var connection = context.services().connect();
                var reading = context.storage().read(connection)) {
            var query = context.services().bind(context.request(), source, reading);
            long records = export.copy(connection, query.columns(), query.sql(), WriteStop.current());
            return CommandResult.of(SQL_RESULT).row(records).done();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    static void write(
            CommandServices services, Connection connection, BoundQuery query, ExportOptions options, ExportSink sink)
            throws SQLException, IOException {
        var scratch = services.stagingFolder();
        switch (options.format()) {
            case CSV, TSV, JSON -> new TextExport(connection, query, options, scratch).write(sink);
            case PARQUET -> new ParquetExport(connection, query, options, scratch).write(sink);
        }
    }

    private static void checkNames(CommandContext context, ExportOptions options, BoundQuery query) {
        long names = query.columns().stream().map(c -> c.name().toLowerCase(java.util.Locale.ROOT)).distinct().count();
        if (options.format() == ExportFormat.PARQUET && names < query.columns().size()) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "Query", "two columns have names that differ in case only, which a Parquet file cannot have here"));
        }
    }

    /// Takes what was written.
    interface ExportSink {
        /// @param file complete; gone or deleted afterwards
        void take(Path file, long records) throws IOException;
    }

    /// Columns of a query by position, as its SQL has them.
    static String select(BoundQuery query, List<String> values) {
        var names = new ArrayList<String>();
        for (int i = 0; i < query.columns().size(); i++) {
            names.add("v" + i);
        }
        return "SELECT " + String.join(", ", values) + " FROM (" + query.sql() + ") AS q(" + String.join(", ", names) + ")";
    }
}
