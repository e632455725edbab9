package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.Answer;
import io.conshelf.engine.Errors;
import io.conshelf.engine.ResultTable;
import io.conshelf.engine.Request;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Writes an answer as the frames of `/v2/rest/query`. The order of properties is part of the format: the Go client
/// reads tokens, the streaming Python client reads `FrameType` first.
final class V2Frames {
    private static final List<ColumnSchema> PROPERTIES = List.of(
            new ColumnSchema("TableId", Type.INT),
            new ColumnSchema("Key", Type.STRING),
            new ColumnSchema("Value", Type.DYNAMIC));
    private static final List<ColumnSchema> COMPLETION = List.of(
            new ColumnSchema("Timestamp", Type.DATETIME),
            new ColumnSchema("ClientRequestId", Type.STRING),
            new ColumnSchema("ActivityId", Type.GUID),
            new ColumnSchema("SubActivityId", Type.GUID),
            new ColumnSchema("ParentActivityId", Type.GUID),
            new ColumnSchema("Level", Type.INT),
            new ColumnSchema("LevelName", Type.STRING),
            new ColumnSchema("StatusCode", Type.INT),
            new ColumnSchema("StatusCodeName", Type.STRING),
            new ColumnSchema("EventType", Type.INT),
            new ColumnSchema("EventTypeName", Type.STRING),
            new ColumnSchema("Payload", Type.STRING));

    /// Where an error goes that comes after the first rows.
    enum Placement {
        IN_DATA("InData"),
        END_OF_TABLE("EndOfTable"),
        END_OF_DATASET("EndOfDataset");

        private final String headerText;

        Placement(String headerText) {
            this.headerText = headerText;
        }
    }

    /// How the caller wants the frames cut.
    record Dialect(
            boolean newlines, boolean fragmented, boolean progressive, Placement placement, boolean defersFailures) {
        static Dialect of(Map<String, Object> options) {
            return new Dialect(
                    Request.isOn(options, "results_v2_newlines_between_frames"),
                    Request.isOn(options, "results_v2_fragment_primary_tables"),
                    Request.isOn(options, "results_progressive_enabled"),
                    Options.text(options, "results_error_reporting_placement")
                            .map(Dialect::placementNamed)
                            .orElse(Placement.IN_DATA),
                    Request.isOn(options, "deferpartialqueryfailures"));
        }

        private static Placement placementNamed(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "in_data" -> Placement.IN_DATA;
                case "end_of_table" -> Placement.END_OF_TABLE;
                case "end_of_dataset" -> Placement.END_OF_DATASET;
                default -> throw Refusals.badRequest("the request option 'results_error_reporting_placement' must be"
                        + " 'in_data', 'end_of_table' or 'end_of_dataset', found '" + Errors.shown(name) + "'");
            };
        }

