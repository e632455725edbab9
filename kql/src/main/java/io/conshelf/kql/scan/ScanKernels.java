package io.conshelf.kql.scan;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.function.Kernel;
import java.util.List;

/// How DuckDB calls the machine.
public final class ScanKernels {
    /// For the results of all blocks that are gone through together. Where they would be longer, a next turn goes on with the
    /// blocks, so that the long texts of many rows never come together.
    private static final long RESULT_CHARS = 4L << 20;

    /// For each block more: results of numbers stay below it inside a `partition` too, where up to 2,048 small blocks come together.
    private static final long RESULT_CHARS_OF_BLOCK = 1 << 14;

    public static final List<Kernel> ALL = List.of(
            // kql_scan(program, state, rows of a block, number of the row before, whether it is the last one).
            new Kernel("kql_scan", List.of(STRING, STRING, STRING, LONG, BOOL), false, STRING, (in, out) -> {
                String text = "";
                ScanMachine machine = null;
                long left = RESULT_CHARS + in.rows() * RESULT_CHARS_OF_BLOCK;
                for (int row = 0; row < in.rows(); row++) {
                    String program = in.text(0, row);
                    if (machine == null || !program.equals(text)) {
                        machine = new ScanMachine(ScanProgram.read(program));
                        text = program;
                    }
                    // The first block gets on whatever its results are, so that every turn does.
                    long enough = Math.max(left / (in.rows() - row), row == 0 ? 1 : 0);
                    String results = machine.run(in.text(1, row), in.text(2, row), in.int64(3, row), in.bool(4, row), enough);
                    left -= results.length();
                    out.text(row, results);
                }
            }));

    private ScanKernels() {}
}
