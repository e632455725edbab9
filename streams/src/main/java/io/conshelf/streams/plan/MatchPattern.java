package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalInt;

/// What MATCH_RECOGNIZE looks for. The next attempt begins at the next row, so matches may overlap.
///
/// Conditions and measures read the current row in slot 0, and the value of each entry of `reads` in slots from 1 on.
///
/// @param limit    the longest match, in ticks of 100 ns
public record MatchPattern(long limit, List<Expression> partitionBy, Node pattern, List<Definition> definitions, List<Read> reads, List<Measure> measures)
        implements Serializable {
    public MatchPattern {
        partitionBy = List.copyOf(partitionBy);
        definitions = List.copyOf(definitions);
        reads = List.copyOf(reads);
        measures = List.copyOf(measures);
    }

    /// Steps that a pattern may have when its repetitions are written out.
    public static final int STEPS_MAX = 2_000;

    public sealed interface Node extends Serializable {
        /// How many steps it has when its repetitions are written out; no more than one above [#STEPS_MAX].
        default int steps() {
            long steps = switch (this) {
                case Name _, AnyRow _ -> 1;
                case Sequence(List<Node> parts) -> sum(parts);
                case Either(List<Node> parts) -> sum(parts) + 2L * parts.size();
                case Repeat(Node of, int min, Count max) -> (of.steps() + 2L) * (max.max().isPresent() ? max.value() : min + 1L);
            };
            return (int) Math.min(steps, STEPS_MAX + 1);
        }

        private static long sum(List<Node> parts) {
            return parts.stream().mapToLong(Node::steps).sum();
        }

        record Name(String name) implements Node {}

        record AnyRow() implements Node {}

        record Sequence(List<Node> parts) implements Node {}

        record Either(List<Node> parts) implements Node {}

        /// @param max `Count.NONE`: without end
        record Repeat(Node of, int min, Count max) implements Node {}
    }

    /// An upper bound of repetitions.
    public record Count(int value) implements Serializable {
        public static final Count NONE = new Count(-1);

        public OptionalInt max() {
            return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
        }
    }

    public record Definition(String name, Expression condition) implements Serializable {}

    /// A value of the rows matched so far: `Min(A.x)`, `Last(A.x)`, `Classifier()`.
    ///
    /// @param name of the definition; empty for Classifier
    /// @param value over one row in slot 0
    public record Read(ReadFunction function, String name, Expression value) implements Serializable {}

    public enum ReadFunction { MIN, MAX, FIRST, LAST, CLASSIFIER }

    public record Measure(String name, Expression value) implements Serializable {}
}
