package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.type.ColumnSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// The two policies that decide which rows of a table are seen: row-level security and restricted view access. A table has
/// one of them at most.
final class RowLevelSecurityCommands {
    static final PolicyFamily FAMILY = new PolicyFamily(
            PolicyKind.ROW_LEVEL_SECURITY, "RowLevelSecurity", new PolicyShape.Words(RowLevelSecurityCommands::read),
            RowLevelSecurityCommands::checked,
            "every query, function and command that reads the table reads the policy's query instead, administrators' too");

    static final PolicyFamily RESTRICTED = new PolicyFamily(
            PolicyKind.RESTRICTED_VIEW_ACCESS, "RestrictedViewAccess",
            new PolicyShape.Words((match, _) -> JsonNodeFactory.instance.objectNode().put("IsEnabled", match.has("true"))),
            RowLevelSecurityCommands::checkedRestriction,
            "only unrestricted viewers of the database can name the table in queries, administrators neither");

    private RowLevelSecurityCommands() {}

    private static JsonNode read(CommandMatch match, Optional<JsonNode> current) {
        return JsonNodeFactory.instance.objectNode()
                .put("IsEnabled", match.has("enable"))
                .put("Query", match.text("Query"));
    }

    private static JsonNode checked(CommandContext context, JsonNode policy) {
        if (policy.path("IsEnabled").asBoolean()) {
            var query = policy.path("Query").asText();
            context.tableNames().forEach(name -> check(context, context.table(name), query));
            context.entities().forEach(view -> {
                PassingBy.whatReads(context, view).ifPresent(problem -> {
                    throw bad(problem);
                });
                requireColumns(
                        context, query, "view", view.name(),
                        context.services().columns(context.request(), context.database(), "['" + view.name() + "']"));
            });
        }
        return policy;
    }

    private static void check(CommandContext context, Table table, String query) {
        if (Authorization.isEnabled(table, PolicyKind.RESTRICTED_VIEW_ACCESS)) {
            throw bad("table '" + table.name() + "' has a RestrictedViewAccessPolicy; a table has one of the two");
        }
        PassingBy.whatReads(context, table).ifPresent(problem -> {
            throw bad(problem);
        });
        requireColumns(context, query, "table", table.name(), table.schema());
    }

    private static void requireColumns(
            CommandContext context, String query, String kind, String name, List<ColumnSchema> columns) {
        var given = context.services().columns(context.request(), context.database(), query);
        if (given.size() != columns.size() || !new HashSet<>(given).equals(new HashSet<>(columns))) {
            throw bad("the query must give the columns of " + kind + " '" + name + "': it gives " + given + ", the " + kind + " has "
                    + columns);
        }
    }

    private static JsonNode checkedRestriction(CommandContext context, JsonNode policy) {
        if (policy.path("IsEnabled").asBoolean()) {
            context.tableNames().forEach(name -> checkRestriction(context, context.table(name)));
        }
        return policy;
    }

    private static void checkRestriction(CommandContext context, Table table) {
        Optional<String> problem = Authorization.isEnabled(table, PolicyKind.ROW_LEVEL_SECURITY)
                ? Optional.of("table '" + table.name() + "' has a RowLevelSecurityPolicy; a table has one of the two")
                : PassingBy.whatReads(context, table);
        problem.ifPresent(found -> {
            throw new KustoException(StorageErrors.badPolicy(PolicyKind.RESTRICTED_VIEW_ACCESS.kustoName(), found));
        });
    }

    private static KustoException bad(String problem) {
        return new KustoException(StorageErrors.badPolicy(PolicyKind.ROW_LEVEL_SECURITY.kustoName(), problem));
    }
}
