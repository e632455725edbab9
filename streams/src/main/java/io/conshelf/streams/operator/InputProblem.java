package io.conshelf.streams.operator;

/// What can be wrong with an event, by the names that the service's diagnostics have.
public enum InputProblem {
    INVALID_TIMESTAMP("InvalidInputTimeStamp"),
    INVALID_TIMESTAMP_KEY("InvalidInputTimeStampKey"),
    LATE("LateInputEvent"),
    EARLY("EarlyInputEvent"),
    OUT_OF_ORDER("OutOfOrderEvent"),
    MISSING_COLUMNS("InputDeserializerError.MissingColumns"),
    TYPE_CONVERSION("InputDeserializerError.TypeConversionError");

    private final String serviceName;

    InputProblem(String serviceName) {
        this.serviceName = serviceName;
    }

    public String serviceName() {
        return serviceName;
    }
}
