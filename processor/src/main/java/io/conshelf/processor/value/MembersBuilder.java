package io.conshelf.processor.value;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Gathers the members of an object, of any number. Of a name that comes twice the later value counts, at the place of the first.
public final class MembersBuilder {
    private static final int FIRST = 8;

    private String[] names;
    private Value[] values;
    private int size;
    /// Once they are many.
    private SequencedMap<String, Value> many;

    public MembersBuilder() {
        this(FIRST);
    }

    /// @param expected how many there will be, roughly
    public MembersBuilder(int expected) {
        int room = Math.clamp(expected, 1, FewMembers.MAX);
        this.names = new String[room];
        this.values = new Value[room];
    }

    public MembersBuilder put(String name, Value value) {
        if (many != null) {
            many.put(name, value);
            return this;
        }
        int at = FewMembers.find(names, size, name);
        if (at >= 0) {
            values[at] = value;
            return this;
        }
        if (size == FewMembers.MAX) {
            many = new LinkedHashMap<>(new FewMembers(names, values, size));
            many.put(name, value);
            return this;
        }
        if (size == names.length) {
            names = Arrays.copyOf(names, Math.min(FewMembers.MAX, 2 * size));
            values = Arrays.copyOf(values, names.length);
        }
        names[size] = name;
        values[size++] = value;
        return this;
    }

    /// Ends it: nothing is put any more.
    public Value.Members build() {
        return new Value.Members(many == null ? new FewMembers(names, values, size) : many);
    }
}
