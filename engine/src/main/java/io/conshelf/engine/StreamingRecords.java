package io.conshelf.engine;

import java.util.List;

/// What streaming ingestion did, by the minute, the latest first.
public interface StreamingRecords {
    List<StreamingBucket> statistics();

    List<StreamingBucket> failures();
}
