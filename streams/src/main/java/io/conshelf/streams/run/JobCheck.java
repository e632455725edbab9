package io.conshelf.streams.run;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.script.ScriptFunctions;
import java.util.List;
import java.util.Optional;

/// Everything that is wrong with the query and the functions of a job, before anything is reached.
///
/// @param ready   the job as far as it is defined, where its query compiles and its functions do; inputs and outputs of the query may be missing in it
/// @param scripts what is wrong with functions
public record JobCheck(Optional<ReadyJob> ready, Compiled query, List<ScriptFunctions.Problem> scripts) {
    public JobCheck {
        scripts = List.copyOf(scripts);
    }

    /// @param job     as far as it could be read
    /// @param outline all that it defines, by name
    public static JobCheck of(JobDefinition job, JobDefinition outline) {
        Compiled compiled = Queries.compile(job.query(), QueryContext.of(outline));
        ScriptFunctions functions = ReadyJob.functions(job);
        List<ScriptFunctions.Problem> scripts = functions.problems();
        Optional<ReadyJob> ready = scripts.isEmpty() ? compiled.plan().map(plan -> new ReadyJob(job, plan, new Context(ReadyJob.level(job), job.query(), functions),
                compiled.diagnostics().stream().filter(diagnostic -> !diagnostic.isError()).toList())) : Optional.empty();
        return new JobCheck(ready, compiled, scripts);
    }
}
