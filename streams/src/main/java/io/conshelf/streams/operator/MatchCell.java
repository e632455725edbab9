package io.conshelf.streams.operator;

import io.conshelf.streams.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What a value that was read became since attempts go the same way: the same for all of them, or by what each had read before.
sealed interface MatchCell {
    record Fixed(Value value) implements MatchCell {}

    /// What each had.
    ///
    /// @param kind of value that all of them had, by [MatchReads#kind]
    record Own(Object kind) implements MatchCell {}

    /// The lesser, or the greater, of what each had and this, which are of a kind.
    record Extreme(Object kind, Value of) implements MatchCell {}

    /// The names by which rows were taken, behind those that each had.
    ///
    /// @param isWhole nothing was before
    record Names(boolean isWhole, Part names) implements MatchCell {}

    /// Names, in the order of their rows; put together without a copy.
    sealed interface Part {
        record None() implements Part {
            static final None NONE = new None();
        }

        record Some(List<Value> names) implements Part {}

        record Both(Part first, Part second) implements Part {}

        static Part of(Part first, Part second) {
            return first instanceof None ? second : second instanceof None ? first : new Both(first, second);
        }

        default List<Value> all() {
            List<Value> all = new ArrayList<>();
            Deque<Part> left = new ArrayDeque<>();
            left.push(this);
            while (!left.isEmpty()) {
                switch (left.pop()) {
                    case None _ -> { }
                    case Some(List<Value> names) -> all.addAll(names);
                    case Both(Part first, Part second) -> {
                        left.push(second);
                        left.push(first);
                    }
                }
            }
            return all;
        }
    }
}
