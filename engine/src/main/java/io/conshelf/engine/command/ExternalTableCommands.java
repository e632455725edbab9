package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.ingest.MappingText;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.Mapping;
import io.conshelf.engine.store.MappingKind;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// External tables: making, changing, dropping and listing them, with their mappings.
final class ExternalTableCommands {
    private static final long ARTIFACTS_SHOWN_MAX = 100_000;
    private static final int PREVIEWED = 10;

    private ExternalTableCommands() {}

    /// What a command may find under the name it writes.
    private enum Expectation { NEW, EXISTING, EITHER }

    static void register(CommandRegistry registry) {
        var create = Access.onEntityOrToCreate(Role.ADMIN, Role.USER);
        var admin = Access.onEntity(Role.ADMIN);
        files(registry, "CreateStorageExternalTable", create, Expectation.NEW);
        files(registry, "AlterStorageExternalTable", admin, Expectation.EXISTING);
        files(registry, "CreateOrAlterStorageExternalTable", create, Expectation.EITHER);
        sql(registry, "CreateSqlExternalTable", create, Expectation.NEW);
        sql(registry, "AlterSqlExternalTable", admin, Expectation.EXISTING);
        sql(registry, "CreateOrAlterSqlExternalTable", create, Expectation.EITHER);
        registry.on("DropExternalTable", admin, ExternalTableCommands::drop);
        registry.on("AlterExternalTableDocString", admin, c -> changed(c, t -> t.withDocString(c.match().text("docStringValue"))));
        registry.on("AlterExternalTableFolder", admin, c -> changed(c, t -> t.withFolder(c.match().text("folderValue"))));

        registry.on("ShowExternalTables", Access.toLook(), c -> rows(c, all(c)));
        registry.on("ShowExternalTable", Access.toLook(), c -> rows(c, List.of(existing(c))));
        registry.on("ShowExternalTablesDetails", Access.toLook(), c -> details(c, all(c)));
        registry.on("ShowExternalTableDetails", Access.toLook(), c -> details(c, List.of(existing(c))));
        var look = Access.onEntity(Role.ADMIN, Role.VIEWER, Role.MONITOR);
        registry.on("ShowExternalTableCslSchema", look, c -> schema(c, t -> SchemaText.csl(t.schema())));
        registry.on("ShowExternalTableSchema", look, c -> schema(c, t ->
                c.match().has("json") ? ExternalTableText.schema(t).toString() : SchemaText.csl(t.schema())));
        registry.on("ShowExternalTableArtifacts", Access.onDatabase(Role.USER), ExternalTableCommands::artifacts);

        registry.on("CreateExternalTableMapping", Access.onEntity(Role.ADMIN, Role.USER), c -> putMapping(c, Expectation.NEW));
        registry.on("AlterExternalTableMapping", admin, c -> putMapping(c, Expectation.EXISTING));
        registry.on("DropExternalTableMapping", admin, ExternalTableCommands::dropMapping);
        registry.on("ShowExternalTableMappings", Access.toLook(), c -> mappings(c, existing(c).mappings()));
        registry.on("ShowExternalTableMapping", Access.toLook(), c -> mappings(c, List.of(mapping(c, existing(c)))));

        registry.on("ShowExternalTablePolicyRowLevelSecurity", Access.toLook(), c -> policies(c, List.of(existing(c))));
        registry.on("ShowExternalTableStarPolicyRowLevelSecurity", Access.toLook(), c -> policies(c, all(c)));
        registry.on("AlterExternalTablePolicyRowLevelSecurity", Access.onDatabase(Role.ADMIN), ExternalTableCommands::alterPolicy);
        registry.on("DeleteExternalTablePolicyRowLevelSecurity", Access.onDatabase(Role.ADMIN), ExternalTableCommands::deletePolicy);
    }

    private static void files(CommandRegistry registry, String command, Access access, Expectation expectation) {
        registry.on(command, access, ExternalTableDefinition.FILE_PROPERTIES, c -> stored(c, ExternalTableDefinition.files(c), expectation));
    }

