package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.RowFeed;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A source being parsed. A failure is kept here, because DuckDB, through which rows are asked for, passes on only its text.
abstract class SourceFeed implements RowFeed {
    private final AtomicReference<KustoException> failure = new AtomicReference<>();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();

    @Override
    public final Optional<Rows> next() {
        try {
            Optional<Rows> next = failure.get() == null ? read() : Optional.empty();
            next.ifPresent(part -> rows.addAndGet(part.count()));
            return next;
        } catch (KustoException e) {
            failure.compareAndSet(null, e);
            throw e;
        } catch (IOException e) {
            var unreadable = new KustoException(IngestionErrors.invalidBlob(String.valueOf(e.getMessage())), e);
            failure.compareAndSet(null, unreadable);
            throw unreadable;
        }
    }

    abstract Optional<Rows> read() throws IOException;

    Optional<KustoException> failure() {
        return Optional.ofNullable(failure.get());
    }

    long rows() {
        return rows.get();
    }

    /// Broken records that were left out.
    long skipped() {
        return skipped.get();
    }

    void skip(long records) {
        skipped.addAndGet(records);
    }
}
