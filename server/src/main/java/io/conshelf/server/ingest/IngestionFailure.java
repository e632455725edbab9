package io.conshelf.server.ingest;

import io.conshelf.engine.ServiceError;
import java.util.Optional;

/// Why a source was not ingested, in the words of queued ingestion.
record IngestionFailure(String code, Status status, String details) {
    /// What the client may conclude.
    enum Status {
        PERMANENT("Permanent"),
        TRANSIENT("Transient"),
        EXHAUSTED("Exhausted");

        private final String text;

        Status(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    static IngestionFailure permanent(String code, String details) {
        return new IngestionFailure(code, Status.PERMANENT, details);
    }

    static IngestionFailure of(ServiceError error) {
        return new IngestionFailure(error.code(), error.isPermanent() ? Status.PERMANENT : Status.TRANSIENT, error.message());
    }

    /// As the cluster remembers it.
    ServiceError error() {
        return new ServiceError(
                400, code, "Kusto.Data.Exceptions.IngestClientException", details, status != Status.TRANSIENT, Optional.empty());
    }

    IngestionFailure exhausted(int attempts) {
        return new IngestionFailure(
                "General_RetryAttemptsExceeded",
                Status.EXHAUSTED,
                "Given up after " + attempts + " attempts; the last one failed with " + code + ": " + details);
    }

    boolean isTransient() {
        return status == Status.TRANSIENT;
    }
}
