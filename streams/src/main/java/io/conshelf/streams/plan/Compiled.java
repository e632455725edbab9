package io.conshelf.streams.plan;

import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Span;
import java.util.List;
import java.util.Optional;

/// What compiling a query gives.
///
/// @param plan       there where no diagnostic is an error
/// @param inputs     that the query reads, as the job spells them
public record Compiled(Optional<Plan> plan, List<Diagnostic> diagnostics, List<String> inputs) {
    public Compiled {
        diagnostics = List.copyOf(diagnostics);
        inputs = List.copyOf(inputs);
    }

    public List<Diagnostic> errors() {
        return diagnostics.stream().filter(Diagnostic::isError).toList();
    }

    /// What "Compile query" of the management interface answers.
    public Answer answer() {
        return new Answer(errors().stream().map(Answer.Error::of).toList(),
                diagnostics.stream().filter(diagnostic -> !diagnostic.isError()).map(Diagnostic::toString).toList(), inputs,
                plan.map(plan -> plan.outputs().stream().map(Plan.Output::name).toList()).orElse(List.of()));
    }

    public record Answer(List<Error> errors, List<String> warnings, List<String> inputs, List<String> outputs) {
        /// Lines and columns count from 1; all are 0 where the error is about the query as a whole.
        public record Error(String message, int startLine, int startColumn, int endLine, int endColumn, boolean isGlobal) {
            static Error of(Diagnostic diagnostic) {
                Span span = diagnostic.span();
                return new Error(diagnostic.message(), span.startLine(), span.startColumn(), span.endLine(), span.endColumn(), span.equals(Span.NONE));
            }
        }
    }
}
