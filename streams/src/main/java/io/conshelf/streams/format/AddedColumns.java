package io.conshelf.streams.format;

import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Record;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The columns that a broker or store adds to each event, `EventEnqueuedUtcTime` and the like. A field of the event with the same name is overwritten.
/// Belongs to one thread.
public final class AddedColumns {
    private final List<String> names;
    private Shape before = Shape.EMPTY;
    private Shape after;
    /// Where each added column stands.
    private int[] places;

    /// @param level at 1.0 all names are small
    public AddedColumns(Compatibility level, List<String> names) {
        this.names = level.isAtLeast(Compatibility.V1_1) ? List.copyOf(names) : names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
        this.places = new int[names.size()];
        this.after = extended(before);
    }

    /// @param added one for each name
    public Record to(Record event, Value... added) {
        if (event.shape() != before) {
            after = extended(event.shape());
            before = event.shape();
        }
        Value[] values = Arrays.copyOf(event.values(), after.size());
        for (int i = 0; i < added.length; i++) {
            values[places[i]] = added[i];
        }
        return new Record(after, values, event.metadata());
    }

    private Shape extended(Shape shape) {
        List<String> all = new ArrayList<>(shape.names());
        for (int i = 0; i < places.length; i++) {
            int index = shape.indexOf(names.get(i));
            places[i] = index < 0 ? all.size() : index;
            if (index < 0) {
                all.add(names.get(i));
            }
        }
        return Shape.of(all);
    }
}
