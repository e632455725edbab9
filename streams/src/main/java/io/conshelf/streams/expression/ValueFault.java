package io.conshelf.streams.expression;

/// What is wrong with a value, said before it is known where in the query. It never leaves the evaluator of the call, which says where.
final class ValueFault extends RuntimeException {
    ValueFault(String message) {
        super(message, null, false, false);
    }
}
