package io.conshelf.engine.store;

import io.conshelf.kql.value.DateTimeText;
import java.time.Instant;
import java.util.Optional;

/// A view over one table, computed when it is read.
///
/// @param source the table's name
/// @param query  as written, without braces
/// @param since  rows ingested before are not part of it; all are where it is missing
public record MaterializedView(
        String name, String source, String query, Optional<Instant> since, boolean isEnabled, String folder, String docString,
        boolean updatesSchema) {

    /// The query over the rows that are part of the view.
    public String definition() {
        return since.map(from -> "let ['" + source + "'] = table('" + source + "') | where ingestion_time() >= datetime("
                        + DateTimeText.format(Moments.ticks(from)) + ");\n" + query)
                .orElse(query);
    }

    public MaterializedView withName(String changed) {
        return new MaterializedView(changed, source, query, since, isEnabled, folder, docString, updatesSchema);
    }

    public MaterializedView withEnabled(boolean changed) {
        return new MaterializedView(name, source, query, since, changed, folder, docString, updatesSchema);
    }

    public MaterializedView withSince(Instant changed) {
        return new MaterializedView(name, source, query, Optional.of(changed), isEnabled, folder, docString, updatesSchema);
    }

    public MaterializedView withFolder(String changed) {
        return new MaterializedView(name, source, query, since, isEnabled, changed, docString, updatesSchema);
    }

    public MaterializedView withDocString(String changed) {
        return new MaterializedView(name, source, query, since, isEnabled, folder, changed, updatesSchema);
    }

    public MaterializedView withUpdatesSchema(boolean changed) {
        return new MaterializedView(name, source, query, since, isEnabled, folder, docString, changed);
    }
}
