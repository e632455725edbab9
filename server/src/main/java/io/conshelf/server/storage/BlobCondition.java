package io.conshelf.server.storage;

import java.util.Optional;

/// What must hold of a blob for a write to happen. Asked twice: before the body is read, and under the lock that commits.
@FunctionalInterface
public interface BlobCondition {
    BlobCondition ALWAYS = _ -> {};

    /// Throws `ConditionNotMet`, `BlobAlreadyExists` or the like.
    void check(Optional<StoredBlob> current);
}
