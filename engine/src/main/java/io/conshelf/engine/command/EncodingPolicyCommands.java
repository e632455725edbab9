package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;
import static io.conshelf.engine.command.PolicyField.object;
import static io.conshelf.engine.command.PolicyField.optional;
import static io.conshelf.engine.command.PolicyField.whole;
import static io.conshelf.engine.command.PolicyFamily.KEPT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.command.PolicyCommands.Verb;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.EncodingPolicy.Profile;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// How values of columns are to be encoded: the one policy that columns have too.
final class EncodingPolicyCommands {
    static final PolicyFamily FAMILY = new PolicyFamily(
            PolicyKind.ENCODING, "Encoding", new PolicyShape.Fields(List.of(
                    optional("Type", EncodingPolicyCommands::problemOfProfile),
                    optional("MaxValueSize", whole(1, EncodingPolicy.VALUE_BYTES_MAX)),
                    optional("Cache", object()),
                    optional("Compression", object()),
                    optional("Index", object()))),
            "`MaxValueSize`, also of `BigObject` and the like, is how large a value may become; the rest is " + KEPT
                    + ": storage chooses encodings by itself");

    private EncodingPolicyCommands() {}

    private static Optional<String> problemOfProfile(JsonNode value) {
        return Profile.named(value.asText()).isPresent()
                ? Optional.empty()
                : Optional.of("is one of " + String.join(", ", Profile.names()) + ", found " + value);
    }

    static void register(CommandRegistry registry) {
        var admin = Access.onTable(Role.ADMIN);
        registry.on("ShowColumnPolicyEncoding", Access.toLook(), c -> rows(c, List.of(column(c))));
        registry.on("AlterColumnPolicyEncoding", admin, c -> changeColumn(c, Verb.ALTER));
        registry.on("AlterMergeColumnPolicyEncoding", admin, c -> changeColumn(c, Verb.MERGE));
        registry.on("DeleteColumnPolicyEncoding", admin, c -> changeColumn(c, Verb.DELETE));
        registry.on("AlterColumnPolicyEncodingType", admin, EncodingPolicyCommands::changeType);
        registry.on("AlterTableColumnsPolicyEncoding", admin, EncodingPolicyCommands::changeColumnsOfTable);
        // Which tables it is about, the query tells: each is checked then.
        registry.on("AlterColumnsPolicyEncodingByQuery", Access.anyone(), EncodingPolicyCommands::changeByQuery);
    }

    private record Place(Table table, TableColumn column) {
        EntityId id() {
            return EntityId.column(table, column);
        }
    }

    private static Place column(CommandContext context) {
        var path = context.match().arguments().stream().filter(a -> a.kind().endsWith("table_column")).findFirst().orElseThrow();
        return place(context.table(), CommandContext.columnName(path.text()));
    }

    private static Place place(Table table, String column) {
        return new Place(table, table.column(column)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Column", column))));
    }

    private static CommandResult changeColumn(CommandContext context, Verb verb) {
        var place = column(context);
        context.change(transaction -> {
            var current = transaction.database().rules(place.id()).policy(PolicyKind.ENCODING);
            transaction.setPolicy(place.id(), PolicyKind.ENCODING, PolicyCommands.value(context, FAMILY, verb, current));
            return place;
        });
        return rows(context, List.of(place));
    }

    /// `type = 'Identifier'`; `Null` is the way back to what the column's type has.
    private static CommandResult changeType(CommandContext context) {
        var place = column(context);
        var type = context.match().text("EncodingPolicyType");
        context.change(transaction -> {
            set(transaction, place, type.equalsIgnoreCase("null") ? Optional.empty() : Optional.of(ofType(type)));
            return place;
        });
        return rows(context, List.of(place));
    }

    private static String ofType(String type) {
        var profile = Profile.named(type).orElseThrow(() -> bad(
                "'" + type + "' is no encoding; known are " + String.join(", ", Profile.names()) + ", Null"));
        var value = JsonNodeFactory.instance.objectNode().put("Type", profile.kustoName());
        if (profile.valueBytesMax() != EncodingPolicy.VALUE_BYTES_USUAL) {
            value.put("MaxValueSize", profile.valueBytesMax());
        }
        return value.toString();
    }

    private static void set(Transaction transaction, Place place, Optional<String> policy) {
        transaction.setPolicy(place.id(), PolicyKind.ENCODING, policy);
    }

    /// An object with a profile or a policy a column, or an array of such objects.
    private static CommandResult changeColumnsOfTable(CommandContext context) {
        var given = PolicyShape.parsed(PolicyKind.ENCODING, context.match().text("EncodingPolicies"));
        var objects = new ArrayList<JsonNode>();
        if (given.isArray()) {
            given.forEach(objects::add);
        } else {
            objects.add(given);
        }
        var policies = new LinkedHashMap<Place, String>();
        for (var object : objects) {
            if (!(object instanceof ObjectNode columns)) {
                throw bad("expected an object with a column's name and its policy, found " + object);
            }
            columns.properties().forEach(p -> policies.put(
                    place(context.table(), p.getKey()),
                    p.getValue().isTextual() ? ofType(p.getValue().asText()) : FAMILY.shape().checked(PolicyKind.ENCODING, p.getValue())));
        }
        context.change(transaction -> {
            policies.forEach((place, policy) -> set(transaction, place, Optional.of(policy)));
            return policies;
        });
        return rows(context, List.copyOf(policies.keySet()));
    }

    /// The query gives `TableName` and `ColumnName`; rows without a column, as schemas have, are passed over.
    private static CommandResult changeByQuery(CommandContext context) {
        var places = new ArrayList<Place>();
        for (var named : names(context)) {
            if (!named.get(1).isEmpty()) {
                places.add(place(context.table(named.get(0)), named.get(1)));
            }
        }
        for (var place : places) {
            Authorization.require(context.request().principal(), context.database(), place.table(), Role.ADMIN);
        }
        context.change(transaction -> {
            for (var place : places) {
                var policy = PolicyCommands.value(context, FAMILY, Verb.ALTER, Optional.empty());
                set(transaction, place, policy);
            }
            return places;
        });
        return rows(context, places);
    }

    private static List<List<String>> names(CommandContext context) {
        var source = context.services().source(context.request(), context.match().text("QueryOrCommand"));
        try (var connection = context.services().connect(); var reading = context.storage().read(connection)) {
            var query = context.services().bind(context.request(), source, reading);
            int table = index(query.columns().stream().map(c -> c.name()).toList(), "TableName");
            int column = index(query.columns().stream().map(c -> c.name()).toList(), "ColumnName");
            var names = new ArrayList<List<String>>();
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(query.sql())) {
                while (rows.next()) {
                    names.add(List.of(rows.getString(table), rows.getString(column)));
                }
            }
            return names;
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("The columns could not be read", e), e);
        }
    }

    private static int index(List<String> columns, String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw bad("the query gives no column '" + name + "'; it gives " + String.join(", ", columns));
        }
        return index + 1;
    }

    private static CommandResult rows(CommandContext context, List<Place> places) {
        var rows = CommandResult.of(context.match().command());
        var database = context.database();
        for (var place : places) {
            rows.row(
                    PolicyKind.ENCODING.kustoName(),
                    "[" + database.name() + "].[" + place.table().name() + "].[" + place.column().name() + "]",
                    database.rules(place.id()).policy(PolicyKind.ENCODING).orElse(PolicyCommands.UNSET), NULL, "Column");
        }
        return rows.done();
    }

    private static KustoException bad(String problem) {
        return new KustoException(StorageErrors.badPolicy(PolicyKind.ENCODING.kustoName(), problem));
    }
}
