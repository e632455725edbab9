package io.conshelf.cli;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.server.Server;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A file as a table of a cluster of our own: its columns inferred, its rows ingested by the cluster's own commands.
final class FileTable {
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private FileTable() {}

    static void load(Server server, String url, String database, String table, Path file) {
        var format = format(file);
        var columns = server.engine().inferSchema(file, format);
        try (var cluster = KustoCluster.connect(Endpoints.replacedBy(URI.create(url)).resolve(url), new KustoCredential.None())) {
            cluster.command(database, ".create table " + KustoCluster.quote(table) + " (" + csl(columns) + ")", TIMEOUT);
            cluster.command(database, ".ingest into table " + KustoCluster.quote(table) + " (@'"
                    + file.toString().replace("'", "''") + "') with (format='" + format + "'"
                    + (hasHeader(format) ? ", ignoreFirstRecord=true" : "") + ")", TIMEOUT);
        } catch (StoreException e) {
            throw new CommandFailure(file + ": " + e.getMessage(), e);
        }
    }

    private static String csl(List<ColumnSchema> columns) {
        return columns.stream().map(c -> KustoCluster.quote(c.name()) + ":" + c.type()).collect(Collectors.joining(", "));
    }

    private static boolean hasHeader(String format) {
        return format.equals("csv") || format.equals("tsv");
    }

    /// By the ending, without `.gz`. A `.json` file may be lines or one document, so it is read as the form that allows both.
    private static String format(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        var ending = name.substring(name.lastIndexOf('.') + 1);
        return switch (ending) {
            case "csv", "tsv", "parquet" -> ending;
            case "json" -> "multijson";
            case "jsonl", "ndjson" -> "json";
            default -> throw new CommandFailure("'" + file + "' has an unknown ending: files are csv, tsv, json, jsonl or parquet, "
                    + "csv and json also with .gz");
        };
    }
}
