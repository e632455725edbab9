package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TimeSpanText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Materialized views: their definitions here, their parts where [ViewServices] keeps them.
final class MaterializedViewCommands {
    private static final Set<String> ALTERED_WITH = Set.of(
            "autoupdateschema", "folder", "docstring", "lookback", "lookback_column", "dimensiontables", "dimensionmaterializedviews");
    private static final Set<String> CREATED_WITH = Set.copyOf(Stream.concat(ALTERED_WITH.stream(), Stream.of(
            "backfill", "effectivedatetime", "updateextentscreationtime",
            // A backfill is one statement that goes to disk where memory is short.
            "maxsourcerecordsforsingleingest", "concurrency")).toList());
    private static final Pattern NAME_IN_LIST = Pattern.compile("\"([^\"]*)\"|'([^']*)'");

    private MaterializedViewCommands() {}

    static void register(CommandRegistry registry) {
        var admin = Access.onEntity(Role.ADMIN);
        for (var over : List.of("", "OverMaterializedView")) {
            registry.on("CreateMaterializedView" + over, Access.onDatabase(Role.ADMIN), CREATED_WITH, MaterializedViewCommands::create);
            registry.on("CreateOrAlterMaterializedView" + over, admin, CREATED_WITH, MaterializedViewCommands::createOrAlter);
            registry.on("AlterMaterializedView" + over, admin, ALTERED_WITH, MaterializedViewCommands::alter);
        }
        registry.on("RenameMaterializedView", admin, MaterializedViewCommands::rename);
        registry.on("DropMaterializedView", admin, MaterializedViewCommands::drop);
        registry.on("EnableDisableMaterializedView", admin, MaterializedViewCommands::enable);
        registry.on("AlterMaterializedViewFolder", admin,
                c -> changed(c, options -> options.withFolder(c.match().text("Folder"))));
        registry.on("AlterMaterializedViewDocString", admin,
                c -> changed(c, options -> options.withDocString(c.match().text("Documentation"))));
        registry.on("AlterMaterializedViewAutoUpdateSchema", admin, MaterializedViewCommands::alterAutoUpdate);
        registry.on("AlterMaterializedViewLookback", admin, MaterializedViewCommands::alterLookback);
        registry.on("ClearMaterializedViewData", admin, MaterializedViewCommands::clear);
        registry.on("DeleteMaterializedViewRecords", Access.onDatabase(Role.ADMIN), Set.of("whatif"), MaterializedViewCommands::deleteRecords);
        MaterializedViewReports.register(registry);
    }

    static String name(CommandContext context) {
        return context.match().text("MaterializedViewName");
    }

    static MaterializedView existing(CommandContext context) {
        return existing(context.database(), name(context));
    }

