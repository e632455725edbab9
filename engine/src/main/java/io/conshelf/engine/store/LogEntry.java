package io.conshelf.engine.store;

import java.time.Duration;

/// One thing that a database, or the cluster, remembers of its work. Entries are only ever added.
///
/// @param number  orders the entries of a cluster
/// @param id      what it is about, such as an operation's id; may be empty
/// @param atTicks when it was made
/// @param isLast  whether nothing follows on what it is about
/// @param json    what is remembered
public record LogEntry(long number, Kind kind, String id, long atTicks, boolean isLast, String json) {
    private static final Duration TWO_WEEKS = Duration.ofDays(14);
    private static final Duration THIRTY_DAYS = Duration.ofDays(30);
    private static final Duration ALWAYS = Duration.ofDays(100 * 365);

    /// What is remembered, for how long, and how much of it in each database.
    public enum Kind {
        OPERATION("operation", TWO_WEEKS, 20_000),
        /// What operations answered that nobody waited for.
        RESULT("result", TWO_WEEKS, 2_000),
        JOURNAL("journal", ALWAYS, 20_000),
        INGESTION_FAILURE("ingestion-failure", TWO_WEEKS, 10_000),
        DATA_OPERATION("data-operation", THIRTY_DAYS, 20_000),
        STREAMING_STATISTICS("streaming-statistics", TWO_WEEKS, 20_000),
        STREAMING_FAILURE("streaming-failure", TWO_WEEKS, 10_000);

        private final String storedName;
        private final Duration kept;
        private final int countMax;

        Kind(String storedName, Duration kept, int countMax) {
            this.storedName = storedName;
            this.kept = kept;
            this.countMax = countMax;
        }

        String storedName() {
            return storedName;
        }

        Duration kept() {
            return kept;
        }

        int countMax() {
            return countMax;
        }
    }
}
