package io.conshelf.processor.dataset;

import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Where a dataset's records outlive the process. Belongs to one dataset, which sees to it that one thread uses it.
interface RecordJournal extends AutoCloseable {
    /// Of a dataset that lives in memory.
    RecordJournal NONE = new RecordJournal() {
        @Override
        public void read(Consumer<Batch> batches) {}

        @Override
        public void append(Batch batch) {}

        @Override
        public boolean isWorthRewriting(int records) {
            return false;
        }

        @Override
        public void rewrite(Map<String, Long> writers, Iterator<Batch> live) {}

        @Override
        public void close() {}
    };

    /// @param writer who wrote it; empty where that is known from elsewhere
    record Batch(String writer, long number, Instant arrived, List<Value> records) {}

    /// All that was appended, in its order; called before all else.
    void read(Consumer<Batch> batches) throws IOException;

    /// The batch is durable when it returns.
    void append(Batch batch) throws IOException;

    /// Whether most of what it holds is of records that are no longer there.
    boolean isWorthRewriting(int records);

    /// Holds this and nothing else from now on; where it fails, what was before.
    ///
    /// @param writers and the number of the last batch of each
    void rewrite(Map<String, Long> writers, Iterator<Batch> live) throws IOException;

    @Override
    void close();
}
