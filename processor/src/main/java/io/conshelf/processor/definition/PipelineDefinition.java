package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.function.Predicate;

/// A pipeline: where messages come from, the stages that they pass in their order, and where they go.
///
/// @param stages   without input and output
/// @param resource as it was written, to be stored and given out again
/// @param remarks  what has no effect, or was assumed
/// @param secrets  where it names one
public record PipelineDefinition(String name, String description, Activity activity, InputDefinition input, List<StageDefinition> stages, OutputDefinition output,
        Resource resource, List<Problem> remarks, List<Located> secrets) {
    public PipelineDefinition {
        stages = List.copyOf(stages);
        remarks = List.copyOf(remarks);
        secrets = List.copyOf(secrets);
    }

    /// What `enabled` says.
    public enum Activity { ENABLED, PAUSED }

    /// @param properties what the management interface calls so, and a custom resource its `spec`
    /// @throws InvalidDefinitionException with every mistake
    public static PipelineDefinition read(Resource resource, Located properties) throws InvalidDefinitionException {
        return new PipelineJson(resource, properties).pipeline();
    }

    /// Secrets that it names and nobody has. Their names are not told: somebody may have written the secret itself.
    public List<Problem> missingSecrets(Predicate<String> isThere) {
        return secrets.stream().filter(secret -> !isThere.test(secret.text(""))).map(secret -> secret.problem("names a secret that is not there")).toList();
    }

    /// Functions in its expressions that the service would not have run.
    public List<Problem> blockedFunctions() {
        return BlockedFunctions.problems(this);
    }

    /// What is wrong between the pipeline and the datasets that there are.
    public List<Problem> problems(List<DatasetDefinition> datasets) {
        return DatasetUses.problems(this, datasets);
    }
}
