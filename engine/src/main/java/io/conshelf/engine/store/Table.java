package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What is known of a table at one moment.
///
/// @param id         `databaseId` and `tableId` are safe in SQL; the table id never changes
/// @param rows       the storage table that holds the rows: another one after the rows were replaced
/// @param nextColumn the number of the next column id
/// @param isHidden   left out of lists unless they are asked to show it
public record Table(
        TableId id,
        String rows,
        UUID guid,
        List<TableColumn> columns,
        int nextColumn,
        String folder,
        String docString,
        Instant createdOn,
        Map<PolicyKind, String> policies,
        List<Mapping> mappings,
        List<Grant> grants,
        boolean isHidden) {
    /// The extent's id of a row (UUID; all zero while the row is in the row store), as a column of [Reading#relation].
    public static final String EXTENT_COLUMN = "x_extent";
    /// When the row was ingested, in ticks (BIGINT), as a column of [Reading#relation].
    public static final String INGESTED_COLUMN = "x_ingested";
    /// The commit that brought the row (BIGINT, growing), as a column of [Reading#relation].
    public static final String COMMIT_COLUMN = "x_commit";

    public Table {
        columns = List.copyOf(columns);
        policies = Map.copyOf(policies);
        mappings = List.copyOf(mappings);
        grants = List.copyOf(grants);
    }

    public String name() {
        return id.name();
    }

    public Optional<TableColumn> column(String name) {
        return columns.stream().filter(c -> c.name().equals(name)).findFirst();
    }

    public List<ColumnSchema> schema() {
        return columns.stream().map(TableColumn::schema).toList();
    }

    public Optional<Mapping> mapping(MappingKind kind, String name) {
        return Mapping.find(mappings, kind, name);
    }

    /// The policy set on the table itself; [Database#effectivePolicy] adds inheritance.
    public Optional<String> policy(PolicyKind kind) {
        return Optional.ofNullable(policies.get(kind));
    }

    Table withName(String changed) {
        return new Table(new TableId(id.databaseId(), id.tableId(), changed), rows, guid, columns, nextColumn, folder,
                docString, createdOn, policies, mappings, grants, isHidden);
    }

    Table withRows(String changed) {
        return new Table(id, changed, guid, columns, nextColumn, folder, docString, createdOn, policies, mappings, grants, isHidden);
    }

    Table withColumns(List<TableColumn> changed, int next) {
        return new Table(id, rows, guid, changed, next, folder, docString, createdOn, policies, mappings, grants, isHidden);
    }

    Table withFolder(String changed) {
        return new Table(
                id, rows, guid, columns, nextColumn, changed, docString, createdOn, policies, mappings, grants, isHidden);
    }

    Table withDocString(String changed) {
        return new Table(id, rows, guid, columns, nextColumn, folder, changed, createdOn, policies, mappings, grants, isHidden);
    }

    Table withPolicies(Map<PolicyKind, String> changed) {
        return new Table(id, rows, guid, columns, nextColumn, folder, docString, createdOn, changed, mappings, grants, isHidden);
    }

    Table withMappings(List<Mapping> changed) {
        return new Table(id, rows, guid, columns, nextColumn, folder, docString, createdOn, policies, changed, grants, isHidden);
    }

    Table withGrants(List<Grant> changed) {
        return new Table(id, rows, guid, columns, nextColumn, folder, docString, createdOn, policies, mappings, changed, isHidden);
    }

    Table withHidden(boolean changed) {
        return new Table(
                id, rows, guid, columns, nextColumn, folder, docString, createdOn, policies, mappings, grants, changed);
    }
}
