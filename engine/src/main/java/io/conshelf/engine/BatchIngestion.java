package io.conshelf.engine;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Local files to be ingested into one table in one commit, as queued ingestion does with a batch of blobs.
///
/// @param format            as written: `csv`, `parquet`, `multijson` …
/// @param tags              of the extents made, with their prefixes: `ingest-by:…`, `drop-by:…`
/// @param ingestIfNotExists values of `ingest-by` tags; when the table has one of them nothing is ingested
/// @param creationTime      of the extents made, where it is not now
/// @param messageId         what makes the work idempotent: the commit remembers the sources it took under it, and the
///                          same id again takes only what is not among them
/// @param zipPattern        a regular expression: which files of an archive are meant
public record BatchIngestion(
        String database,
        String table,
        String format,
        List<Source> sources,
        Mapping mapping,
        Set<String> tags,
        Set<String> ingestIfNotExists,
        Optional<Instant> creationTime,
        boolean ignoreFirstRecord,
        Validation validation,
        Optional<String> messageId,
        Optional<String> zipPattern) {
    public BatchIngestion {
        sources = List.copyOf(sources);
        tags = Set.copyOf(tags);
        ingestIfNotExists = Set.copyOf(ingestIfNotExists);
    }

    /// All files of an archive are meant.
    public BatchIngestion(
            String database,
            String table,
            String format,
            List<Source> sources,
            Mapping mapping,
            Set<String> tags,
            Set<String> ingestIfNotExists,
            Optional<Instant> creationTime,
            boolean ignoreFirstRecord,
            Validation validation,
            Optional<String> messageId) {
        this(database, table, format, sources, mapping, tags, ingestIfNotExists, creationTime, ignoreFirstRecord, validation,
                messageId, Optional.empty());
    }

    /// One file, within the engine's staging or allowed folders.
    ///
    /// @param id           the caller's name for it, repeated in the outcome
    /// @param isCompressed gzip, whatever the name says
    /// @param rawBytes     uncompressed size as far as the caller knows; 0 if not
    /// @param messageId    what the source is remembered by, whichever batch it comes in; else the batch's id does that
    public record Source(String id, Path file, boolean isCompressed, long rawBytes, Optional<String> messageId) {
        public Source(String id, Path file, boolean isCompressed, long rawBytes) {
            this(id, file, isCompressed, rawBytes, Optional.empty());
        }
    }

    /// How fields become columns.
    public sealed interface Mapping {
        /// By position or by name, as the format does.
        record Identity() implements Mapping {}

        /// A mapping of the table or its database, for this format.
        record Named(String name) implements Mapping {}

        /// The JSON text of a mapping that travels with the ingestion.
        record Inline(String json) implements Mapping {}
    }

    /// `validationPolicy` of an ingestion: what is checked in delimited text, and whether a failure fails the source.
    public record Validation(Check check, boolean isBestEffort) {
        public static final Validation NONE = new Validation(Check.NONE, false);

        public enum Check { NONE, CONSTANT_COLUMNS, COLUMN_LEVEL_ONLY }
    }

    /// What became of each source, in their order.
    public record Result(List<Outcome> outcomes) {
        public Result {
            outcomes = List.copyOf(outcomes);
        }
    }

    /// @param extentId empty when nothing was written; of a source that was skipped because of the message id, where it is
    /// @param rawBytes uncompressed size read
    /// @param skippedRecords broken records that the format lets pass, such as broken lines of `json`
    public record Outcome(
            String sourceId,
            Status status,
            Optional<String> extentId,
            long rows,
            long rawBytes,
            long skippedRecords,
            Optional<ServiceError> error) {}

    public enum Status {
        SUCCEEDED,
        /// Nothing was done because an `ingestIfNotExists` tag or the message id is there already.
        SKIPPED,
        FAILED
    }
}
