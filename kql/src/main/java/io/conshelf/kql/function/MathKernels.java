package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// Arithmetic that DuckDB does differently or not at all.
final class MathKernels {
    static final List<Kernel> ALL = List.of(
            kernel("kql_shift_left", LONG, (in, row, out) -> {
                if (in.int64(1, row) < 0) {
                    out.setNull(row);
                } else {
                    out.int64(row, in.int64(0, row) << in.int64(1, row));
                }
            }, LONG, LONG),
            kernel("kql_shift_right", LONG, (in, row, out) -> {
                if (in.int64(1, row) < 0) {
                    out.setNull(row);
                } else {
                    out.int64(row, in.int64(0, row) >> in.int64(1, row));
                }
            }, LONG, LONG));

    private MathKernels() {}
}
