package io.conshelf.engine.command;

import static io.conshelf.engine.command.PolicyField.bool;
import static io.conshelf.engine.command.PolicyField.of;
import static io.conshelf.engine.command.PolicyField.optional;
import static io.conshelf.engine.command.PolicyField.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.UpdatePolicy;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Update policies.
final class UpdatePolicyCommands {
    static final PolicyFamily FAMILY = new PolicyFamily(
            PolicyKind.UPDATE, "Update",
            new PolicyShape.Elements(List.of(
                    of("IsEnabled", "true", bool()),
                    of("Source", "\"\"", text()),
                    of("SourceIsWildCard", "false", bool()),
                    of("Query", "\"\"", text()),
                    of("IsTransactional", "false", bool()),
                    of("PropagateIngestionProperties", "false", bool()),
                    // Kept and without effect: policies run as the cluster itself, over their own database.
                    optional("ManagedIdentity", value -> value.isNull() || value.isTextual()
                            ? Optional.empty()
                            : Optional.of("is a string or null, found " + value)))),
            UpdatePolicyCommands::checked,
            "new rows of the source are transformed in the transaction that brings them, streamed ones before they are "
                    + "acknowledged; one that is not transactional and fails is left out and shown by `.show ingestion failures`");

    private UpdatePolicyCommands() {}

    private static JsonNode checked(CommandContext context, JsonNode policies) {
        for (var name : context.tableNames()) {
            var target = context.table(name);
            policies.forEach(policy -> check(context, target, policy));
        }
        return policies;
    }

    private static void check(CommandContext context, Table target, JsonNode policy) {
        var name = policy.path("Source").asText();
        var query = policy.path("Query").asText();
        if (policy.path("SourceIsWildCard").asBoolean()) {
            // Tables to come may match too, and functions change: each run finds out.
            context.database().tables().stream()
                    .filter(t -> !t.id().equals(target.id()) && UpdatePolicy.matches(name, true, t.name()))
                    .forEach(source -> check(context, target, source, UpdatePolicy.query(query, source.name())));
            return;
        }
        check(context, target, context.table(name), query);
    }

    private static void check(CommandContext context, Table target, Table source, String query) {
        if (source.id().equals(target.id())) {
            throw bad("table '" + source.name() + "' cannot be its own source");
        }
        PassingBy.hidden(context.database(), List.of(source.name())).ifPresent(hidden -> {
            throw bad("the source " + hidden + ", which an update policy would pass by");
        });
        var read = context.services().tables(context.request(), context.database(), query);
        PassingBy.refusal(PassingBy.Reader.UPDATE_POLICY, context.database(), read).ifPresent(problem -> {
            throw bad(problem);
        });
        var columns = context.services().columns(context.request(), context.database(), query);
        var types = columns.stream().map(ColumnSchema::type).toList();
        if (!types.equals(target.columns().stream().map(TableColumn::type).toList())) {
            throw bad("Query schema does not match table schema: '" + target.name() + "': the query gives (" + schema(columns)
                    + "), the table has (" + schema(target.schema()) + "). Columns are matched by position");
        }
    }

    private static String schema(List<ColumnSchema> columns) {
        return columns.stream().map(c -> c.name() + ":" + c.type()).collect(Collectors.joining(", "));
    }

    private static KustoException bad(String problem) {
        return new KustoException(StorageErrors.badPolicy(PolicyKind.UPDATE.kustoName(), problem));
    }
}
