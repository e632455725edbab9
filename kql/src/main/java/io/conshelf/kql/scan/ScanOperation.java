package io.conshelf.kql.scan;

/// A function or operator in the steps of a `scan`, over single values.
@FunctionalInterface
interface ScanOperation {
    /// Finds what it needs of the arguments, and sets the result.
    void run(Value out, Value[] in);
}
