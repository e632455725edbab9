package io.conshelf.streams.value;

import java.io.Serializable;
import java.util.List;

/// A value of an event or of an expression. The type belongs to the value, not to a column: one field may hold another type in the next event.
public sealed interface Value extends Serializable {
    /// The name of the type as the language spells it, such as `nvarchar(max)`.
    String typeName();

    static Value of(long value) {
        return BigInt.of(value);
    }

    static Value of(double value) {
        return new FloatingPoint(value);
    }

    static Value of(String value) {
        return value.isEmpty() ? Text.EMPTY : new Text(value);
    }

    static Value of(boolean value) {
        return value ? Bit.TRUE : Bit.FALSE;
    }

    /// What a missing field is, too.
    enum Null implements Value {
        NULL;

        @Override
        public String typeName() {
            return "null";
        }
    }

    record BigInt(long value) implements Value {
        private static final int SMALL_MIN = -128;
        private static final int SMALL_MAX = 1023;
        private static final BigInt[] SMALL = new BigInt[SMALL_MAX - SMALL_MIN + 1];

        static {
            for (int i = 0; i < SMALL.length; i++) {
                SMALL[i] = new BigInt(i + SMALL_MIN);
            }
        }

        public static BigInt of(long value) {
            return value >= SMALL_MIN && value <= SMALL_MAX ? SMALL[(int) value - SMALL_MIN] : new BigInt(value);
        }

        @Override
        public String typeName() {
            return "bigint";
        }
    }

    record FloatingPoint(double value) implements Value {
        @Override
        public String typeName() {
            return "float";
        }
    }

    record Text(String value) implements Value {
        public static final Text EMPTY = new Text("");

        @Override
        public String typeName() {
            return "nvarchar(max)";
        }
    }

    /// @param ticks of 100 ns since 0001-01-01, UTC
    record DateTime(long ticks) implements Value {
        @Override
        public String typeName() {
            return "datetime";
        }
    }

    record Bit(boolean value) implements Value {
        public static final Bit TRUE = new Bit(true);
        public static final Bit FALSE = new Bit(false);

        @Override
        public String typeName() {
            return "bit";
        }
    }

    /// Named values in an order. The shape is shared by all records with these names.
    ///
    /// @param values   one for each name of the shape; never changed once the record is made
    /// @param metadata of an event: what its store tells of it beside its fields, a record that GetMetadataPropertyValue reads; NULL where nobody asks for it.
    ///                 It is no part of the value: events are the same whatever is told of them, and no output shows it
    record Record(Shape shape, Value[] values, Value metadata) implements Value {
        public static final Record EMPTY = new Record(Shape.EMPTY, new Value[0]);

        public Record(Shape shape, Value[] values) {
            this(shape, values, Null.NULL);
        }

        public Record withMetadata(Value told) {
            return new Record(shape, values, told);
        }

        /// The field of this name, whatever the case it is written in; NULL where there is none.
        public Value field(String name) {
            int index = shape.indexOf(name);
            return index < 0 ? Null.NULL : values[index];
        }

        @Override
        public String typeName() {
            return "record";
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Record that && shape.equals(that.shape) && java.util.Arrays.equals(values, that.values);
        }

        @Override
        public int hashCode() {
            return shape.hashCode() * 31 + java.util.Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return JsonPrint.text(this);
        }
    }

    record Array(List<Value> elements) implements Value {
        public static final Array EMPTY = new Array(List.of());

        public Array {
            elements = List.copyOf(elements);
        }

        @Override
        public String typeName() {
            return "array";
        }
    }
}
