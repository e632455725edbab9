package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.value.TimeSpanText;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Policies of tables and databases. `.alter` fills what is left out with defaults, `.alter-merge` keeps it, `.delete`
/// lets the level above decide again.
final class PolicyCommands {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PolicyCommands() {}

    /// A policy whose value is a JSON object.
    ///
    /// @param keyword  in commands' names: `IngestionBatching`
    /// @param argument that carries the JSON
    private record ObjectPolicy(
            PolicyKind kind, String keyword, String argument, String defaults, UnaryOperator<ObjectNode> checked) {
        ObjectNode defaultValue() {
            return object(kind, defaults);
        }
    }

    private static final ObjectPolicy STREAMING = new ObjectPolicy(
            PolicyKind.STREAMING_INGESTION, "StreamingIngestion", "StreamingIngestionPolicy",
            "{\"IsEnabled\":true,\"HintAllocatedRate\":null}", PolicyCommands::checkedStreaming);

    private static final ObjectPolicy BATCHING = new ObjectPolicy(
            PolicyKind.INGESTION_BATCHING, "IngestionBatching", "IngestionBatchingPolicy",
            "{\"MaximumBatchingTimeSpan\":\"00:05:00\",\"MaximumNumberOfItems\":500,\"MaximumRawDataSizeMB\":1024}",
            PolicyCommands::checkedBatching);

    static void register(CommandRegistry registry) {
        for (var policy : new ObjectPolicy[] {STREAMING, BATCHING}) {
            var name = "Policy" + policy.keyword();
            registry.on("AlterTable" + name, Access.onTable(Role.ADMIN), c -> alterTable(c, policy, false));
            registry.on("AlterMergeTable" + name, Access.onTable(Role.ADMIN), c -> alterTable(c, policy, true));
            registry.on("DeleteTable" + name, Access.onTable(Role.ADMIN), c -> setTable(c, policy, Optional.empty()));
            registry.on("ShowTable" + name, Access.toLook(), c -> tableRow(c, policy));
            registry.on("AlterDatabase" + name, Access.onDatabase(Role.ADMIN), c -> alterDatabase(c, policy, false));
            registry.on("AlterMergeDatabase" + name, Access.onDatabase(Role.ADMIN), c -> alterDatabase(c, policy, true));
            registry.on("DeleteDatabase" + name, Access.onDatabase(Role.ADMIN), c -> setDatabase(c, policy, Optional.empty()));
            registry.on("ShowDatabase" + name, Access.toLook(), c -> databaseRow(c, policy));
        }
    }

    private static CommandResult alterTable(CommandContext context, ObjectPolicy policy, boolean merges) {
        var current = context.table().policy(policy.kind());
        return setTable(context, policy, Optional.of(value(context, policy, merges ? current : Optional.empty())));
    }

    private static CommandResult alterDatabase(CommandContext context, ObjectPolicy policy, boolean merges) {
        var current = context.database().policy(policy.kind());
        return setDatabase(context, policy, Optional.of(value(context, policy, merges ? current : Optional.empty())));
    }

    /// What the command says laid over what is there, or over the defaults.
    private static String value(CommandContext context, ObjectPolicy policy, Optional<String> current) {
        var value = current.map(text -> object(policy.kind(), text)).orElseGet(policy::defaultValue);
        var status = context.match().find("Status");
        if (status.isPresent()) {
            value.put("IsEnabled", status.get().text().equals("enable"));
        } else {
            var given = object(policy.kind(), context.match().text(policy.argument()));
            given.properties().forEach(property -> value.set(spelling(policy, value, property.getKey()), property.getValue()));
        }
        return policy.checked().apply(value).toString();
    }

    /// The policy's own spelling of a property written in any case.
    private static String spelling(ObjectPolicy policy, ObjectNode known, String name) {
        for (var property : known.properties()) {
            if (property.getKey().equalsIgnoreCase(name)) {
                return property.getKey();
            }
        }
        throw new KustoException(StorageErrors.badPolicy(
                policy.kind().kustoName(), "unknown property '" + name + "'; known are "
                        + String.join(", ", known.properties().stream().map(java.util.Map.Entry::getKey).toList())));
    }

    private static ObjectNode object(PolicyKind kind, String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new KustoException(StorageErrors.badPolicy(kind.kustoName(), "expected a JSON object, found " + text));
        } catch (JacksonException e) {
            throw new KustoException(StorageErrors.badPolicy(
                    kind.kustoName(), "the text is not JSON: " + e.getOriginalMessage()), e);
        }
    }

    private static CommandResult setTable(CommandContext context, ObjectPolicy policy, Optional<String> value) {
        var name = context.tableName();
        context.change(transaction -> transaction.setPolicy(transaction.table(name), policy.kind(), value));
        return tableRow(context, policy);
    }

    private static CommandResult setDatabase(CommandContext context, ObjectPolicy policy, Optional<String> value) {
        context.change(transaction -> {
            transaction.setPolicy(policy.kind(), value);
            return value;
        });
        return databaseRow(context, policy);
    }

    private static CommandResult tableRow(CommandContext context, ObjectPolicy policy) {
        var table = context.table();
        return CommandResult.of(context.match().command())
                .row(
                        policy.kind().kustoName(), "[" + context.database().name() + "].[" + table.name() + "]",
                        table.policy(policy.kind()).orElse("null"), NULL, "Table")
                .done();
    }

    private static CommandResult databaseRow(CommandContext context, ObjectPolicy policy) {
        var database = context.database();
        return CommandResult.of(context.match().command())
                .row(
                        policy.kind().kustoName(), "[" + database.name() + "]",
                        database.policy(policy.kind()).orElse("null"), childNames(database), "Database")
                .done();
    }

    private static String childNames(Database database) {
        var names = JsonNodeFactory.instance.arrayNode();
        database.tables().forEach(table -> names.add(table.name()));
        return names.toString();
    }

    private static ObjectNode checkedStreaming(ObjectNode policy) {
        if (!policy.path("IsEnabled").isBoolean()) {
            throw bad(STREAMING, "IsEnabled is true or false, found " + policy.path("IsEnabled"));
        }
        var rate = policy.path("HintAllocatedRate");
        if (!rate.isNull() && !rate.isNumber()) {
            throw bad(STREAMING, "HintAllocatedRate is gigabytes an hour as a number, found " + rate);
        }
        return policy;
    }

    private static ObjectNode checkedBatching(ObjectNode policy) {
        var text = policy.path("MaximumBatchingTimeSpan").asText();
        var span = TimeSpanText.parse(text);
        if (span.isEmpty() || span.getAsLong() < 100_000_000L || span.getAsLong() > 18_000_000_000L) {
            throw bad(BATCHING, "MaximumBatchingTimeSpan is between 00:00:10 and 00:30:00, found " + text);
        }
        checkRange(policy, "MaximumNumberOfItems", 1, 25_000);
        checkRange(policy, "MaximumRawDataSizeMB", 100, 4_096);
        return policy;
    }

    private static void checkRange(ObjectNode policy, String property, int least, int most) {
        JsonNode value = policy.path(property);
        if (!value.canConvertToInt() || value.asInt() < least || value.asInt() > most) {
            throw bad(BATCHING, property + " is a whole number between " + least + " and " + most + ", found " + value);
        }
    }

    private static KustoException bad(ObjectPolicy policy, String problem) {
        return new KustoException(StorageErrors.badPolicy(policy.kind().kustoName(), problem));
    }
}
