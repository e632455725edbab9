/// The operator `scan` as a machine that goes through rows one after the other: [io.conshelf.kql.scan.ScanProgram] is what it is told
/// of a plan, [io.conshelf.kql.scan.ScanKernels] is how DuckDB calls it.
///
/// The engine hands rows over as the text of a block of them and gets the block's results, with what is known behind it, as a
/// text: DuckDB gives rows to Java functions in no order and at most 2,048 together.
package io.conshelf.kql.scan;
