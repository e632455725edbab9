package io.conshelf.engine.ingest;

import java.util.Arrays;
import java.util.Optional;

/// What a mapping can do to a value on its way.
enum Transform {
    NONE("None"),
    SOURCE_LOCATION("SourceLocation"),
    SOURCE_LINE_NUMBER("SourceLineNumber"),
    DATETIME_FROM_UNIX_SECONDS("DateTimeFromUnixSeconds"),
    DATETIME_FROM_UNIX_MILLISECONDS("DateTimeFromUnixMilliseconds"),
    DATETIME_FROM_UNIX_MICROSECONDS("DateTimeFromUnixMicroseconds"),
    DATETIME_FROM_UNIX_NANOSECONDS("DateTimeFromUnixNanoseconds"),
    PROPERTY_BAG_ARRAY_TO_DICTIONARY("PropertyBagArrayToDictionary"),
    DROP_MAPPED_FIELDS("DropMappedFields"),
    BYTES_AS_BASE64("BytesAsBase64");

    private final String kustoName;

    Transform(String kustoName) {
        this.kustoName = kustoName;
    }

    String kustoName() {
        return kustoName;
    }

    static Optional<Transform> named(String name) {
        return Arrays.stream(values()).filter(t -> t.kustoName.equalsIgnoreCase(name)).findFirst();
    }

    /// Whether the value comes from the source as a whole, so that no field is needed.
    boolean needsNoField() {
        return this == SOURCE_LOCATION || this == SOURCE_LINE_NUMBER;
    }

    /// Ticks in a unit of the Unix times; hundredths of a tick, so that nanoseconds are whole.
    Optional<Long> hundredthTicksOfUnit() {
        return switch (this) {
            case DATETIME_FROM_UNIX_SECONDS -> Optional.of(1_000_000_000L);
            case DATETIME_FROM_UNIX_MILLISECONDS -> Optional.of(1_000_000L);
            case DATETIME_FROM_UNIX_MICROSECONDS -> Optional.of(1_000L);
            case DATETIME_FROM_UNIX_NANOSECONDS -> Optional.of(1L);
            case NONE, SOURCE_LOCATION, SOURCE_LINE_NUMBER, PROPERTY_BAG_ARRAY_TO_DICTIONARY, DROP_MAPPED_FIELDS,
                    BYTES_AS_BASE64 -> Optional.empty();
        };
    }
}
