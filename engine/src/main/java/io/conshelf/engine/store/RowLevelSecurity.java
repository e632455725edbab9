package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Optional;

/// The policy that puts a query between a table's rows and everybody who reads them, administrators too.
public final class RowLevelSecurity {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private RowLevelSecurity() {}

    /// The query that gives the rows to be seen, where the policy is on.
    public static Optional<String> query(Table table) {
        return table.policy(PolicyKind.ROW_LEVEL_SECURITY).flatMap(RowLevelSecurity::enabled);
    }

    /// As [#query(Table)], of a materialized view.
    public static Optional<String> query(Database database, MaterializedView view) {
        return database.rules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name()))
                .policy(PolicyKind.ROW_LEVEL_SECURITY)
                .flatMap(RowLevelSecurity::enabled);
    }

    /// As [#query(Table)], of an external table.
    public static Optional<String> query(Database database, ExternalTable table) {
        return database.rules(table.entity()).policy(PolicyKind.ROW_LEVEL_SECURITY).flatMap(RowLevelSecurity::enabled);
    }

    /// Whether the policy is on for what a plan reads of the database: a table, or a view or an external table by its name.
    public static boolean isOn(Database database, TableId read) {
        var table = database.table(read.name()).filter(found -> found.id().equals(read));
        return table.isPresent() ? query(table.get()).isPresent()
                : database.view(read.name()).filter(view -> query(database, view).isPresent()).isPresent()
                        || database.externals().table(read.name()).filter(found -> query(database, found).isPresent()).isPresent();
    }

    private static Optional<String> enabled(String policy) {
        try {
            var json = JSON.readTree(policy);
            return json.path("IsEnabled").asBoolean() ? Optional.of(json.required("Query").textValue()) : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored row-level security policy cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
