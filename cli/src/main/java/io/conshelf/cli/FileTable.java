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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A file as a table of a cluster of our own: its columns inferred, its rows ingested by the cluster's own commands.
final class FileTable {
    /// How the cluster says that a source held nothing.
    private static final String NO_RECORDS = "no records that can be read";
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private FileTable() {}

    static void load(Server server, String url, String database, String table, Path file) {
        var format = format(file);
        var columns = columns(server, file, format);
        try (var cluster = KustoCluster.connect(Endpoints.replacedBy(URI.create(url)).resolve(url), new KustoCredential.None())) {
            cluster.command(database, ".create table " + KustoCluster.quote(table) + " (" + csl(columns) + ")", TIMEOUT);
            cluster.command(database, ".ingest into table " + KustoCluster.quote(table) + " (@'"
                    + file.toString().replace("'", "''") + "') with (format='" + format + "'"
                    + (hasHeader(format) ? ", ignoreFirstRecord=true" : "") + ")", TIMEOUT);
        } catch (StoreException e) {
            if (!e.getMessage().contains(NO_RECORDS)) {
                throw new CommandFailure(file + ": " + e.getMessage(), e);
            }
            // a header alone is a table without rows
        }
    }

    /// The file's columns under names that Kusto allows: fields go by position, so a header may be renamed; keys may not.
    private static List<ColumnSchema> columns(Server server, Path file, String format) {
        List<ColumnSchema> found;
        try {
            found = server.inferSchema(file, format);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
        if (!hasHeader(format)) {
            return found;
        }
        if (found.size() == 1 && found.getFirst().name().matches(".*[;|\t].*")) {
            throw new CommandFailure("'" + file + "' has one column, '" + found.getFirst().name() + "': if its fields are separated by ; or | "
                    + "or tabs, name it .scsv, .psv or .tsv");
        }
        var taken = new HashSet<String>();
        return found.stream().map(column -> {
            var name = allowedName(column.name());
            while (!taken.add(name)) {
                name += "_";
            }
            if (!name.equals(column.name())) {
                System.err.println("conshelf: column '" + column.name() + "' is called ['" + name + "']");
            }
            return new ColumnSchema(name, column.type());
        }).toList();
    }

    /// The name with `_` for each character that names of tables and columns cannot have.
    static String allowedName(String name) {
        var allowed = new StringBuilder();
        name.codePoints().forEach(c -> allowed.appendCodePoint(Character.isLetterOrDigit(c) || "_ .-".indexOf(c) >= 0 ? c : '_'));
        var text = allowed.toString().strip();
        return text.isEmpty() ? "_" : text.replaceAll("^__+", "_").replaceAll("__+$", "_");
    }

    private static String csl(List<ColumnSchema> columns) {
        return columns.stream().map(c -> KustoCluster.quote(c.name()) + ":" + c.type()).collect(Collectors.joining(", "));
    }

    private static boolean hasHeader(String format) {
        return switch (format) {
            case "csv", "tsv", "psv", "scsv" -> true;
            default -> false;
        };
    }

    /// By the ending, without `.gz`. A `.json` file may be lines or one document, so it is read as the form that allows both.
    private static String format(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        var ending = name.substring(name.lastIndexOf('.') + 1);
        return switch (ending) {
            case "csv", "tsv", "psv", "scsv", "parquet", "avro", "orc" -> ending;
            case "json" -> "multijson";
            case "jsonl", "ndjson" -> "json";
            default -> throw new CommandFailure("'" + file + "' has an unknown ending: files are csv, tsv, psv, scsv, json, jsonl, "
                    + "avro, parquet or orc, and any of them with .gz");
        };
    }
}
