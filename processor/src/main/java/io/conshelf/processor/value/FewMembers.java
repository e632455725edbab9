package io.conshelf.processor.value;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;

/// Members of an object in two arrays, which nobody changes. Of as few as messages have, looking through the names takes no longer than a hash table, and a copy with
/// another value takes a tenth.
final class FewMembers extends AbstractMap<String, Value> implements SequencedMap<String, Value> {
    static final int MAX = 16;

    private final String[] names;
    private final Value[] values;
    private final int size;

    /// @param names  shared with others; those behind the size are of nobody
    /// @param values of this one alone
    FewMembers(String[] names, Value[] values, int size) {
        this.names = names;
        this.values = values;
        this.size = size;
    }

    /// @return where a name stands, or -1
    @SuppressWarnings("StringEquality") // names of one program and of one kind of message are mostly the same objects
    static int find(String[] names, int size, String name) {
        for (int at = 0; at < size; at++) {
            if (names[at] == name) {
                return at;
            }
        }
        int hash = name.hashCode();
        for (int at = 0; at < size; at++) {
            if (names[at].hashCode() == hash && names[at].equals(name)) {
                return at;
            }
        }
        return -1;
    }

    /// The same with another value of a member, or one member more.
    SequencedMap<String, Value> with(String name, Value value) {
        int at = find(names, size, name);
        if (at >= 0) {
            Value[] changed = Arrays.copyOf(values, size);
            changed[at] = value;
            return new FewMembers(names, changed, size);
        }
        if (size == MAX) {
            SequencedMap<String, Value> more = new LinkedHashMap<>(this);
            more.put(name, value);
            return more;
        }
        String[] moreNames = Arrays.copyOf(names, size + 1);
        Value[] moreValues = Arrays.copyOf(values, size + 1);
        moreNames[size] = name;
        moreValues[size] = value;
        return new FewMembers(moreNames, moreValues, size + 1);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(Object key) {
        return key instanceof String name && find(names, size, name) >= 0;
    }

    @Override
    public Value get(Object key) {
        return getOrDefault(key, null);
    }

    @Override
    public Value getOrDefault(Object key, Value otherwise) {
        int at = key instanceof String name ? find(names, size, name) : -1;
        return at < 0 ? otherwise : values[at];
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super Value> action) {
        for (int at = 0; at < size; at++) {
            action.accept(names[at], values[at]);
        }
    }

    @Override
    public SequencedMap<String, Value> reversed() {
        return new LinkedHashMap<>(this).reversed();
    }

    @Override
    public Set<Map.Entry<String, Value>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Map.Entry<String, Value>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Map.Entry<String, Value>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < size;
        }

        @Override
        public Map.Entry<String, Value> next() {
            if (next >= size) {
                throw new NoSuchElementException();
            }
            return new SimpleImmutableEntry<>(names[next], values[next++]);
        }
    }
}
