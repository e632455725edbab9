package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.format.ParquetWriter;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Rows as Parquet, whose columns have types: those of the first row. A column that is NULL there is a text. Records and arrays are JSON.
final class ParquetRows implements RowEncoder {
    private final OutputStream target;
    private final Opening opening;
    private Shape shape;
    private List<Column> columns = List.of();
    private RowWriter rows;

    interface Opening {
        RowWriter open(OutputStream target, List<Column> columns) throws StoreException;
    }

    ParquetRows(OutputStream target) {
        this(target, (stream, columns) -> new ParquetWriter(stream, columns, "snappy"));
    }

    ParquetRows(OutputStream target, Opening opening) {
        this.target = target;
        this.opening = opening;
    }

    @Override
    public boolean takes(Record row) {
        if (shape == null) {
            return true;
        }
        if (shape != row.shape() && !shape.equals(row.shape())) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            ValueType type = columns.get(i).type();
            Value value = row.values()[i];
            boolean fits = value instanceof Null || type(value) == type || type == ValueType.REAL && value instanceof BigInt;
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static ValueType type(Value value) {
        return switch (value) {
            case Null _, Text _ -> ValueType.STRING;
            case BigInt _ -> ValueType.LONG;
            case FloatingPoint _ -> ValueType.REAL;
            case DateTime _ -> ValueType.DATETIME;
            case Bit _ -> ValueType.BOOL;
            case Record _, Array _ -> ValueType.DYNAMIC;
        };
    }

    @Override
    public void write(Record row) throws IOException, RowRefused {
        try {
            if (shape == null) {
                begin(row);
            }
            List<JsonNode> cells = new ArrayList<>(row.values().length);
            for (Value value : row.values()) {
                cells.add(cell(value));
            }
            rows.write(cells);
        } catch (StoreException failure) {
            if (failure.fault() == StoreException.Fault.USER) {
                throw new RowRefused("TypeConversionError", failure.getMessage());
            }
            // such as a disk that is full: no fault of the row
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private void begin(Record row) throws StoreException {
        List<Column> first = new ArrayList<>();
        for (int i = 0; i < row.values().length; i++) {
            first.add(new Column(row.shape().name(i), type(row.values()[i])));
        }
        rows = opening.open(target, first);
        columns = first;
        shape = row.shape();
    }

    private static JsonNode cell(Value value) {
        return switch (value) {
            case Null _ -> NullNode.instance;
            case BigInt(long number) -> LongNode.valueOf(number);
            case FloatingPoint(double number) -> DoubleNode.valueOf(number);
            case Text(String text) -> TextNode.valueOf(text);
            case DateTime(long ticks) -> TextNode.valueOf(Ticks.text(ticks));
            case Bit(boolean bit) -> BooleanNode.valueOf(bit);
            case Record _, Array _ -> TextNode.valueOf(JsonPrint.text(value));
        };
    }

    /// Columns are written together when the file is complete.
    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {
        try {
            if (rows == null) {
                target.close();
            } else {
                rows.close();
            }
        } catch (StoreException failure) {
            throw new IOException(failure.getMessage(), failure);
        }
    }
}
