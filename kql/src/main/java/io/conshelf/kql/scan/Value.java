package io.conshelf.kql.scan;

/// A value that a machine works with, in the field for its type: whole numbers, moments and truths (as 0 and 1) in `number`. It
/// is the same object for all rows.
abstract sealed class Value permits Cell, Result {
    boolean isNull;
    long number;
    double real;
    String text = "";

    /// Finds the value for the row at hand.
    abstract void find();

    final void take(Value other) {
        isNull = other.isNull;
        number = other.number;
        real = other.real;
        text = other.text;
    }

    final void truth(boolean is) {
        isNull = false;
        number = is ? 1 : 0;
    }

    final boolean isTrue() {
        return !isNull && number != 0;
    }
}
