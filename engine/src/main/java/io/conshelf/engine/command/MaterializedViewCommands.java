package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.DateTimeText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Materialized views. They are computed when they are read, so they are always up to date, after late data and deletes too,
/// and there is nothing to backfill, to wait for or to fall behind.
final class MaterializedViewCommands {
    private static final Set<String> CREATED_WITH = Set.of("backfill", "effectivedatetime", "autoupdateschema", "folder", "docstring");
    private static final Set<String> ALTERED_WITH = Set.of("autoupdateschema", "folder", "docstring");

    private MaterializedViewCommands() {}

    static void register(CommandRegistry registry) {
        var admin = Access.onEntity(Role.ADMIN);
        registry.on("CreateMaterializedView", Access.onDatabase(Role.ADMIN), CREATED_WITH, MaterializedViewCommands::create);
        registry.on("CreateOrAlterMaterializedView", admin, CREATED_WITH, MaterializedViewCommands::createOrAlter);
        registry.on("AlterMaterializedView", admin, ALTERED_WITH, MaterializedViewCommands::alter);
        registry.on("RenameMaterializedView", admin, MaterializedViewCommands::rename);
        registry.on("DropMaterializedView", admin, MaterializedViewCommands::drop);
        registry.on("EnableDisableMaterializedView", admin,
                c -> changed(c, view -> view.withEnabled(c.match().has("enable"))));
        registry.on("AlterMaterializedViewFolder", admin, c -> changed(c, view -> view.withFolder(c.match().text("Folder"))));
        registry.on("AlterMaterializedViewDocString", admin,
                c -> changed(c, view -> view.withDocString(c.match().text("Documentation"))));
        registry.on("AlterMaterializedViewAutoUpdateSchema", admin,
                c -> changed(c, view -> view.withUpdatesSchema(c.match().has("true"))));
        registry.on("ClearMaterializedViewData", admin, MaterializedViewCommands::clear);
        registry.on("ShowMaterializedView", Access.toLook(), c -> rows(c, List.of(existing(c))));
        registry.on("ShowMaterializedViews", Access.toLook(), c -> rows(c, c.database().viewsByName().values()));
        registry.on("ShowMaterializedViewDetails", Access.toLook(), MaterializedViewCommands::details);
        registry.on("ShowMaterializedViewsDetails", Access.toLook(), MaterializedViewCommands::details);
        registry.on("ShowMaterializedViewExtents", Access.toLook(), MaterializedViewCommands::extents);
        registry.on("ShowMaterializedViewCslSchema", Access.toLook(), c -> schema(c, FunctionParameters::csl));
        registry.on("ShowMaterializedViewSchemaAsJson", Access.toLook(),
                c -> schema(c, columns -> SchemaText.view(existing(c), columns).toString()));
    }

    private static String name(CommandContext context) {
        return context.match().text("MaterializedViewName");
    }

    private static MaterializedView existing(CommandContext context) {
        return existing(context.database(), name(context));
    }

