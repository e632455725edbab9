package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Validation;

/// How a source is to be read, beside its format and mapping.
///
/// @param sourceLocation what the transformation `SourceLocation` writes
/// @param ignoreFirstRecord of delimited text; other formats have no header
/// @param isStrict       whether delimited text with broken quotes or an inconsistent number of fields fails
/// @param requiresTypes  whether a field that is no value of its column's type fails, where it would be null
record ReadOptions(String sourceLocation, boolean ignoreFirstRecord, boolean isStrict, boolean requiresTypes) {
    ReadOptions(String sourceLocation, boolean ignoreFirstRecord, boolean isStrict) {
        this(sourceLocation, ignoreFirstRecord, isStrict, false);
    }

    static ReadOptions of(String sourceLocation, BatchIngestion request) {
        Validation validation = request.validation();
        boolean fails = !validation.isBestEffort();
        return new ReadOptions(
                sourceLocation, request.ignoreFirstRecord(), fails && validation.check() == Validation.Check.CONSTANT_COLUMNS,
                fails && validation.check() == Validation.Check.COLUMN_LEVEL_ONLY);
    }
}
