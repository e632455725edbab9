package io.conshelf.streams.plan;

import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Parsed;
import io.conshelf.streams.query.QueryParser;
import io.conshelf.streams.query.Syntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// From the text of a query to its plan. It never fails: what is wrong is told with line and column.
public final class Queries {
    private Queries() {}

    public static Compiled compile(String text, QueryContext context) {
        Parsed parsed = QueryParser.parse(text);
        if (parsed.script().isEmpty()) {
            return new Compiled(Optional.empty(), parsed.diagnostics(), List.of(), List.of(), List.of());
        }
        Problems problems = new Problems();
        ScriptBinder binder = new ScriptBinder(problems, context);
        Optional<Plan> plan = binder.bind(parsed.script().get());
        List<Diagnostic> diagnostics = new ArrayList<>(parsed.diagnostics());
        diagnostics.addAll(problems.inOrder());
        return new Compiled(problems.hasErrors() ? Optional.empty() : plan, diagnostics, binder.inputsRead(), functions(parsed.script().get(), context),
                outputs(parsed.script().get()));
    }

    private static List<String> functions(Syntax.Script script, QueryContext context) {
        return script.calls().stream().flatMap(call -> context.scalar(call.text()).or(() -> context.aggregate(call.text())).stream()).distinct().toList();
    }

    private static List<Compiled.Named> outputs(Syntax.Script script) {
        return script.queries().stream().map(query -> query.selects().stream().flatMap(select -> select.into().stream()).findFirst()
                .map(into -> new Compiled.Named(into.text(), into.span())).orElseGet(() -> new Compiled.Named(ScriptBinder.DEFAULT_OUTPUT, query.span()))).toList();
    }
}
