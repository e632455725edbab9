package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.CommandServices.QuerySource;
import io.conshelf.engine.store.Change;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.ColumnSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/// `.update table`: rows go and rows come in one transaction, both told from the table as it was before.
final class UpdateCommands {
    private static final long DELETED_MAX = 5_000_000;
    private static final Set<String> SEMI_JOINS = Set.of("leftsemi", "leftanti", "anti", "leftantisemi");
    private static final JsonMapper JSON = JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();

    private UpdateCommands() {}

    static void register(CommandRegistry registry) {
        // One node runs everything, so 'distributed' changes nothing.
        registry.on("TableDataUpdate", Access.onTable(Role.ADMIN), Set.of("whatif", "distributed", "extenttagstomove"),
                UpdateCommands::update);
    }

    /// What a command does to an extent.
    private record Done(String table, String action, UUID extent, long rows) {}

    private static CommandResult update(CommandContext context) {
        var match = context.match();
        String name = context.tableName();
        String csl = match.text("csl").stripTrailing().replaceFirst(";$", "");
        String deleted = match.text("DeleteIdentifier");
        var appended = match.find("AppendIdentifier").map(argument -> argument.text());
        context.isTrue("distributed");
        boolean isPretended = context.isTrue("whatif");
        var tags = tags(context);
        var numbers = context.services().source(context.request(), numbers(context, csl, name, deleted));
        var rows = appended.map(identifier -> context.services().source(context.request(), csl + ";\n" + quoted(identifier)));
        // Rows that were streamed have no extent before they are sealed.
        context.storage().seal(context.database().name());
        Change<List<Done>> update = transaction -> {
            var table = transaction.table(name);
            String fixed = fixed(context, transaction, table, numbers);
            var lost = transaction.rows().count(table, fixed);
            long count = lost.values().stream().mapToLong(Long::longValue).sum();
            if (count > DELETED_MAX) {
                throw new KustoException(Errors.badRequest(".update table: at most " + DELETED_MAX
                        + " records can be deleted by one command, the predicate selects " + count));
            }
            // What comes is read before anything goes.
            var came = rows.isPresent()
                    ? List.of(append(context, transaction, table, rows.get(), isPretended))
                    : move(context, transaction, table, tags, isPretended);
            if (!isPretended) {
                transaction.rows().delete(table, fixed);
            }
            var all = new ArrayList<Done>();
            lost.forEach((extent, gone) -> all.add(new Done(name, "Delete", extent, gone)));
            came.stream().filter(d -> d.rows() > 0).forEach(all::add);
            return all;
        };
        // It may take extents out of another table.
        var done = context.writer().withoutMerges(() -> context.writer().loadAlone(context.table().id(), update));
        var answer = CommandResult.of(match.command());
        done.forEach(d -> answer.row(d.table(), d.action(), d.extent(), d.rows()));
        return answer.done();
    }

    private static String fixed(CommandContext context, Transaction transaction, Table table, QuerySource numbers)
            throws SQLException {
        try (var reading = context.storage().readNumbered(transaction, table)) {
            return transaction.rows().fixed(context.services().bind(context.request(), numbers, reading).ofTheCluster(context.match().command().name()).sql());
        }
    }

    private static Done append(
            CommandContext context, Transaction transaction, Table table, QuerySource rows, boolean isPretended) throws SQLException {
        try (var reading = context.storage().readWithin(transaction)) {
            BoundQuery query = context.services().bind(context.request(), rows, reading).ofTheCluster(context.match().command().name());
            checkSchema(table, query.columns());
            if (isPretended) {
                try (var statement = transaction.connection().createStatement();
                        var count = statement.executeQuery("SELECT count(*) FROM (" + query.sql() + ")")) {
                    count.next();
                    return new Done(table.name(), "Create", Extent.NONE, count.getLong(1));
                }
            }
            var extent = transaction.extents().open(table, Set.of(), transaction.now());
            extent.ingest(query.sql(), table.columns());
            extent.measure();
            return new Done(table.name(), "Create", extent.extent().id(), extent.extent().rowCount());
        }
    }

    private static void checkSchema(Table table, List<ColumnSchema> columns) {
        var wanted = table.schema();
        boolean fits = columns.size() == wanted.size();
        for (int i = 0; fits && i < wanted.size(); i++) {
            fits = columns.get(i).type() == wanted.get(i).type();
        }
        if (!fits) {
            throw new KustoException(Errors.badRequest("Query schema does not match table schema: '" + table.name()
                    + "': the rows to append are (" + csl(columns) + "), those of the table (" + csl(wanted)
                    + "). Columns are matched by position"));
        }
    }

