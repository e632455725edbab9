package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.WriteStop;
import java.sql.SQLException;
import java.util.Set;
import java.util.StringJoiner;

/// What a query would do, without running it.
final class PlanCommands {
    private static final String RECONSTRUCT = "reconstructcsl";
    // A query reads no files, so there are no artifacts to show whatever this says.
    private static final String ARTIFACTS = "showexternalartifacts";

    private static final String HIDDEN = "row-level security hides rows of what is read, and the plan of the storage would tell of them";

    private PlanCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowQueryPlan", Access.toLook(), Set.of(RECONSTRUCT, ARTIFACTS), PlanCommands::show);
    }

    private static CommandResult show(CommandContext context) {
        if (context.isTrue(RECONSTRUCT)) {
            throw new KustoException(Errors.notSupported("'reconstructCsl' of ShowQueryPlan: plans are not written back as queries"));
        }
        var csl = context.match().text("Query");
        var plan = context.services().plan(context.request(), csl);
        return CommandResult.of(context.match().command())
                .row("QueryText", "text", ObfuscatedText.masked(csl.strip()))
                .row("RelopTree", "text", plan.text())
                // It is made by what is known of the values of all rows: which is the largest, for one.
                .row("QueryPlan", "text", plan.isOfHiddenRows() ? HIDDEN : explained(context, csl))
                .done();
    }

    /// The plan of the storage, as DuckDB draws it.
    private static String explained(CommandContext context, String csl) {
        var source = context.services().source(context.request(), csl);
        try (var connection = context.services().connect(); var reading = context.storage().read(connection)) {
            var query = WriteStop.unmarked(() -> context.services().bind(context.request(), source, reading));
            var text = new StringJoiner("\n");
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("EXPLAIN " + query.sql())) {
                while (rows.next()) {
                    text.add(rows.getString(2));
                }
            }
            return text.toString();
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("The query could not be explained", e), e);
        }
    }
}