    static MaterializedView existing(Database database, String name) {
        return database.view(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", name)));
    }

    private static Table part(MaterializedView view) {
        return view.part().orElseThrow(() -> MaterializedViewQuery.bad("'" + view.name()
                + "' has no materialized part, because its query does not bind; create it anew"));
    }

    // ---- making

    private static CommandResult create(CommandContext context) {
        var existing = context.database().view(name(context));
        if (existing.isPresent()) {
            if (context.match().has("ifnotexists")) {
                return MaterializedViewReports.rows(context, List.of(existing.get()));
            }
            throw new KustoException(StorageErrors.entityExists("MaterializedView", name(context)));
        }
        if (context.isTrue("backfill") && !context.match().has("async")) {
            throw MaterializedViewQuery.bad("a backfill may take long: with 'backfill=true' the command must be '.create async'");
        }
        return created(context);
    }

    private static CommandResult createOrAlter(CommandContext context) {
        return context.database().view(name(context)).isPresent() ? alter(context) : created(context);
    }

    private static CommandResult created(CommandContext context) {
        var definition = definition(context);
        boolean isBackfilled = context.isTrue("backfill");
        for (var property : List.of("effectivedatetime", "updateextentscreationtime")) {
            if (context.property(property).isPresent() && !isBackfilled) {
                throw new KustoException(CommandErrors.badArgument(context.match(), property, "it goes with backfill=true"));
            }
        }
        var view = new MaterializedView(
                name(context), definition, options(context, Optional.empty(), definition), effectiveDateTime(context), Optional.empty());
        var backfill = isBackfilled
                ? Optional.of(new ViewServices.Backfill(context.isTrue("updateextentscreationtime"))) : Optional.<ViewServices.Backfill>empty();
        var made = context.services().views().create(
                context.database().name(), view, backfill, transaction -> {
                    requireFree(transaction, name(context));
                    context.own(transaction, new EntityId(EntityId.Kind.MATERIALIZED_VIEW, name(context)));
                });
        return MaterializedViewReports.rows(context, List.of(made));
    }

    private static CommandResult alter(CommandContext context) {
        var before = existing(context);
        var definition = definition(context);
        if (!before.source().equals(definition.source()) || before.definition().isOverView() != definition.isOverView()) {
            throw MaterializedViewQuery.bad("'" + before.name() + "' is on '" + before.source() + "', which cannot be altered to '"
                    + definition.source() + "'");
        }
        for (var property : List.of("backfill", "effectivedatetime", "updateextentscreationtime")) {
            if (context.property(property).isPresent()) {
                throw new KustoException(CommandErrors.badArgument(context.match(), property, "it goes with making a view, not with altering one"));
            }
        }
        var view = context.writer().reshape(part(before).id(), transaction -> {
            var current = existing(transaction.database(), before.name());
            return context.services().views().alter(
                    transaction, current, current.with(definition).with(options(context, Optional.of(current.options()), definition)));
        });
        return MaterializedViewReports.rows(context, List.of(view));
    }

    /// What the command says of the query, checked.
    private static MaterializedView.Definition definition(CommandContext context) {
        boolean isOverView = context.match().command().name().endsWith("OverMaterializedView");
        var source = context.match().text(isOverView ? "SourceMaterializedViewName" : "SourceTableName");
        if (isOverView) {
            existing(context.database(), source);
        } else {
            context.table(source);
        }
        var dimensions = Stream.of("dimensiontables", "dimensionmaterializedviews")
                .flatMap(property -> context.property(property).stream())
                .flatMap(list -> NAME_IN_LIST.matcher(list).results())
                .map(found -> found.group(1) != null ? found.group(1) : found.group(2))
                .toList();
        requireUnprotected(context.database(), source, dimensions);
        var query = withoutBraces(context.match().text("SourceBody"));
        MaterializedViewQuery.check(query);
        return context.services().views().define(
                context.snapshot(), context.database(), source, isOverView, query, dimensions);
    }

    private static void requireUnprotected(Database database, String source, List<String> dimensions) {
        PassingBy.hidden(database, List.of(source)).ifPresent(hidden -> {
            throw MaterializedViewQuery.bad("the source table " + hidden + ", which a materialized view would pass by");
        });
        PassingBy.hidden(database, dimensions).ifPresent(hidden -> {
            throw MaterializedViewQuery.bad("the dimension table " + hidden + ", which a materialized view would pass by");
        });
    }

    private static MaterializedView.Options options(
            CommandContext context, Optional<MaterializedView.Options> before, MaterializedView.Definition definition) {
        var options = before.orElse(new MaterializedView.Options(true, "", "", false, Optional.empty(), ""));
        var lookback = context.property("lookback").isPresent() ? lookback(context, context.property("lookback").get()) : options.lookback();
        var column = context.property("lookback_column").orElse(options.lookbackColumn());
        if (!options.lookbackColumn().isEmpty() && !column.equals(options.lookbackColumn())) {
            throw MaterializedViewQuery.bad("the lookback column '" + options.lookbackColumn() + "' cannot be altered");
        }
        checkLookback(lookback, column, definition);
        boolean updatesSchema = context.property("autoupdateschema").isPresent()
                ? context.isTrue("autoupdateschema") : options.updatesSchema();
        if (updatesSchema) {
            MaterializedViewQuery.requireStar(definition.query());
        }
        return new MaterializedView.Options(
                options.isEnabled(), context.property("folder").orElse(options.folder()),
                context.property("docstring").orElse(options.docString()), updatesSchema, lookback, column);
    }

    private static void checkLookback(Optional<Duration> lookback, String column, MaterializedView.Definition definition) {
        if (!column.isEmpty()) {
            if (lookback.isEmpty()) {
                throw MaterializedViewQuery.bad("'lookback_column' goes with 'lookback'");
            }
            if (!definition.columns().contains(new ColumnSchema(column, Type.DATETIME))) {
                throw MaterializedViewQuery.bad("the lookback column '" + column + "' is no datetime column of the view");
            }
        } else if (lookback.isPresent()) {
            MaterializedViewQuery.requireRowAggregation(definition.query());
        }
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

    private static Optional<Instant> effectiveDateTime(CommandContext context) {
        return context.property("effectivedatetime").map(text -> {
            var ticks = DateTimeText.parse(text.replaceFirst("(?i)^datetime\\((.*)\\)$", "$1"));
            if (ticks.isEmpty()) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), "effectiveDateTime", "'" + text + "' is not a datetime"));
            }
            return Moments.instant(ticks.getAsLong());
        });
    }

    /// A timespan; none where it is null.
    private static Optional<Duration> lookback(CommandContext context, String text) {
        var bare = text.strip().replaceFirst("(?i)^(?:timespan|time)\\((.*)\\)$", "$1").strip();
        if (bare.equalsIgnoreCase("null")) {
            return Optional.empty();
        }
        var ticks = TimeSpanText.parse(bare);
        if (ticks.isEmpty() || ticks.getAsLong() <= 0) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "lookback", "'" + text + "' is not a timespan greater than zero"));
        }
        return Optional.of(Duration.ofSeconds(ticks.getAsLong() / Ticks.SECOND, ticks.getAsLong() % Ticks.SECOND * 100));
    }

    private static String withoutBraces(String body) {
        var text = body.strip();
        var inside = text.startsWith("{") && text.endsWith("}") ? text.substring(1, text.length() - 1).strip() : text;
        return inside.endsWith(";") ? inside.substring(0, inside.length() - 1).strip() : inside;
    }

    // ---- changing

    private static CommandResult changed(CommandContext context, UnaryOperator<MaterializedView.Options> change) {
        var name = existing(context).name();
        var view = context.change(transaction -> {
            var before = existing(transaction.database(), name);
            return transaction.views().put(before.with(change.apply(before.options())));
        });
        return MaterializedViewReports.rows(context, List.of(view));
    }

    private static CommandResult enable(CommandContext context) {
        boolean isEnabled = context.match().has("enable");
        if (isEnabled) {
            var definition = existing(context).definition();
            requireUnprotected(context.database(), definition.source(), definition.dimensionTables());
        }
        return changed(context, options -> options.withEnabled(isEnabled));
    }

    private static CommandResult alterAutoUpdate(CommandContext context) {
        boolean updates = context.match().has("true");
        if (updates) {
            MaterializedViewQuery.requireStar(existing(context).query());
        }
        return changed(context, options -> options.withUpdatesSchema(updates));
    }

    private static CommandResult alterLookback(CommandContext context) {
        var view = existing(context);
        var lookback = lookback(context, context.match().text("Lookback"));
        checkLookback(lookback, lookback.isEmpty() ? "" : view.options().lookbackColumn(), view.definition());
        return changed(context, options -> options.withLookback(lookback));
    }

    private static CommandResult rename(CommandContext context) {
        var to = context.match().text("NewMaterializedViewName");
        context.change(transaction -> {
            requireFree(transaction, to);
            return transaction.views().rename(existing(transaction.database(), name(context)), to);
        });
        return MaterializedViewReports.rows(context, context.database().viewsByName().values());
    }

    private static CommandResult drop(CommandContext context) {
        var name = name(context);
        for (var other : context.database().viewsByName().values()) {
            if (other.definition().isOverView() && other.source().equals(name)) {
                throw MaterializedViewQuery.bad("'" + name + "' is the source of '" + other.name() + "'; drop that first");
            }
        }
        context.change(transaction -> {
            transaction.views().drop(name);
            return transaction;
        });
        return MaterializedViewReports.rows(context, context.database().viewsByName().values());
    }

    /// Empties the materialized part; what comes after it goes on to be taken.
    private static CommandResult clear(CommandContext context) {
        var part = part(existing(context));
        var dropped = context.writer().loadAlone(part.id(), transaction -> {
            var extents = transaction.extents().of(part);
            transaction.extents().drop(part, extents);
            return extents;
        });
        var rows = CommandResult.of(context.match().command());
        dropped.forEach(extent -> rows.row(extent.id(), part.name(), Moments.ticks(extent.createdOn())));
        return rows.done();
    }

    private static CommandResult deleteRecords(CommandContext context) {
        var view = existing(context);
        var part = part(view);
        var predicate = context.match().text("csl");
        for (ColumnSchema column : view.columns()) {
            boolean isThere = part.schema().contains(column);
            if (!isThere && Pattern.compile("(?<![\\p{L}\\p{N}_])" + Pattern.quote(column.name()) + "(?![\\p{L}\\p{N}_])").matcher(predicate).find()) {
                throw MaterializedViewQuery.bad("the predicate cannot use '" + column.name() + "', which is aggregated when the view is read");
            }
        }
        return RecordCommands.delete(context, view.name(), part.id(), transaction -> part(existing(transaction.database(), view.name())));
    }
}
