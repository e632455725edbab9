package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.Step.Item;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Record;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Makes one record of a row. The names of `*` are those of the record that comes, so the shape of what is made is worked out once for each shape that came.
final class Projection {
    private static final int SHAPES_KEPT = 256;

    private final List<Item> items;
    private final Evaluator[] evaluators;
    private final boolean isFixed;
    private Layout layout;
    private final Map<List<Shape>, Layout> layouts = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Shape>, Layout> eldest) {
            return size() > SHAPES_KEPT;
        }
    };

    /// @param from  which item a column comes from
    /// @param field which field of it, -1 for the item itself
    private record Layout(Shape[] came, Shape shape, int[] from, int[] field) {}

    Projection(List<Item> items, Evaluation evaluation) {
        this.items = items;
        this.evaluators = items.stream().map(item -> evaluation.of(switch (item) {
            case Item.Named named -> named.value();
            case Item.All all -> all.of();
        })).toArray(Evaluator[]::new);
        this.isFixed = items.stream().allMatch(Item.Named.class::isInstance);
        this.layout = layout(new Shape[items.size()]);
    }

    Record record(Row row) {
        Value[] values = StepKeys.values(evaluators, row);
        if (!isFixed) {
            fit(values);
        }
        int[] from = layout.from;
        int[] field = layout.field;
        Value[] record = new Value[from.length];
        for (int i = 0; i < record.length; i++) {
            record[i] = field[i] < 0 ? values[from[i]] : ((Record) values[from[i]]).values()[field[i]];
        }
        return new Record(layout.shape, record);
    }

    private void fit(Value[] values) {
        boolean fits = true;
        for (int i = 0; i < values.length; i++) {
            if (items.get(i) instanceof Item.All) {
                Shape came = values[i] instanceof Record record ? record.shape() : null;
                fits &= came == layout.came[i];
            }
        }
        if (fits) {
            return;
        }
        Shape[] came = new Shape[values.length];
        for (int i = 0; i < values.length; i++) {
            came[i] = items.get(i) instanceof Item.All && values[i] instanceof Record record ? record.shape() : null;
        }
        layout = layouts.computeIfAbsent(Arrays.asList(came), _ -> layout(came));
    }

    /// A column whose name is there already is left out, so each name is once in it.
    private Layout layout(Shape[] came) {
        List<String> names = new ArrayList<>();
        Map<String, Integer> taken = new LinkedHashMap<>();
        List<int[]> places = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            switch (items.get(i)) {
                case Item.Named(String name, _) -> place(name, i, -1, names, taken, places);
                case Item.All _ -> {
                    for (int field = 0; came[i] != null && field < came[i].size(); field++) {
                        place(came[i].names().get(field), i, field, names, taken, places);
                    }
                }
            }
        }
        return new Layout(came, Shape.of(names), places.stream().mapToInt(place -> place[0]).toArray(),
                places.stream().mapToInt(place -> place[1]).toArray());
    }

    private static void place(String name, int item, int field, List<String> names, Map<String, Integer> taken, List<int[]> places) {
        if (taken.putIfAbsent(name.toLowerCase(Locale.ROOT), names.size()) == null) {
            names.add(name);
            places.add(new int[] {item, field});
        }
    }
}
