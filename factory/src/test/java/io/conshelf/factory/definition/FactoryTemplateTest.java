package io.conshelf.factory.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.factory.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactoryTemplateTest {
    private static final String TEMPLATE = """
            {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
             "parameters": {"factoryName": {"type": "string"}, "files": {"type": "string", "defaultValue": "files"}, "count": {"type": "int", "defaultValue": 3},
               "one": {"type": "object"}, "other": {"type": "object"}, "key": {"type": "secureString"}},
             "variables": {"factoryId": "[concat('Microsoft.DataFactory/factories/', parameters('factoryName'))]", "folder": "[concat('in', '/', variables('deep'))]", "deep": "deep"},
             "resources": [
              {"name": "[concat(parameters('factoryName'), '/p')]", "type": "Microsoft.DataFactory/factories/pipelines", "apiVersion": "2018-06-01",
               "properties": {"activities": [{"name": "L", "type": "Lookup", "typeProperties": {"source": {"type": "JsonSource", "one": "[parameters('one')]", "other": "[parameters('other')]"},
                 "dataset": {"referenceName": "d", "type": "DatasetReference"}, "count": "[parameters('count')]", "text": "[[not this]", "id": "[resourceId('Microsoft.DataFactory/factories', parameters('factoryName'))]"}}],
                 "annotations": ["[toUpper(if(equals(parameters('count'), 3), 'three', 'other'))]"]},
               "dependsOn": ["[concat(variables('factoryId'), '/datasets/d')]"]},
              {"name": "[parameters('factoryName')]", "type": "Microsoft.DataFactory/factories", "location": "westeurope", "properties": {}, "resources": [
                {"name": "d", "type": "datasets", "properties": {"type": "Json", "linkedServiceName": {"referenceName": "[parameters('files')]", "type": "LinkedServiceReference"},
                  "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "[variables('folder')]"}}}}]},
              {"name": "nested", "type": "Microsoft.Resources/deployments", "properties": {"template": {"resources": [
                {"name": "[concat(parameters('factoryName'), '/files')]", "type": "Microsoft.DataFactory/factories/linkedServices",
                 "properties": {"type": "FileServer", "typeProperties": {"host": ".", "password": {"type": "SecureString", "value": "[parameters('key')]"}}}}]}}},
              {"name": "[uniqueString('a')]", "type": "Microsoft.Storage/storageAccounts", "properties": {}},
              {"condition": "[not(true())]", "name": "f/skipped", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {}}]}
            """;

    @TempDir
    Path folder;

    private Factory read(String template, Map<String, String> parameters) throws Exception {
        Path file = Files.writeString(folder.resolve("template.json"), template);
        return FactoryTemplate.load(file, new Given(Optional.empty(), parameters), Reading.STRICT);
    }

    @Test
    void aTemplateBecomesAFactory() throws Exception {
        Factory factory = read(TEMPLATE, Map.of("factoryName", "f", "one", "{\"value\": \"@item()\", \"type\": \"Expression\"}"));
        assertThat(factory.name()).isEqualTo("f");
        assertThat(factory.pipelines().keySet()).containsExactly("p");
        Located lookup = factory.pipelines().get("p").properties().at("activities").items().getFirst().at("typeProperties");
        assertThat(lookup.at("source").value().toString()).as("a parameter without a value leaves its property out")
                .isEqualTo("{\"type\":\"JsonSource\",\"one\":{\"value\":\"@item()\",\"type\":\"Expression\"}}");
        assertThat(lookup.at("count").integer()).contains(3L);
        assertThat(lookup.at("text").text()).contains("[not this]");
        assertThat(lookup.at("id").text()).contains("/subscriptions/local/resourceGroups/local/providers/Microsoft.DataFactory/factories/f");
        assertThat(factory.pipelines().get("p").properties().at("annotations").value().toString()).isEqualTo("[\"THREE\"]");
        assertThat(factory.datasets().get("d").properties().at("typeProperties").at("location").at("folderPath").text()).contains("in/deep");
        assertThat(factory.linkedServices().get("files").properties().at("typeProperties").value().toString()).isEqualTo("{\"host\":\".\",\"password\":{\"type\":\"SecureString\"}}");
        assertThat(factory.remarks()).extracting(Problem::toString).contains(
                "template.json: resources[3].type: 'Microsoft.Storage/storageAccounts' is not a Data Factory resource and is left out");
    }

    @Test
    void whatCannotBeDeployedIsNamedWithItsPlace() {
        assertThatThrownBy(() -> read("""
                {"resources": [
                 {"name": "f/p", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {"a": "[concat(parameters('none'), 'x')]", "b": "[newGuid()]", "c": "[variables('v')]"}},
                 {"name": "linked", "type": "Microsoft.Resources/deployments", "properties": {"templateLink": {"uri": "https://example.invalid/t.json"}}},
                 {"copy": {"count": 3}, "name": "f/q", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {}}]}
                """, Map.of("missing", "1"))).isInstanceOf(InvalidFactoryException.class).satisfies(thrown ->
                assertThat(((InvalidFactoryException) thrown).problems()).extracting(Problem::toString).satisfiesExactly(
                        first -> assertThat(first).startsWith("template.json: parameters: the template has no parameter 'missing'"),
                        a -> assertThat(a).startsWith("template.json: resources[0].properties.a: the template expression cannot be evaluated: the template has no parameter 'none'"),
                        b -> assertThat(b).startsWith("template.json: resources[0].properties.b: the template expression cannot be evaluated: the template function 'newGuid' is not supported"),
                        c -> assertThat(c).startsWith("template.json: resources[0].properties.c: the template expression cannot be evaluated: the template has no variable 'v'"),
                        link -> assertThat(link).startsWith("template.json: resources[1].properties.templateLink: the linked template of deployment 'linked' is not fetched"),
                        copy -> assertThat(copy).startsWith("template.json: resources[2].copy: resources in a copy loop are not unrolled")));
    }

    @Test
    void valuesOfAnotherTypeAreRefusedAndAFileOfParametersIsRead() throws Exception {
        assertThatThrownBy(() -> read(TEMPLATE, Map.of("count", "many"))).hasMessageContaining("'count' is of type int");
        Path file = Files.writeString(folder.resolve("template.json"), TEMPLATE);
        Path parameters = Files.writeString(folder.resolve("parameters.json"), "{\"parameters\": {\"factoryName\": {\"value\": \"g\"}, \"files\": {\"value\": \"other\"}}}");
        Factory factory = FactoryTemplate.load(file, new Given(Optional.of(parameters), Map.of("files", "stated")), Reading.STRICT);
        assertThat(factory.name()).isEqualTo("g");
        assertThat(factory.datasets().get("d").properties().at("linkedServiceName").at("referenceName").text()).as("the command line comes last").contains("stated");
    }

    @Test
    void variablesThatReadThemselvesEnd() {
        assertThatThrownBy(() -> read("""
                {"variables": {"a": "[variables('b')]", "b": "[variables('a')]"}, "resources": [
                 {"name": "f/p", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {"x": "[variables('a')]"}}]}
                """, Map.of())).hasMessageContaining("reads itself");
    }

    @Test
    void aTextHasALimit() {
        for (String made : List.of("replace(replace(variables('a'), 'a', variables('a')), 'a', variables('a'))",
                "format(replace(variables('a'), 'a', '{0}'), replace(variables('a'), 'a', variables('a')))",
                "concat(replace(variables('a'), 'a', variables('a')), replace(variables('a'), 'a', variables('a')), variables('a'))")) {
            assertThatThrownBy(() -> read("""
                    {"variables": {"a": "%s"}, "resources": [
                     {"name": "f/p", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {"x": "[%s]"}}]}
                    """.formatted("a".repeat(4096), made), Map.of())).as(made).hasMessageContaining("makes a text of more than 33554432 characters");
        }
    }

    @Test
    void anExportReadAgainIsTheSameFactoryWithoutSecrets() throws Exception {
        write("factory/f.json", "{\"name\": \"f\", \"location\": \"here\", \"properties\": {\"globalParameters\": {\"g\": {\"type\": \"int\", \"value\": 1}}}}");
        write("linkedService/it's.json", "{\"name\": \"it's\", \"properties\": {\"type\": \"AzureBlobStorage\", \"typeProperties\": {\"connectionString\": \"hidden\"}}}");
        write("dataset/d.json", "{\"name\": \"d\", \"properties\": {\"type\": \"Json\", \"linkedServiceName\": {\"referenceName\": \"it's\", \"type\": \"LinkedServiceReference\"}, \"x\": \"[a]\"}}");
        write("pipeline/p.json", "{\"name\": \"p\", \"properties\": {\"unknown\": {\"kept\": true}, \"activities\": [{\"name\": \"L\", \"type\": \"Lookup\", \"typeProperties\": "
                + "{\"dataset\": {\"referenceName\": \"d\", \"type\": \"DatasetReference\"}}}]}}");
        Factory before = Factory.load(folder);
        String exported = ArmExport.of(before).toString();
        assertThat(exported).doesNotContain("hidden");
        Factory after = read(exported, Map.of("it_s_connectionString", "hidden"));
        for (Kind kind : Kind.values()) {
            assertThat(after.resources(kind).keySet()).isEqualTo(before.resources(kind).keySet());
            before.resources(kind).forEach((name, resource) ->
                    assertThat(after.resources(kind).get(name).properties().value()).as("%s %s", kind, name).isEqualTo(resource.properties().value()));
        }
        Path copy = folder.resolve("copy");
        FactoryFolder.write(after, copy);
        assertThat(Factory.load(copy).pipelines().get("p").properties().value()).isEqualTo(before.pipelines().get("p").properties().value());
    }

    @Test
    void aRunIsToldWhichSecretTheTemplateDidNotGet() throws Exception {
        write("linkedService/blobs.json", "{\"name\": \"blobs\", \"properties\": {\"type\": \"AzureBlobStorage\", \"typeProperties\": {\"connectionString\": "
                + "\"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hidden\"}}}");
        write("dataset/d.json", "{\"name\": \"d\", \"properties\": {\"type\": \"Json\", \"linkedServiceName\": {\"referenceName\": \"blobs\", \"type\": "
                + "\"LinkedServiceReference\"}, \"typeProperties\": {\"location\": {\"type\": \"AzureBlobStorageLocation\", \"container\": \"c\"}}}}");
        write("pipeline/p.json", "{\"name\": \"p\", \"properties\": {\"activities\": [{\"name\": \"L\", \"type\": \"Lookup\", \"typeProperties\": "
                + "{\"source\": {\"type\": \"JsonSource\"}, \"dataset\": {\"referenceName\": \"d\", \"type\": \"DatasetReference\"}}}]}}");
        write("pipeline/other.json", "{\"name\": \"other\", \"properties\": {\"activities\": []}}");
        String exported = ArmExport.of(Factory.load(folder)).toString();
        assertThat(exported).doesNotContain("hidden");
        Factory without = read(exported, Map.of());
        assertThat(Validation.of(without, "p").problems()).extracting(Problem::toString).singleElement().asString()
                .contains("connectionString: is left out: the template parameter 'blobs_connectionString' has no value; give it with --template-param");
        assertThat(Validation.of(without, "other").isValid()).isTrue();
        assertThat(Validation.of(read(exported, Map.of("blobs_connectionString", "AccountName=a;AccountKey=hidden")), "p").isValid()).isTrue();
    }

    @Test
    void aConnectionStringWithoutASecretStaysInTheTemplate() throws Exception {
        for (String plain : List.of("UseDevelopmentStorage=true", "Server=db;Database=d;Integrated Security=True;", "Server=@{linkedService().server}")) {
            write("linkedService/s.json", linkedService(plain));
            Factory after = read(ArmExport.of(Factory.load(folder)).toString(), Map.of());
            assertThat(after.linkedServices().get("s").properties().at("typeProperties").at("connectionString").text()).contains(plain);
        }
        for (String secret : List.of("hidden", "Server=db;Password=hidden", "AccountName=a;SharedAccessSignature=hidden", "BlobEndpoint=https://a/?sv=1&sig=hidden",
                "url=amqp://u:hidden@host", "Server=db;Pwd=hidden", "a=\"x;Password=hidden\"")) {
            write("linkedService/s.json", linkedService(secret.replace("\"", "\\\"")));
            assertThat(ArmExport.of(Factory.load(folder)).toString()).doesNotContain("hidden");
        }
    }

    private static String linkedService(String connectionString) {
        return "{\"name\": \"s\", \"properties\": {\"type\": \"SqlServer\", \"typeProperties\": {\"connectionString\": \"" + connectionString + "\"}}}";
    }

    @Test
    void aNameCannotLeadOutOfTheFolder() throws Exception {
        Located empty = new Located("x", "", JsonNodeFactory.instance.objectNode());
        Factory factory = Factory.of(folder, "f", List.of(new Resource(Kind.PIPELINE, "../out", empty)));
        assertThatThrownBy(() -> FactoryFolder.write(factory, folder.resolve("in"))).isInstanceOf(InvalidFactoryException.class);
        assertThat(folder.resolve("out.json")).doesNotExist();
    }

    @Test
    void aTemplatePutIntoAFactoryUsesItsLinkedServices() throws Exception {
        write("linkedService/files.json", "{\"name\": \"files\", \"properties\": {\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}}");
        Factory template = read("""
                {"parameters": {"files": {"type": "string"}}, "resources": [
                 {"name": "f/d", "type": "Microsoft.DataFactory/factories/datasets", "properties": {"type": "Json", "linkedServiceName": {"referenceName": "[parameters('files')]", "type": "LinkedServiceReference"},
                   "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "a.json"}}}},
                 {"name": "f/p", "type": "Microsoft.DataFactory/factories/pipelines", "properties": {"activities": [{"name": "G", "type": "GetMetadata",
                   "typeProperties": {"dataset": {"referenceName": "d", "type": "DatasetReference"}, "fieldList": ["exists"]}}]}}]}
                """, Map.of("files", "files"));
        assertThat(Validation.of(template).isValid()).isFalse();
        assertThat(Validation.of(Factory.load(folder).with(template)).problems()).isEmpty();
    }

    private void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
