package io.conshelf.streams.expression;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.util.List;

/// Fields of records. Where a field stands is looked up once for a shape: events of an input mostly share one, or take turns with another.
final class Fields {
    private Fields() {}

    static final class OfSlot implements Evaluator {
        private final int slot;
        private final Place place;

        OfSlot(int slot, String name) {
            this.slot = slot;
            this.place = new Place(name);
        }

        @Override
        public Value value(Row row) {
            return row.slots()[slot] instanceof Value.Record record ? place.of(record) : Null.NULL;
        }
    }

    static final class OfValue implements Evaluator {
        private final Evaluator of;
        private final Place place;

        OfValue(Evaluator of, String name) {
            this.of = of;
            this.place = new Place(name);
        }

        @Override
        public Value value(Row row) {
            return of.value(row) instanceof Value.Record record ? place.of(record) : Null.NULL;
        }
    }

    /// `[0]` is also the field `0` of a record, as a bracketed name.
    static Evaluator element(Evaluator of, int index) {
        Place place = new Place(Integer.toString(index));
        return row -> switch (of.value(row)) {
            case Value.Array(List<Value> elements) -> index >= 0 && index < elements.size() ? elements.get(index) : Null.NULL;
            case Value.Record record -> place.of(record);
            case Null _, Value.BigInt _, Value.FloatingPoint _, Value.Text _, Value.DateTime _, Value.Bit _ -> Null.NULL;
        };
    }

    private static final class Place {
        private final String name;
        private Shape shape = Shape.EMPTY;
        private int index = -1;
        private Shape before = Shape.EMPTY;
        private int indexBefore = -1;

        Place(String name) {
            this.name = name;
        }

        Value of(Value.Record record) {
            Shape its = record.shape();
            if (its != shape) {
                turn(its);
            }
            return index < 0 ? Null.NULL : record.values()[index];
        }

        private void turn(Shape its) {
            Shape lately = shape;
            int indexLately = index;
            boolean isBefore = its == before;
            shape = its;
            index = isBefore ? indexBefore : its.indexOf(name);
            before = lately;
            indexBefore = indexLately;
        }
    }
}
