package io.conshelf.server.ingest;

import java.util.List;

/// Sources that are ingested in one commit.
record Batch(Source.Key key, List<Source> sources, Reason reason) {
    Batch {
        sources = List.copyOf(sources);
    }

    /// Why a batch was closed, in the words of the service's diagnostics.
    enum Reason {
        SIZE("Size"),
        COUNT("Count"),
        TIME("Time"),
        FLUSH_IMMEDIATELY("FlushImmediately"),
        INGEST_IF_NOT_EXISTS("SingleBlob_IngestIfNotExists"),
        INGEST_BY_TAG("SingleBlob_IngestByTag"),
        SYSTEM("SystemFlush");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}
