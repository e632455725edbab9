package io.conshelf.cli.eval;

import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Catalog.TableKind;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.bind.KqlBindEval.CommandCheck;
import io.conshelf.kql.command.CommandArgument;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.command.CommandMatcher.Outcome;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.ColumnSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is wrong with the text of a command, and the columns of its result.
final class CommandVerdict implements CommandCheck {
    @Override
    public Answer check(String text, Catalog catalog) {
        return switch (CommandMatcher.match(text, CommandCatalogue.service())) {
            case Outcome.Refused refused -> new Answer(
                    List.of(Diagnostic.error(
                            "SYN0002",
                            "Syntax error: expected " + String.join(", ", refused.expected()),
                            new Span(refused.position(), Math.max(0, Math.min(1, text.length() - refused.position()))))),
                    Optional.empty());
            case Outcome.Found(CommandMatch match) -> check(match, catalog);
        };
    }

    private static Answer check(CommandMatch match, Catalog catalog) {
        var diagnostics = new ArrayList<Diagnostic>();
        for (var argument : match.arguments()) {
            if (argument.kind().equals("table") && !exists(argument, catalog)) {
                diagnostics.add(Diagnostic.error(
                        "SEM0100", "Entity '" + argument.text() + "' of kind 'Table' was not found.", argument.span()));
            }
        }
        var columns = match.command().output();
        if (match.pipe().isPresent() && columns.isPresent()) {
            var bound = Kql.bindOperators(
                    match.text(), Parser.parseOperators(match.text(), match.pipe().getAsInt()), "command_result", columns.get(),
                    catalog, BindOptions.toCheck(0));
            diagnostics.addAll(bound.diagnostics());
            columns = bound.results().stream().findFirst().map(result -> result.columns());
        }
        return new Answer(diagnostics, columns.map(List::<ColumnSchema>copyOf));
    }

    private static boolean exists(CommandArgument argument, Catalog catalog) {
        return catalog.table(catalog.currentDatabase(), TableKind.TABLE, argument.text()).isPresent();
    }
}