    private static MaterializedView existing(Database database, String name) {
        return database.view(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", name)));
    }

    // ---- making

    private static CommandResult create(CommandContext context) {
        var existing = context.database().view(name(context));
        if (existing.isPresent()) {
            if (context.match().has("ifnotexists")) {
                return rows(context, List.of(existing.get()));
            }
            throw new KustoException(StorageErrors.entityExists("MaterializedView", name(context)));
        }
        return stored(context, Optional.empty());
    }

    private static CommandResult createOrAlter(CommandContext context) {
        return stored(context, context.database().view(name(context)));
    }

    private static CommandResult alter(CommandContext context) {
        return stored(context, Optional.of(existing(context)));
    }

    private static CommandResult stored(CommandContext context, Optional<MaterializedView> before) {
        var source = context.table(context.match().text("SourceTableName"));
        before.filter(view -> !view.source().equals(source.name())).ifPresent(view -> {
            throw new KustoException(Errors.badRequest("the materialized view '" + view.name() + "' is on table '" + view.source()
                    + "', which cannot be altered to '" + source.name() + "'"));
        });
        for (var kind : List.of(PolicyKind.RESTRICTED_VIEW_ACCESS, PolicyKind.ROW_LEVEL_SECURITY)) {
            if (Authorization.isEnabled(source, kind)) {
                throw new KustoException(Errors.badRequest("the source table '" + source.name() + "' has a " + kind.kustoName()
                        + ", which a materialized view would pass by"));
            }
        }
        var query = withoutBraces(context.match().text("SourceBody"));
        MaterializedViewQuery.check(query, source.name());
        context.services().columns(context.request(), context.database(), query);
        var view = context.change(transaction -> {
            if (before.isEmpty()) {
                requireFree(transaction, name(context));
                context.own(transaction, new EntityId(EntityId.Kind.MATERIALIZED_VIEW, name(context)));
            }
            return transaction.putView(new MaterializedView(
                    name(context), source.name(), query,
                    before.isPresent() ? before.get().since() : since(context, transaction.now()),
                    before.map(MaterializedView::isEnabled).orElse(true),
                    context.property("folder").or(() -> before.map(MaterializedView::folder)).orElse(""),
                    context.property("docstring").or(() -> before.map(MaterializedView::docString)).orElse(""),
                    context.property("autoupdateschema").isPresent()
                            ? context.isTrue("autoupdateschema")
                            : before.map(MaterializedView::updatesSchema).orElse(false)));
        });
        return rows(context, List.of(view));
    }

    private static void requireFree(Transaction transaction, String name) {
        var database = transaction.database();
        if (database.view(name).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("MaterializedView", name));
        }
        if (database.table(name).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("Table", name));
        }
        if (database.function(name).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("Function", name));
        }
    }

    /// Without backfill a view is of the rows that come after it.
    private static Optional<Instant> since(CommandContext context, Instant now) {
        var effective = context.property("effectivedatetime");
        if (!context.isTrue("backfill")) {
            if (effective.isPresent()) {
                throw new KustoException(CommandErrors.badArgument(context.match(), "effectiveDateTime", "it goes with backfill=true"));
            }
            return Optional.of(now);
        }
        return effective.map(text -> {
            var ticks = DateTimeText.parse(text.replaceFirst("(?i)^datetime\\((.*)\\)$", "$1"));
            if (ticks.isEmpty()) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), "effectiveDateTime", "'" + text + "' is not a datetime"));
            }
            return Moments.instant(ticks.getAsLong());
        });
    }

    private static String withoutBraces(String body) {
        var text = body.strip();
        var inside = text.startsWith("{") && text.endsWith("}") ? text.substring(1, text.length() - 1).strip() : text;
        return inside.endsWith(";") ? inside.substring(0, inside.length() - 1).strip() : inside;
    }

    // ---- changing

    private static CommandResult changed(CommandContext context, UnaryOperator<MaterializedView> change) {
        var name = existing(context).name();
        var view = context.change(transaction -> transaction.putView(change.apply(existing(transaction.database(), name))));
        return rows(context, List.of(view));
    }

    private static CommandResult rename(CommandContext context) {
        var to = context.match().text("NewMaterializedViewName");
        var view = context.change(transaction -> {
            var before = existing(transaction.database(), name(context));
            requireFree(transaction, to);
            transaction.moveRules(
                    new EntityId(EntityId.Kind.MATERIALIZED_VIEW, before.name()), new EntityId(EntityId.Kind.MATERIALIZED_VIEW, to));
            transaction.dropView(before.name());
            return transaction.putView(before.withName(to));
        });
        return rows(context, List.of(view));
    }

    private static CommandResult drop(CommandContext context) {
        context.change(transaction -> {
            transaction.dropView(name(context));
            return transaction;
        });
        return rows(context, context.database().viewsByName().values());
    }

    /// What was there is no part of the view any more.
    private static CommandResult clear(CommandContext context) {
        var name = existing(context).name();
        context.change(transaction ->
                transaction.putView(existing(transaction.database(), name).withSince(transaction.now())));
        return CommandResult.of(context.match().command()).done();
    }

    // ---- showing

    private static CommandResult rows(CommandContext context, Collection<MaterializedView> views) {
        var rows = CommandResult.of(context.match().command());
        // It is computed when it is read, so it is always as of now.
        long now = Moments.ticks(context.request().now());
        for (var view : views) {
            boolean isHealthy = columns(context, context.database(), view).isPresent();
            rows.row(
                    view.name(), view.source(), view.query(), now, now, isHealthy ? "Completed" : "Failed", isHealthy,
                    view.isEnabled(), view.folder(), view.docString(), view.updatesSchema(),
                    view.since().<Object>map(Moments::ticks).orElse(NULL), NULL, "");
        }
        return rows.done();
    }

    /// Nothing where the query does not bind any more, because its source is gone or has other columns.
    static Optional<List<ColumnSchema>> columns(CommandContext context, Database database, MaterializedView view) {
        try {
            return Optional.of(context.services().columns(context.request(), database, view.query()));
        } catch (KustoException _) {
            return Optional.empty();
        }
    }

    private static List<MaterializedView> named(CommandContext context) {
        var names = context.match().texts("MaterializedViewName");
        return names.isEmpty()
                ? new ArrayList<>(context.database().viewsByName().values())
                : names.stream().map(name -> existing(context.database(), name)).toList();
    }

    /// There are no rows in storage that could be counted.
    private static CommandResult details(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var view : named(context)) {
            rows.row(
                    view.name(), context.database().name(), view.folder(), view.docString(), 0L, 0.0, 0.0, NULL, 0L, 0.0, 0.0, NULL,
                    "[]", "null", "null", "null", "null", NULL, NULL);
        }
        return rows.done();
    }

    private static CommandResult extents(CommandContext context) {
        existing(context);
        return CommandResult.of(context.match().command()).done();
    }

    private static CommandResult schema(CommandContext context, Function<List<ColumnSchema>, String> form) {
        var view = existing(context);
        var columns = context.services().columns(context.request(), context.database(), view.query());
        return CommandResult.of(context.match().command())
                .row(view.name(), form.apply(columns), context.database().name(), view.folder(), view.docString())
                .done();
    }
}
