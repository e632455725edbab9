package io.conshelf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.cases.TestCases;
import io.conshelf.streams.job.BicepText;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobExport;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.run.JobCheck;
import io.conshelf.streams.run.ReadyJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `conshelf stream`: Stream Analytics jobs.
@Command(
        name = "stream",
        description = "Stream Analytics jobs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StreamRun.class,
            StreamCommand.Validate.class,
            StreamCommand.Compile.class,
            StreamTest.class,
            StreamCommand.AddTestCase.class,
            StreamCommand.Build.class,
        })
final class StreamCommand implements Runnable {
    private static final ObjectMapper JSON = new ObjectMapper();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do with jobs: run, validate, compile, test, addtestcase or build, see --help");
    }

    @Command(
            name = "validate",
            description = "Reports every mistake of a job: its inputs, outputs, functions and its query; exits with 0 if there is none.",
            mixinStandardHelpOptions = true)
    static final class Validate implements Callable<Integer> {
        @Mixin
        private StreamArgument source;

        @Option(names = "--json", description = "print what was found as JSON")
        private boolean isJson;

        @Override
        public Integer call() throws Exception {
            StreamFindings found = StreamFindings.of(source.examined());
            if (isJson) {
                PipelineCommand.print(json(found.problems(), found.remarks()));
            } else {
                found.shown().forEach(System.out::println);
                found.remarks().forEach(remark -> System.err.println("note: " + remark));
                System.err.println(found.problems().isEmpty() ? "no mistakes" : found.problems().size() + " to mend");
            }
            return found.problems().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }

        private static ObjectNode json(List<Problem> problems, List<Problem> remarks) {
            ObjectNode json = JSON.createObjectNode().put("valid", problems.isEmpty());
            add(json.putArray("problems"), problems);
            add(json.putArray("remarks"), remarks);
            return json;
        }

        private static void add(ArrayNode list, List<Problem> problems) {
            problems.forEach(problem -> list.addObject().put("file", problem.file()).put("path", problem.path()).put("message", problem.message()));
        }
    }

    @Command(
            name = "compile",
            description = "Compiles a job's query and shows what is wrong with it where it stands; exits with 0 if nothing is.",
            mixinStandardHelpOptions = true)
    static final class Compile implements Callable<Integer> {
        @Mixin
        private StreamArgument source;

        @Option(names = "--plan", description = "print the steps that it is compiled to")
        private boolean isPlan;

        @Option(names = "--json", description = "print the answer that \"compile query\" of the management interface gives")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            Project project = source.load();
            JobCheck check = JobCheck.of(project.job(), project.job());
            List<String> outputs = project.job().outputs().stream().map(JobDefinition.Output::name).toList();
            // a job without outputs is one whose rows are looked at
            Compiled compiled = outputs.isEmpty() ? check.query() : check.query().knowing(outputs);
            int mistakes = compiled.errors().size() + check.scripts().size();
            if (isJson) {
                PipelineCommand.print(JSON.valueToTree(compiled.answer()));
            } else {
                QueryText text = new QueryText(project);
                compiled.diagnostics().forEach(diagnostic -> System.out.println(text.shown(diagnostic)));
                if (isPlan && mistakes == 0) {
                    compiled.plan().ifPresent(plan -> System.out.println(plan.text()));
                }
            }
            check.scripts().forEach(problem -> (isJson ? System.err : System.out).println(QueryText.problem(project, problem)));
            if (!isJson) {
                System.err.println(mistakes == 0 ? "compiled" : mistakes + " to mend");
            }
            return mistakes == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    @Command(
            name = "addtestcase",
            description = "Appends the skeleton of a test case to a project's test configuration, and makes that where there is none.",
            mixinStandardHelpOptions = true)
    static final class AddTestCase implements Callable<Integer> {
        @Mixin
        private StreamArgument source;

        @Option(names = {"--testConfigPath", "--test-config"}, paramLabel = "FILE", description = "the test configuration (default: test/testConfig.json of the project)")
        private Optional<Path> config;

        @Override
        public Integer call() throws IOException {
            Project project = source.load();
            Path file = config.orElseGet(() -> TestCases.placeIn(project.folder()));
            try {
                String name = TestCases.add(file, project);
                System.out.println(name + " in " + file + ": write its files down under Inputs and ExpectedOutputs");
                return CommandLine.ExitCode.OK;
            } catch (InvalidDefinitionException wrong) {
                throw new CommandFailure(wrong.getMessage(), wrong);
            }
        }
    }

    @Command(
            name = "build",
            description = "Writes a job as an ARM template, or in Bicep, and its parameters; secrets become parameters without a value.",
            mixinStandardHelpOptions = true)
    static final class Build implements Callable<Integer> {
        @Mixin
        private StreamArgument source;

        @Option(names = {"--outputPath", "--output-path"}, paramLabel = "DIR", description = "where the two files go (default: Deploy in the project's folder)")
        private Optional<Path> folder;

        @Option(names = "--type", paramLabel = "ARM|Bicep", description = "the language of the template (default: ARM)")
        private Optional<Language> language;

        @Option(names = "--v2", description = "taken as the service's own tool takes it; there is one form of templates here")
        @SuppressWarnings("unused")
        private boolean isSecondForm;

        /// Of templates.
        enum Language { ARM, BICEP }

        @Override
        public Integer call() throws IOException {
            Project project = source.load();
            try {
                ReadyJob.of(project.job());
            } catch (ReadyJob.NotReady notReady) {
                throw new CommandFailure("the job does not compile:\n" + QueryText.told(project, notReady), notReady);
            }
            JobExport.Built built = JobExport.build(project.job(), project.definition());
            Path target = Files.createDirectories(folder.orElseGet(() -> project.folder().resolve("Deploy")));
            String name = project.job().name() + ".JobTemplate";
            switch (language.orElse(Language.ARM)) {
                case ARM -> {
                    write(target.resolve(name + ".json"), text(built.template()));
                    write(target.resolve(name + ".parameters.json"), text(built.parameters()));
                }
                case BICEP -> {
                    BicepText.Written bicep = BicepText.of(built);
                    write(target.resolve(name + ".bicep"), bicep.text());
                    write(target.resolve(name + ".bicep.parameters.json"), text(bicep.parameters()));
                }
            }
            return CommandLine.ExitCode.OK;
        }

        private static String text(ObjectNode json) throws IOException {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
        }

        private static void write(Path file, String text) throws IOException {
            Files.writeString(file, text);
            System.out.println(file);
        }
    }
}
