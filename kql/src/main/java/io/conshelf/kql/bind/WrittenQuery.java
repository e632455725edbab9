package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import java.util.Optional;

/// Queries that stand for operators and plugins, written in KQL over rows and values that a scope gives names to.
///
/// @param name of the operator or plugin, which errors tell
/// @param at   where it stands in the user's text
record WrittenQuery(Binder binder, String name, Span at) {
    /// Empty where something in it is wrong, which has been told.
    Optional<Meaning.Rows> run(String query, Scope scope) {
        Syntax.FunctionBody body = new Syntax.FunctionBody(Parser.parse(query).tree().statements(), at);
        Meaning meaning = binder.deeper(at, true, name, () -> {
            Binder.Apart<Meaning> bound = binder.apart(() -> new Statements(binder).body(body, scope));
            Optional<Diagnostic> error = bound.errors().stream().findFirst();
            error.ifPresent(wrong -> binder.report(Messages.failedInside(at, name, wrong.message())));
            return error.isPresent() ? new Meaning.Failed() : bound.result();
        }, Meaning.Failed::new);
        return meaning instanceof Meaning.Rows rows ? Optional.of(rows) : Optional.empty();
    }

    /// A name of the user's as the query writes it.
    static String quoted(String name) {
        return "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
    }
}
