package io.conshelf.engine.store;

import java.time.Instant;
import java.util.UUID;

/// The result of a query, kept for a while for the principal who asked for it.
///
/// @param table     its rows, under an id that no other table has
/// @param principal by its fully qualified name
/// @param bytes     of its values
public record StoredResult(
        UUID id, String name, Table table, String principal, long bytes, long rows, Instant createdOn, Instant expiresOn) {

    public boolean hasExpired(Instant now) {
        return !now.isBefore(expiresOn);
    }
}
