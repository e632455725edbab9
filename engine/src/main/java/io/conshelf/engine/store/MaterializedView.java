package io.conshelf.engine.store;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.DateTimeText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A view over one table or over another view: its definition and where its materialized part is kept.
///
/// @param part  the stored rows. How far they go is in [ViewState]; a view that an earlier release wrote has none yet
/// @param since rows ingested before are not part of it; all are where it is missing
public record MaterializedView(String name, Definition definition, Options options, Optional<Instant> since, Optional<Table> part) {
    /// What its part is called in answers.
    private static final String PART_PREFIX = "_MV_";

    /// @param source          the table's name, or the view's
    /// @param query           as written, without braces
    /// @param columns         of the view, in order
    /// @param keys            the names of those that it is grouped by
    /// @param isGrouped       whether the part may have several rows of one group, which are put together when it is read
    /// @param dimensionTables tables beside the source that the query may read
    public record Definition(
            String source,
            boolean isOverView,
            String query,
            List<ColumnSchema> columns,
            List<String> keys,
            boolean isGrouped,
            List<String> dimensionTables) {
        public Definition {
            columns = List.copyOf(columns);
            keys = List.copyOf(keys);
            dimensionTables = List.copyOf(dimensionTables);
        }
    }

    /// What can be changed beside the query.
    public record Options(
            boolean isEnabled, String folder, String docString, boolean updatesSchema, Optional<Duration> lookback,
            String lookbackColumn) {
        public Options withEnabled(boolean changed) {
            return new Options(changed, folder, docString, updatesSchema, lookback, lookbackColumn);
        }

        public Options withFolder(String changed) {
            return new Options(isEnabled, changed, docString, updatesSchema, lookback, lookbackColumn);
        }

        public Options withDocString(String changed) {
            return new Options(isEnabled, folder, changed, updatesSchema, lookback, lookbackColumn);
        }

        public Options withUpdatesSchema(boolean changed) {
            return new Options(isEnabled, folder, docString, changed, lookback, lookbackColumn);
        }

        public Options withLookback(Optional<Duration> changed) {
            return new Options(isEnabled, folder, docString, updatesSchema, changed, lookbackColumn);
        }
    }

    static String partName(String view) {
        return PART_PREFIX + view;
    }

    public String source() {
        return definition.source();
    }

    public String query() {
        return definition.query();
    }

    public List<ColumnSchema> columns() {
        return definition.columns();
    }

    public boolean isEnabled() {
        return options.isEnabled();
    }

    public String folder() {
        return options.folder();
    }

    public String docString() {
        return options.docString();
    }

    /// The query over the rows that are part of the view, for one that has no part.
    public String wholeQuery() {
        return since.map(from -> "let ['" + source() + "'] = table('" + source() + "') | where ingestion_time() >= datetime("
                        + DateTimeText.format(Moments.ticks(from)) + ");\n" + query())
                .orElse(query());
    }

    MaterializedView withName(String changed) {
        return new MaterializedView(
                changed, definition, options, since, part.map(table -> table.withName(partName(changed))));
    }

    public MaterializedView with(Definition changed) {
        return new MaterializedView(name, changed, options, since, part);
    }

    public MaterializedView with(Options changed) {
        return new MaterializedView(name, definition, changed, since, part);
    }

    public MaterializedView withPart(Table changed) {
        return new MaterializedView(name, definition, options, since, Optional.of(changed));
    }
}
