package io.conshelf.kql.scan;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.function.Kernel;
import java.util.List;

/// How DuckDB calls the machine.
public final class ScanKernels {
    public static final List<Kernel> ALL = List.of(
            // kql_scan(program, state, rows of a block, number of the row before, whether it is the last one).
            new Kernel("kql_scan", List.of(STRING, STRING, STRING, LONG, BOOL), false, STRING, (in, out) -> {
                String text = "";
                ScanMachine machine = null;
                for (int row = 0; row < in.rows(); row++) {
                    String program = in.text(0, row);
                    if (machine == null || !program.equals(text)) {
                        machine = new ScanMachine(ScanProgram.read(program));
                        text = program;
                    }
                    out.text(row, machine.run(in.text(1, row), in.text(2, row), in.int64(3, row), in.bool(4, row)));
                }
            }));

    private ScanKernels() {}
}
