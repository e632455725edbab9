package io.conshelf.engine.ingest;

/// How a source is to be read, beside its format and mapping.
///
/// @param sourceLocation what the transformation `SourceLocation` writes
/// @param ignoreFirstRecord of delimited text; other formats have no header
/// @param isStrict       whether delimited text with broken quotes or an inconsistent number of fields fails
record ReadOptions(String sourceLocation, boolean ignoreFirstRecord, boolean isStrict) {}
