package io.conshelf.streams.expression;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Text;
import java.util.Optional;

/// What a function takes at a place, and how what is not of the type becomes it. A NULL is not asked.
public enum Parameter {
    ANY("any type"),
    /// bigint or float.
    NUMBER("'bigint', 'float'"),
    BIGINT("'bigint'"),
    FLOAT("'float'"),
    TEXT("'nvarchar(max)'"),
    DATETIME("'datetime'"),
    RECORD("'record'"),
    ARRAY("'array'"),
    /// A word that stands there as it is, such as `second`; the call's argument is a text literal of it. [DatePart] knows them.
    DATE_PART("a date part"),
    /// The name of an input; the call's argument is the slot of its event.
    INPUT("an input");

    private final String allowed;

    Parameter(String allowed) {
        this.allowed = allowed;
    }

    /// As error texts name it.
    String allowed() {
        return allowed;
    }

    /// @return empty where the value cannot be taken
    public Optional<Value> taken(Value value) {
        return switch (this) {
            case ANY, DATE_PART, INPUT -> Optional.of(value);
            case NUMBER -> number(value);
            case BIGINT -> number(value).flatMap(Parameter::whole);
            case FLOAT -> number(value).map(Parameter::floating);
            case TEXT -> Conversions.text(value);
            case DATETIME -> Conversions.datetime(value);
            case RECORD -> Optional.of(value).filter(Value.Record.class::isInstance);
            case ARRAY -> Optional.of(value).filter(Value.Array.class::isInstance);
        };
    }

    /// Whether nothing is to be done: what mostly is the case, and costs next to nothing to find out.
    boolean is(Value value) {
        return switch (this) {
            case ANY, DATE_PART, INPUT -> true;
            case NUMBER -> value instanceof BigInt || value instanceof FloatingPoint;
            case BIGINT -> value instanceof BigInt;
            case FLOAT -> value instanceof FloatingPoint;
            case TEXT -> value instanceof Text;
            case DATETIME -> value instanceof DateTime;
            case RECORD -> value instanceof Value.Record;
            case ARRAY -> value instanceof Value.Array;
        };
    }

    private static Optional<Value> number(Value value) {
        return switch (value) {
            case BigInt _, FloatingPoint _ -> Optional.of(value);
            case Bit(boolean bit) -> Optional.of(Value.of(bit ? 1 : 0));
            case Text text -> Conversions.floating(text);
            case Value.Null _, DateTime _, Value.Record _, Value.Array _ -> Optional.empty();
        };
    }

    /// A fraction is cut off.
    private static Optional<Value> whole(Value number) {
        return number instanceof FloatingPoint(double floating)
                ? Conversions.whole(floating) : Optional.of(number);
    }

    private static Value floating(Value number) {
        return number instanceof BigInt(long whole) ? Value.of((double) whole) : number;
    }
}
