package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.definition.Resource;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf processor publish`: puts pipelines and datasets into a running `conshelf up`, which runs those that are enabled.
@Command(
        name = "publish",
        description = "Makes or changes pipelines and datasets of a running 'conshelf up'; what is enabled runs from then on, also after a restart.",
        mixinStandardHelpOptions = true)
final class ProcessorPublish implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENVELOPE = Set.of("location", "extendedLocation", "tags", "properties");

    @Mixin
    private RunningProcessors processors;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "resources, ARM templates, manifests or the portal's export; or folders of them")
    private List<Path> files;

    @Option(names = "--paused", description = "leave the pipelines disabled, whatever they say")
    private boolean isPaused;

    @Option(names = "--json", description = "print what became of each as JSON")
    private boolean isJson;

    @Override
    public Integer call() throws Exception {
        Definitions definitions;
        try {
            definitions = Definitions.read(files);
        } catch (InvalidDefinitionException wrong) {
            throw new CommandFailure(wrong.getMessage(), wrong);
        }
        definitions.remarks().forEach(remark -> System.err.println("note: " + remark));
        String instance = processors.made();
        for (DatasetDefinition dataset : definitions.datasets()) {
            processors.put(instance + "/datasets/" + dataset.name(), body(dataset.resource()));
            System.err.println("dataset " + dataset.name());
        }
        ArrayNode published = JSON.createArrayNode();
        boolean isFailed = false;
        for (PipelineDefinition pipeline : definitions.pipelines()) {
            ObjectNode body = body(pipeline.resource());
            if (isPaused) {
                body.withObjectProperty("properties").put("enabled", false);
            }
            String path = instance + "/pipelines/" + pipeline.name();
            processors.put(path, body);
            JsonNode status = processors.settled(path);
            boolean isThis = status.path("provisioningState").asText().equals("Failed");
            isFailed |= isThis;
            published.add(status);
            // what the files themselves show was told before anything was sent
            status.path("remarks").valueStream().filter(remark -> pipeline.remarks().stream().noneMatch(known ->
                    known.message().equals(remark.path("message").asText()))).forEach(remark ->
                    System.err.println("note: " + pipeline.name() + ": " + remark.path("path").asText() + " " + remark.path("message").asText()));
            System.err.println("pipeline " + pipeline.name() + ": " + (isThis ? "failed: " + status.path("error").path("message").asText() : status.path("status").asText()));
        }
        if (isJson) {
            ObjectNode json = JSON.createObjectNode().put("instance", instance);
            ArrayNode datasets = json.putArray("datasets");
            definitions.datasets().forEach(dataset -> datasets.add(dataset.name()));
            json.set("pipelines", published);
            ProcessorValidate.add(json.putArray("remarks"), definitions.remarks());
            PipelineCommand.print(json);
        } else {
            System.out.println(instance);
        }
        return isFailed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private static ObjectNode body(Resource resource) {
        ObjectNode body = resource.armResource();
        return body.retain(ENVELOPE);
    }
}
