package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.streams.cases.TestCases;
import io.conshelf.streams.cases.TestRun;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.run.ReadyJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `conshelf stream test`: the test cases of a project. Exits as the service's own tool does.
@Command(
        name = "test",
        description = "Runs the test cases of a project; exits with 0 if all passed, with -2 (254) if one failed, with -1 (255) if they could not be run.",
        mixinStandardHelpOptions = true)
final class StreamTest implements Callable<Integer> {
    static final int FAILED = -2;
    static final int BROKEN = -1;
    private static final String SUMMARY = "testResultSummary.json";
    /// The rows of the cases.
    private static final String RESULTS = "testResults";
    private static final int ROWS_SHOWN_MAX = 20;

    @Mixin
    private StreamArgument source;

    @Option(names = {"--testConfigPath", "--test-config"}, paramLabel = "FILE", description = "the test configuration (default: test/testConfig.json of the project)")
    private Optional<Path> config;

    @Option(names = {"--outputPath", "--output-path"}, paramLabel = "DIR", description = "where testResultSummary.json and testResults, the rows of each case, go (default: beside the test configuration)")
    private Optional<Path> folder;

    @Option(names = "--json", description = "print the summary as JSON")
    private boolean isJson;

    @Override
    public Integer call() {
        return run(source, config, folder, isJson ? Printing.JSON : Printing.LINES);
    }

    enum Printing { LINES, JSON }

    static int run(StreamArgument source, Optional<Path> config, Optional<Path> folder, Printing printing) {
        try {
            Project project = source.read();
            return run(project, config, folder, printing);
        } catch (InvalidDefinitionException wrong) {
            System.err.println("conshelf: " + wrong.getMessage());
        } catch (IOException failure) {
            System.err.println("conshelf: the summary cannot be written: " + failure.getMessage());
        }
        return BROKEN;
    }

    private static int run(Project project, Optional<Path> config, Optional<Path> folder, Printing printing) throws InvalidDefinitionException, IOException {
        try {
            ReadyJob job = ReadyJob.of(project.job());
            Path file = config.orElseGet(() -> TestCases.placeIn(project.folder()));
            Path target = folder.isPresent() ? Files.createDirectories(folder.get()) : file.toAbsolutePath().getParent();
            TestRun.Summary summary = new TestRun(project, job, target.resolve(RESULTS)).run(TestCases.read(file));
            ObjectMapper json = new ObjectMapper();
            Files.writeString(target.resolve(SUMMARY), json.writerWithDefaultPrettyPrinter().writeValueAsString(summary.json()) + "\n");
            switch (printing) {
                case JSON -> PipelineCommand.print(summary.json());
                case LINES -> lines(summary);
            }
            System.err.println(summary.passed() + " passed, " + summary.failed() + " failed; " + target.resolve(SUMMARY));
            return summary.failed() == 0 ? 0 : FAILED;
        } catch (ReadyJob.NotReady notReady) {
            System.err.println("conshelf: the job does not compile:\n" + QueryText.told(project, notReady));
            return BROKEN;
        }
    }

    private static void lines(TestRun.Summary summary) {
        int number = 0;
        for (JsonNode result : summary.json().get("Results")) {
            List<TestRun.Difference> differences = summary.differences().getOrDefault(number++, List.of());
            System.out.println((result.get("Status").intValue() == 0 ? "passed  " : "failed  ") + result.get("Name").asText());
            if (result.hasNonNull("Error")) {
                System.out.println("        " + result.get("Error").asText());
            }
            for (String outcome : List.of("OutputNotEqual", "OutputMissing")) {
                for (JsonNode output : result.get(outcome)) {
                    System.out.println("        " + output.get("OutputAlias").asText() + ": " + (outcome.equals("OutputMissing") ? "no rows came, expected are those of "
                            : "the rows are not those of ") + output.get("ExpectedOutput").asText() + matched(differences, output));
                    differences.stream().filter(difference -> difference.output().equals(output.get("OutputAlias").asText())).forEach(difference -> {
                        rows("- ", difference.missing(), "expected");
                        rows("+ ", difference.unexpected(), "in " + output.get("Output").asText());
                    });
                }
            }
        }
    }

    private static String matched(List<TestRun.Difference> differences, JsonNode output) {
        int matched = differences.stream().filter(difference -> difference.output().equals(output.get("OutputAlias").asText())).mapToInt(TestRun.Difference::matched).sum();
        return " (- expected, + came instead" + (matched == 0 ? ")" : "; " + matched + " as expected)");
    }

    private static void rows(String sign, List<String> rows, String where) {
        rows.stream().limit(ROWS_SHOWN_MAX).forEach(row -> System.out.println("          " + sign + row));
        if (rows.size() > ROWS_SHOWN_MAX) {
            System.out.println("          … " + (rows.size() - ROWS_SHOWN_MAX) + " more " + where);
        }
    }
}
