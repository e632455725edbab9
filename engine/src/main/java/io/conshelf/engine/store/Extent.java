package io.conshelf.engine.store;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;

/// Rows of a table that came and go together: those that one commit brought, or of several such that were merged.
///
/// @param number        unique in the database for ever; what the rows carry
/// @param id            what people see; see [#idOf]
/// @param minCreatedOn  when the oldest of what was merged was created
/// @param createdOn     the same of the youngest: what retention counts from
/// @param originalBytes size of the data as it came in
public record Extent(
        long number,
        UUID id,
        String tableId,
        Instant minCreatedOn,
        Instant createdOn,
        long rowCount,
        long originalBytes,
        Set<String> tags) {
    /// The id of rows that are not in an extent yet, and of ingestions that made none.
    public static final UUID NONE = new UUID(0, 0);

    public Extent {
        tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
    }

    /// What extents of a table become together. Their rows keep their commits.
    static Extent merged(Table table, long number, Collection<Extent> extents) {
        var tags = new LinkedHashSet<String>();
        extents.forEach(extent -> tags.addAll(extent.tags()));
        return new Extent(
                number,
                idOf(table, number),
                table.id().tableId(),
                extents.stream().map(Extent::minCreatedOn).min(Comparator.naturalOrder()).orElseThrow(),
                extents.stream().map(Extent::createdOn).max(Comparator.naturalOrder()).orElseThrow(),
                extents.stream().mapToLong(Extent::rowCount).sum(),
                extents.stream().mapToLong(Extent::originalBytes).sum(),
                tags);
    }

    /// An extent's id is computed from its table and number, so that rows carry eight bytes instead of sixteen.
    static UUID idOf(Table table, long number) {
        return new UUID(table.guid().getMostSignificantBits(), number | Long.MIN_VALUE);
    }

    /// The SQL that makes the id of a row from its extent's number.
    static String idSql(Table table) {
        String prefix = "%016x".formatted(table.guid().getMostSignificantBits());
        return "CAST('" + prefix + "8' || lpad(lower(to_hex(" + Table.EXTENT_COLUMN + ")), 15, '0') AS UUID)";
    }

    /// The SQL that finds the tags of a row's extent, given the id the row shows, as a JSON array.
    public static String tagsSql(Table table, String id) {
        return "coalesce((SELECT any_value(CAST(to_json(e.tags) AS VARCHAR)) FROM " + table.id().databaseId()
                + ".conshelf.extents AS e WHERE e.storage = '" + table.rows() + "' AND lpad(lower(to_hex(e.number)), 15, '0')"
                + " = right(replace(CAST(" + id + " AS VARCHAR), '-', ''), 15)), '[]')";
    }
}
