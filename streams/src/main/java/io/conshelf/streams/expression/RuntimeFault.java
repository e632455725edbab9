package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;

/// What ends a job while it runs: a CAST of a value that cannot be converted, a wrong argument type, an overflow, an error in a JavaScript function. Independent
/// of the output error policy, which is for what an output cannot take.
public final class RuntimeFault extends RuntimeException {
    private static final int EVENT_MAX = 1000;

    private final Span span;
    private final String event;

    public RuntimeFault(String message, Span span) {
        this(message, span, "");
    }

    private RuntimeFault(String message, Span span, String event) {
        super(message);
        this.span = span;
        this.event = event;
    }

    /// @param index of the argument, from 0
    public static RuntimeFault invalidArgument(String function, int index, Value value, Parameter parameter, Span span) {
        return new RuntimeFault(Calls.invalidType(function, index, value, parameter).getMessage(), span);
    }

    public Span span() {
        return span;
    }

    /// The beginning of the event that it was; empty where it came of many, as a sum does.
    public String event() {
        return event;
    }

    /// The same, of this row.
    public RuntimeFault of(Row row) {
        if (!event.isEmpty() || row.slots().length == 0 || span.startLine() < 1) {
            return this;
        }
        String text = JsonPrint.text(row.slots()[0]);
        RuntimeFault located = new RuntimeFault(getMessage(), span, text.length() <= EVENT_MAX ? text : text.substring(0, EVENT_MAX) + "…");
        located.setStackTrace(getStackTrace());
        return located;
    }

    /// With its place in the query, as the service words it, and the event.
    public String told() {
        String placed = span.startLine() < 1 || getMessage().contains("At line '") ? getMessage()
                : "%s At line '%d' and column '%d'.".formatted(getMessage(), span.startLine(), span.startColumn());
        return event.isEmpty() ? placed : placed + " The event: " + event;
    }
}
