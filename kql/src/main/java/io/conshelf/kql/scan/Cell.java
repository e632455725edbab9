package io.conshelf.kql.scan;

import io.conshelf.kql.type.Type;

/// A value that somebody sets: a constant, a field of the row, a part of a state.
final class Cell extends Value {
    @Override
    void find() {}

    /// The null of a type; a string's is the empty one.
    static Cell ofNull(Type type) {
        var cell = new Cell();
        cell.isNull = type != Type.STRING;
        return cell;
    }
}
