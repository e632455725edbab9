package io.conshelf.kql.scan;

/// What an operation makes of other values.
final class Result extends Value {
    private final ScanOperation operation;
    private final Value[] arguments;

    Result(ScanOperation operation, Value... arguments) {
        this.operation = operation;
        this.arguments = arguments;
    }

    @Override
    void find() {
        operation.run(this, arguments);
    }
}
