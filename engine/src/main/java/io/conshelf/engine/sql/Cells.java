package io.conshelf.engine.sql;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// Cells of chunks as SQL literals and Java values.
final class Cells {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Cells() {}

    static List<String> literals(List<Column> columns, Chunk chunk, int row) {
        var literals = new ArrayList<String>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Type type = columns.get(i).type();
            literals.add(chunk.isNull(i, row) ? Literals.nullOf(type) : Literals.of(type, value(type, chunk, i, row)));
        }
        return literals;
    }

    /// Cells as one JSON text, an array of texts a row. Of thousands of cells DuckDB reads that in milliseconds, where it parses
    /// as many literals for a second.
    static String json(List<Column> columns, List<Chunk> chunks) {
        var rows = JSON.createArrayNode();
        for (Chunk chunk : chunks) {
            for (int row = 0; row < chunk.rows(); row++) {
                var cells = rows.addArray();
                for (int i = 0; i < columns.size(); i++) {
                    Type type = columns.get(i).type();
                    cells.add(chunk.isNull(i, row) ? null : text(type, value(type, chunk, i, row)));
                }
            }
        }
        return rows.toString();
    }

    private static String text(Type type, Object value) {
        return type == Type.DECIMAL ? ((BigDecimal) value).toPlainString() : value.toString();
    }

    private static Object value(Type type, Chunk chunk, int column, int row) {
        return switch (type) {
            case BOOL -> chunk.bool(column, row);
            case INT -> chunk.int32(column, row);
            case LONG, DATETIME, TIMESPAN -> chunk.int64(column, row);
            case REAL -> chunk.float64(column, row);
            case DECIMAL -> chunk.decimal(column, row);
            case STRING, DYNAMIC -> chunk.text(column, row);
            case GUID -> chunk.guid(column, row);
        };
    }
}
