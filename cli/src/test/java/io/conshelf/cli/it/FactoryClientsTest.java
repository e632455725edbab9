package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.policy.AddHeadersPolicy;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.management.AzureEnvironment;
import com.azure.core.management.exception.ManagementException;
import com.azure.core.management.profile.AzureProfile;
import com.azure.core.util.Context;
import com.azure.resourcemanager.datafactory.DataFactoryManager;
import com.azure.resourcemanager.datafactory.models.ActivityDependency;
import com.azure.resourcemanager.datafactory.models.ActivityRun;
import com.azure.resourcemanager.datafactory.models.AzureBlobDataset;
import com.azure.resourcemanager.datafactory.models.AzureDataExplorerCommandActivity;
import com.azure.resourcemanager.datafactory.models.AzureDataExplorerLinkedService;
import com.azure.resourcemanager.datafactory.models.AzureDataExplorerSink;
import com.azure.resourcemanager.datafactory.models.AzureDataExplorerSource;
import com.azure.resourcemanager.datafactory.models.AzureDataExplorerTableDataset;
import com.azure.resourcemanager.datafactory.models.AzureStorageLinkedService;
import com.azure.resourcemanager.datafactory.models.BlobSink;
import com.azure.resourcemanager.datafactory.models.BlobSource;
import com.azure.resourcemanager.datafactory.models.CopyActivity;
import com.azure.resourcemanager.datafactory.models.DatasetReference;
import com.azure.resourcemanager.datafactory.models.DelimitedTextDataset;
import com.azure.resourcemanager.datafactory.models.DelimitedTextSource;
import com.azure.resourcemanager.datafactory.models.DependencyCondition;
import com.azure.resourcemanager.datafactory.models.FileServerLinkedService;
import com.azure.resourcemanager.datafactory.models.FileServerLocation;
import com.azure.resourcemanager.datafactory.models.FileServerReadSettings;
import com.azure.resourcemanager.datafactory.models.FileShareDataset;
import com.azure.resourcemanager.datafactory.models.FileSystemSource;
import com.azure.resourcemanager.datafactory.models.LinkedServiceReference;
import com.azure.resourcemanager.datafactory.models.LookupActivity;
import com.azure.resourcemanager.datafactory.models.ParameterSpecification;
import com.azure.resourcemanager.datafactory.models.ParameterType;
import com.azure.resourcemanager.datafactory.models.PipelineRun;
import com.azure.resourcemanager.datafactory.models.RunFilterParameters;
import com.azure.resourcemanager.datafactory.models.SecureString;
import com.azure.resourcemanager.datafactory.models.TextFormat;
import com.azure.resourcemanager.datafactory.models.WaitActivity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official management clients against `conshelf up`: what their quickstarts do, from the factory to the deletion.
class FactoryClientsTest {
    private static final String GROUP = "lab";
    private static final Set<String> UNDER_WAY = Set.of("Queued", "InProgress", "Canceling");

    @TempDir
    private static Path folder;

    private static UpProcess up;

