package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.ResultTable;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes an answer as the tables of version 1: one for a command, and for a query its results followed by three about
/// them. Never exactly two: clients take the second for something else.
final class V1Document {
    private static final List<ColumnSchema> VALUE = List.of(new ColumnSchema("Value", Type.STRING));
    private static final List<ColumnSchema> STATUS = List.of(
            new ColumnSchema("Timestamp", Type.DATETIME),
            new ColumnSchema("Severity", Type.INT),
            new ColumnSchema("SeverityName", Type.STRING),
            new ColumnSchema("StatusCode", Type.INT),
            new ColumnSchema("StatusDescription", Type.STRING),
            new ColumnSchema("Count", Type.INT),
            new ColumnSchema("RequestId", Type.GUID),
            new ColumnSchema("ActivityId", Type.GUID),
            new ColumnSchema("SubActivityId", Type.GUID),
            new ColumnSchema("ClientActivityId", Type.STRING));
    private static final List<ColumnSchema> CONTENTS = List.of(
            new ColumnSchema("Ordinal", Type.LONG),
            new ColumnSchema("Kind", Type.STRING),
            new ColumnSchema("Name", Type.STRING),
            new ColumnSchema("Id", Type.STRING),
            new ColumnSchema("PrettyName", Type.STRING));

    private final ResponseStream stream;
    private final JsonGenerator json;
    private final Call call;
    private int tables;

    V1Document(OutputStream out, Call call) throws IOException {
        this.stream = new ResponseStream(out);
        this.json = stream.json();
        this.call = call;
    }

    /// A command's answer: its table alone, unless it has several.
    ///
    /// @return the error that ended the answer early, if one did
    Optional<ServiceError> command(FirstRows rows) throws IOException {
        return write(rows, false, false);
    }

    /// A query's answer.
    ///
    /// @return the error that ended the answer early, if one did
    Optional<ServiceError> query(FirstRows rows, V2Frames.Dialect dialect) throws IOException {
        return write(rows, true, dialect.defersFailures());
    }

    /// One table with the given rows, for answers that the front door itself makes.
    void single(List<ColumnSchema> columns, List<List<Object>> rows) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("Tables");
        startTable(columns);
        for (List<Object> row : rows) {
            values(row);
        }
        endTable();
        json.writeEndArray();
        json.writeEndObject();
        json.flush();
    }

    /// @param isDeferred an error is told by the status alone, and not where rows are
    private Optional<ServiceError> write(FirstRows rows, boolean isQuery, boolean isDeferred) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("Tables");
        List<String> names = new ArrayList<>();
        var answer = new BegunAnswer(rows, call);
        for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
            names.add(table.get().name());
            table(table.get(), answer, isDeferred);
        }
        Optional<ServiceError> failure = answer.failure();
        if (isDeferred || failure.isEmpty() && (isQuery || names.size() > 1)) {
            aboutTheResults(names, rows, failure);
        }
        json.writeEndArray();
        if (failure.isPresent() && !isDeferred) {
            exceptions(failure.get());
        }
        json.writeEndObject();
        json.flush();
        return failure;
    }

    private void table(ResultTable table, BegunAnswer answer, boolean isDeferred) throws IOException {
        startTable(table.columns());
        for (var chunk = answer.nextChunk(); chunk.isPresent(); chunk = answer.nextChunk()) {
            stream.rows(table.columns(), chunk.get());
            stream.flushWhenDue(answer);
        }
        if (answer.failure().isPresent() && !isDeferred) {
            json.writeStartObject();
            exceptions(answer.failure().get());
            json.writeEndObject();
        }
        endTable();
    }

    private void exceptions(ServiceError error) throws IOException {
        json.writeArrayFieldStart("Exceptions");
        json.writeString(error.message());
        json.writeEndArray();
    }

    private void aboutTheResults(List<String> names, FirstRows rows, Optional<ServiceError> failure) throws IOException {
        startTable(VALUE);
        // Here no row says which table it is of.
        var visualizations = rows.answer().visualizations().values();
        for (String visualization : visualizations.isEmpty() ? List.of(Visualization.NONE) : visualizations) {
            values(List.of(visualization));
        }
        var cursor = rows.answer().cursor();
        if (cursor.isPresent()) {
            values(List.of("{\"Cursor\" : \"" + cursor.get() + "\"}"));
        }
        endTable();

        startTable(STATUS);
        for (String warning : rows.answer().warnings()) {
            status(3, "Warning", 0, warning);
        }
        if (failure.isPresent()) {
            status(2, "Error", StatusCode.of(failure.get()).number(), failure.get().message());
        } else {
            status(4, "Info", 0, "Query completed successfully");
        }
        status(6, "Stats", 0, UsageText.of(rows.answer().usage()));
        endTable();

        startTable(CONTENTS);
        long ordinal = 0;
        for (String name : names) {
            values(List.of(ordinal++, "QueryResult", name, "", ""));
        }
        values(List.of(ordinal++, "QueryProperties", "@ExtendedProperties", "", ""));
        values(List.of(ordinal, "QueryStatus", "QueryStatus", "", ""));
        endTable();
    }

    private void status(int severity, String severityName, int code, String description) throws IOException {
        String activity = call.activityId().toString();
        values(List.of(
                Cells.datetimeWithFraction(Instant.now()),
                severity,
                severityName,
                code,
                description,
                1,
                activity,
                activity,
                activity,
                call.clientRequestId()));
    }

    private void startTable(List<ColumnSchema> columns) throws IOException {
        json.writeStartObject();
        json.writeStringField("TableName", "Table_" + tables++);
        json.writeArrayFieldStart("Columns");
        for (ColumnSchema column : columns) {
            json.writeStartObject();
            json.writeStringField("ColumnName", column.name());
            json.writeStringField("DataType", column.type().dataType());
            json.writeStringField("ColumnType", column.type().kustoName());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("Rows");
    }

    private void endTable() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
    }

    private void values(List<Object> row) throws IOException {
        json.writeStartArray();
        for (Object value : row) {
            if (value instanceof Optional<?> optional && optional.isEmpty()) {
                json.writeNull();
            } else {
                json.writePOJO(value);
            }
        }
        json.writeEndArray();
    }
}
