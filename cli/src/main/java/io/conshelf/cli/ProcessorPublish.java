package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
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
    private static final Set<String> ENVELOPE = Set.of("location", "extendedLocation", "tags", "properties");

    @Mixin
    private RunningProcessors processors;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "resources, ARM templates, manifests or the portal's export; or folders of them")
    private List<Path> files;

    @Option(names = "--paused", description = "leave the pipelines disabled, whatever they say")
    private boolean isPaused;

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
            System.err.println("pipeline " + pipeline.name() + ": " + (isThis ? "failed: " + status.path("error").path("message").asText() : status.path("status").asText()));
        }
        System.out.println(instance);
        return isFailed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private static ObjectNode body(Resource resource) {
        ObjectNode body = resource.armResource();
        return body.retain(ENVELOPE);
    }
}