        private boolean cutsTables() {
            return fragmented || progressive;
        }
    }

    private final ResponseStream stream;
    private final JsonGenerator json;
    private final Call call;
    private final Dialect dialect;
    private boolean isFirstFrame = true;

    V2Frames(OutputStream out, Call call, Dialect dialect) throws IOException {
        this.stream = new ResponseStream(out);
        this.json = stream.json();
        this.call = call;
        this.dialect = dialect;
    }

    /// Writes everything; an error of the engine ends up where the dialect wants it.
    ///
    /// @return the error that ended the answer early, if one did
    Optional<ServiceError> write(FirstRows rows) throws IOException {
        header();
        properties(rows.answer());
        var answer = new BegunAnswer(rows, call);
        int tableId = 1;
        for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
            if (dialect.cutsTables()) {
                fragmentedTable(tableId, table.get(), answer);
            } else {
                plainTable(tableId, table.get(), answer);
            }
            tableId++;
        }
        Optional<ServiceError> failure = answer.failure();
        if (failure.isEmpty() || dialect.defersFailures()) {
            completion(tableId, rows, failure);
        }
        datasetCompletion(dialect.defersFailures() ? Optional.empty() : failure);
        json.writeRaw(dialect.newlines() ? "\n]" : "]");
        json.flush();
        return failure;
    }

    private void header() throws IOException {
        frame("DataSetHeader");
        json.writeBooleanField("IsProgressive", dialect.progressive());
        json.writeStringField("Version", "v2.0");
        if (dialect.fragmented()) {
            json.writeBooleanField("IsFragmented", true);
            json.writeStringField("ErrorReportingPlacement", dialect.placement().headerText);
        }
        json.writeEndObject();
    }

    private void properties(Answer answer) throws IOException {
        dataTable(0, "QueryProperties", "@ExtendedProperties", PROPERTIES);
        // The first table has one also where nobody asked for it.
        var visualizations = new TreeMap<>(Map.of(0, Visualization.NONE));
        visualizations.putAll(answer.visualizations());
        for (var visualization : visualizations.entrySet()) {
            property(visualization.getKey() + 1, "Visualization", visualization.getValue());
        }
        if (answer.cursor().isPresent()) {
            property(1, "Cursor", answer.cursor().get());
        }
        endRows();
    }

    private void property(int tableId, String key, String value) throws IOException {
        json.writeStartArray();
        json.writeNumber(tableId);
        json.writeString(key);
        json.writeString(value);
        json.writeEndArray();
    }

    private void plainTable(int id, ResultTable table, BegunAnswer answer) throws IOException {
        dataTable(id, "PrimaryResult", table.name(), table.columns());
        for (var chunk = answer.nextChunk(); chunk.isPresent(); chunk = answer.nextChunk()) {
            stream.rows(table.columns(), chunk.get());
            stream.flushWhenDue(answer);
        }
        if (answer.failure().isPresent() && isReportedInData()) {
            errorRow(answer.failure().get());
        }
        endRows();
    }

    private void fragmentedTable(int id, ResultTable table, BegunAnswer answer) throws IOException {
        frame("TableHeader");
        tableNames(id, "PrimaryResult", table.name(), table.columns());
        json.writeEndObject();
        long rowCount = 0;
        for (var chunk = answer.nextChunk(); chunk.isPresent(); chunk = answer.nextChunk()) {
            if (chunk.get().rows() == 0) {
                continue;
            }
            rowCount += chunk.get().rows();
            fragment(id, table);
            stream.rows(table.columns(), chunk.get());
            endRows();
            stream.flushWhenDue(answer);
        }
        Optional<ServiceError> failure = answer.failure();
        if (failure.isPresent() && isReportedInData()) {
            fragment(id, table);
            errorRow(failure.get());
            endRows();
        }
        if (dialect.progressive()) {
            frame("TableProgress");
            json.writeNumberField("TableId", id);
            json.writeNumberField("TableProgress", 100.0);
            json.writeEndObject();
        }
        frame("TableCompletion");
        json.writeNumberField("TableId", id);
        json.writeNumberField("RowCount", rowCount);
        if (failure.isPresent() && dialect.placement() == Placement.END_OF_TABLE && !dialect.defersFailures()) {
            errors(failure.get());
        }
        json.writeEndObject();
    }

    private void fragment(int id, ResultTable table) throws IOException {
        frame("TableFragment");
        if (dialect.progressive()) {
            json.writeNumberField("FieldCount", table.columns().size());
        }
        json.writeStringField("TableFragmentType", "DataAppend");
        json.writeNumberField("TableId", id);
        json.writeArrayFieldStart("Rows");
    }

    // A table that is not cut has no end to report at, so there the rows are the next best place.
    private boolean isReportedInData() {
        return !dialect.defersFailures()
                && switch (dialect.placement()) {
                    case IN_DATA -> true;
                    case END_OF_TABLE -> !dialect.cutsTables();
                    case END_OF_DATASET -> false;
                };
    }

    private void errorRow(ServiceError error) throws IOException {
        json.writeStartObject();
        errors(error);
        json.writeEndObject();
    }

    private void errors(ServiceError error) throws IOException {
        json.writeArrayFieldStart("OneApiErrors");
        ErrorBody.write(json, error, call, Optional.empty());
        json.writeEndArray();
    }

    private void completion(int id, FirstRows rows, Optional<ServiceError> failure) throws IOException {
        dataTable(id, "QueryCompletionInformation", "QueryCompletionInformation", COMPLETION);
        for (String warning : rows.answer().warnings()) {
            completionRow(3, "Warning", 0, "S_OK (0)", 4, "QueryInfo", countAndText(warning));
        }
        if (failure.isPresent()) {
            var status = StatusCode.of(failure.get());
            completionRow(2, "Error", status.number(), status.text(), 1, status.event(), countAndText(failure.get().message()));
        } else {
            completionRow(4, "Info", 0, "S_OK (0)", 4, "QueryInfo", countAndText("Query completed successfully"));
        }
        completionRow(6, "Stats", 0, "S_OK (0)", 0, "QueryResourceConsumption", UsageText.of(rows.answer().usage()));
        endRows();
    }

    private void completionRow(
            int level, String levelName, int status, String statusName, int event, String eventName, String payload)
            throws IOException {
        String activity = call.activityId().toString();
        json.writeStartArray();
        json.writeString(Cells.datetimeWithFraction(Instant.now()));
        json.writeString(call.clientRequestId());
        json.writeString(activity);
        json.writeString(activity);
        json.writeString(activity);
        json.writeNumber(level);
        json.writeString(levelName);
        json.writeNumber(status);
        json.writeString(statusName);
        json.writeNumber(event);
        json.writeString(eventName);
        json.writeString(payload);
        json.writeEndArray();
    }

    private static String countAndText(String text) {
        return "{\"Count\":1,\"Text\":" + JsonText.quote(text) + "}";
    }

    private void datasetCompletion(Optional<ServiceError> failure) throws IOException {
        frame("DataSetCompletion");
        json.writeBooleanField("HasErrors", failure.isPresent());
        json.writeBooleanField("Cancelled", failure.isPresent() && StatusCode.isCancellation(failure.get()));
        if (failure.isPresent()) {
            errors(failure.get());
        }
        json.writeEndObject();
    }

    private void dataTable(int id, String kind, String name, List<ColumnSchema> columns) throws IOException {
        frame("DataTable");
        tableNames(id, kind, name, columns);
        json.writeArrayFieldStart("Rows");
    }

    private void tableNames(int id, String kind, String name, List<ColumnSchema> columns) throws IOException {
        json.writeNumberField("TableId", id);
        json.writeStringField("TableKind", kind);
        json.writeStringField("TableName", name);
        json.writeArrayFieldStart("Columns");
        for (ColumnSchema column : columns) {
            json.writeStartObject();
            json.writeStringField("ColumnName", column.name());
            json.writeStringField("ColumnType", column.type().kustoName());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void endRows() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
    }

    private void frame(String type) throws IOException {
        if (isFirstFrame) {
            json.writeRaw('[');
            isFirstFrame = false;
        } else {
            json.writeRaw(dialect.newlines() ? "\n," : ",");
        }
        json.writeStartObject();
        json.writeStringField("FrameType", type);
    }
}
