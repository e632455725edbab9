package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/// A compiled query: its steps, each after those it reads, and where their rows go.
///
/// @param steps         `steps.get(id)` is the step of this id
/// @param lookBackTicks how far before the first output a job must read: windows, LIMIT DURATION and join bounds, added along the steps
public record Plan(List<Step> steps, List<Output> outputs, long lookBackTicks) implements Serializable {
    public Plan {
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }

    /// What CREATE TABLE says of an input.
    ///
    /// @param input whatever the case
    public List<Step.DeclaredColumn> declared(String input) {
        for (Step step : steps) {
            if (step instanceof Step.Source source && source.input().equalsIgnoreCase(input)) {
                return source.schema();
            }
            if (step instanceof Step.Reference reference && reference.input().equalsIgnoreCase(input)) {
                return reference.schema();
            }
        }
        return List.of();
    }

    /// One line a step.
    public String text() {
        return PlanText.of(this);
    }

    /// @param name    as the query spells it, `output` where it names none
    /// @param step    whose rows, of one record each, go there
    /// @param columns in their order, as far as the query tells them; empty where it has `*`
    /// @param types   of columns whose values can be of no other type, whatever the events are
    /// @param span    of the name, or of the SELECT that names none
    public record Output(String name, int step, List<String> columns, Map<String, Expression.Type> types, Span span) implements Serializable {
        public Output {
            columns = List.copyOf(columns);
            types = Map.copyOf(types);
        }

        public Output(String name, int step, List<String> columns, Span span) {
            this(name, step, columns, Map.of(), span);
        }
    }
}
