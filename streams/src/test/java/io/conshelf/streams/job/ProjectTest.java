package io.conshelf.streams.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectTest {
    @TempDir
    Path folder;

    private void write(String path, String content) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Project load() throws InvalidDefinitionException {
        return Project.load(folder, Given.nothing());
    }

    private List<String> problems() {
        try {
            load();
        } catch (InvalidDefinitionException wrong) {
            return wrong.problems().stream().map(Problem::toString).toList();
        }
        throw new AssertionError("nothing was wrong");
    }

    private void project() throws Exception {
        write("asaproj.json", "\uFEFF" + """
                {"name": "sensors", "startFile": "Old.asaql", "configurations": [
                  {"filePath": "JobConfig.json", "subType": "JobConfig"},
                  {"filePath": "Inputs\\\\Hub.json", "subType": "Input"},
                  {"filePath": "inputs/Local_Hub.json", "subType": "InputMock"},
                  {"filePath": "Inputs/Places.json", "subType": "Input"},
                  {"filePath": "Outputs/Table.json", "subType": "Output"},
                  {"filePath": "Outputs/Lake.json", "subType": "Output"},
                  {"filePath": "Functions/twice.js.json", "subType": "JSFunction"}]}
                """);
        write("Transformation.asaql", "SELECT udf.twice(t) AS t INTO Table FROM Hub");
        write("JobConfig.json", """
                {"DataLocale": "en-US", "OutputErrorPolicy": "Drop", "EventsLateArrivalMaxDelayInSeconds": 5, "EventsOutOfOrderMaxDelayInSeconds": 10,
                 "EventsOutOfOrderPolicy": "drop", "Sku": {"Name": "StandardV2", "StreamingUnits": "2/3"}, "CompatibilityLevel": "1.1",
                 "ScriptType": "JobConfig", "Tags": {}}
                """);
        write("Inputs/Hub.json", """
                {"Name": "Hub", "Type": "Data Stream", "DataSourceType": "Event Hub", "EventHubProperties": {"ServiceBusNamespace": "ns", "EventHubName": "h",
                 "SharedAccessPolicyName": "p", "SharedAccessPolicyKey": "verysecret", "ConsumerGroupName": ""}, "BlobStorageProperties": null,
                 "Serialization": {"Type": "JSON", "Encoding": "UTF8", "FieldDelimiter": null, "Format": null}, "CompresssionType": "gzip",
                 "InputPartionKey": "device", "ScriptType": "Input"}
                """);
        write("Inputs/Local_Hub.json", "{\"InputAlias\": \"hub\", \"Type\": \"Data Stream\", \"Format\": \"CSV\", \"FilePath\": \"..\\\\Data\\\\HUB.csv\", \"ScriptType\": \"InputMock\"}");
        write("data/hub.csv", "t\n1\n");
        write("Inputs/Places.json", """
                {"Name": "Places", "Type": "Reference data", "DataSourceType": "Blob Storage", "BlobStorageProperties": {"Container": "not this"},
                 "BlobReferenceProperties": {"StorageAccounts": [{"AccountName": "a", "AccountKey": null}], "Container": "c", "PathPattern": "p/{date}/x.csv"},
                 "Serialization": {"Type": "CSV", "FieldDelimiter": "Semicolon"}, "ScriptType": "Input"}
                """);
        write("Outputs/Table.json", """
                {"Name": "Table", "DataSourceType": "Azure Data Explorer", "AzureDataExplorerProperties": {"Cluster": "c", "Database": "d", "Table": "T",
                 "AuthenticationMode": "Msi"}, "ScriptType": "Output"}
                """);
        write("Outputs/Lake.json", """
                {"Name": "Lake", "DataSourceType": "Blob Storage", "BlobStorageProperties": {"StorageAccounts": [{"AccountName": "a"}], "Container": "c",
                 "PathPattern": "x/{datetime:yyyy}"}, "Serialization": {"Type": "Json", "Format": "Line separated"}, "MinimumRows": 100, "MaximumTime": "00:05:00"}
                """);
        write("Functions/twice.js", "function main(t) { return 2 * t; }");
        write("Functions/twice.js.json", "{\"Name\": \"twice\", \"Type\": \"Scalar\", \"ScriptType\": \"JSFunction\", \"FunctionInputs\": [{\"DataType\": \"any\", \"IsConfigurationParameter\": null}], \"OutputType\": \"any\"}");
    }

    @Test
    void theQueryOfReferenceDataStandsInAFileBesideItsInput() throws Exception {
        project();
        write("Inputs/Places.json", """
                {"Name": "Places", "Type": "Reference data", "DataSourceType": "SQL Database", "SqlReferenceInputInfo": {"Server": "s", "Database": "d", "User": "u"}, "ScriptType": "Input"}
                """);
        assertThat(problems()).singleElement().asString().contains("fullSnapshotQuery");
        write("Inputs/places.snapshot.sql", "SELECT id, name\nFROM places\n");
        JobDefinition.Input places = load().job().inputs().getLast();
        assertThat(places.settings().path("fullSnapshotQuery").asText()).isEqualTo("SELECT id, name\nFROM places");
        write("Inputs/Places.json", """
                {"Name": "Places", "Type": "Reference data", "DataSourceType": "SQL Database", "SqlReferenceInputInfo": {"Server": "s", "Database": "d", "User": "u",
                 "RefreshType": "RefreshPeriodicallyWithDelta", "RefreshRate": "00:10:00"}, "ScriptType": "Input"}
                """);
        assertThat(problems()).singleElement().asString().contains("needs 'deltaSnapshotQuery'");
        write("Inputs/Places.delta.sql", "SELECT id, name, 1 AS _operation_ FROM places");
        assertThat(load().job().inputs().getLast().settings().path("deltaSnapshotQuery").asText()).isEqualTo("SELECT id, name, 1 AS _operation_ FROM places");
    }

    @Test
    void aFolderOfTheEditorIsReadAsItLies() throws Exception {
        project();
        Project project = load();
        JobDefinition job = project.job();
        assertThat(job.name()).isEqualTo("sensors");
        assertThat(job.query()).startsWith("SELECT udf.twice");
        assertThat(project.queryFile().file()).isEqualTo("Transformation.asaql");
        assertThat(project.remarks()).extracting(Problem::toString).contains("asaproj.json: startFile: names 'Old.asaql', which is not there; the query is Transformation.asaql");
        assertThat(job.policies()).isEqualTo(new JobDefinition.Policies(Optional.of(Duration.ofSeconds(5)), Duration.ofSeconds(10), Ordering.DROP,
                JobDefinition.OutputError.DROP, "1.1", "en-US", 3));
        assertThat(job.inputs()).extracting(JobDefinition.Input::name).containsExactly("Hub", "Places");
        JobDefinition.Input hub = job.inputs().getFirst();
        assertThat(hub.datasource()).isEqualTo(Datasources.EVENT_HUB);
        assertThat(hub.settings().toString()).isEqualTo("{\"serviceBusNamespace\":\"ns\",\"eventHubName\":\"h\",\"sharedAccessPolicyName\":\"p\",\"sharedAccessPolicyKey\":\"verysecret\"}");
        assertThat(hub.properties().path("compression").path("type").asText()).isEqualTo("GZip");
        assertThat(hub.properties().path("partitionKey").asText()).isEqualTo("device");
        assertThat(hub.properties().path("serialization").path("type").asText()).isEqualTo("Json");
        JobDefinition.Input places = job.inputs().getLast();
        assertThat(places.type()).isEqualTo(InputType.REFERENCE);
        assertThat(places.settings().path("storageAccounts").path(0).path("accountName").asText()).isEqualTo("a");
        assertThat(places.properties().path("serialization").path("properties").path("fieldDelimiter").asText()).isEqualTo(";");
        assertThat(job.outputs().getFirst().datasource()).isEqualTo(Datasources.KUSTO);
        assertThat(job.outputs().getFirst().settings().path("table").asText()).isEqualTo("T");
        assertThat(job.outputs().getLast().properties().path("sizeWindow").asInt()).isEqualTo(100);
        assertThat(job.functions()).containsExactly(new JobDefinition.Function("twice", FunctionType.SCALAR, "function main(t) { return 2 * t; }", List.of("any"), "any"));
        assertThat(project.localInput("HUB").orElseThrow().file()).isEqualTo(folder.resolve("data/hub.csv"));
        assertThat(job.toString()).doesNotContain("verysecret");
    }

    @Test
    void aProjectOfVisualStudioIsReadAlike() throws Exception {
        project();
        Files.delete(folder.resolve("asaproj.json"));
        write("Sensors.asaproj", """
                <Project ToolsVersion="4.0" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
                  <PropertyGroup><Name>sensors</Name></PropertyGroup>
                  <ItemGroup>
                    <Configure Include="JobConfig.json"><SubType>JobConfig</SubType></Configure>
                    <Configure Include="Inputs\\Hub.json"><SubType>Input</SubType></Configure>
                    <Configure Include="Inputs\\Local_Hub.json"><SubType>InputMock</SubType></Configure>
                    <Configure Include="Outputs\\Table.json"><SubType>Output</SubType></Configure>
                    <Configure Include="Functions\\twice.js"><SubType>JSFunction</SubType></Configure>
                  </ItemGroup>
                  <ItemGroup><Script Include="Transformation.asaql" /></ItemGroup>
                </Project>
                """);
        JobDefinition job = load().job();
        assertThat(job.name()).isEqualTo("sensors");
        assertThat(job.inputs()).hasSize(1);
        assertThat(job.functions()).hasSize(1);
    }

    @Test
    void aProjectFileCannotReadOtherFiles() throws Exception {
        write("Bad.asaproj", "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Project><Script Include=\"&x;\"/></Project>");
        assertThat(problems()).singleElement().asString().startsWith("Bad.asaproj: line 1").contains("is not XML");
    }

    @Test
    void everyMistakeIsToldWhereItStands() throws Exception {
        project();
        write("Inputs/Hub.json", """
                {"Name": "Hub", "Type": "Data Stream", "DataSourceType": "Event Hub", "EventHubProperties": {"ServiceBusNamespace": 5, "SharedAccessPolicyKey": "verysecret"},
                 "Serialization": {"Type": "Protobuf"}, "CompresssionType": "zip"}
                """);
        write("Outputs/Table.json", """
                {"Name": "Table", "DataSourceType": "Azure Data Explorer", "KustoProperties": {"Cluster": "c", "Database": "d", "AuthenticationMode": "ConnectionString"}}
                """);
        write("Outputs/Lake.json", "{\"Name\": \"table\", \"DataSourceType\": \"Power BI\", \"PowellBIProperties\": {\"Dataset\": \"d\"}}");
        write("JobConfig.json", "{\"EventsOutOfOrderPolicy\": \"Ignore\", \"CompatibilityLevel\": \"2.0\", \"StreamingUnits\": \"many\"}");
        Files.delete(folder.resolve("Functions/twice.js"));
        assertThat(problems()).satisfiesExactlyInAnyOrder(
                script -> assertThat(script).startsWith("Functions/twice.js.json: has no script"),
                namespace -> assertThat(namespace).startsWith("Inputs/Hub.json: EventHubProperties.ServiceBusNamespace: is to be a text, found 5"),
                hub -> assertThat(hub).startsWith("Inputs/Hub.json: EventHubProperties.eventHubName: is missing: it is the name of the event hub"),
                format -> assertThat(format).startsWith("Inputs/Hub.json: Serialization.Type: 'Protobuf' is not supported"),
                compression -> assertThat(compression).startsWith("Inputs/Hub.json: CompresssionType: is to be one of [None, GZip, Deflate], found \"zip\""),
                table -> assertThat(table).startsWith("Outputs/Table.json: KustoProperties.table: is missing"),
                mode -> assertThat(mode).startsWith("Outputs/Table.json: KustoProperties.AuthenticationMode: is to be Msi"),
                name -> assertThat(name).startsWith("Outputs/Lake.json: Name: 'table' is the name of an output already"),
                kind -> assertThat(kind).startsWith("Outputs/Lake.json: DataSourceType: 'Power BI' (PowerBI) is not supported as output"),
                policy -> assertThat(policy).startsWith("JobConfig.json: EventsOutOfOrderPolicy: is to be Adjust or Drop, found \"Ignore\""),
                level -> assertThat(level).startsWith("JobConfig.json: CompatibilityLevel: is to be one of 1.0, 1.1 and 1.2, found '2.0'"),
                units -> assertThat(units).startsWith("JobConfig.json: StreamingUnits: is to be a number of streaming units"));
        assertThat(problems()).noneMatch(problem -> problem.contains("verysecret"));
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        write("asaproj.json", "{\"configurations\": [{\"filePath\": \"Inputs/None.json\", \"subType\": \"Input\"}, {\"subType\": \"Input\"}]}");
        assertThat(problems()).containsExactlyInAnyOrder("asaproj.json: configurations[1].filePath: is missing: it is the file, from this folder",
                "asaproj.json: configurations[0].filePath: names 'Inputs/None.json', which is not there",
                folder.getFileName() + ": there is no query: no file *.asaql in the folder");
    }

    @Test
    void aTemplateMayNestThePartsOfAJobOrNot() throws Exception {
        write("template.json", """
                {"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
                 "parameters": {"job": {"type": "string", "defaultValue": "j"}, "key": {"type": "secureString"}, "table": {"type": "string"}},
                 "resources": [
                  {"type": "Microsoft.StreamAnalytics/StreamingJobs", "apiVersion": "2020-03-01", "name": "[parameters('job')]", "location": "[resourceGroup().location]",
                   "properties": {"sku": {"name": "standard"}, "compatibilityLevel": "1.2", "eventsLateArrivalMaxDelayInSeconds": 7,
                    "Inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Microsoft.ServiceBus/EventHub", "properties": {
                      "serviceBusNamespace": "[concat('n', 's')]", "eventHubName": "h", "sharedAccessPolicyName": "p", "sharedAccessPolicyKey": "[parameters('key')]"}},
                      "serialization": {"type": "Json", "properties": {"encoding": "UTF8"}}}}],
                    "transformation": {"name": "t", "properties": {"streamingUnits": 3, "query": "SELECT * INTO out FROM [in]"}}},
                   "resources": [{"type": "outputs", "name": "out", "apiVersion": "2020-03-01", "properties": {"datasource": {"type": "Microsoft.Kusto/clusters/databases",
                      "properties": {"cluster": "https://c.westeurope.kusto.windows.net", "database": "d", "table": "[parameters('table')]"}}}}]},
                  {"type": "Microsoft.StreamAnalytics/streamingjobs/outputs", "name": "[concat(parameters('job'), '/lost')]", "properties": {"datasource": {"type": "Console"}}}]}
                """);
        Project project = Project.load(folder.resolve("template.json"), new Given(Optional.empty(), Map.of("table", "T", "key", "k")));
        JobDefinition job = project.job();
        assertThat(job.name()).isEqualTo("j");
        assertThat(job.query()).isEqualTo("SELECT * INTO out FROM [in]");
        assertThat(job.policies().lateArrivalMax()).contains(Duration.ofSeconds(7));
        assertThat(job.policies().streamingUnits()).isEqualTo(3);
        assertThat(job.input("IN").orElseThrow().settings().path("serviceBusNamespace").asText()).isEqualTo("ns");
        assertThat(job.outputs()).extracting(JobDefinition.Output::name).containsExactly("out", "lost");
        assertThat(job.output("out").orElseThrow().settings().path("table").asText()).isEqualTo("T");
        assertThatThrownBy(() -> Project.load(folder.resolve("template.json"), Given.nothing())).hasMessage(
                "template.json: resources[0].resources[0].properties.datasource.properties.table: has no value: it is the name of the table, in its case; the template parameter "
                        + "'table' has none: give it with --template-param table=… or a parameters file");
        ProjectReading reading = Project.read(folder.resolve("template.json"), Given.nothing());
        assertThat(reading.outline().orElseThrow().outputs()).extracting(JobDefinition.Output::name).containsExactly("out", "lost");
        assertThat(reading.project().orElseThrow().remarks()).extracting(Problem::path)
                .containsOnlyOnce("resources[0].properties.Inputs[0].properties.datasource.properties.sharedAccessPolicyKey");
    }

    @Test
    void jsonOfTheManagementInterfaceIsRead() throws Exception {
        write("job.json", """
                {"name": "j", "properties": {"inputs": [{"name": "i", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "[]"}},
                  "serialization": {"type": "Json"}, "watermarkSettings": {"watermarkMode": "ReadWatermark"}}}],
                 "functions": [{"name": "f", "properties": {"type": "Scalar", "properties": {"binding": {"type": "Microsoft.StreamAnalytics/CLRUdf"}}}}],
                 "transformation": {"name": "t", "properties": {"query": " "}}}}
                """);
        assertThatThrownBy(() -> Project.load(folder.resolve("job.json"), Given.nothing())).hasMessage(String.join(System.lineSeparator(),
                "job.json: properties.transformation.properties.query: is missing: a job needs a query",
                "job.json: properties.inputs[0].properties.watermarkSettings.watermarkMode: is not supported: watermarks do not travel with events; None is what there is",
                "job.json: properties.functions[0].properties.properties.binding.type: 'Microsoft.StreamAnalytics/CLRUdf' is not supported: functions of .NET do not run here; write it in JavaScript"));
    }

    @Test
    void whatIsForTestsOfQueriesIsRefusedBeforeAJobIsStartedWithIt() throws Exception {
        assertThat(mistakes("inputs", "Raw", "{\"payloadUri\": \"https://example.org/in.json\"}"))
                .contains("is missing: it is the events themselves; 'payloadUri' is for tests of queries (testQuery), File and blobs are read by jobs");
        assertThat(mistakes("inputs", "Raw", "{\"payload\": \"[]\"}")).isEmpty();
        assertThat(mistakes("outputs", "Raw", "{}")).contains("a job does not start with an output of the type Raw, which is for tests of queries (testQuery); File writes into a folder");
    }

    /// What is wrong with an input or output of these settings.
    private List<String> mistakes(String part, String type, String settings) throws Exception {
        String resource = "[{\"name\": \"x\", \"properties\": {\"type\": \"Stream\", \"datasource\": {\"type\": \"%s\", \"properties\": %s}, \"serialization\": {\"type\": \"Json\"}}}]"
                .formatted(type, settings);
        write("job.json", "{\"name\": \"j\", \"properties\": {\"compatibilityLevel\": \"1.2\", \"%s\": %s, \"transformation\": {\"name\": \"t\", \"properties\": {\"query\": \"SELECT 1\"}}}}"
                .formatted(part, resource));
        try {
            return Project.load(folder.resolve("job.json"), Given.nothing()).remarks().stream().map(remark -> "remark " + remark.message()).toList();
        } catch (InvalidDefinitionException wrong) {
            return wrong.problems().stream().map(Problem::message).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"inputs", "outputs"})
    void brokersAreReachedAsTheirSettingsSayOrNotAtAll(String part) throws Exception {
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092, b:9093\", \"topicName\": \"t\", \"securityProtocol\": \"SASL_SSL\", \"saslMechanism\": \"SCRAM-SHA-256\", \"username\": \"u\"}"))
                .isEmpty();
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092\", \"topicName\": \"t\", \"securityProtocol\": \"\", \"saslMechanism\": \"\"}")).isEmpty();
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092\", \"topicName\": \"t\", \"securityProtocol\": \"mTLS\", \"saslMechanism\": \"OAuthBearer\"}")).containsExactly(
                "is to be Plaintext, Ssl, SaslPlaintext or SaslSsl, found \"mTLS\"", "is to be Plain, ScramSha256 or ScramSha512, found \"OAuthBearer\"");
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092\", \"topicName\": \"t\", \"securityProtocol\": \"Ssl\", \"username\": \"u\"}"))
                .singleElement().asString().contains("nobody signs in");
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092\", \"topicName\": \"t\", \"securityProtocol\": \"SaslSsl\"}")).singleElement().asString().contains("is missing");
        assertThat(mistakes(part, "Kafka", "{\"bootstrapServers\": \"a:9092,b\", \"topicName\": \"t\"}")).singleElement().asString().contains("host:port");
    }

    @Test
    void settingsThatAreNotReadAreRefused() throws Exception {
        assertThat(mistakes("inputs", "Mqtt", "{\"broker\": \"a:mqtt\", \"topicName\": \"t\", \"qos\": 7, \"version\": \"4\"}")).containsExactly(
                "is to be host:port with a port from 1 to 65535, or a URL of mqtt or mqtts, found \"a:mqtt\"", "is to be 5 or 5.0 or 3.1.1, found \"4\"", "is to be a whole number from 0 to 2, found 7");
        assertThat(mistakes("inputs", "Mqtt", "{\"broker\": \"https://a:1883\", \"topicName\": \"t\"}")).singleElement().asString().contains("a URL of mqtt or mqtts");
        assertThat(mistakes("inputs", "Mqtt", "{\"broker\": \"mqtt://a:1883\", \"topicName\": \"t\"}")).isEmpty();
        assertThat(mistakes("inputs", "Mqtt", "{\"broker\": \"a\", \"topicName\": \"t\", \"qos\": 0, \"version\": \"3.1.1\"}")).isEmpty();
        assertThat(mistakes("inputs", "Microsoft.Devices/IotHubs", "{\"iotHubNamespace\": \"a\", \"endpoint\": \"messages/operationsMonitoringEvents\"}")).singleElement()
                .asString().contains("messages/events, the only endpoint");
        assertThat(mistakes("inputs", "Microsoft.Devices/IotHubs", "{\"iotHubNamespace\": \"a\", \"endpoint\": \"messages/events\", \"authenticationMode\": \"Msi\"}"))
                .singleElement().asString().startsWith("remark Msi is not supported for 'IoT Hub'");
    }

    @Test
    void filesThatAreWrittenOnceHaveAnHourInTheirPath() throws Exception {
        String blob = "{\"storageAccounts\": [{\"accountName\": \"a\"}], \"container\": \"c\", \"blobWriteMode\": \"Once\", \"pathPattern\": \"%s\"}";
        assertThat(mistakes("outputs", "Microsoft.Storage/Blob", blob.formatted("x/{date}/{time}"))).isEmpty();
        assertThat(mistakes("outputs", "Microsoft.Storage/Blob", blob.formatted("x/{date}"))).singleElement().asString().contains("is to have {date} and {time}");
        assertThat(mistakes("outputs", "Microsoft.Storage/Blob", blob.formatted("{room}/{date}/{time}"))).singleElement().asString().contains("no column in braces");
    }

    @Test
    void batchesAreAsLargeAsTheServiceAllows() throws Exception {
        String output = """
                {"name": "j", "properties": {"inputs": [{"name": "i", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "[]"}},
                  "serialization": {"type": "Json"}}}],
                 "outputs": [{"name": "o", "properties": {"datasource": {"type": "%s", "properties": {"path": "out"}}, "serialization": {"type": "Parquet"}, %s}}],
                 "transformation": {"name": "t", "properties": {"query": "SELECT * FROM i"}}}}
                """;
        write("job.json", output.formatted("File", "\"timeWindow\": \"02:00:01\", \"sizeWindow\": 10001"));
        assertThatThrownBy(() -> Project.load(folder.resolve("job.json"), Given.nothing())).hasMessage(String.join(System.lineSeparator(),
                "job.json: properties.outputs[0].properties.timeWindow: is to be a time as hh:mm:ss, at most 02:00:00, found \"02:00:01\"",
                "job.json: properties.outputs[0].properties.sizeWindow: is to be a number of rows, at most 10000, found 10001"));
        write("job.json", output.formatted("File", "\"timeWindow\": \"02:00:00\", \"sizeWindow\": 10000"));
        Project read = Project.load(folder.resolve("job.json"), Given.nothing());
        assertThat(read.remarks()).noneMatch(remark -> remark.toString().contains("Window"));
        assertThat(read.job().outputs().getFirst().properties().path("timeWindow").asText()).isEqualTo("02:00:00");
        write("job.json", output.formatted("Console", "\"sizeWindow\": 5"));
        assertThat(Project.load(folder.resolve("job.json"), Given.nothing()).remarks()).anyMatch(remark -> remark.toString().contains("only outputs into files collect rows so"));
    }

    @Test
    void blobsNeedNoPath() throws Exception {
        write("job.json", """
                {"name": "j", "properties": {"transformation": {"properties": {"query": "SELECT * INTO o FROM i"}},
                 "inputs": [{"name": "i", "properties": {"type": "Stream", "serialization": {"type": "Json"}, "datasource": {"type": "Microsoft.Storage/Blob",
                  "properties": {"storageAccounts": [{"accountName": "a", "accountKey": "a2V5"}], "container": "c", "pathPattern": ""}}}}],
                 "outputs": [{"name": "o", "properties": {"serialization": {"type": "Json"}, "datasource": {"type": "Microsoft.Storage/Blob",
                  "properties": {"storageAccounts": [{"accountName": "a", "accountKey": "a2V5"}], "container": "c"}}}}]}}
                """);
        assertThat(Project.load(folder.resolve("job.json"), Given.nothing()).job().inputs()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"{\"sku\": {\"name\": \"StandardV2\", \"capacity\": 20}}; 12", "{\"sku\": {\"name\": \"Standard\"}}; 20", "{}; 20"})
    void theSizeOfUnitsStandsInThePropertiesOrBesideThem(String beside, int units) throws Exception {
        write("job.json", beside.replaceFirst("}$", beside.equals("{}") ? "" : ", ") + """
                "properties": {"transformation": {"properties": {"streamingUnits": 20, "query": "SELECT * FROM i"}}}}
                """);
        assertThat(Project.load(folder.resolve("job.json"), Given.nothing()).job().policies().streamingUnits()).isEqualTo(units);
    }

    @Test
    void aJobIsForTheCloudOrTheEdge() throws Exception {
        write("job.json", "{\"properties\": {\"jobType\": \"Moon\", \"contentStoragePolicy\": \"Nowhere\", \"transformation\": {\"properties\": {\"query\": \"SELECT * FROM i\"}}}}");
        assertThatThrownBy(() -> Project.load(folder.resolve("job.json"), Given.nothing()))
                .hasMessageContaining("jobType: is to be Cloud or Edge, found \"Moon\"")
                .hasMessageContaining("contentStoragePolicy: is to be SystemAccount or JobStorageAccount");
    }

    @Test
    void aDefinitionMayHaveCommentsAndAQueryOfSeveralLines() throws Exception {
        write("job.json", """
                {"properties": { // as it was published
                 "sku": {"name": "standard"}, "EventsOutOfOrderPolicy": "Adjust",
                 "inputs": [{"name": "In", "properties": {"type": "stream", "serialization": {"type": "JSON", "properties": {"encoding": "UTF8",}},
                  "datasource": {"type": "Microsoft.ServiceBus/EventHub", "properties": {"EventHubName": "h", "ServiceBusNamespace": "n", "SourcePartitionCount": 4}}}}],
                 "transformation": {"name": "t", "properties": {"query": "SELECT a
                    INTO o FROM In
                \\r\\n"}}}}
                """);
        assertThat(Project.load(folder.resolve("job.json"), Given.nothing()).job().query().lines().toList()).hasSizeGreaterThan(1).startsWith("SELECT a");
    }

    @Test
    void everyKindOfStoreTellsWhatIsWrongWithAnEmptyOne() {
        for (DatasourceType type : Datasources.all()) {
            assertThat(type.isBuilt() || type.settings().isEmpty()).as(type.type()).isTrue();
            assertThat(type.settings()).as(type.type()).allSatisfy(setting -> assertThat(setting.note()).isNotBlank());
        }
    }
}
