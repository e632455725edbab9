package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.jq.JqSyntaxException;
import io.conshelf.processor.jq.Program;
import java.util.ArrayList;
import java.util.List;

/// Functions of jq that the service does not run, wherever a pipeline uses them: here they run, as far as an expression may go.
final class BlockedFunctions {
    private static final String STAGES = "stages.";
    private static final String EXPRESSION = ".expression";

    private BlockedFunctions() {}

    static List<Problem> problems(PipelineDefinition pipeline) {
        List<Problem> problems = new ArrayList<>();
        switch (pipeline.input().partitionStrategy()) {
            case PartitionStrategy.Key(String expression) -> check(pipeline, "input.partitionStrategy" + EXPRESSION, expression, problems);
            case PartitionStrategy.Id(String expression) -> check(pipeline, "input.partitionStrategy" + EXPRESSION, expression, problems);
            case PartitionStrategy.RoundRobin() -> {}
        }
        for (StageDefinition stage : pipeline.stages()) {
            switch (stage.settings()) {
                case StageDefinition.Settings.Transform(String expression) -> check(pipeline, STAGES + stage.id() + EXPRESSION, expression, problems);
                case StageDefinition.Settings.Filter(String expression) -> check(pipeline, STAGES + stage.id() + EXPRESSION, expression, problems);
                case StageDefinition.Settings.Aggregate _, StageDefinition.Settings.Enrich _, StageDefinition.Settings.LastKnownValue _,
                        StageDefinition.Settings.HttpCall _ -> {}
            }
        }
        return problems;
    }

    private static void check(PipelineDefinition pipeline, String path, String expression, List<Problem> problems) {
        try {
            Program.compile(expression, Program.Mode.STRICT);
        } catch (JqSyntaxException blocked) {
            problems.add(new Problem(pipeline.resource().file(), pipeline.resource().path() + path, blocked.getMessage()));
        }
    }
}