    @BeforeAll
    static void start() throws IOException {
        Path input = Files.createDirectory(folder.resolve("input"));
        Files.writeString(input.resolve("readings.csv"), "Device,Value\npump-1,1.5\npump-2,2.5\n");
        up = UpProcess.start(folder, input, "--database", "Lab");
        Rest.command(up.url(), "Lab", ".create table Readings (Device:string, Value:real)");
        Rest.command(up.url(), "Lab", ".create table FromPython (Device:string, Value:real)");
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    /// A pipeline of one's own has no policy that asks for https before it sends a token.
    private static DataFactoryManager client() {
        var environment = new AzureEnvironment(Map.of("resourceManagerEndpointUrl", up.url() + "/", "managementEndpointUrl", up.url() + "/"));
        var pipeline = new HttpPipelineBuilder()
                .policies(new AddHeadersPolicy(new HttpHeaders().set(HttpHeaderName.AUTHORIZATION, "Bearer any")))
                .build();
        return DataFactoryManager.authenticate(pipeline, new AzureProfile("local", "00000000-0000-0000-0000-000000000000", environment));
    }

    private static LinkedServiceReference service(String name) {
        return new LinkedServiceReference().withReferenceName(name);
    }

    private static DatasetReference dataset(String name) {
        return new DatasetReference().withReferenceName(name);
    }

    private static List<ActivityDependency> after(String activity) {
        return List.of(new ActivityDependency().withActivity(activity).withDependencyConditions(List.of(DependencyCondition.SUCCEEDED)));
    }

    private static void define(DataFactoryManager client, String factory) {
        client.factories().define(factory).withRegion("eastus").withExistingResourceGroup(GROUP).create();
        client.linkedServices().define("adx").withExistingFactory(GROUP, factory)
                .withProperties(new AzureDataExplorerLinkedService().withEndpoint("https://help.kusto.windows.net").withDatabase("Lab")
                        .withServicePrincipalId("app").withServicePrincipalKey(new SecureString().withValue("hidden")).withTenant("tenant"))
                .create();
        client.linkedServices().define("files").withExistingFactory(GROUP, factory)
                .withProperties(new FileServerLinkedService().withHost(folder.resolve("input").toString())).create();
        client.datasets().define("csv").withExistingFactory(GROUP, factory)
                .withProperties(new DelimitedTextDataset().withLinkedServiceName(service("files"))
                        .withLocation(new FileServerLocation().withFileName("readings.csv")).withColumnDelimiter(",").withEscapeChar("\"")
                        .withFirstRowAsHeader(true))
                .create();
        client.datasets().define("table").withExistingFactory(GROUP, factory)
                .withProperties(new AzureDataExplorerTableDataset().withLinkedServiceName(service("adx")).withTable("Readings")).create();
        client.pipelines().define("load").withExistingFactory(GROUP, factory)
                .withParameters(Map.of("seconds", new ParameterSpecification().withType(ParameterType.INT).withDefaultValue(0)))
                .withActivities(List.of(
                        new WaitActivity().withName("Wait").withWaitTimeInSeconds("@pipeline().parameters.seconds"),
                        new CopyActivity().withName("Copy").withDependsOn(after("Wait")).withInputs(List.of(dataset("csv")))
                                .withOutputs(List.of(dataset("table")))
                                .withSource(new DelimitedTextSource().withStoreSettings(new FileServerReadSettings()))
                                .withSink(new AzureDataExplorerSink().withFlushImmediately(true)),
                        new LookupActivity().withName("Look").withDependsOn(after("Copy")).withDataset(dataset("table"))
                                .withSource(new AzureDataExplorerSource().withQuery("Readings | count")),
                        new AzureDataExplorerCommandActivity().withName("Ask").withDependsOn(after("Look")).withLinkedServiceName(service("adx"))
                                .withCommand(".show tables | count")))
                .create();
    }

    private static PipelineRun awaitEnd(DataFactoryManager client, String factory, String runId) {
        return Eventually.holds(() -> client.pipelineRuns().get(GROUP, factory, runId), run -> !UNDER_WAY.contains(run.status()));
    }

    private static List<ActivityRun> activities(DataFactoryManager client, String factory, String runId) {
        return client.activityRuns().queryByPipelineRun(GROUP, factory, runId, new RunFilterParameters()
                .withLastUpdatedAfter(OffsetDateTime.now().minusDays(1)).withLastUpdatedBefore(OffsetDateTime.now().plusDays(1))).value();
    }

    @Test
    void theJavaClientCreatesRunsWatchesAndDeletes() {
        var client = client();
        define(client, "java-lab");
        assertThat(client.factories().getByResourceGroup(GROUP, "java-lab").provisioningState()).isEqualTo("Succeeded");
        assertThat(client.pipelines().listByFactory(GROUP, "java-lab").stream().map(pipeline -> pipeline.name())).containsExactly("load");
        assertThat(client.linkedServices().get(GROUP, "java-lab", "adx").properties()).isInstanceOf(AzureDataExplorerLinkedService.class);

        String runId = client.pipelines().createRun(GROUP, "java-lab", "load").runId();
        var run = awaitEnd(client, "java-lab", runId);
        assertThat(run.status()).as(run.message()).isEqualTo("Succeeded");
        assertThat(run.parameters()).containsEntry("seconds", "0");
        assertThat(run.invokedBy().invokedByType()).isEqualTo("Manual");
        var activities = activities(client, "java-lab", runId);
        assertThat(activities.stream().map(ActivityRun::activityName)).containsExactly("Wait", "Copy", "Look", "Ask");
        assertThat(activities.get(1).output().toString()).contains("rowsCopied=2");
        assertThat(activities.get(2).output().toString()).contains("Count=2");

        String again = client.pipelines().createRunWithResponse(GROUP, "java-lab", "load", runId, true, "Look", null, Map.of(), Context.NONE).getValue().runId();
        assertThat(awaitEnd(client, "java-lab", again).status()).isEqualTo("Succeeded");
        assertThat(client.pipelineRuns().get(GROUP, "java-lab", again).runGroupId()).isEqualTo(runId);
        assertThat(Rest.query(up.url(), "Lab", "Readings | count")).contains("[[2]]");

        String slow = client.pipelines().createRunWithResponse(GROUP, "java-lab", "load", null, null, null, null, Map.of("seconds", 600), Context.NONE)
                .getValue().runId();
        client.pipelineRuns().cancel(GROUP, "java-lab", slow);
        assertThat(awaitEnd(client, "java-lab", slow).status()).isEqualTo("Cancelled");

        assertThatThrownBy(() -> client.datasets().delete(GROUP, "java-lab", "table")).isInstanceOf(ManagementException.class)
                .hasMessageContaining("referenced by load");
        client.pipelines().delete(GROUP, "java-lab", "load");
        client.factories().deleteByResourceGroup(GROUP, "java-lab");
        assertThatThrownBy(() -> client.factories().getByResourceGroup(GROUP, "java-lab")).hasMessageContaining("was not found");
    }

    /// As the client's own quickstart does it, from a file.
    @Test
    void theQuickstartOfTheJavaClientCopiesABlob() {
        var client = client();
        String factory = "quickstart";
        client.factories().define(factory).withRegion("eastus").withExistingResourceGroup(GROUP).create();
        client.linkedServices().define("LinkedService").withExistingFactory(GROUP, factory)
                .withProperties(new AzureStorageLinkedService().withConnectionString(Map.of("type", "SecureString", "value",
                        "DefaultEndpointsProtocol=https;AccountName=quickjava;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net")))
                .create();
        client.linkedServices().define("files").withExistingFactory(GROUP, factory)
                .withProperties(new FileServerLinkedService().withHost(folder.resolve("input").toString())).create();
        client.datasets().define("Input").withExistingFactory(GROUP, factory)
                .withProperties(new AzureBlobDataset().withLinkedServiceName(service("LinkedService")).withFolderPath("adf").withFileName("input.txt")
                        .withFormat(new TextFormat())).create();
        client.datasets().define("Output").withExistingFactory(GROUP, factory)
                .withProperties(new AzureBlobDataset().withLinkedServiceName(service("LinkedService")).withFolderPath("adf").withFileName("output.txt")
                        .withFormat(new TextFormat())).create();
        client.datasets().define("Text").withExistingFactory(GROUP, factory)
                .withProperties(new FileShareDataset().withLinkedServiceName(service("files")).withFolderPath("").withFileName("readings.csv")
                        .withFormat(new TextFormat())).create();
        client.pipelines().define("CopyBlobPipeline").withExistingFactory(GROUP, factory)
                .withActivities(List.of(
                        new CopyActivity().withName("Upload").withInputs(List.of(dataset("Text"))).withOutputs(List.of(dataset("Input")))
                                .withSource(new FileSystemSource()).withSink(new BlobSink()),
                        new CopyActivity().withName("CopyBlob").withDependsOn(after("Upload")).withInputs(List.of(dataset("Input")))
                                .withOutputs(List.of(dataset("Output"))).withSource(new BlobSource()).withSink(new BlobSink())))
                .create();

        String runId = client.pipelines().createRun(GROUP, factory, "CopyBlobPipeline").runId();

        var run = awaitEnd(client, factory, runId);
        assertThat(run.status()).as(run.message()).isEqualTo("Succeeded");
        assertThat(activities(client, factory, runId)).last().satisfies(copy -> assertThat(copy.output().toString()).contains("rowsCopied=3"));
        client.factories().deleteByResourceGroup(GROUP, factory);
    }

    @Test
    void thePythonClientCreatesRunsWatchesAndDeletes() {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        var program = Surroundings.root().resolve("it/python/data_factory.py");

        var finished = Surroundings.run(folder, Map.of(), List.of(python.toString(), program.toString(), up.url(), folder.resolve("input").toString()));

        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).contains("quickstart: Succeeded", "Copy: Succeeded, 2 rows", "rerun: Succeeded", "cancelled: Cancelled", "refused: BadRequest");
        assertThat(Rest.query(up.url(), "Lab", "FromPython | count")).contains("[[2]]");
    }
}
