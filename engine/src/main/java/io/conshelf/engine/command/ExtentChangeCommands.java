package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Change;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.MergePolicy;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.value.DateTimeText;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/// Dropping, merging, moving and tagging extents.
final class ExtentChangeCommands {
    private static final Set<String> AGE = Set.of("extentcreatedonfrom", "extentcreatedonto");
    private static final Set<String> MOVE = Set.of("extentcreatedonfrom", "extentcreatedonto", "setnewingestiontime");
    private static final String PRETEND = "DropPretendExtentsByProperties";
    private static final long BYTES_PER_MB = 1L << 20;
    private static final long NANOSECONDS_PER_TICK = 100;
    private static final long BYTES_PER_GB = 1L << 30;

    private ExtentChangeCommands() {}

    static void register(CommandRegistry registry) {
        var admin = Access.onTable(Role.ADMIN);
        registry.on("DropExtent", admin, c -> drop(c, ids(c, "ExtentId")));
        registry.on("DropExtents", admin, ExtentChangeCommands::dropSeveral);
        registry.on(PRETEND, admin, ExtentChangeCommands::dropSeveral);
        registry.on("MergeExtents", admin, c -> merge(c, false));
        registry.on("MergeExtentsDryrun", admin, c -> merge(c, true));
        registry.on("MoveExtentsFrom", admin, MOVE, ExtentChangeCommands::moveFrom);
        registry.on("MoveExtentsQuery", admin, MOVE, ExtentChangeCommands::moveQueried);
        registry.on("ReplaceExtents", admin, MOVE, ExtentChangeCommands::replace);
        registry.on("AlterExtentTagsFromQuery", admin, AGE, c -> tagQueried(c, (_, named) -> named));
        registry.on("AlterMergeExtentTagsFromQuery", admin, AGE, c -> tagQueried(c, ExtentChangeCommands::union));
        registry.on("DropExtentTagsFromTable", admin, AGE, ExtentChangeCommands::untag);
        registry.on("DropExtentTagsFromQuery", admin, AGE, ExtentChangeCommands::untagQueried);
    }

    /// An extent with the table it is of.
    private record Located(Table table, Extent extent) {}

    private static <R> R inTransaction(CommandContext context, Change<R> change) {
        // The table that gets extents, where one does: update policies may follow from what comes to it.
        var destination = context.match().find("DestinationTableName").map(a -> a.text()).orElse("");
        return context.writer().withoutMerges(
                () -> context.writer().load(new TableId(context.database().id(), "", destination), change));
    }

    private static Set<UUID> ids(CommandContext context, String argument) {
        var ids = new LinkedHashSet<UUID>();
        for (var text : context.match().texts(argument)) {
            ids.add(id(context, text));
        }
        return ids;
    }

