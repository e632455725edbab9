package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.RunningFactories.Found;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf pipeline start`: a run on a running `conshelf up`, which goes on there whatever becomes of this command.
@Command(
        name = "start",
        description = "Starts a run of a pipeline of a running 'conshelf up' and prints its id; with --watch shows it to its end and exits with 0 if it succeeded.",
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    @Mixin
    private RunningFactories factories;

    @Parameters(paramLabel = "PIPELINE", description = "the pipeline's name")
    private String pipeline;

    @Option(names = "--param", paramLabel = "k=v", description = "a parameter's value, read by its declared type; may repeat")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--watch", description = "show the run until it has ended; Ctrl-C ends the watching, not the run")
    private boolean isWatched;

    @Option(names = "--json", description = "print the answer, with --watch the run and its activity runs when it has ended, as JSON")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var found = MonitorCommands.named(factories, pipeline);
        JsonNode answer = factories.start(found.factory(), found.what().path("name").asText(), values(found));
        String runId = answer.path("runId").asText();
        if (isWatched) {
            return MonitorCommands.follow(factories, found.factory(), runId, isJson ? MonitorCommands.Ending.AS_JSON : MonitorCommands.Ending.SHOWN);
        }
        if (isJson) {
            PipelineCommand.print(answer);
        } else {
            System.out.println(runId);
        }
        return CommandLine.ExitCode.OK;
    }

    private ObjectNode values(Found<JsonNode> found) {
        var problems = new ArrayList<Problem>();
        var declared = Parameter.readAll(new Located("pipeline '" + found.what().path("name").asText() + "'", "parameters",
                found.what().path("properties").path("parameters")), problems::add);
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        parameters.forEach((name, text) -> {
            if (!declared.containsKey(name)) {
                throw new CommandFailure("pipeline '" + pipeline + "' has no parameter '" + name + "'; it has "
                        + (declared.isEmpty() ? "none" : String.join(", ", declared.keySet())));
            }
            try {
                values.set(name, declared.get(name).parse(text));
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(wrong.getMessage(), wrong);
            }
        });
        return values;
    }
}
