package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Single rows of tables.
final class RecordCommands {
    private static final List<ColumnSchema> LOST = List.of(
            new ColumnSchema("ExtentId", Type.GUID),
            new ColumnSchema("TableName", Type.STRING),
            new ColumnSchema("RecordsMatchPredicate", Type.LONG));
    private static final Pattern EXTENT_FUNCTION = Pattern.compile("\\bextent_(id|tags)\\b");

    private RecordCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("DeleteTableRecords", Access.onDatabase(Role.ADMIN), Set.of("whatif"), RecordCommands::delete);
    }

    /// Answers with the extents that had such rows and how many of them.
    private static CommandResult delete(CommandContext context) {
        var name = context.tableName();
        return delete(context, name, context.table().id(), transaction -> transaction.table(name));
    }

    /// @param name   of the table, or of the view whose part it is
    /// @param target the table within the transaction
    static CommandResult delete(CommandContext context, String name, TableId id, Function<Transaction, Table> target) {
        var predicate = context.match().text("csl");
        check(context, name, predicate);
        boolean isPretended = context.isTrue("whatif");
        // In its reading a row's number stands where its extent's id would.
        var numbers = context.services().source(
                context.request(), predicate.stripTrailing().replaceFirst(";$", "") + "\n| project number_ = extent_id()");
        // Rows that were streamed have no extent before they are sealed.
        context.storage().seal(context.database().name());
        var lost = context.writer().<Map<UUID, Long>>loadAlone(id, transaction -> {
            var table = target.apply(transaction);
            try (var reading = context.storage().readNumbered(transaction, table)) {
                var query = context.services().bind(context.request(), numbers, reading).ofTheCluster(context.match().command().name());
                return isPretended ? transaction.rows().count(table, query.sql()) : transaction.rows().delete(table, query.sql());
            }
        });
        var rows = CommandResult.of(LOST);
        lost.forEach((extent, count) -> rows.row(extent, name, count));
        return rows.done();
    }

    /// The predicate takes rows of the table as they are and leaves some out: nothing that makes other rows of them.
    private static void check(CommandContext context, String table, String csl) {
        var parsed = Parser.parse(csl);
        if (parsed.hasErrors()) {
            return; // binding tells what is wrong and where
        }
        var statements = parsed.tree().statements();
        for (var statement : statements.subList(0, Math.max(0, statements.size() - 1))) {
            if (!(statement instanceof Syntax.Let let) || let.name().text().equals(table)) {
                throw refused(context, "before it only 'let' may stand, of another name than the table's");
            }
        }
        boolean isPlain = !statements.isEmpty()
                && statements.getLast() instanceof Syntax.ExpressionStatement(Syntax.Expression expression, var _)
                && expression instanceof Syntax.Pipe(Syntax.NameReference source, var operators, var _)
                && source.name().equals(table)
                && operators.stream().allMatch(o -> o instanceof Syntax.Where || o instanceof Syntax.Extend)
                && operators.stream().anyMatch(o -> o instanceof Syntax.Where);
        if (!isPlain || context.database().function(table).isPresent()) {
            throw refused(context, "it is the table '" + table + "' followed by 'where' and 'extend'");
        }
        if (EXTENT_FUNCTION.matcher(csl).find()) {
            throw refused(context, "'extent_id()' and 'extent_tags()' are not supported in it; use '.drop extents'");
        }
    }

    private static KustoException refused(CommandContext context, String problem) {
        return new KustoException(Errors.badRequest(context.match().command().name() + ": the predicate: " + problem));
    }
}
