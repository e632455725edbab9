package io.conshelf.kql.function;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;

/// The loop of a kernel: reads `in.rows()` rows, sets as many cells.
@FunctionalInterface
public interface KernelBody {
    void run(Chunk in, CellWriter out);
}
