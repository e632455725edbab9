package io.conshelf.server.ingest;

/// Hears of every queued source that has ended.
@FunctionalInterface
public interface IngestionListener {
    /// @param outcome `succeeded`, `skipped` or `failed`
    void ended(String outcome, long rows, long bytes);
}