    private static void sql(CommandRegistry registry, String command, Access access, Expectation expectation) {
        registry.on(command, access, ExternalTableDefinition.SQL_PROPERTIES, c -> stored(c, ExternalTableDefinition.sql(c), expectation));
    }

    private static Collection<ExternalTable> all(CommandContext context) {
        return context.database().externals().tablesByName().values();
    }

    /// The table that the command names, or the service's error.
    static ExternalTable existing(CommandContext context) {
        return context.database().externals().table(context.entityId().name()).orElseThrow();
    }

    private static ExternalTable existing(Transaction transaction, String name) {
        return transaction.database().externals().table(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("ExternalTable", name)));
    }

    // ---- making and changing

    private static CommandResult stored(CommandContext context, ExternalTable defined, Expectation expectation) {
        if (defined.source() instanceof Files files && files.connections().stream().anyMatch(c -> c.matches("(?i).*;managed_identity=.*"))) {
            Authorization.requireAdministrator(context.request().principal(), "an external table with a managed identity");
        }
        check(context, defined);
        if (context.property("validatenotempty").isPresent() && context.isTrue("validatenotempty")
                && context.services().externalTables().artifacts(defined, 1).isEmpty()) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "validateNotEmpty", "there is no file that the table would read"));
        }
        boolean isDry = context.property("dryrun").isPresent() && context.isTrue("dryrun");
        var table = isDry ? defined : context.change(transaction -> put(context, transaction, defined, expectation));
        if (isDry) {
            checkName(context.database().externals().table(defined.name()), defined.name(), expectation);
        }
        return answer(context, table);
    }

    private static ExternalTable put(
            CommandContext context, Transaction transaction, ExternalTable defined, Expectation expectation) {
        var before = transaction.database().externals().table(defined.name());
        checkName(before, defined.name(), expectation);
        if (transaction.database().table(defined.name()).isPresent() || transaction.database().view(defined.name()).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("Table", defined.name()));
        }
        // What an alteration does not say stays: mappings have commands of their own.
        var table = before.map(b -> defined.withMappings(b.mappings())).orElse(defined);
        transaction.setExternals(externals -> externals.with(table));
        if (before.isEmpty()) {
            context.own(transaction, table.entity());
        }
        return table;
    }

    private static void checkName(Optional<ExternalTable> before, String name, Expectation expectation) {
        if (expectation == Expectation.NEW && before.isPresent()) {
            throw new KustoException(StorageErrors.entityExists("ExternalTable", name));
        }
        if (expectation == Expectation.EXISTING && before.isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("ExternalTable", name));
        }
    }

    private static void check(CommandContext context, ExternalTable defined) {
        var before = context.database().externals().table(defined.name());
        boolean changesKind = before.isPresent() && !before.get().source().getClass().equals(defined.source().getClass());
        if (changesKind) {
            throw new KustoException(Errors.badRequest("external table '" + defined.name() + "' is of the kind '"
                    + ExternalTableText.type(before.get()) + "', which cannot be altered"));
        }
        boolean changesSchema = before.isPresent() && defined.source() instanceof ExternalTable.Sql
                && !before.get().columns().equals(defined.columns());
        if (changesSchema) {
            throw new KustoException(Errors.badRequest("the columns of the SQL external table '" + defined.name()
                    + "' cannot be altered: drop it and create it anew"));
        }
    }

    /// `.create` answers with other columns than `.alter`; what a preview shows stands in their place.
    private static CommandResult answer(CommandContext context, ExternalTable table) {
        if (context.property("filespreview").isPresent() && context.isTrue("filespreview")) {
            var artifacts = CommandResult.of(CommandCatalogue.service().named("ShowExternalTableArtifacts").orElseThrow());
            context.services().externalTables().artifacts(table, PREVIEWED).forEach(a -> artifacts.row(a.uri(), partition(table, a.partition()), a.sizeBytes()));
            return artifacts.done();
        }
        if (context.property("sampleuris").isPresent() && context.isTrue("sampleuris")) {
            var uris = CommandResult.of(List.of(new ColumnSchema("Uri", Type.STRING)));
            context.services().externalTables().sampleUris(table, context.request().now()).forEach(uris::row);
            return uris.done();
        }
        return context.match().command().output().orElseThrow().stream().anyMatch(c -> c.name().equals("Schema"))
                ? CommandResult.of(context.match().command())
                        .row(
                                table.name(), ExternalTableText.type(table), table.folder(), table.docString(),
                                ExternalTableText.columns(table), ExternalTableText.properties(table))
                        .done()
                : rows(context, List.of(table));
    }

    private static CommandResult changed(CommandContext context, UnaryOperator<ExternalTable> change) {
        var name = context.entityId().name();
        var table = context.change(transaction -> {
            var after = change.apply(existing(transaction, name));
            transaction.setExternals(externals -> externals.with(after));
            return after;
        });
        return rows(context, List.of(table));
    }

    private static CommandResult drop(CommandContext context) {
        var name = context.entities().getFirst().name();
        if (context.database().externals().table(name).isEmpty() && context.match().has("ifexists")) {
            return rows(context, List.of());
        }
        var dropped = context.change(transaction -> {
            var table = existing(transaction, name);
            for (ContinuousExport export : transaction.database().externals().exportsByName().values()) {
                if (export.externalTable().equals(name)) {
                    throw new KustoException(Errors.badRequest("the continuous export '" + export.name()
                            + "' writes to external table '" + name + "': drop it first"));
                }
            }
            transaction.setExternals(externals -> externals.withoutTable(name));
            transaction.dropRules(table.entity());
            return table;
        });
        return rows(context, List.of(dropped));
    }

    // ---- showing

    private static CommandResult rows(CommandContext context, Collection<ExternalTable> tables) {
        var rows = CommandResult.of(context.match().command());
        for (var table : tables) {
            rows.row(
                    table.name(), ExternalTableText.type(table), table.folder(), table.docString(), ExternalTableText.properties(table),
                    ExternalTableText.connections(table), ExternalTableText.partitions(table), ExternalTableText.pathFormat(table));
        }
        return rows.done();
    }

    /// Nothing is accelerated.
    private static CommandResult details(CommandContext context, Collection<ExternalTable> tables) {
        var rows = CommandResult.of(context.match().command());
        tables.forEach(table -> rows.row(table.name(), "", ""));
        return rows.done();
    }

    private static CommandResult schema(CommandContext context, Function<ExternalTable, String> form) {
        var table = existing(context);
        return CommandResult.of(context.match().command())
                .row(table.name(), form.apply(table), context.database().name(), table.folder(), table.docString())
                .done();
    }

    private static CommandResult artifacts(CommandContext context) {
        var table = existing(context);
        long limit = context.match().find("LimitCount").map(a -> Long.parseLong(a.text())).orElse(ARTIFACTS_SHOWN_MAX);
        var rows = CommandResult.of(context.match().command());
        for (ExternalTables.Artifact artifact : context.services().externalTables().artifacts(table, Math.min(limit, ARTIFACTS_SHOWN_MAX))) {
            rows.row(artifact.uri(), partition(table, artifact.partition()), artifact.sizeBytes());
        }
        return rows.done();
    }

    private static String partition(ExternalTable table, Map<String, Object> values) {
        var json = JsonNodeFactory.instance.objectNode();
        if (table.source() instanceof Files files) {
            for (Partition partition : files.partitions()) {
                switch (values.get(partition.name())) {
                    case null -> json.putNull(partition.name());
                    case Long ticks when partition.type() == Type.DATETIME -> json.put(partition.name(), DateTimeText.format(ticks));
                    case Long number -> json.put(partition.name(), number);
                    case Object text -> json.put(partition.name(), text.toString());
                }
            }
        }
        return json.toString();
    }

    // ---- mappings

    private static MappingKind mappingKind(ExternalTable table) {
        if (!(table.source() instanceof Files files)) {
            throw new KustoException(Errors.badRequest("external table '" + table.name() + "' is of the kind sql and has no mappings"));
        }
        return Format.named(files.format()).mappingKind();
    }

    private static CommandResult putMapping(CommandContext context, Expectation expectation) {
        var table = existing(context);
        var kind = mappingKind(table);
        var name = EntityNames.checked("mapping", context.match().text("MappingName"));
        var json = context.match().text("MappingFormat");
        MappingText.check(kind, json);
        var mapping = context.change(transaction -> {
            var current = existing(transaction, table.name());
            if (expectation == Expectation.NEW && current.mapping(name).isPresent()) {
                throw new KustoException(StorageErrors.entityExists("MappingPersistent", name));
            }
            if (expectation == Expectation.EXISTING && current.mapping(name).isEmpty()) {
                throw new KustoException(StorageErrors.mappingNotFound(kind.kustoName(), name, table.name()));
            }
            var made = new Mapping(name, kind, json, transaction.now());
            var all = new ArrayList<>(current.mappings().stream().filter(m -> !m.name().equals(name)).toList());
            all.add(made);
            transaction.setExternals(externals -> externals.with(current.withMappings(all)));
            return made;
        });
        return mappings(context, List.of(mapping));
    }

    private static Mapping mapping(CommandContext context, ExternalTable table) {
        var name = context.match().text("MappingName");
        return table.mapping(name).orElseThrow(() -> new KustoException(StorageErrors.mappingNotFound("ingestion", name, table.name())));
    }

    private static CommandResult dropMapping(CommandContext context) {
        var dropped = mapping(context, existing(context));
        var name = context.entityId().name();
        context.change(transaction -> {
            var current = existing(transaction, name);
            transaction.setExternals(externals -> externals.with(current.withMappings(
                    current.mappings().stream().filter(m -> !m.name().equals(dropped.name())).toList())));
            return current;
        });
        return mappings(context, List.of(dropped));
    }

    private static CommandResult mappings(CommandContext context, List<Mapping> mappings) {
        var rows = CommandResult.of(context.match().command());
        for (var mapping : mappings) {
            rows.row(
                    mapping.name(), mapping.kind().kustoName(), mapping.json(), Moments.ticks(mapping.updatedOn()),
                    context.database().name(), context.entityId().name());
        }
        return rows.done();
    }

    // ---- row-level security

    private static CommandResult policies(CommandContext context, Collection<ExternalTable> tables) {
        var rows = CommandResult.of(context.match().command());
        for (var table : tables) {
            rows.row(
                    PolicyKind.ROW_LEVEL_SECURITY.kustoName(), "[" + context.database().name() + "].[" + table.name() + "]",
                    context.database().rules(table.entity()).policy(PolicyKind.ROW_LEVEL_SECURITY).orElse("null"), NULL, "ExternalTable");
        }
        return rows.done();
    }

    private static CommandResult alterPolicy(CommandContext context) {
        var table = existing(context);
        var query = context.match().text("Query");
        if (context.match().has("enable")) {
            PassingBy.whatReads(context, table.entity()).ifPresent(problem -> {
                throw new KustoException(StorageErrors.badPolicy(PolicyKind.ROW_LEVEL_SECURITY.kustoName(), problem));
            });
            var given = context.services().columns(context.request(), context.database(), query);
            boolean fits = table.schema().stream().allMatch(given::contains);
            if (!fits) {
                throw new KustoException(StorageErrors.badPolicy(PolicyKind.ROW_LEVEL_SECURITY.kustoName(),
                        "the query must give the columns of external table '" + table.name() + "': it gives " + given + ", the table has "
                                + table.schema()));
            }
        }
        var policy = JsonNodeFactory.instance.objectNode().put("IsEnabled", context.match().has("enable")).put("Query", query);
        return setPolicy(context, table, Optional.of(policy.toString()));
    }

    private static CommandResult deletePolicy(CommandContext context) {
        return setPolicy(context, existing(context), Optional.empty());
    }

    private static CommandResult setPolicy(CommandContext context, ExternalTable table, Optional<String> policy) {
        context.change(transaction -> {
            existing(transaction, table.name());
            transaction.setPolicy(table.entity(), PolicyKind.ROW_LEVEL_SECURITY, policy);
            return table;
        });
        return policies(context, List.of(table));
    }
}
