package io.conshelf.streams.value;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The names of a record's fields, in their order. Names are found whatever the case they are written in; the first of equal ones is.
public final class Shape implements Serializable {
    public static final Shape EMPTY = new Shape(List.of());

    private final List<String> names;
    private final transient Map<String, Integer> byName;
    private transient byte[] bytes;

    private Shape(List<String> names) {
        this.names = names;
        this.byName = HashMap.newHashMap(names.size() * 2);
        for (int i = 0; i < names.size(); i++) {
            byName.putIfAbsent(names.get(i), i);
        }
        for (int i = 0; i < names.size(); i++) {
            byName.putIfAbsent(folded(names.get(i)), i);
        }
    }

    public static Shape of(List<String> names) {
        return names.isEmpty() ? EMPTY : new Shape(List.copyOf(names));
    }

    public List<String> names() {
        return names;
    }

    public int size() {
        return names.size();
    }

    /// @return -1 where there is none
    public int indexOf(String name) {
        Integer exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        Integer index = byName.get(folded(name));
        return index == null ? -1 : index;
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

    private Object readResolve() {
        return of(names);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape that && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }

    @Override
    public String toString() {
        return names.toString();
    }
}
