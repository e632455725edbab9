package io.conshelf.server.ingest;

import java.util.List;
import java.util.stream.Collectors;

/// Sources that are ingested in one commit.
///
/// @param id what the commit remembers: the same id again changes nothing
record Batch(String id, Source.Key key, List<Source> sources, Reason reason) {
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

    /// The id of a batch of one: its message's, so that a repeated delivery makes the same batch.
    static String idOf(Source source) {
        return "message:" + source.receipt().messageId();
    }

    List<String> messageIds() {
        return sources.stream().map(source -> source.receipt().messageId()).collect(Collectors.toList());
    }
}
