package io.conshelf.server;

import io.conshelf.engine.ResultTable;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.value.Chunk;
import java.util.Optional;
import java.util.function.Supplier;

/// An answer whose first bytes may have left: what fails from now on ends the rows and is kept for the writer, who says
/// it where its format has a place for errors.
final class BegunAnswer {
    private final FirstRows rows;
    private final Call call;
    private Optional<ServiceError> failure = Optional.empty();

    BegunAnswer(FirstRows rows, Call call) {
        this.rows = rows;
        this.call = call;
    }

    /// Empty after the last table, and when the answer has failed.
    Optional<ResultTable> nextTable() {
        return unlessFailed(rows::nextTable);
    }

    /// Empty after the last rows of the table, and when the answer has failed.
    Optional<Chunk> nextChunk() {
        return unlessFailed(rows::nextChunk);
    }

    /// Whether [#nextChunk] would answer at once.
    boolean isNextAtHand() {
        return failure.isPresent() || rows.isNextAtHand();
    }

    /// The error that ended the answer early, if one did.
    Optional<ServiceError> failure() {
        return failure;
    }

    private <T> Optional<T> unlessFailed(Supplier<Optional<T>> next) {
        if (failure.isPresent()) {
            return Optional.empty();
        }
        try {
            return next.get();
        } catch (RuntimeException e) {
            failure = Optional.of(Failures.of(e, call));
            return Optional.empty();
        }
    }
}
