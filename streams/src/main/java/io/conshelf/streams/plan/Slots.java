package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Virtual slots, by which expressions of a SELECT are bound before it is known which slots its rows will have.
///
/// A layout maps them to where they stand in the row of a step.
final class Slots {
    private static final int TIMES = 100_000;
    private static final int ANALYTICS = 200_000;
    private static final int AGGREGATES = 300_000;
    static final int WINDOW_ID = 400_000;

    private final Map<Integer, Integer> places = new HashMap<>();
    private int size;

    /// The record of a source.
    static int record(int relation) {
        return relation;
    }

    /// The time of a source's event.
    static int time(int relation) {
        return TIMES + relation;
    }

    static int analytic(int call) {
        return ANALYTICS + call;
    }

    static int aggregate(int call) {
        return AGGREGATES + call;
    }

    static boolean isAggregate(int slot) {
        return slot >= AGGREGATES && slot < WINDOW_ID;
    }

    static boolean isAnalytic(int slot) {
        return slot >= ANALYTICS && slot < AGGREGATES;
    }

    static int callOf(int slot) {
        return slot >= AGGREGATES ? slot - AGGREGATES : slot - ANALYTICS;
    }

    /// The source that a record or a time belongs to.
    static int relationOf(int slot) {
        return slot >= TIMES ? slot - TIMES : slot;
    }

    Slots append(int virtual) {
        places.put(virtual, size++);
        return this;
    }

    Slots append(Slots behind) {
        behind.places.forEach((virtual, place) -> places.put(virtual, size + place));
        size += behind.size;
        return this;
    }

    int size() {
        return size;
    }

    int place(int virtual) {
        Integer place = places.get(virtual);
        if (place == null) {
            throw new AssertionError("slot " + virtual + " is not in this row");
        }
        return place;
    }

    /// The sources that an expression reads by themselves; [#analyticsOf] tells the analytic calls.
    static Set<Integer> relationsOf(List<Expression> expressions) {
        Set<Integer> relations = new TreeSet<>();
        expressions.forEach(expression -> Rewrite.eachSlot(expression, slot -> {
            if (slot < ANALYTICS) {
                relations.add(relationOf(slot));
            }
        }));
        return relations;
    }

    static Set<Integer> analyticsOf(List<Expression> expressions) {
        Set<Integer> calls = new TreeSet<>();
        expressions.forEach(expression -> Rewrite.eachSlot(expression, slot -> {
            if (isAnalytic(slot)) {
                calls.add(callOf(slot));
            }
        }));
        return calls;
    }
}
