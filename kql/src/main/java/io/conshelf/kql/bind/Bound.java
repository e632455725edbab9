package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.plan.Column;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What binding a text gives. The plans can be run when there are neither errors nor refusals.
///
/// @param results     one a result table; several after `fork`, `facet` and texts with several queries
/// @param options     what all `set` statements ask for, in order
/// @param diagnostics what is wrong with the text, syntax first
/// @param refusals    constructs that are right but cannot be run yet, each by name and place
public record Bound(List<Result> results, List<Option> options, List<Diagnostic> diagnostics, List<Diagnostic> refusals) {
    public Bound {
        results = List.copyOf(results);
        options = List.copyOf(options);
        diagnostics = List.copyOf(diagnostics);
        refusals = List.copyOf(refusals);
    }

    public boolean hasErrors() {
        return diagnostics.stream().anyMatch(Diagnostic::isError);
    }

    /// Everything that keeps this from being run.
    public List<Diagnostic> problems() {
        return Stream.concat(diagnostics.stream().filter(Diagnostic::isError), refusals.stream()).toList();
    }

    /// One result table; the name is that of `as` or of a branch of `fork`, else empty.
    ///
    /// @param open   the data may have further columns that only running can tell
    /// @param said   how many of the options were said before it; those after it say nothing of it
    /// @param render how its author wants it drawn
    public record Result(String name, Plan plan, boolean open, int said, Optional<Render> render) {
        public Result(String name, Plan plan, boolean open) {
            this(name, plan, open, 0, Optional.empty());
        }

        public List<ColumnSchema> columns() {
            return plan.columns().stream().map(Column::schema).toList();
        }
    }

    /// `set name = value`; the value as written, decoded when it is a string, empty where there is none.
    public record Option(String name, String value) {}

    /// `render`: how the author wants a result drawn. Property names are as written, lists joined with commas.
    public record Render(String visualization, List<Option> properties) {
        public Render {
            properties = List.copyOf(properties);
        }
    }
}
