package io.conshelf.connectors.kusto;

import java.time.Duration;

/// How a query runs.
///
/// @param noTruncation lifts the limit of 500,000 records and 64 MB
public record QueryOptions(Duration timeout, boolean noTruncation) {}
