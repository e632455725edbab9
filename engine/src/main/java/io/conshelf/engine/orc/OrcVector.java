package io.conshelf.engine.orc;

import java.math.BigDecimal;
import java.util.BitSet;
import java.util.List;

/// The values of one column in some consecutive rows.
public sealed interface OrcVector {
    /// Which of them are null.
    BitSet nulls();

    record Bools(BitSet nulls, BitSet values) implements OrcVector {}

    record Integers(BitSet nulls, long[] values) implements OrcVector {}

    record Reals(BitSet nulls, double[] values) implements OrcVector {}

    /// @param isText UTF-8, or whatever bytes they are
    record Bytes(BitSet nulls, byte[][] values, boolean isText) implements OrcVector {}

    record Decimals(BitSet nulls, BigDecimal[] values) implements OrcVector {}

    /// @param ticks a datetime's; those beyond the calendar are null
    record Moments(BitSet nulls, long[] ticks) implements OrcVector {}

    /// @param starts of each list in the elements, and where the last one ends
    record Lists(BitSet nulls, int[] starts, OrcVector elements) implements OrcVector {}

    record Maps(BitSet nulls, int[] starts, OrcVector keys, OrcVector values) implements OrcVector {}

    record Structs(BitSet nulls, List<String> names, List<OrcVector> fields) implements OrcVector {}

    /// @param tags      which of the members each value is in
    /// @param positions where it is there
    record Unions(BitSet nulls, int[] tags, int[] positions, List<OrcVector> members) implements OrcVector {}

    /// A column that was not asked for.
    record Nothing(BitSet nulls) implements OrcVector {}
}
