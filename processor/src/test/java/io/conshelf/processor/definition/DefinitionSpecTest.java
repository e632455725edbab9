package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.kql.spec.SpecFile;
import io.conshelf.kql.spec.SpecFile.SpecCase;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Definitions and what is read from them, or what is wrong with them: every mistake with its place.
class DefinitionSpecTest {
    @TestFactory
    Stream<DynamicNode> specs() {
        return SpecFile.tests("definition", DefinitionSpecTest::run);
    }

    private static String run(SpecCase spec) {
        boolean isYaml = spec.query().lines().findFirst().orElse("").matches("(---|apiVersion:.*)");
        try {
            Definitions read = Definitions.read(isYaml ? "sample.yaml" : "sample.json", spec.query());
            return Stream.of(read.pipelines().stream().map(DefinitionSpecTest::text), read.datasets().stream().map(DefinitionSpecTest::text),
                    read.remarks().stream().map(remark -> "remark " + place(remark))).flatMap(lines -> lines).collect(Collectors.joining("\n"));
        } catch (InvalidDefinitionException invalid) {
            return invalid.problems().stream().map(DefinitionSpecTest::place).collect(Collectors.joining("\n"));
        }
    }

    private static String text(PipelineDefinition pipeline) {
        List<String> lines = new java.util.ArrayList<>();
        lines.add("pipeline " + pipeline.name() + " " + pipeline.activity() + (pipeline.description().isEmpty() ? "" : " " + pipeline.description()));
        InputDefinition input = pipeline.input();
        lines.add("  " + input.settings() + " " + input.format() + " " + input.partitionCount() + " " + input.partitionStrategy());
        pipeline.stages().forEach(stage -> lines.add("  " + stage.id() + " " + stage.settings()));
        lines.add("  " + pipeline.output().id() + " " + pipeline.output().settings());
        return String.join("\n", lines);
    }

    private static String text(DatasetDefinition dataset) {
        return "dataset " + dataset.name() + " payload=" + dataset.payload() + " timestamp=" + dataset.timestamp() + " ttl=" + dataset.ttl() + " keys=" + dataset.keys();
    }

    private static String place(Problem problem) {
        return problem.path() + ": " + problem.message();
    }
}
