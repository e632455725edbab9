package io.conshelf.engine;

import java.util.List;

/// Sources of queued ingestion that no load will take: what they name cannot be used, or their loads failed too often.
///
/// @param sources without what opens them
/// @param format  as it was asked for; empty where nobody knows
public record GivenUp(String table, List<String> sources, String format, ServiceError error) {
    public GivenUp {
        sources = List.copyOf(sources);
    }
}
