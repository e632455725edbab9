package io.conshelf.engine.command;

import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.ExportCommands.ExportSink;
import io.conshelf.engine.command.ExportOptions.ExportFormat;
import io.conshelf.engine.command.ExportOptions.Headers;
import io.conshelf.engine.duck.TextRows;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicText;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;

/// Writes rows as CSV, TSV or JSON lines, such that ingestion reads back the same values.
final class TextExport {
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private static final int ROWS_UNTIL_CHECK = 1_024;

    private final WriteStop stop = WriteStop.current();
    private final Connection connection;
    private final BoundQuery query;
    private final ExportOptions options;
    private final Path scratch;
    private final StringBuilder record = new StringBuilder();

    TextExport(Connection connection, BoundQuery query, ExportOptions options, Path scratch) {
        this.connection = connection;
        this.query = query;
        this.options = options;
        this.scratch = scratch;
    }

    void write(ExportSink sink) throws SQLException {
        var values = new ArrayList<String>();
        for (int i = 0; i < query.columns().size(); i++) {
            values.add(text("v" + i, query.columns().get(i).type()));
        }
        try (var statement = connection.unwrap(DuckDBConnection.class).prepare(ExportCommands.select(query, values))) {
            stop.during(statement, () -> artifacts(statement, sink));
        }
    }

    private int artifacts(DuckDBPreparedStatement statement, ExportSink sink) throws SQLException {
        try (var rows = new TextRows(statement, query.columns().size())) {
            int artifacts = 0;
            boolean hasRow = rows.next();
            while (hasRow) {
                hasRow = artifact(rows, artifacts++ == 0, sink);
            }
            return artifacts;
        } catch (IOException e) {
            throw new UncheckedIOException("the export could not be written: " + e.getMessage(), e);
        }
    }

    /// The value's text in SQL; a null stays one.
    private static String text(String value, Type type) {
        return switch (type) {
            case STRING -> value;
            case BOOL, INT, LONG, GUID -> "CAST(" + value + " AS VARCHAR)";
            case REAL -> "kql_real_text(" + value + ")";
            case DECIMAL -> "kql_decimal_text(" + value + ")";
            case DATETIME -> "kql_datetime_text(" + value + ")";
            case TIMESPAN -> "kql_timespan_text(" + value + ")";
            case DYNAMIC -> "kql_plain_json(" + value + ")";
        };
    }

    /// Writes from the row at hand until the artifact is full.
    ///
    /// @return whether there is another row
    private boolean artifact(TextRows rows, boolean isFirst, ExportSink sink) throws SQLException, IOException {
        Path file = scratch.resolve("export-" + UUID.randomUUID());
        try {
            long records = 0;
            boolean hasRow = true;
            try (var out = open(file)) {
                long bytes = 0;
                if (options.hasMark()) {
                    out.write(MARK);
                }
                if (options.headers() == Headers.ALL || options.headers() == Headers.FIRST_FILE && isFirst) {
                    bytes += write(out, header());
                }
                while (hasRow && bytes < options.sizeLimitBytes()) {
                    bytes += write(out, record(rows));
                    records++;
                    if (records % ROWS_UNTIL_CHECK == 0) {
                        stop.check();
                    }
                    hasRow = rows.next();
                }
            }
            stop.check();
            sink.take(file, records);
            return hasRow;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private OutputStream open(Path file) throws IOException {
        var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new BufferedOutputStream(options.compression().equals("gzip") ? new GZIPOutputStream(out, 1 << 16) : out, 1 << 16);
    }

    private static long write(OutputStream out, CharSequence text) throws IOException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        out.write(bytes);
        return bytes.length;
    }

    private CharSequence header() {
        return delimited(query.columns().stream().map(ColumnSchema::name).toList());
    }

    private CharSequence record(TextRows rows) {
        var cells = new ArrayList<String>(query.columns().size());
        for (int i = 0; i < query.columns().size(); i++) {
            cells.add(rows.text(i));
        }
        return options.format() == ExportFormat.JSON ? json(cells) : delimited(cells);
    }

    private CharSequence delimited(List<String> cells) {
        char separator = options.format() == ExportFormat.TSV ? '\t' : ',';
        record.setLength(0);
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                record.append(separator);
            }
            String cell = cells.get(i);
            if (cell != null) {
                appendField(cell, separator);
            }
        }
        return record.append("\r\n");
    }

    private void appendField(String field, char separator) {
        boolean needsQuotes = field.indexOf('"') >= 0 || field.indexOf(separator) >= 0 || field.indexOf('\n') >= 0
                || field.indexOf('\r') >= 0;
        if (needsQuotes) {
            record.append('"').append(field.replace("\"", "\"\"")).append('"');
        } else {
            record.append(field);
        }
    }

    private CharSequence json(List<String> cells) {
        record.setLength(0);
        record.append('{');
        for (int i = 0; i < cells.size(); i++) {
            record.append(i == 0 ? "" : ",");
            DynamicText.appendKey(record, query.columns().get(i).name());
            record.append(':');
            String cell = cells.get(i);
            if (cell == null) {
                record.append("null");
            } else if (isLiteral(query.columns().get(i).type(), cell)) {
                record.append(cell);
            } else {
                // A key is plain JSON text, as a value is here.
                DynamicText.appendKey(record, cell);
            }
        }
        return record.append("}\n");
    }

    private static boolean isLiteral(Type type, String cell) {
        return switch (type) {
            case BOOL, INT, LONG, DECIMAL, DYNAMIC -> true;
            case REAL -> Character.isDigit(cell.charAt(cell.length() - 1));
            case STRING, DATETIME, TIMESPAN, GUID -> false;
        };
    }
}
