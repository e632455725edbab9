package io.conshelf.streams.run;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.value.Compatibility;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A job that is ready to run: its query is compiled, its functions can be opened.
///
/// @param warnings what is worth knowing about the query
public record ReadyJob(JobDefinition definition, Plan plan, Context context, List<Diagnostic> warnings) {
    public ReadyJob {
        warnings = List.copyOf(warnings);
    }

    /// A job that cannot run, with everything that is wrong with its query and functions.
    public static final class NotReady extends Exception {
        private final transient List<Diagnostic> problems;

        NotReady(List<Diagnostic> problems) {
            super(String.join("\n", problems.stream().map(Diagnostic::toString).toList()));
            this.problems = List.copyOf(problems);
        }

        public List<Diagnostic> problems() {
            return problems;
        }
    }

    public static ReadyJob of(JobDefinition job) throws NotReady {
        QueryContext query = QueryContext.of(job);
        Compatibility level = Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2);
        ScriptFunctions functions = new ScriptFunctions(job.functions().stream().map(ReadyJob::script).toList(), level);
        Compiled compiled = Queries.compile(job.query(), query);
        List<Diagnostic> problems = new ArrayList<>(compiled.errors());
        functions.problems().forEach(problem -> problems.add(Diagnostic.error(Span.NONE, "function '" + problem.function() + "': " + problem.message())));
        if (!problems.isEmpty()) {
            throw new NotReady(problems);
        }
        return new ReadyJob(job, compiled.plan().orElseThrow(), new Context(level, job.query(), functions),
                compiled.diagnostics().stream().filter(diagnostic -> !diagnostic.isError()).toList());
    }

    private static ScriptFunctions.Definition script(Function function) {
        return new ScriptFunctions.Definition(function.name(), switch (function.type()) {
            case SCALAR -> ScriptFunctions.Kind.SCALAR;
            case AGGREGATE -> ScriptFunctions.Kind.AGGREGATE;
        }, function.script(), function.inputTypes(), function.outputType());
    }

    /// The outputs that the query writes and the job does not define.
    public List<Plan.Output> undefined() {
        return plan.outputs().stream().filter(output -> definition.output(output.name()).isEmpty()).toList();
    }

    /// The inputs that the query reads, as the job spells them.
    public List<String> inputsRead() {
        return plan.steps().stream().mapMulti((Step step, Consumer<String> out) -> {
            if (step instanceof Step.Source source) {
                out.accept(source.input());
            } else if (step instanceof Step.Reference reference) {
                out.accept(reference.input());
            }
        }).distinct().toList();
    }
}
