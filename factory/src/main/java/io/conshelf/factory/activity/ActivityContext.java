package io.conshelf.factory.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.copy.Stores;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// What an activity sees of its run while it runs.
public interface ActivityContext {
    /// What outputs tell of where an activity ran.
    String INTEGRATION_RUNTIME = "AutoResolveIntegrationRuntime (Local)";

    Activity activity();

    Pipeline pipeline();

    /// The type properties with their expressions evaluated, lazy ones left out.
    Located properties();

    Scope scope();

    /// Evaluates a value of the definition in the activity's scope.
    JsonNode resolve(Located value) throws ActivityFailure;

    JsonNode resolve(Located value, Scope scope) throws ActivityFailure;

    /// A scope inside this one, where `item()` is the item.
    Scope scopeWith(JsonNode item);

    /// Runs inner activities to their end.
    Inner run(Located activities, Optional<JsonNode> item) throws InterruptedException;

    /// Runs another pipeline of the factory, and waits for it if asked to.
    Child runPipeline(String name, JsonNode parameters, boolean waits) throws ActivityFailure, InterruptedException;

    /// Changes a variable of the run.
    void setVariable(String name, JsonNode value);

    /// Adds an item to a variable of the run that is an array, in one step.
    void appendVariable(String name, JsonNode item) throws ActivityFailure;

    void returnValue(String key, JsonNode value);

    /// What names this activity in its run group: pipelines, containers and loop items on the way to it. The same in every attempt, and in a
    /// run that repeats an earlier one.
    String copyId();

    /// The id of this attempt.
    String activityRunId();

    /// The datasets and connections of the factory.
    Stores stores();

    /// Where web services report back.
    Callbacks callbacks();

    /// Tells whoever watches how far a copy is.
    void progress(Progress progress);

    /// Waits on the run's clock; cancelled with the run.
    void pause(Duration duration) throws InterruptedException;

    Clock clock();

    /// How inner activities ended.
    ///
    /// @param failure the inner activity that made them fail, with its message
    /// @param scope   where their outputs can be read
    record Inner(Optional<Failure> failure, Scope scope) {}

    record Failure(String activity, String message) {}

    /// @param returnValue what the pipeline returned; empty when it was not waited for
    record Child(String pipeline, String runId, JsonNode returnValue) {}

    /// How far a copy is. Into a cluster it has two stages: what is read is staged in chunks, then the cluster ingests the chunks.
    ///
    /// @param stage          `listing`, `staging` and `ingesting` on the way into a cluster, `transferring` elsewhere
    /// @param bytesRead      of the source as it lies there, packed where it is packed
    /// @param bytesTotal     0 when not known
    /// @param bytesWritten   as handed to the sink; may be more than was read
    /// @param rowsRead       0 while not known
    /// @param chunksStaged   what the cluster has been given
    /// @param chunksIngested of these, what it has dealt with
    record Progress(String stage, long bytesRead, long bytesTotal, long bytesWritten, long rowsRead, int chunksStaged, int chunksIngested) {}
}
