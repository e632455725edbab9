package io.conshelf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.Definitions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf processor validate`
@Command(
        name = "validate",
        description = "Reports every mistake of pipelines and datasets; exits with 0 if there is none.",
        mixinStandardHelpOptions = true)
final class ProcessorValidate implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "resources, ARM templates, manifests or the portal's export; or folders of them")
    private List<Path> files;

    @Option(names = "--json", description = "print what was found as JSON")
    private boolean isJson;

    @Option(names = "--strict", description = "report functions of jq that the service would not have run, such as until, too")
    private boolean isStrict;

    @Override
    public Integer call() throws IOException {
        List<Problem> problems = List.of();
        List<Problem> remarks = List.of();
        String read = "";
        try {
            Definitions definitions = Definitions.read(files);
            remarks = definitions.remarks();
            if (isStrict) {
                problems = definitions.pipelines().stream().flatMap(pipeline -> pipeline.blockedFunctions().stream()).toList();
            }
            read = Stream.of(counted(definitions.pipelines().size(), "pipeline"), counted(definitions.datasets().size(), "dataset")).filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(" and "));
        } catch (InvalidDefinitionException wrong) {
            problems = wrong.problems();
        }
        if (isJson) {
            ObjectNode json = JSON.createObjectNode().put("valid", problems.isEmpty());
            add(json.putArray("problems"), problems);
            add(json.putArray("remarks"), remarks);
            PipelineCommand.print(json);
        } else {
            problems.forEach(System.out::println);
            remarks.forEach(remark -> System.err.println("note: " + remark));
            System.err.println(problems.isEmpty() ? "no mistakes in " + read : problems.size() + " to mend");
        }
        return problems.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static String counted(int count, String what) {
        return count == 0 ? "" : count + " " + what + (count == 1 ? "" : "s");
    }

    static void add(ArrayNode list, List<Problem> problems) {
        problems.forEach(problem -> list.addObject().put("file", problem.file()).put("path", problem.path()).put("message", problem.message()));
    }
}
