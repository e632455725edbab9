package io.conshelf.streams.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Makes records of the rows that a query gives.
final class SqlRecords {
    private static final int SHOWN_MAX = 40;

    private final List<Column> columns;
    private final JsonRead.Reading reading;
    private final Shape shape;
    /// By column: where it stands in the record. Of several columns with one name the last one's value stays.
    private final int[] places;

    SqlRecords(List<Column> columns, Compatibility level) {
        this.columns = columns;
        this.reading = JsonRead.Reading.at(level);
        List<String> names = new ArrayList<>();
        places = new int[columns.size()];
        for (int i = 0; i < columns.size(); i++) {
            String name = level.isAtLeast(Compatibility.V1_1) ? columns.get(i).name() : columns.get(i).name().toLowerCase(Locale.ROOT);
            if (!names.contains(name)) {
                names.add(name);
            }
            places[i] = names.indexOf(name);
        }
        shape = Shape.of(names);
    }

    Shape shape() {
        return shape;
    }

    /// @throws InputException where a value is none that the language has
    Value.Record of(List<JsonNode> cells) throws InputException {
        Value[] values = new Value[shape.size()];
        for (int i = 0; i < places.length; i++) {
            values[places[i]] = value(columns.get(i), cells.get(i));
        }
        return new Value.Record(shape, values);
    }

    private Value value(Column column, JsonNode cell) throws InputException {
        if (cell.isNull()) {
            return Value.Null.NULL;
        }
        if (cell.isBoolean()) {
            return reading.bool(cell.booleanValue());
        }
        if (cell.isNumber()) {
            return number(column, cell);
        }
        if (column.type() == ValueType.DATETIME) {
            long ticks = Ticks.parse(cell.textValue());
            return ticks == Ticks.NONE ? Value.of(cell.textValue()) : new Value.DateTime(ticks);
        }
        return reading.text(cell.textValue());
    }

    /// A numeric that is whole and fits is a bigint, any other one a float, as numbers of SQL are to the service.
    private Value number(Column column, JsonNode cell) throws InputException {
        if (cell.isIntegralNumber()) {
            return Value.of(cell.longValue());
        }
        BigDecimal number = cell.decimalValue();
        boolean isWhole = column.type() == ValueType.DECIMAL && number.scale() <= 0 && number.precision() - number.scale() <= 19;
        if (isWhole && number.toBigInteger().bitLength() < Long.SIZE) {
            return Value.of(number.longValueExact());
        }
        double value = number.doubleValue();
        if (Double.isInfinite(value)) {
            String text = number.toString();
            throw new InputException("the column '%s' has the number %s, which does not fit float; make a text of it in the query".formatted(column.name(), text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text));
        }
        return Value.of(value);
    }
}
