package io.conshelf.streams.local;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.operator.EventOrdering.Findings;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import java.util.List;
import java.util.Map;

/// A job that is run over events that are all there. Its inputs' and outputs' stores are not asked.
public final class LocalJob {
    private final JobDefinition job;
    private final Plan plan;
    private final Context context;

    private LocalJob(JobDefinition job, Plan plan, Context context) {
        this.job = job;
        this.plan = plan;
        this.context = context;
    }

    public static LocalJob compile(JobDefinition job) throws QueryRefused {
        QueryContext context = QueryContext.of(job);
        Compiled compiled = Queries.compile(job.query(), context);
        Plan plan = compiled.plan().orElseThrow(() -> new QueryRefused(compiled.errors()));
        return new LocalJob(job, plan, new Context(context.level(), job.query(), functions(job, context.level())));
    }

    private static JobFunctions functions(JobDefinition job, Compatibility level) {
        return new ScriptFunctions(job.functions().stream().map(function -> new ScriptFunctions.Definition(function.name(), switch (function.type()) {
            case SCALAR -> ScriptFunctions.Kind.SCALAR;
            case AGGREGATE -> ScriptFunctions.Kind.AGGREGATE;
        }, function.script(), function.inputTypes(), function.outputType())).toList(), level);
    }

    public Plan plan() {
        return plan;
    }

    /// See [LocalRun#rows].
    public Map<String, List<Row>> run(Map<String, LocalEvents> events, Map<String, List<Snapshot>> references, Findings findings) {
        return new LocalRun(plan, job.policies(), Evaluation.in(context), findings).rows(events, references);
    }
}
