package io.conshelf.connectors.kusto;

import java.util.OptionalLong;

/// What became of queued files.
///
/// @param rows    how many rows the cluster says it stored; empty when it would not say
/// @param skipped how many files held nothing, or were there already
public record IngestionOutcome(OptionalLong rows, int files, int skipped) {}
