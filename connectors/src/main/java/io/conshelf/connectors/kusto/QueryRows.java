package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The rows of a query's results, read from the frames while they arrive. Errors may stand among the rows or at the end.
final class QueryRows implements QueryAnswer {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final JsonParser parser;
    private List<Column> columns = List.of();
    private Map<Integer, String> visualizations = Map.of();
    private int tableId;
    private boolean isInRows;
    private boolean isAtEnd;

    private QueryRows(JsonParser parser) {
        this.parser = parser;
    }

    /// Reads up to the first rows.
    ///
    /// @param frames closed with what is returned, and where there is nothing to return
    static QueryRows of(InputStream frames) throws StoreException {
        QueryRows rows = new QueryRows(parser(frames));
        try {
            rows.begin();
            return rows;
        } catch (StoreException | RuntimeException failure) {
            rows.close();
            throw failure;
        }
    }

    private static JsonParser parser(InputStream frames) throws StoreException {
        try {
            return JSON.createParser(frames);
        } catch (IOException failure) {
            try {
                frames.close();
            } catch (IOException closing) {
                failure.addSuppressed(closing);
            }
            throw broken(failure);
        }
    }

    private void begin() throws StoreException {
        try {
            expect(JsonToken.START_ARRAY);
            isInRows = advanceToRows();
            if (!isInRows) {
                throw StoreException.user("KustoNoResult", "The query has no tabular result");
            }
        } catch (IOException failure) {
            throw broken(failure);
        }
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        if (!isInRows) {
            return Optional.empty();
        }
        try {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_ARRAY) {
                isInRows = false;
                return Optional.empty();
            }
            JsonNode row = JSON.readTree(parser);
            if (!row.isArray()) {
                throw error(row);
            }
            List<JsonNode> cells = new ArrayList<>(row.size());
            row.forEach(cells::add);
            return Optional.of(cells);
        } catch (IOException failure) {
            throw broken(failure);
        }
    }

    @Override
    public Optional<String> visualization() {
        return Optional.ofNullable(visualizations.get(tableId));
    }

    /// Also reads the frames behind the last rows: a failure may be reported only there.
    @Override
    public boolean nextResult() throws StoreException {
        if (isAtEnd) {
            return false;
        }
        try {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                parser.nextToken();
                parser.skipChildren();
            }
            isInRows = advanceToRows();
            return isInRows;
        } catch (IOException failure) {
            throw broken(failure);
        }
    }

    /// Reads on to the rows of the next primary result; false when the frames end before one.
    private boolean advanceToRows() throws IOException, StoreException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String type = "";
            String kind = "";
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "FrameType" -> type = parser.getText();
                    case "TableId" -> tableId = parser.getValueAsInt();
                    case "TableKind" -> kind = parser.getText();
                    case "Columns" -> {
                        JsonNode stated = JSON.readTree(parser);
                        if (kind.equals("PrimaryResult")) {
                            columns = columns(stated);
                        }
                    }
                    case "Rows" -> {
                        if (type.equals("DataTable") && kind.equals("PrimaryResult")) {
                            return true;
                        }
                        if (kind.equals("QueryProperties")) {
                            visualizations = visualizations(JSON.readTree(parser));
                        } else {
                            parser.skipChildren();
                        }
                    }
                    case "OneApiErrors" -> {
                        JsonNode errors = JSON.readTree(parser);
                        if (!errors.isEmpty()) {
                            throw error(errors);
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        requireEnd();
        return false;
    }

    /// The client takes a connection again of which it has seen the end of the answer. An answer that stops sooner may lack rows.
    private void requireEnd() throws IOException {
        if (parser.currentToken() != JsonToken.END_ARRAY || parser.nextToken() != null) {
            throw new IOException("found " + parser.currentToken() + " where the answer should end");
        }
        isAtEnd = true;
    }

    /// Rows of a table's number, a key and its value.
    private static Map<Integer, String> visualizations(JsonNode properties) {
        Map<Integer, String> visualizations = new HashMap<>();
        for (JsonNode property : properties) {
            if (property.path(1).asText().equals("Visualization")) {
                JsonNode value = property.path(2);
                visualizations.put(property.path(0).asInt(), value.isTextual() ? value.asText() : value.toString());
            }
        }
        return visualizations;
    }

    private static List<Column> columns(JsonNode stated) {
        List<Column> columns = new ArrayList<>();
        for (JsonNode column : stated) {
            columns.add(new Column(column.path("ColumnName").asText(), ValueType.of(column.path("ColumnType").asText("string")).orElse(ValueType.STRING)));
        }
        return List.copyOf(columns);
    }

    private static StoreException error(JsonNode stated) {
        JsonNode list = stated.isArray() ? stated : stated.path("OneApiErrors");
        JsonNode error = list.isEmpty() ? stated : list.get(0).path("error");
        boolean isPermanent = error.path("@permanent").asBoolean(true);
        String message = error.path("@message").asText(error.path("message").asText(stated.toString()));
        return new StoreException(error.path("code").asText("KustoQueryFailed"), isPermanent ? Fault.USER : Fault.SYSTEM, "The query failed: " + message);
    }

    private void expect(JsonToken token) throws IOException {
        if (parser.nextToken() != token) {
            throw new IOException("found " + parser.currentToken() + " where the answer should begin with " + token);
        }
    }

    private static StoreException broken(IOException failure) {
        if (failure instanceof InterruptedIOException) {
            return KustoFailure.of("The query", failure);
        }
        return StoreException.system("KustoAnswerBroken", "The cluster's answer broke off: " + failure.getMessage(), failure);
    }

    @Override
    public void close() throws StoreException {
        try {
            parser.close();
        } catch (IOException failure) {
            throw broken(failure);
        }
    }
}
