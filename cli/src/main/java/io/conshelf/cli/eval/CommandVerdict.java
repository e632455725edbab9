package io.conshelf.cli.eval;

import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Bound;
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
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
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
        for (var argument : match.arguments()) {
            diagnostics.addAll(inside(argument, match, catalog));
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

    /// What is wrong with a query that a command keeps or runs, or with the function it declares.
    private static List<Diagnostic> inside(CommandArgument argument, CommandMatch match, Catalog catalog) {
        var end = argument.span().end();
        var text = match.text().substring(0, end);
        var start = argument.span().start();
        var bound = switch (argument.kind()) {
            case "input_query" -> CommandMatcher.isCommand(text.substring(start)) ? Optional.<Bound>empty() : query(text, start, catalog);
            case "function_body" -> query(text.substring(0, end - 1), start + 1, catalog);
            case "function_declaration" -> isChecked(match) ? function(text, start, catalog) : Optional.<Bound>empty();
            default -> Optional.<Bound>empty();
        };
        return bound.map(Bound::diagnostics).orElse(List.of());
    }

    /// Empty where there are only names to be declared, as those of `.update table` are.
    private static Optional<Bound> query(String text, int start, Catalog catalog) {
        var parsed = Parser.parse(text, start);
        return parsed.hasErrors() || parsed.tree().statements().stream().anyMatch(Syntax.ExpressionStatement.class::isInstance)
                ? Optional.of(Kql.bind(text, parsed, catalog, BindOptions.toCheck(0)))
                : Optional.empty();
    }

    /// A function is checked where it is declared, as a `let` before a query that does not call it.
    private static Optional<Bound> function(String text, int start, Catalog catalog) {
        var parsed = Parser.parseFunction(text, start);
        if (parsed.tree().statements().size() != 1
                || !(parsed.tree().statements().getFirst() instanceof Syntax.ExpressionStatement(Syntax.Expression literal, Span at))) {
            return Optional.empty();
        }
        var name = new Syntax.Name("$function", true, new Span(start, 0));
        var nothing = new Syntax.Print(List.of(new Syntax.LongLiteral(0, "0", new Span(start, 0))), new Span(start, 0));
        var statements = List.<Syntax.Statement>of(new Syntax.Let(name, literal, at), new Syntax.ExpressionStatement(nothing, nothing.span()));
        var tree = new Parsed(new Syntax.Query(statements, at), parsed.diagnostics());
        return Optional.of(Kql.bind(text, tree, catalog, BindOptions.toCheck(0)));
    }

    private static boolean isChecked(CommandMatch match) {
        return match.arguments().stream().noneMatch(argument -> argument.text().equalsIgnoreCase("skipvalidation"));
    }

    private static boolean exists(CommandArgument argument, Catalog catalog) {
        return catalog.table(catalog.currentDatabase(), TableKind.TABLE, argument.text()).isPresent();
    }
}
