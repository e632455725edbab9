package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.ExportOptions.ExportFormat;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// `.export` to storage: rows of a query into files of allowed folders, or blobs of the server's own containers. Each artifact
/// is written aside and handed over when it is complete.
final class ExportCommands {
    private ExportCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ExportToStorage", Access.onDatabase(Role.VIEWER), ExportOptions.PROPERTIES, ExportCommands::toStorage);
    }

    /// Where artifacts go.
    private sealed interface Target {
        record Folder(Path path) implements Target {}

        record Container(StorageUri uri) implements Target {}
    }

    private static CommandResult toStorage(CommandContext context) {
        var options = ExportOptions.of(context);
        var targets = context.match().texts("DataConnectionString").stream().map(text -> target(context, text)).toList();
        var rows = CommandResult.of(context.match().command());
        var artifacts = new ArrayList<Long>();
        ExportSink sink = (file, records) -> {
            // Several places share the load.
            var target = targets.get(artifacts.size() % targets.size());
            artifacts.add(records);
            var name = options.namePrefix() + "_" + artifacts.size() + "_" + UUID.randomUUID().toString().replace("-", "")
                    + options.extension();
            rows.row(put(context, target, name, file), records);
        };
        var source = context.services().source(context.request(), context.match().text("Query"));
        try (var connection = context.services().connect();
                var reading = context.storage().read(connection)) {
            var query = context.services().bind(context.request(), source, reading);
            checkNames(context, options, query);
            write(context, connection, query, options, sink);
        } catch (SQLException e) {
            // What was stopped says why; DuckDB only says that it was.
            WriteStop.current().check();
            throw new KustoException(Errors.badRequest("the export failed: " + e.getMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("the export could not be written: " + e.getMessage(), e);
        }
        return rows.done();
    }

    private static void write(
            CommandContext context, Connection connection, BoundQuery query, ExportOptions options, ExportSink sink)
            throws SQLException, IOException {
        var scratch = context.services().stagingFolder();
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

    private static Target target(CommandContext context, String text) {
        if (StorageUri.isUri(text)) {
            var uri = StorageUri.parse(text);
            context.services().external().checkWritable(uri);
            return new Target.Container(uri);
        }
        var path = IngestCommands.path(text);
        if (!context.services().mayWrite(path) || Files.exists(path) && !Files.isDirectory(path)) {
            throw new KustoException(Errors.badRequest("'" + path + "' is not a folder that commands may write: "
                    + "list it, or one above it, under 'allowedFolders' in the configuration"));
        }
        return new Target.Folder(path);
    }

    private static String put(CommandContext context, Target target, String name, Path file) throws IOException {
        return switch (target) {
            case Target.Container(StorageUri uri) -> context.services().external().put(uri, name, file);
            case Target.Folder(Path folder) -> {
                var path = folder.resolve(name).normalize();
                if (!path.startsWith(folder) || !context.services().mayWrite(path)) {
                    throw new KustoException(Errors.badRequest("'" + path + "' leads out of the folder that commands may write"));
                }
                Files.createDirectories(path.getParent());
                Files.move(file, path);
                yield path.toString();
            }
        };
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
