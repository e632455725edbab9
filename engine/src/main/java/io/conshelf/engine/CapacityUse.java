package io.conshelf.engine;

/// What of a resource is in use, as `.show capacity` tells it.
///
/// @param origin what sets the total: `CapacityPolicy/Ingestion`
public record CapacityUse(String resource, long total, long consumed, String origin) {}
