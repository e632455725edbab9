package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Validation;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.FactoryTemplate;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Templates as Data Factory exports a factory, whole and in linked parts: `arm-export`.
class AzureExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EXPORT = Path.of("src/test/resources/arm-export");
    private static Server server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = Server.start(ServerConfig.local());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private String program(int exit, String... arguments) throws Exception {
        Path log = Files.createTempFile(folder, "out", ".log");
        Process process = UpProcess.command(List.of(arguments)).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(exit);
        return Files.readString(log);
    }

    private void day(String day) throws IOException {
        Path file = folder.resolve("incoming/day=" + day + "/a.csv");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "amount\n1.5\n2\n");
    }

    private JsonNode counted(Factory factory, String day) throws Exception {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        RunRecord run = new FactoryRunner(factory, endpoints, _ -> {}).run("LoadSales", Map.of("day", TextNode.valueOf(day)));
        JsonNode json = JSON.readTree(JSON.writeValueAsString(run.toJson()));
        assertThat(run.isSucceeded()).as(json.toPrettyString()).isTrue();
        return json.path("activityRuns").valueStream().filter(activity -> activity.path("activityName").asText().equals("Then count")).findFirst().orElseThrow()
                .at("/output/pipelineReturnValue/counted");
    }

    @ParameterizedTest
    @CsvSource({"ARMTemplateForFactory.json, ARMTemplateParametersForFactory.json, Whole, 2024-01-02",
        "linkedTemplates/ArmTemplate_master.json, linkedTemplates/ArmTemplateParameters_master.json, Parts, 2024-01-03"})
    void anExportIsImportedCheckedAndRun(String template, String parameters, String database, String day) throws Exception {
        day(day);
        String said = program(0, "pipeline", "import", EXPORT.resolve(template).toString(), folder.resolve("factory").toString(), "--parameters",
                EXPORT.resolve(parameters).toString(), "--param", "Incoming_properties_typeProperties_host=" + folder.resolve("incoming"), "--param",
                "Cluster_properties_typeProperties_database=" + database);
        assertThat(said).contains("pipeline/LoadSales.json", "pipeline/Count.json", "trigger/Nightly.json", "integrationRuntime/OnPremises.json",
                "globalParameters/default.json", "note: ", "'Microsoft.DataFactory/factories/managedVirtualNetworks' is not needed here and is left out");
        assertThat(program(0, "pipeline", "validate", folder.resolve("factory").toString())).contains("no mistakes");
        Factory factory = Factory.load(folder.resolve("factory"));
        assertThat(factory.pipelines().get("LoadSales").properties().at("description").text()).contains("[loads what came in]");
        assertThat(factory.resources(Kind.TRIGGER).get("Nightly").properties().at("pipelines").items().getFirst().at("parameters").at("day").text()).contains("2024-01-01");
        assertThat(factory.linkedServices().get("Cluster").properties().at("typeProperties").at("servicePrincipalKey").at("value").text()).contains("s3cret");
        assertThat(counted(factory, day).toString()).isEqualTo("{\"day\":\"" + day + "\",\"region\":\"us\",\"n\":2,\"total\":3.5}");
    }

    @Test
    void anExportRunsWithItsDefaultsAndTellsWhichSecretsItLacks() throws Exception {
        day("2024-01-04");
        Map<String, String> given = Map.of("Incoming_properties_typeProperties_host", folder.resolve("incoming").toString(), "Cluster_servicePrincipalKey", "k");
        for (String template : List.of("ARMTemplateForFactory.json", "linkedTemplates/ArmTemplate_master.json")) {
            Factory without = FactoryTemplate.load(EXPORT.resolve(template), Given.nothing(), Reading.STRICT);
            assertThat(without.name()).isEqualTo("sales-factory");
            assertThat(Validation.of(without, "LoadSales").problems()).extracting(Problem::toString).anySatisfy(problem -> assertThat(problem)
                    .contains("servicePrincipalKey", "give it with --template-param Cluster_servicePrincipalKey=…"));
            assertThat(without.resources(Kind.TRIGGER).get("Nightly").properties().at("pipelines").items().getFirst().at("parameters").at("day").text())
                    .contains("@formatDateTime(trigger().scheduledTime, 'yyyy-MM-dd')");
        }
        Factory factory = FactoryTemplate.load(EXPORT.resolve("linkedTemplates/ArmTemplate_master.json"), new Given(Optional.empty(), given), Reading.STRICT);
        assertThat(counted(factory, "2024-01-04").toString()).isEqualTo("{\"day\":\"2024-01-04\",\"region\":\"eu\",\"n\":2,\"total\":3.5}");
    }

    @Test
    void aPartThatIsNotThereIsNamedAndOneThatLeadsBackEnds() throws Exception {
        Path master = Files.copy(EXPORT.resolve("linkedTemplates/ArmTemplate_master.json"), folder.resolve("ArmTemplate_master.json"));
        Files.copy(EXPORT.resolve("linkedTemplates/ArmTemplate_0.json"), folder.resolve("ArmTemplate_0.json"));
        assertThatThrownBy(() -> FactoryTemplate.load(master, Given.nothing(), Reading.STRICT)).isInstanceOf(InvalidFactoryException.class)
                .hasMessageContaining("is not fetched; put 'ArmTemplate_1.json' beside this file");
        Files.copy(master, folder.resolve("ArmTemplate_1.json"));
        assertThatThrownBy(() -> FactoryTemplate.load(master, Given.nothing(), Reading.STRICT)).hasMessageContaining("leads back to 'ArmTemplate_1.json'");
    }

    @Test
    void whatHoldsNothingIsNotPublishedImportedOrExported() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        String url = "http://127.0.0.1:" + server.port();
        assertThat(program(1, "pipeline", "publish", empty.toString(), "--cluster", url)).contains("holds no resource of a factory", "linkedService/, ");
        assertThat(program(1, "pipeline", "export", empty.toString(), "--arm")).contains("holds no resource of a factory");
    }
}
