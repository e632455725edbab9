package io.conshelf.server;

import io.conshelf.engine.Principal;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One HTTP request as far as it concerns everything that answers it.
///
/// @param origin          `http://host:port`, under which the client sees this server
/// @param from            the client's address
/// @param isIngestionHost the client came in through a host named `ingest-…`
/// @param readOnly        nothing may be written: the client forbids it by header, or is a page that may only read
/// @param isOnlyToRead    a page that may read, and have nothing else done
/// @param packing         how long answers are sent
record Call(
        Principal principal,
        String clientRequestId,
        UUID activityId,
        Instant startedAt,
        Optional<String> application,
        Optional<String> user,
        boolean readOnly,
        Packing packing,
        String origin,
        String from,
        boolean isIngestionHost,
        boolean isOnlyToRead) {
    enum Packing {
        NONE,
        /// In the form of gzip, but not compressed: between processes of one machine that takes longer than the bytes do.
        /// Clients that ask for gzip are not prepared for less.
        STORED,
        COMPRESSED
    }

    Call withClientRequestId(String id) {
        return new Call(
                principal, id, activityId, startedAt, application, user, readOnly, packing, origin, from, isIngestionHost, isOnlyToRead);
    }

    Call admittedAt(String newOrigin, boolean isIngestion) {
        return new Call(
                principal, clientRequestId, activityId, startedAt, application, user, readOnly, packing, newOrigin, from,
                isIngestion, isOnlyToRead);
    }

    Call readingOnly() {
        return new Call(
                principal, clientRequestId, activityId, startedAt, application, user, true, packing, origin, from, isIngestionHost, true);
    }

    Call of(Principal newPrincipal) {
        return new Call(
                newPrincipal, clientRequestId, activityId, startedAt, application, user, readOnly, packing, origin, from,
                isIngestionHost, isOnlyToRead);
    }
}
