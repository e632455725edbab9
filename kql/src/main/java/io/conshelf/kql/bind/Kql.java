package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The language's front door: from text to plans.
public final class Kql {
    private Kql() {}

    public static Bound bind(String text, Catalog catalog, BindOptions options) {
        return bind(text, Parser.parse(text), catalog, options);
    }

    /// @param parsed the tree of `text`
    public static Bound bind(String text, Parsed parsed, Catalog catalog, BindOptions options) {
        return bind(text, parsed, catalog, options, Scope.of(catalog.currentDatabase()), new Binder(text, catalog, options));
    }

    /// Operators over rows that are there already, as behind a management command: `parsed` comes from
    /// [Parser#parseOperators], and the plan reads a [Plan.Supplied] of this name.
    public static Bound bindOperators(String text, Parsed parsed, String supplied, List<ColumnSchema> columns,
            Catalog catalog, BindOptions options) {
        Binder binder = new Binder(text, catalog, options);
        Scope scope = Scope.of(catalog.currentDatabase());
        List<Column> own = columns.stream().map(c -> binder.column(c.name(), c.type())).toList();
        scope.declare(Scope.INPUT, Meaning.Rows.of(new Plan.Supplied(supplied, own)));
        return bind(text, parsed, catalog, options, scope, binder);
    }

    /// The graph of a model as it is to be kept: first its nodes, then its edges.
    public static Bound bindModel(StoredGraph.Model model, Catalog catalog, BindOptions options) {
        String text = "graph('" + model.name() + "')";
        Binder binder = new Binder(text, catalog, options);
        List<Result> results = List.of();
        try {
            results = new GraphModels(binder).made(model, new Span(0, text.length())).stream()
                    .flatMap(graph -> Stream.of(new Result("nodes", graph.nodes(), false), new Result("edges", graph.edges(), false))).toList();
        } catch (Binder.TooLarge | StackOverflowError tooLarge) {
            binder.startOver();
            binder.report(Messages.tooLarge(new Span(0, text.length())));
        }
        return new Bound(results, List.of(), binder.diagnostics(), binder.refusals());
    }

    private static Bound bind(String text, Parsed parsed, Catalog catalog, BindOptions options, Scope scope, Binder binder) {
        parsed.diagnostics().forEach(binder::report);
        Statements statements = new Statements(binder);
        try {
            statements.query(parsed.tree(), scope);
        } catch (Binder.TooLarge | StackOverflowError tooLarge) {
            // The parser limits nesting in the text; only functions within functions go deeper.
            binder.startOver();
            parsed.diagnostics().forEach(binder::report);
            binder.report(Messages.tooLarge(new Span(0, text.length())));
        }
        List<Diagnostic> diagnostics = binder.diagnostics();
        List<Result> results = statements.results();
        return new Bound(results, statements.options(), diagnostics, binder.refusals());
    }
}
