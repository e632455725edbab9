package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.List;

/// A pipeline: where messages come from, the stages that they pass in their order, and where they go.
///
/// @param stages   without input and output
/// @param resource as it was written, to be stored and given out again
/// @param remarks   what has no effect, or was assumed
public record PipelineDefinition(String name, String description, Activity activity, InputDefinition input, List<StageDefinition> stages, OutputDefinition output,
        Resource resource, List<Problem> remarks) {
    public PipelineDefinition {
        stages = List.copyOf(stages);
        remarks = List.copyOf(remarks);
    }

    /// What `enabled` says.
    public enum Activity { ENABLED, PAUSED }

    /// @param properties what the management interface calls so, and a custom resource its `spec`
    /// @throws InvalidDefinitionException with every mistake
    public static PipelineDefinition read(Resource resource, Located properties) throws InvalidDefinitionException {
        return new PipelineJson(resource, properties).pipeline();
    }

    /// What is wrong between the pipeline and the datasets that there are.
    public List<Problem> problems(List<DatasetDefinition> datasets) {
        return DatasetUses.problems(this, datasets);
    }
}
