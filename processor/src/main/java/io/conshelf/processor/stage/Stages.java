package io.conshelf.processor.stage;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.InputDefinition;
import io.conshelf.processor.definition.PartitionStrategy;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.jq.Budget;
import io.conshelf.processor.jq.JqException;
import io.conshelf.processor.jq.JqSyntaxException;
import io.conshelf.processor.jq.Program;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.value.Value;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Makes stages of their definitions.
///
/// @param data      the datasets of the instance
/// @param endpoints where the addresses of definitions lead
public record Stages(ReferenceData data, Endpoints endpoints, Secrets secrets) {
    /// A stage for one physical partition.
    ///
    /// @throws InvalidStageException where it cannot work: definitions that were read have no such stage, unless what they hold has no use, such as descriptors
    public Stage open(StageDefinition definition) throws InvalidStageException {
        try {
            return switch (definition.settings()) {
                case Settings.Transform(String expression) -> new TransformStage(expression(expression));
                case Settings.Filter(String expression) -> new FilterStage(expression(expression));
                case Settings.Aggregate aggregate -> new AggregateStage(aggregate);
                case Settings.Enrich enrich -> new EnrichStage(enrich, data);
                case Settings.LastKnownValue lastKnown -> new LastKnownValueStage(lastKnown);
                case Settings.HttpCall call -> {
                    SignIn signIn = new SignIn(endpoints, secrets);
                    yield new HttpCallStage(call, () -> signIn.web(URI.create(call.url()), call.authentication(), HttpCallStage.TIMEOUT));
                }
            };
        } catch (JqSyntaxException | FormatException wrong) {
            throw new InvalidStageException("Stage '" + definition.id() + "': " + wrong.getMessage(), wrong);
        }
    }

    /// How the messages of an input find their partition; for one thread.
    public static Partitioner partitioner(InputDefinition input) throws InvalidStageException {
        try {
            Expression expression = switch (input.partitionStrategy()) {
                case PartitionStrategy.Key(String text) -> expression(text);
                case PartitionStrategy.Id(String text) -> expression(text);
                case PartitionStrategy.RoundRobin _ -> _ -> List.of();
            };
            return new Partitioner(input.partitionStrategy(), expression, input.partitionCount());
        } catch (JqSyntaxException wrong) {
            throw new InvalidStageException("The partition expression: " + wrong.getMessage(), wrong);
        }
    }

    private static Expression expression(String text) throws JqSyntaxException {
        Program program = Program.compile(text);
        return input -> {
            List<Value> results = new ArrayList<>(1);
            try {
                program.run(input, Budget.DEFAULT, results::add);
            } catch (JqException failed) {
                throw new StageException("ExpressionError", failed.getMessage());
            } catch (Budget.Exceeded tooMuch) {
                throw new StageException("ExpressionLimit", tooMuch.getMessage());
            }
            return results;
        };
    }
}
