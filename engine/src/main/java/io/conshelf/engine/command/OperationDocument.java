package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.command.Operation.State;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// How operations and their results are written down.
final class OperationDocument {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private OperationDocument() {}

    static String of(Operation operation) {
        ObjectNode json = JSON.createObjectNode()
                .put("id", operation.id().toString())
                .put("type", operation.type())
                .put("text", operation.text())
                .put("database", operation.database())
                .put("table", operation.table())
                .put("principal", operation.principal())
                .put("user", operation.user())
                .put("clientRequestId", operation.clientRequestId())
                .put("activityId", operation.activityId().toString())
                .put("startedOn", operation.startedOn().toString())
                .put("durationNanos", operation.duration().toNanos())
                .put("state", operation.state().name())
                .put("status", operation.status());
        operation.error().ifPresent(error -> json.putObject("error")
                .put("httpStatus", error.httpStatus())
                .put("code", error.code())
                .put("type", error.type())
                .put("message", error.message())
                .put("isPermanent", error.isPermanent()));
        return json.toString();
    }

    static Operation operation(String text) {
        var json = parse(text);
        return new Operation(
                UUID.fromString(json.required("id").textValue()),
                json.required("type").textValue(),
                json.required("text").textValue(),
                json.required("database").textValue(),
                json.required("table").textValue(),
                json.required("principal").textValue(),
                json.required("user").textValue(),
                json.required("clientRequestId").textValue(),
                UUID.fromString(json.required("activityId").textValue()),
                Instant.parse(json.required("startedOn").textValue()),
                Duration.ofNanos(json.required("durationNanos").longValue()),
                State.valueOf(json.required("state").textValue()),
                json.required("status").textValue(),
                Optional.ofNullable(json.get("error")).map(error -> new ServiceError(
                        error.required("httpStatus").intValue(),
                        error.required("code").textValue(),
                        error.required("type").textValue(),
                        error.required("message").textValue(),
                        error.required("isPermanent").booleanValue(),
                        Optional.empty())));
    }

    static String of(CommandResult result) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode columns = json.putArray("columns");
        result.columns().forEach(c -> columns.addObject().put("name", c.name()).put("type", c.type().kustoName()));
        ArrayNode rows = json.putArray("rows");
        for (List<Object> row : result.rows()) {
            ArrayNode cells = rows.addArray();
            row.forEach(cell -> put(cells, cell));
        }
        return json.toString();
    }

    private static void put(ArrayNode cells, Object cell) {
        switch (cell) {
            case Optional<?> _ -> cells.addNull();
            case Boolean value -> cells.add(value);
            case Integer value -> cells.add(value);
            case Long value -> cells.add(value);
            // Also numbers that JSON has no way to write.
            case Object value -> cells.add(value.toString());
        }
    }

    static CommandResult result(String text) {
        var json = parse(text);
        var columns = new ArrayList<ColumnSchema>();
        json.required("columns").forEach(c -> columns.add(new ColumnSchema(
                c.required("name").textValue(), Type.named(c.required("type").textValue()).orElseThrow())));
        var rows = CommandResult.of(columns);
        for (JsonNode row : json.required("rows")) {
            var cells = new ArrayList<Object>();
            for (int i = 0; i < columns.size(); i++) {
                cells.add(cell(columns.get(i).type(), row.get(i)));
            }
            rows.row(cells.toArray());
        }
        return rows.done();
    }

    private static Object cell(Type type, JsonNode value) {
        if (value.isNull()) {
            return CommandResult.NULL;
        }
        return switch (type) {
            case BOOL -> value.booleanValue();
            case INT -> value.intValue();
            case LONG, DATETIME, TIMESPAN -> value.longValue();
            case REAL -> Double.valueOf(value.textValue());
            case DECIMAL -> new BigDecimal(value.textValue());
            case GUID -> UUID.fromString(value.textValue());
            case STRING, DYNAMIC -> value.textValue();
        };
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An operation cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
