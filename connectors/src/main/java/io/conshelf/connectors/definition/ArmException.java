package io.conshelf.connectors.definition;

/// An expression of a template that cannot be read or evaluated, and where in its text.
final class ArmException extends RuntimeException {
    private final int at;

    ArmException(int at, String message) {
        super(message, null, false, false);
        this.at = at;
    }

    /// Index of the offending character in the text of the template.
    int at() {
        return at;
    }
}
