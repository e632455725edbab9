package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Optional;

/// The policy that puts a query between a table's rows and everybody who reads them, administrators too.
public final class RowLevelSecurity {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private RowLevelSecurity() {}

    /// @param query gives the rows to be seen
    /// @param isOn  whether it does so for everybody, not only for who asks for it
    public record Rule(String query, boolean isOn) {}

    public static Optional<Rule> of(Table table) {
        return table.policy(PolicyKind.ROW_LEVEL_SECURITY).flatMap(RowLevelSecurity::read);
    }

    /// As [#of(Table)], of a materialized view.
    public static Optional<Rule> of(Database database, MaterializedView view) {
        return database.rules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name()))
                .policy(PolicyKind.ROW_LEVEL_SECURITY)
                .flatMap(RowLevelSecurity::read);
    }

    /// As [#of(Table)], of an external table.
    public static Optional<Rule> of(Database database, ExternalTable table) {
        return database.rules(table.entity()).policy(PolicyKind.ROW_LEVEL_SECURITY).flatMap(RowLevelSecurity::read);
    }

    /// Whether the policy is on for what a plan reads of the database: a table, or a view or an external table by its name.
    public static boolean isOn(Database database, TableId read) {
        var table = database.table(read.name()).filter(found -> found.id().equals(read));
        return table.isPresent() ? of(table.get()).filter(Rule::isOn).isPresent()
                : database.view(read.name()).flatMap(view -> of(database, view)).filter(Rule::isOn).isPresent()
                        || database.externals().table(read.name()).flatMap(found -> of(database, found)).filter(Rule::isOn).isPresent();
    }

    private static Optional<Rule> read(String policy) {
        try {
            var json = JSON.readTree(policy);
            boolean isOn = json.path("IsEnabled").asBoolean();
            // One that is on must say what is to be seen.
            return isOn || json.path("Query").isTextual() ? Optional.of(new Rule(json.required("Query").textValue(), isOn)) : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored row-level security policy cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
