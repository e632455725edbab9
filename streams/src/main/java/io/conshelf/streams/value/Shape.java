package io.conshelf.streams.value;

import com.fasterxml.jackson.core.io.SerializedString;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The names of a record's fields, in their order. Names are found whatever the case they are written in; the first of equal ones is.
///
/// Records that come one after another should share one: [SeenShapes] sees to that where they are read, and whoever makes records of a fixed form keeps its
/// shape. Evaluators remember where a field stands by the shape's identity.
public final class Shape implements Serializable {
    public static final Shape EMPTY = new Shape(List.of());

    private final List<String> names;
    private final int hash;
    /// Made when a name is looked up for the first time; two threads that do so make the same.
    private transient volatile Map<String, Integer> byName;
    private transient byte[] bytes;
    private transient SerializedString[] written;

    private Shape(List<String> names) {
        this.names = names;
        this.hash = names.hashCode();
    }

    public static Shape of(List<String> names) {
        return names.isEmpty() ? EMPTY : new Shape(List.copyOf(names));
    }

    public static Shape of(String... names) {
        return of(List.of(names));
    }

    public List<String> names() {
        return names;
    }

    public String name(int index) {
        return names.get(index);
    }

    public int size() {
        return names.size();
    }

    /// @return -1 where there is none
    public int indexOf(String name) {
        Map<String, Integer> index = byName;
        if (index == null) {
            index = index(names);
            byName = index;
        }
        Integer exact = index.get(name);
        if (exact != null) {
            return exact;
        }
        Integer folded = index.get(folded(name));
        return folded == null ? -1 : folded;
    }

    private static Map<String, Integer> index(List<String> names) {
        Map<String, Integer> index = HashMap.newHashMap(names.size() * 2);
        for (int i = 0; i < names.size(); i++) {
            index.putIfAbsent(names.get(i), i);
        }
        for (int i = 0; i < names.size(); i++) {
            index.putIfAbsent(folded(names.get(i)), i);
        }
        return index;
    }

    /// The name as JSON has it, escaped and encoded once.
    SerializedString written(int index) {
        SerializedString[] all = written;
        if (all == null) {
            all = names.stream().map(SerializedString::new).toArray(SerializedString[]::new);
            written = all;
        }
        return all[index];
    }

    /// The names as [Shapes] writes them.
    byte[] bytes() {
        if (bytes == null) {
            bytes = Shapes.bytes(names, names.size());
        }
        return bytes;
    }

    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape that && hash == that.hash && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return names.toString();
    }
}
