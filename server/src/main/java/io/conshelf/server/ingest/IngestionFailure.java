package io.conshelf.server.ingest;

import io.conshelf.engine.ServiceError;

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
        // The entity that a queued source lacks is its table, which has a code of its own here.
        String code = error.code().equals("BadRequest_EntityNotFound") && error.message().contains("of kind 'Table'")
                ? "BadRequest_TableNotExist"
                : error.code();
        return new IngestionFailure(code, error.isPermanent() ? Status.PERMANENT : Status.TRANSIENT, error.message());
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
