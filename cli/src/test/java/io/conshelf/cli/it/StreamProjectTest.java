package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf stream` over the example project, and over what is made wrong with it.
class StreamProjectTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path temporary;

    private Path project;

    @BeforeEach
    void copyOfTheExample() throws IOException {
        project = temporary.resolve("sensors");
        Path example = Surroundings.root().resolve("examples/sensors");
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = project.resolve(example.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private record Ended(int code, String out, String err) {}

    private Ended stream(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("stream"));
        command.addAll(List.of(arguments));
        Path out = temporary.resolve("out.txt");
        Path err = temporary.resolve("err.txt");
        Process process = UpProcess.command(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int code = process.waitFor();
        return new Ended(code, Files.readString(out), Files.readString(err));
    }

    private void replace(String file, String from, String to) throws IOException {
        String text = Files.readString(project.resolve(file));
        assertThat(text).contains(from);
        Files.writeString(project.resolve(file), text.replace(from, to));
    }

    private List<JsonNode> rows(String file) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(temporary.resolve("rows").resolve(file))) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    @Test
    void theExamplePassesItsTestCases() throws Exception {
        Ended passed = stream("run", project.toString(), "--test");
        assertThat(passed.code()).as(passed.err()).isZero();
        JsonNode summary = JSON.readTree(project.resolve("test/testResultSummary.json").toFile());
        assertThat(List.of(summary.path("Total").asInt(), summary.path("Passed").asInt(), summary.path("Failed").asInt())).containsExactly(2, 2, 0);
        assertThat(summary.at("/Results/0/OutputMatched").size()).isEqualTo(2);
    }

    @Test
    void aTestCaseThatFailsIsToldApartFromOneThatCannotRun() throws Exception {
        replace("test/alerts.json", "23.89", "99");
        Ended failed = stream("test", project.toString(), "--json");
        assertThat(failed.code()).as(failed.err()).isEqualTo(254);
        JsonNode result = JSON.readTree(failed.out()).at("/Results/0");
        assertThat(result.path("Status").asInt()).isEqualTo(1);
        assertThat(result.at("/OutputNotEqual/0/OutputAlias").asText()).isEqualTo("Alerts");
        Path rows = Path.of(result.at("/OutputNotEqual/0/Output").asText());
        assertThat(JSON.readTree(Files.readAllLines(rows).getFirst()).path("Celsius").asDouble()).isEqualTo(23.89);
        assertThat(Path.of(JSON.readTree(failed.out()).path("Script").asText())).isAbsolute().isRegularFile();

        Ended shown = stream("test", project.toString());
        assertThat(shown.out().lines().map(String::strip)).as("the rows that differ").filteredOn(line -> line.startsWith("- ") || line.startsWith("+ ")).satisfiesExactly(
                expected -> assertThat(expected).startsWith("- {").contains("\"Celsius\":99"), came -> assertThat(came).startsWith("+ {").contains("\"Celsius\":23.89"));
        assertThat(shown.out()).contains("Alerts: the rows are not those of alerts.json (- expected, + came instead)");

        replace("test/testConfig.json", "\"alerts.json\"", "\"nowhere.json\"");
        Ended broken = stream("test", project.toString());
        assertThat(broken.code()).isEqualTo(255);
        assertThat(broken.err()).contains("testConfig.json: TestCases[0].ExpectedOutputs[1].FilePath: names 'nowhere.json', which is not there");
    }

    @Test
    void whatIsNotThereIsNamedByItsWholePath() throws Exception {
        for (String name : List.of("nope", "nope.json", "nope/asaproj.json")) {
            Path place = temporary.resolve(name);
            Ended missing = stream("run", place.toString());
            assertThat(missing.code()).isNotZero();
            assertThat(missing.err()).contains(place + ": there is no such file or folder");
        }
    }

    @Test
    void whatIsWrongWithEventsIsShownByTheFirst() throws Exception {
        Path job = Files.writeString(temporary.resolve("job.json"), """
                {"name": "broken", "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "{\\"n\\": \\"many\\", \\"k\\": 1}"}},
                   "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "Console"}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "t", "properties": {"query": "CREATE TABLE [in] (n bigint); SELECT n INTO out FROM [in]"}}}}""");
        Ended run = stream("run", job.toString());
        assertThat(run.err()).contains("1 × InputDeserializerError.TypeConversionError (in): Unable to convert column: n to expected type."
                + " It is declared as bigint and is 'nvarchar(max)', found \"many\". (dropped); the first: {\"n\":\"many\",\"k\":1}");
    }

    @Test
    void anOutputThatIsNotRequiredIsNotLookedAtAndNeedsNoFile() throws Exception {
        replace("test/testConfig.json", "\"alerts.json\", \"Required\": true", "\"[N/A]\", \"Required\": false");
        Ended passed = stream("test", project.toString(), "--outputPath", temporary.resolve("results").toString(), "--json");
        assertThat(passed.code()).as(passed.err()).isZero();
        JsonNode result = JSON.readTree(passed.out()).at("/Results/0");
        assertThat(result.at("/OutputUnrequired/0/OutputAlias").asText()).isEqualTo("Alerts");
        assertThat(result.at("/OutputUnrequired/0/ExpectedOutput").asText()).isEqualTo("[N/A]");
        assertThat(temporary.resolve("results/testResults")).isDirectoryRecursivelyContaining("glob:**/Averages.json");
        assertThat(result.at("/OutputMatched/0/Output").asText()).startsWith(temporary.resolve("results").toString()).endsWith("Averages.json");
    }

    @Test
    void rowsGoIntoFilesAndAreCounted() throws Exception {
        Ended run = stream("run", project.toString(), "--output-path", temporary.resolve("rows").toString(), "--json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode report = JSON.readTree(run.out());
        assertThat(report.path("state").asText()).isEqualTo("Stopped");
        assertThat(report.at("/metrics/Input Events").asInt()).isEqualTo(120);
        assertThat(report.at("/outputs/Averages/rows").asInt()).isEqualTo(20);
        assertThat(rows("Averages.json")).hasSize(20).first().satisfies(row -> assertThat(row.path("Time").asText()).startsWith("2026-01-31T08:01:00"));
        assertThat(rows("Alerts.json")).isNotEmpty().allSatisfy(row -> assertThat(row.path("Celsius").asDouble()).isGreaterThan(row.path("Before").asDouble()));
    }

    @Test
    void aLocalRunLeavesAFolderOfItsOwnBesideTheProject() throws Exception {
        Ended run = stream("localrun", "--project", project.resolve("asaproj.json").toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(project.resolve("LocalRunOutputs")).isDirectoryRecursivelyContaining("regex:.*/\\d{4}-\\d\\d-\\d\\d-\\d\\d-\\d\\d-\\d\\d/Averages\\.json")
                .isDirectoryRecursivelyContaining("glob:**/Alerts.json");
        assertThat(stream("test", project.toString()).code()).isZero();
    }

    @Test
    void theNameOfADatabaseIsNoCommand() throws Exception {
        for (String output : List.of("Outputs/Alerts.json", "Outputs/Averages.json")) {
            replace(output, "\"Database\": \"Sensors\"", "\"Database\": \"x\\\\'] ifnotexists //\"");
        }
        Ended run = stream("run", project.toString());
        assertThat(run.code()).isNotZero();
        assertThat(run.err()).contains("tables.kql: ").contains("x\\'] ifnotexists //");
    }

    @Test
    void aMistakeInTheQueryIsShownWhereItStands() throws Exception {
        replace("Sensors.asaql", "FROM Readings r", "FROM Reeadings r");
        Ended compiled = stream("compile", project.toString());
        assertThat(compiled.code()).isEqualTo(1);
        assertThat(compiled.out()).contains("Sensors.asaql:4:10: error: ").contains("  4 |     FROM Reeadings r TIMESTAMP BY r.at").contains("    |          ^^^^^^^^^");
        assertThat(JSON.readTree(stream("compile", project.toString(), "--json").out()).at("/errors/0/startLine").asInt()).isEqualTo(4);
    }

    @Test
    void everyMistakeOfAProjectIsToldAtOnce() throws Exception {
        replace("Outputs/Alerts.json", "\"Table\": \"Alerts\",", "");
        replace("Inputs/Readings.json", "\"Json\"", "\"Protobuf\"");
        Ended validated = stream("validate", project.toString(), "--json");
        assertThat(validated.code()).isEqualTo(1);
        JsonNode json = JSON.readTree(validated.out());
        assertThat(json.path("valid").asBoolean()).isFalse();
        assertThat(json.path("problems").findValuesAsText("file")).containsExactlyInAnyOrder("Outputs/Alerts.json", "Inputs/Readings.json");
    }

    @Test
    void whatIsWrongWithQueryFunctionsAndTablesIsToldBesideBrokenDefinitions() throws Exception {
        replace("Inputs/Readings.json", "\"Json\"", "\"Protobuf\"");
        replace("Sensors.asaql", "INTO Alerts", "INTO Alert");
        replace("Sensors.asaql", "AVG(celsius)", "AVRG(celsius)");
        replace("Functions/celsius.js", "return", "retrn 5 +");
        Ended validated = stream("validate", project.toString(), "--json");
        assertThat(validated.code()).as(validated.err()).isEqualTo(1);
        assertThat(problems(validated)).containsExactly(
                "Inputs/Readings.json: Serialization.Type: 'Protobuf' is not supported: Protobuf is not read yet; there are Json, Csv, Avro, Parquet",
                "Sensors.asaql: line 12, column 5: there is no function 'AVRG'; did you mean 'AVG'?",
                "Sensors.asaql: line 25, column 6: the job has no output 'Alert'; did you mean 'Alerts'?",
                "Functions/celsius.js: line 3, column 12: Function 'celsius' resulted in an error: 'missing ; before statement' Stack: missing ; before statement");
        Ended compiled = stream("compile", project.toString());
        assertThat(compiled.code()).isEqualTo(1);
    }

    @Test
    void tablesThatDoNotFitAreToldBeforeAnythingRuns() throws Exception {
        replace("Sensors.asaql", "room AS Room,\n    AVG(celsius) AS Celsius", "room AS room,\n    CAST(AVG(celsius) AS nvarchar(max)) AS Celsius");
        Files.writeString(project.resolve("tables.kql"), """
                .create-merge table Averages (Time:datetime, Room:string, Celsius:real, Readings:long)

                // what comes next is no command
                .create-merge table Alerts (Time:datetime, Device:strin)
                """);
        List<String> problems = problems(stream("validate", project.toString(), "--json"));
        assertThat(problems).hasSize(4);
        assertThat(problems.getFirst()).startsWith("tables.kql: line 4: ").contains("expected a column type");
        assertThat(problems.get(1)).isEqualTo("Sensors.asaql: line 14, column 6: output 'Averages': the table 'Averages' has no column 'room', but 'Room': names are found in their case");
        assertThat(problems.get(2)).contains("the column 'Celsius' of the table 'Averages' is a real and takes no nvarchar(max)");
        assertThat(problems.get(3)).startsWith("Sensors.asaql: line 25, column 6: output 'Alerts': ").contains("was not found");
        assertThat(stream("run", project.toString()).err()).contains("tables.kql: line 4: ");
    }

    @Test
    void aMistypedClusterIsNotTheEmbeddedOne() throws Exception {
        replace("Outputs/Alerts.json", "kusto.windows.net", "kusto.windws.net");
        String doubt = "'sensors.westeurope.kusto.windws.net' is neither an address of Azure Data Explorer";
        assertThat(stream("validate", project.toString()).err()).contains("note: Outputs/Alerts.json: AzureDataExplorerProperties.Cluster: " + doubt);
        Ended run = stream("run", project.toString(), "--json");
        assertThat(run.code()).isEqualTo(1);
        assertThat(JSON.readTree(run.out()).path("error").asText()).contains("output 'Alerts': " + doubt);
        replace("Outputs/Alerts.json", "https://sensors.westeurope.kusto.windws.net", "htps:/sensors");
        assertThat(problems(stream("validate", project.toString(), "--json"))).singleElement().asString().contains("is no cluster; write its name");
    }

    private static List<String> problems(Ended validated) throws IOException {
        List<String> problems = new ArrayList<>();
        JSON.readTree(validated.out()).path("problems").forEach(problem -> problems.add(problem.path("file").asText() + ": " + problem.path("path").asText() + ": "
                + problem.path("message").asText()));
        return problems;
    }

    @Test
    void aProjectBuiltIntoATemplateIsTheSameJob() throws Exception {
        Ended built = stream("build", project.toString(), "--output-path", temporary.resolve("deploy").toString());
        assertThat(built.code()).as(built.err()).isZero();
        Path template = temporary.resolve("deploy/sensors.JobTemplate.json");
        Path parameters = temporary.resolve("deploy/sensors.JobTemplate.parameters.json");
        JsonNode values = JSON.readTree(parameters.toFile()).path("parameters");
        assertThat(values.at("/Inputs_Readings_DataSource_EventHubName/value").asText()).isEqualTo("readings");
        assertThat(values.at("/Inputs_Readings_DataSource_SharedAccessPolicyKey/value").isNull()).isTrue();
        assertThat(values.at("/Outputs_Averages_DataSource_Table/value").asText()).isEqualTo("Averages");
        // a third of a unit, as the management interface counts it
        assertThat(values.at("/StreamingUnits/value").asInt()).isEqualTo(3);

        Ended compiled = stream("compile", template.toString(), "--parameters", parameters.toString(), "--plan");
        assertThat(compiled.code()).as(compiled.err() + compiled.out()).isZero();
        assertThat(compiled.out()).isEqualTo(stream("compile", project.toString(), "--plan").out());
    }

    @Test
    void aProjectIsBuiltInBicepToo() throws Exception {
        Ended built = stream("build", "--v2", "--project", project.resolve("asaproj.json").toString(), "--type", "Bicep", "--outputPath", temporary.resolve("bicep").toString());
        assertThat(built.code()).as(built.err()).isZero();
        assertThat(built.out().lines()).map(line -> Path.of(line).getFileName().toString()).containsExactly("sensors.JobTemplate.bicep", "sensors.JobTemplate.bicep.parameters.json");
        JsonNode values = JSON.readTree(temporary.resolve("bicep/sensors.JobTemplate.bicep.parameters.json").toFile()).path("parameters");
        assertThat(values.at("/Inputs_Readings_DataSource_EventHubName/value").asText()).isEqualTo("readings");
        String text = Files.readString(temporary.resolve("bicep/sensors.JobTemplate.bicep"));
        // what is declared has a value, or is asked for, and what is used is declared
        assertThat(text.lines().filter(line -> line.startsWith("param ")).map(line -> line.split(" ")[1])).containsExactlyInAnyOrderElementsOf(values::fieldNames);
        assertThat(text).contains("@secure()\nparam Inputs_Readings_DataSource_SharedAccessPolicyKey string\n")
                .contains("resource job 'Microsoft.StreamAnalytics/StreamingJobs@2021-10-01-preview' = {\n  name: StreamAnalyticsJobName\n")
                .contains("        table: Outputs_Averages_DataSource_Table\n").doesNotContain("parameters('");
    }

    @Test
    void aTestCaseIsAddedAsASkeleton() throws Exception {
        Ended added = stream("addtestcase", project.toString());
        assertThat(added.code()).as(added.err()).isZero();
        JsonNode third = JSON.readTree(project.resolve("test/testConfig.json").toFile()).at("/TestCases/2");
        assertThat(third.path("Name").asText()).isEqualTo("Case 3");
        assertThat(third.at("/Inputs/0/FilePath").asText()).isEqualTo("../data/readings.json");
        assertThat(third.path("ExpectedOutputs").findValuesAsText("OutputAlias")).containsExactly("Averages", "Alerts");
    }

    @Test
    void valuesThatAQueryCannotCastEndTheRunWithTheirPlace() throws Exception {
        replace("data/devices.csv", "s3,cellar,15", "s3,cellar,warm");
        Ended run = stream("run", project.toString(), "--output-path", temporary.resolve("rows").toString(), "--json");
        assertThat(run.code()).isEqualTo(1);
        assertThat(JSON.readTree(run.out()).path("error").asText()).contains("Cannot cast");
    }

    @Test
    void whatEndsALiveJobIsToldWithItsPlaceAndItsEvent() throws Exception {
        Path folder = Files.createDirectories(temporary.resolve("in"));
        Files.writeString(folder.resolve("a.json"), "{\"device\": \"a\", \"n\": 0}\n{\"device\": \"b\", \"n\": 1}\n");
        Ended run = stream("run", job(folder, "SELECT device,\\n    9223372036854775807 + n AS x INTO out FROM [in]").toString(), "--start", "earliest", "--json");
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        JsonNode report = JSON.readTree(run.out().substring(run.out().indexOf("\n{") + 1));
        assertThat(report.path("error").asText()).isEqualTo(
                "Arithmetic operation resulted in an overflow. At line '2' and column '5'. The event: {\"device\":\"b\",\"n\":1}");
        assertThat(report.at("/metrics/Runtime Errors").asInt()).isEqualTo(1);
        assertThat(report.at("/metrics/Input Events").asInt()).isEqualTo(2);
        assertThat(report.at("/diagnostics/0/type").asText()).isEqualTo("RuntimeError");
        assertThat(report.at("/diagnostics/0/example").asText()).isEqualTo("{\"device\":\"b\",\"n\":1}");
    }

    @Test
    void whoeverEndsAJobThatWaitsLearnsForWhat() throws Exception {
        Path job = Files.writeString(temporary.resolve("job.json"), """
                {"name": "waiting", "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "nobody", "properties": {"type": "Stream", "datasource": {"type": "Mqtt", "properties": {"broker": "127.0.0.1:1", "topicName": "t"}},
                   "serialization": {"type": "Json"}}},
                  {"name": "folder", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s", "follow": true}},
                   "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "Console"}}}],
                 "transformation": {"name": "query", "properties": {"query": "SELECT a INTO out FROM nobody UNION SELECT a FROM folder TIMESTAMP BY at"}}}}
                """.formatted(Files.createDirectories(temporary.resolve("in"))));
        Path out = temporary.resolve("out.txt");
        Path err = temporary.resolve("err.txt");
        Process process = UpProcess.command(List.of("stream", "run", job.toString(), "--json")).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        String told = Eventually.holds(() -> text(err), text -> text.contains("Degraded"));
        assertThat(told).contains("note: input 'folder' is a folder, and --start is now").contains("input 'nobody': The MQTT broker at 127.0.0.1:1 is not reached")
                .doesNotContain("io.conshelf").doesNotContain("Exception");
        process.destroy();
        process.waitFor();
        JsonNode report = JSON.readTree(out.toFile());
        assertThat(report.path("state").asText()).as(text(err)).isEqualTo("Stopped");
        assertThat(report.path("waitedFor").asText()).startsWith("input 'nobody': The MQTT broker at 127.0.0.1:1 is not reached");
        assertThat(report.at("/metrics/Backlogged Input Events").isInt()).isTrue();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// A job of a followed folder, whose rows are printed.
    private Path job(Path folder, String query) throws IOException {
        return Files.writeString(temporary.resolve("job.json"), """
                {"name": "live", "properties": {"compatibilityLevel": "1.2",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s", "follow": true}},
                   "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "Console"}}}],
                 "transformation": {"name": "query", "properties": {"streamingUnits": 1, "query": "%s"}}}}
                """.formatted(folder, query));
    }

    @Test
    void brokenEventsAreCountedByName() throws Exception {
        Files.writeString(project.resolve("data/readings.json"), """
                {"device": "s1", "at": "2026-01-31T08:00:05Z", "fahrenheit": 70}
                {"device": "s1", "at": "2026-01-31T08:00:06Z", "fahrenheit":
                {"device": "s1", "at": "never", "fahrenheit": 70}
                {"device": "s1", "at": "2026-01-31T08:00:07Z", "fahrenheit": 72}
                """);
        Ended run = stream("run", project.toString(), "--output-path", temporary.resolve("rows").toString(), "--json");
        assertThat(run.code()).as(run.err()).isZero();
        Map<String, Integer> counts = new java.util.TreeMap<>();
        JSON.readTree(run.out()).path("diagnostics").forEach(one -> counts.merge(one.path("type").asText(), one.path("count").asInt(), Integer::sum));
        assertThat(counts).containsEntry("InvalidInputTimeStamp", 1).containsKey("InputDeserializerError.InvalidData");
        assertThat(rows("Averages.json")).singleElement().satisfies(row -> assertThat(row.path("Readings").asInt()).isEqualTo(2));
        JsonNode metrics = JSON.readTree(run.out()).path("metrics");
        assertThat(metrics.path("Input Deserialization Errors").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(metrics.properties()).extracting(Map.Entry::getKey).contains("Late Input Events", "Out-of-Order Events", "Early Input Events",
                "Data Conversion Errors", "Runtime Errors", "Watermark Delay", "Backlogged Input Events");
    }
}