    private static UUID id(CommandContext context, String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "extent", "'" + text + "' is not the id of an extent"), e);
        }
    }

    /// The tables that a command may take extents of: those it names after `from`, else all.
    private static Collection<Table> tables(CommandContext context, Transaction transaction) {
        var named = context.match().texts("TableName");
        return named.isEmpty() ? transaction.database().tables() : named.stream().map(transaction::table).toList();
    }

    private static List<Located> extents(Collection<Table> tables, Transaction transaction) throws SQLException {
        var all = new ArrayList<Located>();
        for (var table : tables) {
            for (var extent : transaction.extents().of(table)) {
                all.add(new Located(table, extent));
            }
        }
        return all;
    }

    private static List<Located> located(
            CommandContext context, Collection<Table> tables, Transaction transaction, Set<UUID> ids) throws SQLException {
        var found = extents(tables, transaction).stream().filter(e -> ids.contains(e.extent().id())).toList();
        if (found.size() < ids.size()) {
            var missing = ids.stream().filter(id -> found.stream().noneMatch(e -> e.extent().id().equals(id))).findFirst();
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "extent", missing.orElseThrow() + " was not found"));
        }
        return found;
    }

    // ---- drop

    private static CommandResult drop(CommandContext context, Set<UUID> ids) {
        return dropped(context, inTransaction(context, transaction ->
                drop(transaction, located(context, tables(context, transaction), transaction, ids))));
    }

    private static List<Located> drop(Transaction transaction, List<Located> extents) throws SQLException {
        for (var located : extents) {
            transaction.extents().drop(located.table(), List.of(located.extent()));
        }
        return extents;
    }

    private static CommandResult dropped(CommandContext context, List<Located> extents) {
        var rows = CommandResult.of(context.match().command());
        extents.forEach(e -> rows.row(e.extent().id(), e.table().name(), Moments.ticks(e.extent().createdOn())));
        return rows.done();
    }

    private static CommandResult dropSeveral(CommandContext context) {
        var match = context.match();
        if (match.find("ExtentId").isPresent()) {
            return drop(context, ids(context, "ExtentId"));
        }
        boolean isPretended = match.has("whatif") || match.command().name().equals(PRETEND);
        return dropped(context, inTransaction(context, transaction -> {
            var chosen = match.find("Query").isPresent()
                    ? queried(context, transaction, match.text("Query"), transaction.database().tables())
                    : chosen(context, transaction);
            return isPretended ? chosen : drop(transaction, chosen);
        }));
    }

    /// By age, the size that may stay, and a limit; the oldest go first.
    private static List<Located> chosen(CommandContext context, Transaction transaction) throws SQLException {
        var match = context.match();
        var older = number(context, "Older");
        var limit = Instant.MAX;
        if (older.isPresent()) {
            limit = transaction.now().minus(match.has("days")
                    ? Duration.ofDays(older.getAsLong()) : Duration.ofHours(older.getAsLong()));
        }
        var before = limit;
        var candidates = extents(tables(context, transaction), transaction).stream()
                .filter(e -> e.extent().createdOn().isBefore(before))
                .sorted(Comparator.comparing(e -> e.extent().createdOn()))
                .toList();
        var trim = number(context, "TrimSize");
        var most = number(context, "LimitCount");
        var chosen = new ArrayList<Located>();
        if (trim.isPresent()) {
            long unit = match.has("mb") ? BYTES_PER_MB : match.has("gb") ? BYTES_PER_GB : 1;
            long stays = candidates.stream().mapToLong(e -> e.extent().originalBytes()).sum();
            for (var candidate : candidates) {
                if (stays > trim.getAsLong() * unit) {
                    stays -= candidate.extent().originalBytes();
                    chosen.add(candidate);
                }
            }
        } else {
            chosen.addAll(candidates);
        }
        return most.isPresent() ? chosen.subList(0, (int) Math.min(most.getAsLong(), chosen.size())) : chosen;
    }

    private static OptionalLong number(CommandContext context, String argument) {
        var found = context.match().find(argument);
        return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(found.get().text()));
    }

    /// The extents whose ids a query gives in its column `ExtentId`.
    private static List<Located> queried(
            CommandContext context, Transaction transaction, String csl, Collection<Table> tables) throws SQLException {
        var ids = new LinkedHashSet<UUID>();
        rows(context, transaction, csl, List.of("ExtentId"), row -> ids.add(id(context, row.getFirst())));
        return located(context, tables, transaction, ids);
    }

    private interface Row {
        void take(List<String> cells);
    }

    private static void rows(CommandContext context, Transaction transaction, String csl, List<String> columns, Row row)
            throws SQLException {
        var source = context.services().source(context.request(), csl);
        try (var reading = context.storage().readWithin(transaction)) {
            var query = context.services().bind(context.request(), source, reading);
            var indexes = new ArrayList<Integer>();
            for (var column : columns) {
                int index = query.columns().stream().map(c -> c.name()).toList().indexOf(column);
                if (index < 0) {
                    throw new KustoException(CommandErrors.badArgument(
                            context.match(), "query", "its result has no column '" + column + "'"));
                }
                indexes.add(index + 1);
            }
            try (var statement = transaction.connection().createStatement();
                    var result = WriteStop.current().during(statement, () -> statement.executeQuery(query.sql()))) {
                while (result.next()) {
                    var cells = new ArrayList<String>();
                    for (int index : indexes) {
                        cells.add(String.valueOf(result.getObject(index)));
                    }
                    row.take(cells);
                }
            }
        }
    }

    // ---- merge

    private static CommandResult merge(CommandContext context, boolean isPretended) {
        var ids = ids(context, "GUID");
        if (ids.size() < 2) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "extent", "there must be two or more to merge"));
        }
        long startNanos = System.nanoTime();
        // A dry run finds and checks the same extents and changes none.
        var result = context.writer().merge(context.table().id(), transaction -> {
            var table = transaction.table(context.tableName());
            var extents = located(context, List.of(table), transaction, ids).stream().map(Located::extent).toList();
            var hindrance = MergePolicy.hindrance(extents);
            if (hindrance.isPresent()) {
                throw new KustoException(CommandErrors.badArgument(context.match(), "extent", hindrance.get()));
            }
            return isPretended ? "" : transaction.extents().merge(table, extents).id().toString();
        });
        long ticks = isPretended ? 0 : (System.nanoTime() - startNanos) / NANOSECONDS_PER_TICK;
        var rows = CommandResult.of(context.match().command());
        ids.forEach(id -> rows.row(id.toString(), result, ticks));
        return rows.done();
    }

    // ---- move

    private static CommandResult moveFrom(CommandContext context) {
        var ids = ids(context, "GUID");
        return moved(context, inTransaction(context, transaction -> {
            var source = transaction.table(context.match().text("SourceTableName"));
            var extents = context.match().has("all")
                    ? extents(List.of(source), transaction)
                    : located(context, List.of(source), transaction, ids);
            return move(context, transaction, extents);
        }));
    }

    private static CommandResult moveQueried(CommandContext context) {
        return moved(context, inTransaction(context, transaction -> move(context, transaction, queried(
                context, transaction, context.match().text("Query"), transaction.database().tables()))));
    }

    /// Both in one transaction: what is to be moved is found before anything is dropped.
    private static CommandResult replace(CommandContext context) {
        var dropped = new ArrayList<Located>();
        var moved = inTransaction(context, transaction -> {
            dropped.clear();
            var all = transaction.database().tables();
            var target = transaction.table(context.match().text("DestinationTableName"));
            var toMove = queried(context, transaction, context.match().text("ExtentsToMoveQuery"), all);
            dropped.addAll(queried(context, transaction, context.match().text("ExtentsToDropQuery"), List.of(target)));
            drop(transaction, dropped);
            return move(context, transaction, toMove);
        });
        var rows = CommandResult.of(context.match().command());
        dropped.forEach(e -> rows.row(e.extent().id().toString(), "", "Dropped"));
        moved.forEach(m -> rows.row(m.from().toString(), m.to().toString(), ""));
        return rows.done();
    }

    private record Moved(UUID from, UUID to) {}

    private static List<Moved> move(CommandContext context, Transaction transaction, List<Located> extents) throws SQLException {
        var target = transaction.table(context.match().text("DestinationTableName"));
        boolean isNew = context.isTrue("setnewingestiontime");
        if (!isNew) {
            requireNoView(transaction, target);
        }
        var moved = new ArrayList<Moved>();
        for (var located : extents) {
            var source = located.table();
            Authorization.require(context.request().principal(), transaction.database(), source, Role.ADMIN);
            requireNothingHidden(context, source);
            if (!source.schema().equals(target.schema())) {
                throw new KustoException(Errors.badRequest("extents of table '" + source.name() + "' (" + SchemaText.csl(source.schema())
                        + ") cannot be moved to table '" + target.name() + "' (" + SchemaText.csl(target.schema())
                        + "): columns must be the same in name, type and order"));
            }
            if (!source.id().tableId().equals(target.id().tableId()) && isOfAge(context, located.extent())) {
                var result = transaction.extents().move(
                        source, located.extent(), target, located.extent().createdOn(), isNew);
                moved.add(new Moved(located.extent().id(), result.id()));
            }
        }
        return moved;
    }

    /// Rows that a policy hides would be seen in another table. Who may take the policy away may move them.
    private static void requireNothingHidden(CommandContext context, Table source) {
        if (PassingBy.hiding(source).isPresent()) {
            Authorization.require(context.request().principal(), context.database(), Role.ADMIN);
        }
    }

    /// Views go by the commits of rows, which moved ones keep.
    private static void requireNoView(Transaction transaction, Table target) {
        for (var view : transaction.database().viewsByName().values()) {
            if (!view.definition().isOverView() && view.source().equals(target.name())) {
                throw new KustoException(Errors.badRequest("Cannot move extents to '" + target.name() + "' since materialized view '"
                        + view.name() + "' will not process these extents (can lead to data loss in the materialized view);"
                        + " move them with (setNewIngestionTime=true)"));
            }
        }
    }

    private static CommandResult moved(CommandContext context, List<Moved> extents) {
        var rows = CommandResult.of(context.match().command());
        extents.forEach(m -> rows.row(m.from().toString(), m.to().toString(), ""));
        return rows.done();
    }

    private static boolean isOfAge(CommandContext context, Extent extent) {
        var from = moment(context, "extentcreatedonfrom");
        var to = moment(context, "extentcreatedonto");
        return (from.isEmpty() || !extent.createdOn().isBefore(from.get()))
                && (to.isEmpty() || extent.createdOn().isBefore(to.get()));
    }

    private static Optional<Instant> moment(CommandContext context, String property) {
        return context.property(property).map(text -> {
            var ticks = DateTimeText.parse(text.replaceFirst("(?i)^datetime\\((.*)\\)$", "$1"));
            if (ticks.isEmpty()) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), property, "'" + text + "' is not a datetime"));
            }
            return Moments.instant(ticks.getAsLong());
        });
    }

    // ---- tags

    private interface Tagging {
        Set<String> tags(Set<String> before, Set<String> named);
    }

    private static Set<String> union(Set<String> before, Set<String> named) {
        var all = new LinkedHashSet<>(before);
        all.addAll(named);
        return all;
    }

    private static Set<String> without(Set<String> before, Set<String> named) {
        var left = new LinkedHashSet<>(before);
        left.removeAll(named);
        return left;
    }

    private static CommandResult tagQueried(CommandContext context, Tagging tagging) {
        var named = new LinkedHashSet<>(context.match().texts("t"));
        return inTransaction(context, transaction -> {
            var rows = CommandResult.of(context.match().command());
            var table = transaction.table(context.tableName());
            for (var located : queried(context, transaction, context.match().text("csl"), List.of(table))) {
                tag(context, transaction, rows, located, tagging.tags(located.extent().tags(), named));
            }
            return rows.done();
        });
    }

    private static void tag(
            CommandContext context, Transaction transaction, CommandResult.Rows rows, Located located, Set<String> tags)
            throws SQLException {
        if (!tags.equals(located.extent().tags()) && isOfAge(context, located.extent())) {
            transaction.extents().setTags(located.table(), located.extent(), tags);
            var id = located.extent().id().toString();
            rows.row(id, id, String.join("\r\n", tags), "");
        }
    }

    /// The tags named, from all extents of the table.
    private static CommandResult untag(CommandContext context) {
        var named = new LinkedHashSet<>(context.match().texts("t"));
        return inTransaction(context, transaction -> {
            var rows = CommandResult.of(context.match().command());
            for (var located : extents(List.of(transaction.table(context.tableName())), transaction)) {
                tag(context, transaction, rows, located, without(located.extent().tags(), named));
            }
            return rows.done();
        });
    }

    /// From each extent the tags that the query's column `Tags` gives for it, one a line.
    private static CommandResult untagQueried(CommandContext context) {
        return inTransaction(context, transaction -> {
            var rows = CommandResult.of(context.match().command());
            var table = transaction.table(context.tableName());
            var extents = extents(List.of(table), transaction);
            var named = new LinkedHashMap<UUID, Set<String>>();
            rows(context, transaction, context.match().text("csl"), List.of("ExtentId", "Tags"), row -> named
                    .computeIfAbsent(id(context, row.get(0)), _ -> new LinkedHashSet<>())
                    .addAll(row.get(1).lines().toList()));
            for (var located : extents) {
                tag(context, transaction, rows, located,
                        without(located.extent().tags(), named.getOrDefault(located.extent().id(), Set.of())));
            }
            return rows.done();
        });
    }
}
