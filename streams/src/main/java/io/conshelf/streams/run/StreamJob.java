package io.conshelf.streams.run;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.plan.Plan;
import java.io.Serializable;
import java.util.Map;

/// A job with everything bound that it runs with. Serialisable, so that it can be sent to a cluster.
///
/// @param name       names its folder of checkpoints, too
/// @param inputs     by the name that [io.conshelf.streams.plan.Step.Source] has
/// @param references by the name that [io.conshelf.streams.plan.Step.Reference] has
/// @param outputs    by the name that [Plan.Output] has
public record StreamJob(String name, Plan plan, EvaluationRecipe evaluation, Map<String, EventInput> inputs, Map<String, ReferenceInput> references,
        Map<String, TargetRecipe> outputs, Policies policies) implements Serializable {
    public StreamJob {
        inputs = Map.copyOf(inputs);
        references = Map.copyOf(references);
        outputs = Map.copyOf(outputs);
    }

    /// Makes the evaluation that one thread uses.
    @FunctionalInterface
    public interface EvaluationRecipe extends Serializable {
        Evaluation open();
    }

    /// Opens an output where its rows are written.
    @FunctionalInterface
    public interface TargetRecipe extends Serializable {
        EventTarget open();
    }
}
