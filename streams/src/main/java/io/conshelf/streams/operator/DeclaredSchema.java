package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What CREATE TABLE says of the events of an input. It declares what they hold and does not convert it, but that a whole number stands for a float, 0 and 1 for a
/// bit, and a text in ISO 8601 for a datetime: no format that is read has another way to write them, at every level.
public final class DeclaredSchema {
    private static final int FOUND_MAX = 10;
    /// Of a text that is no value of its column.
    private static final int SHOWN_MAX = 100;

    private final List<DeclaredColumn> columns;
    private final Compatibility level;

    public DeclaredSchema(List<DeclaredColumn> columns, Compatibility level) {
        this.columns = List.copyOf(columns);
        this.level = level;
    }

    public sealed interface Checked {
        record Fits(Record event) implements Checked {}

        record Refused(InputProblem problem, String message) implements Checked {}
    }

    public Checked check(Record event) {
        if (columns.isEmpty()) {
            return new Checked.Fits(event);
        }
        Shape shape = event.shape();
        Value[] values = event.values();
        boolean isChanged = false;
        for (DeclaredColumn column : columns) {
            int index = shape.indexOf(column.name());
            if (index < 0) {
                return new Checked.Refused(InputProblem.MISSING_COLUMNS, missing(columns.stream().map(DeclaredColumn::name)
                        .filter(name -> shape.indexOf(name) < 0).toList(), shape));
            }
            Optional<Value> typed = typed(values[index], column);
            if (typed.isEmpty()) {
                return new Checked.Refused(InputProblem.TYPE_CONVERSION, "Unable to convert column: %s to expected type. It is declared as %s and is '%s'%s.".formatted(
                        column.name(), column.type().name().toLowerCase(Locale.ROOT), values[index].typeName(), shown(values[index])));
            }
            if (typed.get() != values[index]) {
                values = isChanged ? values : values.clone();
                isChanged = true;
                values[index] = typed.get();
            }
        }
        return new Checked.Fits(isChanged ? new Record(shape, values, event.metadata()) : event);
    }

    /// A record or an array says no more by what is in it.
    private static String shown(Value value) {
        return switch (value) {
            case Value.Record _, Value.Array _, Value.Null _ -> "";
            case Value.Text(String text) when text.length() > SHOWN_MAX -> ", found " + JsonPrint.text(new Value.Text(text.substring(0, SHOWN_MAX) + "…"));
            case Value.Text _, Value.BigInt _, Value.FloatingPoint _, Value.Bit _, Value.DateTime _ -> ", found " + JsonPrint.text(value);
        };
    }

    /// As the service tells it, with the first of those that are there instead.
    static String missing(List<String> expected, Shape found) {
        return Stream.concat(expected.stream().map(name -> "Fields expected:" + name), found.names().stream().limit(FOUND_MAX).map(name -> "Fields found:" + name))
                .collect(Collectors.joining(" ", "Missing fields specified in query or in create table. ", found.size() > FOUND_MAX ? " …" : ""));
    }

    private Optional<Value> typed(Value value, DeclaredColumn column) {
        if (value == Null.NULL) {
            return Optional.of(value);
        }
        boolean fits = switch (column.type()) {
            case BIGINT -> value instanceof BigInt;
            // level 1.0 lets NaN and Infinity through
            case FLOAT -> value instanceof FloatingPoint(double number) && (Double.isFinite(number) || !level.isAtLeast(Compatibility.V1_1));
            case NVARCHAR -> value instanceof Text;
            case DATETIME -> value instanceof Value.DateTime;
            case BIT -> value instanceof Value.Bit;
            case RECORD -> value instanceof Record;
            case ARRAY -> value instanceof Value.Array;
        };
        if (fits) {
            return Optional.of(value);
        }
        return switch (value) {
            case BigInt(long number) when column.type() == Type.FLOAT ->
                Optional.of(new FloatingPoint(number));
            case BigInt(long number) when column.type() == Type.BIT && (number == 0 || number == 1) -> Optional.of(new Value.Bit(number == 1));
            case Text text when column.type() == Type.DATETIME -> Conversions.datetime(text);
            case BigInt _, Text _, FloatingPoint _, Value.DateTime _, Value.Bit _, Record _, Value.Array _, Null _ -> Optional.empty();
        };
    }
}
