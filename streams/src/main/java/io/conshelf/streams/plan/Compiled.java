package io.conshelf.streams.plan;

import io.conshelf.connectors.definition.Spelling;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What compiling a query gives.
///
/// @param plan       there where no diagnostic is an error
/// @param inputs     that the query reads, as the job spells them
/// @param functions  of the job that it calls, as the job spells them
/// @param outputs    that it names, where it does; also where it has errors
public record Compiled(Optional<Plan> plan, List<Diagnostic> diagnostics, List<String> inputs, List<String> functions, List<Named> outputs) {
    public Compiled {
        functions = List.copyOf(functions);
        outputs = List.copyOf(outputs);
        diagnostics = List.copyOf(diagnostics);
        inputs = List.copyOf(inputs);
    }

    /// An output, and the place of its name; that of the SELECT where it has none.
    public record Named(String name, Span span) {}

    /// With an error for each output that the job does not have.
    ///
    /// @param names those that it has
    public Compiled knowing(List<String> names) {
        List<Diagnostic> all = new ArrayList<>(diagnostics);
        all.addAll(unknownOutputs(outputs, names));
        all.sort(Comparator.comparingInt((Diagnostic one) -> one.span().startLine()).thenComparingInt(one -> one.span().startColumn()));
        return new Compiled(plan, all, inputs, functions, outputs);
    }

    /// Each name is told once.
    public static List<Diagnostic> unknownOutputs(List<Named> written, List<String> names) {
        Set<String> told = new HashSet<>();
        return written.stream().filter(output -> names.stream().noneMatch(output.name()::equalsIgnoreCase) && told.add(output.name().toLowerCase(Locale.ROOT)))
                .map(output -> Diagnostic.error(output.span(), "the job has no output '" + output.name() + "'" + Spelling.hint(names, output.name()))).toList();
    }

    public List<Diagnostic> errors() {
        return diagnostics.stream().filter(Diagnostic::isError).toList();
    }

    /// What "Compile query" of the management interface answers.
    public Answer answer() {
        return new Answer(errors().stream().map(Answer.Error::of).toList(),
                diagnostics.stream().filter(diagnostic -> !diagnostic.isError()).map(Diagnostic::toString).toList(), inputs,
                plan.map(plan -> plan.outputs().stream().map(Plan.Output::name).toList()).orElse(List.of()), functions);
    }

    public record Answer(List<Error> errors, List<String> warnings, List<String> inputs, List<String> outputs, List<String> functions) {
        /// Lines and columns count from 1; all are 0 where the error is about the query as a whole.
        public record Error(String message, int startLine, int startColumn, int endLine, int endColumn, boolean isGlobal) {
            static Error of(Diagnostic diagnostic) {
                Span span = diagnostic.span();
                return new Error(diagnostic.message(), span.startLine(), span.startColumn(), span.endLine(), span.endColumn(), span.equals(Span.NONE));
            }
        }
    }
}