    private static String csl(List<ColumnSchema> columns) {
        return String.join(", ", columns.stream().map(c -> c.name() + ":" + c.type()).toList());
    }

    /// Moves all extents of a table, or those with all of the tags.
    private static List<Done> move(
            CommandContext context, Transaction transaction, Table table, Set<String> tags, boolean isPretended) throws SQLException {
        var source = transaction.table(context.match().text("SourceTableName"));
        if (source.id().equals(table.id())) {
            throw new KustoException(Errors.badRequest(".update table: the extents come from another table than they go to"));
        }
        if (!source.schema().equals(table.schema())) {
            throw new KustoException(Errors.badRequest(".update table: '" + source.name() + "' and '" + table.name()
                    + "' must have the same columns: (" + csl(source.schema()) + ") and (" + csl(table.schema()) + ")"));
        }
        var moved = new ArrayList<Done>();
        for (var extent : transaction.extents().of(source)) {
            if (extent.tags().containsAll(tags)) {
                moved.add(isPretended
                        ? new Done(table.name(), "Create", Extent.NONE, extent.rowCount())
                        : created(table, transaction.extents().move(source, extent, table, extent.createdOn(), false)));
            }
        }
        return moved;
    }

    private static Done created(Table table, Extent extent) {
        return new Done(table.name(), "Create", extent.id(), extent.rowCount());
    }

    private static Set<String> tags(CommandContext context) {
        var tags = new HashSet<String>();
        context.property("extenttagstomove").ifPresent(text -> {
            try {
                JSON.readTree(text).forEach(tag -> tags.add(tag.asText()));
            } catch (JacksonException e) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), "extentTagsToMove", "it is a JSON array of strings"), e);
            }
        });
        return tags;
    }

    // ---- the delete predicate

    /// The query for the numbers of the rows that the delete predicate means: in its reading a row's number stands where its
    /// extent's id would, so each is given it at the source and keeps it to the end.
    private static String numbers(CommandContext context, String csl, String table, String identifier) {
        var parsed = Parser.parse(csl + ";\n" + quoted(identifier));
        if (parsed.hasErrors()) {
            return csl + ";\n" + quoted(identifier); // binding tells what is wrong and where
        }
        Syntax.Let predicate = parsed.tree().statements().stream()
                .flatMap(s -> s instanceof Syntax.Let let && let.name().text().equals(identifier) ? Stream.of(let) : Stream.empty())
                .findFirst()
                .orElseThrow(() -> refused("no 'let " + identifier + " = …' says what to delete"));
        if (!(predicate.value() instanceof Syntax.Pipe(Syntax.NameReference source, var operators, var _))
                || !source.name().equals(table)) {
            throw refused("'" + identifier + "' is the table '" + table + "' followed by operators");
        }
        if (operators.stream().noneMatch(o -> o instanceof Syntax.Where)) {
            throw refused("'" + identifier + "' has no 'where'");
        }
        String number = "number_";
        while (context.table(table).column(number).isPresent()) {
            number += "_";
        }
        var text = new StringBuilder(csl);
        for (var operator : operators.reversed()) {
            switch (operator) {
                case Syntax.Where _, Syntax.Extend _, Syntax.Sort _, Syntax.Take _, Syntax.ProjectAway _, Syntax.ProjectRename _,
                        Syntax.ProjectReorder _ -> {
                    // the number passes through
                }
                case Syntax.Project project -> text.insert(project.span().end(), ", " + number);
                case Syntax.ProjectKeep keep -> text.insert(keep.span().end(), ", " + number);
                case Syntax.Join join when isSemi(join) -> {
                    // the left side passes through
                }
                case Syntax.TabularOperator _ -> throw refused("'" + identifier + "' may have 'where', 'extend', 'project', 'sort', "
                        + "'take' and 'join kind=leftsemi'");
            }
        }
        text.insert(source.span().end(), " | extend " + number + " = extent_id()");
        return text + ";\n" + quoted(identifier) + " | project " + number;
    }

    private static boolean isSemi(Syntax.Join join) {
        return join.parameters().stream().anyMatch(p -> p.name().text().equals("kind")
                && p.value() instanceof Syntax.NameReference kind && SEMI_JOINS.contains(kind.name()));
    }

    private static String quoted(String name) {
        return "['" + name + "']";
    }

    private static KustoException refused(String problem) {
        return new KustoException(Errors.badRequest(".update table: the delete predicate: " + problem));
    }
}
