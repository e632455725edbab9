package io.conshelf.processor.value;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// What a message is made of: JSON's values, whole numbers kept apart from others, and bytes. Nothing changes once it is made.
public sealed interface Value {
    Value NULL = new Null();
    Value TRUE = new Truth(true);
    Value FALSE = new Truth(false);

    record Null() implements Value {}

    record Truth(boolean value) implements Value {}

    /// A whole number of 64 bits.
    record Whole(long value) implements Value {}

    /// A whole number beyond 64 bits, which only jq makes and JSON may hold.
    record Large(BigInteger value) implements Value {}

    record Real(double value) implements Value {}

    record Text(String value) implements Value {}

    /// Bytes; where a format has none they are shown as `base64::` and the text.
    record Binary(byte[] value) implements Value {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary(byte[] bytes) && Arrays.equals(value, bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return "Binary[" + HexFormat.of().formatHex(value, 0, Math.min(value.length, 64)) + "]";
        }
    }

    /// @param items shared, never changed
    record Items(List<Value> items) implements Value {}

    /// @param members in the order they came in; shared, never changed
    record Members(SequencedMap<String, Value> members) implements Value {
        public Value member(String name) {
            return members.getOrDefault(name, NULL);
        }

        /// The same with another value of a member, or with one member more.
        public Members with(String name, Value value) {
            if (members instanceof FewMembers few) {
                return new Members(few.with(name, value));
            }
            SequencedMap<String, Value> changed = new LinkedHashMap<>(members);
            changed.put(name, value);
            return new Members(changed);
        }
    }

    static Value of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Value of(long value) {
        return new Whole(value);
    }

    static Value of(double value) {
        return new Real(value);
    }

    static Value of(String value) {
        return new Text(value);
    }

    static Value items(List<Value> items) {
        return new Items(items);
    }

    static Members members(Map<String, Value> members) {
        return new Members(new LinkedHashMap<>(members));
    }

    /// An object with one member.
    static Members member(String name, Value value) {
        return new MembersBuilder(1).put(name, value).build();
    }
}
