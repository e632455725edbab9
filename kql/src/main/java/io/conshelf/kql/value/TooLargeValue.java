package io.conshelf.kql.value;

/// A value has grown beyond what one may hold: the query is refused memory for it.
@SuppressWarnings("serial")
public final class TooLargeValue extends RuntimeException {
    /// Stands in the message, which is all that comes through the engine below.
    public static final String MARK = "E_LOW_MEMORY_CONDITION";

    public TooLargeValue(String what) {
        super(MARK + ": " + what);
    }
}
