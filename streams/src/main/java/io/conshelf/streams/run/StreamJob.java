package io.conshelf.streams.run;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.plan.Plan;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// A job with everything bound that it runs with. Serialisable, so that it can be sent to a cluster.
///
/// @param name       names its folder of checkpoints, too
/// @param context    what expressions are evaluated with
/// @param inputs     by the name that [io.conshelf.streams.plan.Step.Source] has
/// @param references by the name that [io.conshelf.streams.plan.Step.Reference] has
/// @param outputs    by the name that [Plan.Output] has
/// @param places     where it reads and writes
public record StreamJob(String name, Plan plan, Context context, Map<String, EventInput> inputs, Map<String, ReferenceInput> references,
        Map<String, TargetRecipe> outputs, Policies policies, Places places) implements Serializable {
    public StreamJob {
        inputs = byName(inputs);
        references = byName(references);
        outputs = byName(outputs);
    }

    /// A job that always reads and writes where it does now.
    public StreamJob(String name, Plan plan, Context context, Map<String, EventInput> inputs, Map<String, ReferenceInput> references,
            Map<String, TargetRecipe> outputs, Policies policies) {
        this(name, plan, context, inputs, references, outputs, policies, Places.UNKNOWN);
    }

    /// Names are found whatever their case.
    private static <T> Map<String, T> byName(Map<String, T> named) {
        TreeMap<String, T> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(named);
        return Collections.unmodifiableMap(byName);
    }

    /// Opens an output where its rows are written.
    @FunctionalInterface
    public interface TargetRecipe extends Serializable {
        EventTarget open() throws OutputException;

        /// How many may write at a time.
        default int writersMax() {
            return Integer.MAX_VALUE;
        }
    }
}
