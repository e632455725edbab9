package io.conshelf.streams.run;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.value.Compatibility;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        private final transient List<ScriptFunctions.Problem> scripts;

        NotReady(List<Diagnostic> problems, List<ScriptFunctions.Problem> scripts) {
            super(Stream.concat(problems.stream().map(Diagnostic::toString), scripts.stream().map(problem -> "function '" + problem.function() + "': "
                    + problem.message())).collect(Collectors.joining("\n")));
            this.problems = List.copyOf(problems);
            this.scripts = List.copyOf(scripts);
        }

        /// With the query.
        public List<Diagnostic> problems() {
            return problems;
        }

        /// With the functions.
        public List<ScriptFunctions.Problem> scripts() {
            return scripts;
        }
    }

    public static ReadyJob of(JobDefinition job) throws NotReady {
        JobCheck check = JobCheck.of(job, job);
        if (!check.query().errors().isEmpty() || !check.scripts().isEmpty()) {
            throw new NotReady(check.query().errors(), check.scripts());
        }
        return check.ready().orElseThrow();
    }

    static Compatibility level(JobDefinition job) {
        return Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2);
    }

    static ScriptFunctions functions(JobDefinition job) {
        return new ScriptFunctions(job.functions().stream().map(ReadyJob::script).toList(), level(job));
    }

    private static ScriptFunctions.Definition script(Function function) {
        return new ScriptFunctions.Definition(function.name(), switch (function.type()) {
            case SCALAR -> ScriptFunctions.Kind.SCALAR;
            case AGGREGATE -> ScriptFunctions.Kind.AGGREGATE;
        }, function.script(), function.inputTypes(), function.outputType());
    }

    /// The outputs that the query writes and the job does not define, as errors.
    public List<Diagnostic> unknownOutputs() {
        return Compiled.unknownOutputs(plan.outputs().stream().map(output -> new Compiled.Named(output.name(), output.span())).toList(), definition.outputs().stream()
                .map(JobDefinition.Output::name).toList());
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
