package io.conshelf.streams.plan;

import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Parsed;
import io.conshelf.streams.query.QueryParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// From the text of a query to its plan. It never fails: what is wrong is told with line and column.
public final class Queries {
    private Queries() {}

    public static Compiled compile(String text, QueryContext context) {
        Parsed parsed = QueryParser.parse(text);
        if (parsed.script().isEmpty()) {
            return new Compiled(Optional.empty(), parsed.diagnostics(), List.of());
        }
        Problems problems = new Problems();
        ScriptBinder binder = new ScriptBinder(problems, context);
        Optional<Plan> plan = binder.bind(parsed.script().get());
        List<Diagnostic> diagnostics = new ArrayList<>(parsed.diagnostics());
        diagnostics.addAll(problems.inOrder());
        return new Compiled(problems.hasErrors() ? Optional.empty() : plan, diagnostics, binder.inputsRead());
    }
}
