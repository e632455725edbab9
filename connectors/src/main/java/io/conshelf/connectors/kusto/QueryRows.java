package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rows of a query's first result, read from the frames while they arrive. Errors may stand among the rows or at the end.
final class QueryRows implements RowReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final JsonParser parser;
    private List<Column> columns = List.of();
    private boolean isInRows;

    QueryRows(InputStream frames) throws StoreException {
        try {
            parser = JSON.createParser(frames);
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
                finish();
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

    /// Reads on to the rows of the first primary result; false when the frames end before one.
    private boolean advanceToRows() throws IOException, StoreException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String type = "";
            String kind = "";
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "FrameType" -> type = parser.getText();
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
                        parser.skipChildren();
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
        return false;
    }

    /// Reads the frames behind the rows: a failure may be reported only there.
    private void finish() throws IOException, StoreException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            parser.nextToken();
            parser.skipChildren();
        }
        if (advanceToRows()) {
            throw StoreException.user("KustoSeveralResults", "The query has more than one tabular result; leave one statement without a name");
        }
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
