package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.factory.copy.Catalogue;
import io.conshelf.factory.copy.Declaration;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A large factory that was made elsewhere, with everything that is documented: what does not run here is told all at once, each with its file.
class ForeignFactoryTest {
    private static final List<String> OTHER_ACTIVITIES = List.of("ExecuteDataFlow", "DatabricksNotebook", "AzureFunctionActivity", "HDInsightSpark", "ExecuteSSISPackage",
            "AzureMLExecutePipeline", "Custom", "SynapseNotebook", "DataLakeAnalyticsU-SQL");
    private static final int MORE_PIPELINES = 300;
    private static final int ROUNDS = 300;

    @TempDir
    Path folder;

    private final List<Expected> refusals = new ArrayList<>();

    /// @param says part of the message
    private record Expected(String file, String says) {}

    private String write(String kind, String name, String properties) throws IOException {
        Path file = folder.resolve(kind).resolve(name + ".json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"name\": \"" + name + "\", \"properties\": " + properties + "}");
        return kind + "/" + name + ".json";
    }

    private void expect(String file, Declaration declared) {
        if (!declared.isSupported()) {
            refusals.add(new Expected(file, "'" + declared.type() + "' is known and not supported: " + declared.refusal().orElseThrow()));
        }
    }

    private static String reference(String name, String type) {
        return "{\"referenceName\": \"" + name + "\", \"type\": \"" + type + "\"}";
    }

    private String copy(String name, String source, String sink) throws IOException {
        return write("pipeline", name, """
                {"folder": {"name": "a/b"}, "annotations": ["x"], "activities": [{"name": "C", "type": "Copy", "inputs": [%s], "outputs": [%s],
                 "typeProperties": {"source": %s, "sink": %s}}]}""".formatted(reference("files", "DatasetReference"), reference("files", "DatasetReference"), source, sink));
    }

    private void everythingDocumented() throws IOException {
        write("linkedService", "files", "{\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}");
        write("dataset", "files", """
                {"type": "DelimitedText", "linkedServiceName": %s, "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "x"}}}"""
                .formatted(reference("files", "LinkedServiceReference")));
        for (Declaration declared : Catalogue.all(Catalogue.Kind.LINKED_SERVICE)) {
            expect(write("linkedService", "ls_" + declared.type(), "{\"type\": \"" + declared.type() + "\", \"typeProperties\": {\"encryptedCredential\": \"x\"}}"), declared);
        }
        for (Declaration declared : Catalogue.all(Catalogue.Kind.DATASET)) {
            expect(write("dataset", "d_" + declared.type(), "{\"type\": \"" + declared.type() + "\", \"linkedServiceName\": " + reference("files", "LinkedServiceReference") + "}"),
                    declared);
        }
        for (Declaration declared : Catalogue.all(Catalogue.Kind.LOCATION)) {
            expect(write("dataset", "l_" + declared.type(), """
                    {"type": "Json", "linkedServiceName": %s, "typeProperties": {"location": {"type": "%s"}}}"""
                    .formatted(reference("files", "LinkedServiceReference"), declared.type())), declared);
        }
        String sink = "{\"type\": \"DelimitedTextSink\"}";
        for (Declaration declared : Catalogue.all(Catalogue.Kind.SOURCE)) {
            expect(copy("from_" + declared.type(), "{\"type\": \"" + declared.type() + "\"}", sink), declared);
        }
        for (Declaration declared : Catalogue.all(Catalogue.Kind.SETTINGS)) {
            expect(copy("by_" + declared.type(), "{\"type\": \"JsonSource\", \"storeSettings\": {\"type\": \"" + declared.type() + "\"}}", sink), declared);
        }
        for (Declaration declared : Catalogue.all(Catalogue.Kind.SINK)) {
            expect(copy("to_" + declared.type(), "{\"type\": \"DelimitedTextSource\"}", "{\"type\": \"" + declared.type() + "\"}"), declared);
        }
        for (String type : OTHER_ACTIVITIES) {
            String file = write("pipeline", "do_" + type, """
                    {"activities": [{"name": "If", "type": "IfCondition", "typeProperties": {"expression": "@true", "ifTrueActivities": [
                     {"name": "A", "type": "%s", "typeProperties": {"anything": {"x": [1]}}}]}}]}""".formatted(type));
            refusals.add(new Expected(file, "the activity type '" + type + "' of 'A' "));
        }
    }

    private void manyPipelines() throws IOException {
        for (int i = 0; i < MORE_PIPELINES; i++) {
            StringBuilder activities = new StringBuilder();
            for (int j = 0; j < 20; j++) {
                activities.append(j == 0 ? "" : ", ").append("""
                        {"name": "W%d", "type": "Wait", "dependsOn": [%s], "typeProperties": {"waitTimeInSeconds": "@add(pipeline().parameters.n, %d)"}}"""
                        .formatted(j, j == 0 ? "" : "{\"activity\": \"W" + (j - 1) + "\", \"dependencyConditions\": [\"Succeeded\"]}", j));
            }
            String wrong = i % 3 == 0 ? ", {\"name\": \"Z\", \"type\": \"ExecutePipeline\", \"typeProperties\": {\"pipeline\": " + reference("gone" + i, "PipelineReference") + "}}"
                    : ", {\"name\": \"Z\", \"type\": \"ExecutePipeline\", \"typeProperties\": {\"pipeline\": " + reference("many" + (i + 1) % MORE_PIPELINES, "PipelineReference")
                            + ", \"parameters\": {\"n\": 1}}}";
            String file = write("pipeline", "many" + i, "{\"parameters\": {\"n\": {\"type\": \"int\"}}, \"activities\": [" + activities + wrong + "]}");
            if (i % 3 == 0) {
                refusals.add(new Expected(file, "there is no pipeline 'gone" + i + "'"));
            }
        }
    }

    @Test
    void everythingThatDoesNotRunHereIsNamedAtOnce() throws Exception {
        everythingDocumented();
        manyPipelines();
        List<Problem> problems = Validation.of(Factory.load(folder)).problems();
        assertThat(refusals).hasSizeGreaterThan(400);
        assertThat(refusals).filteredOn(expected -> problems.stream().noneMatch(problem ->
                problem.file().equals(expected.file()) && problem.message().contains(expected.says()))).as("not told").isEmpty();
        assertThat(problems).filteredOn(problem -> problem.message().contains("is not known")).isEmpty();
        assertThat(problems).filteredOn(problem -> problem.file().startsWith("pipeline/many")).hasSize(MORE_PIPELINES / 3);
    }

    @Test
    void filesWithBytesThatAreNotTheirsAreToldAndNothingMore() throws Exception {
        everythingDocumented();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = Files.readAllBytes(file);
            byte[] changed = bytes.clone();
            // One may have been cut down to nothing before.
            for (int i = random.nextInt(5); i >= 0 && changed.length > 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, random.nextInt(4) == 0 ? Arrays.copyOf(changed, random.nextInt(changed.length + 1)) : changed);
            if (round % 10 == 9) {
                assertThatCode(this::check).as("seed %d, round %d", seed, round).doesNotThrowAnyException();
            }
        }
    }

    private void check() {
        for (Reading reading : Reading.values()) {
            try {
                Validation.of(Factory.load(folder, reading)).toJson();
            } catch (InvalidFactoryException told) {
                assertThat(told.problems()).isNotEmpty();
            }
        }
    }
}
