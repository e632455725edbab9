package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// Data Factory as `conshelf up` serves it, asked over HTTP.
class FactoryServiceTest {
    @TempDir
    private static Path folder;

    private static UpProcess up;
    private FactoryRest factory;

    @BeforeAll
    static void start() throws IOException {
        String connection = "DefaultEndpointsProtocol=https;AccountName=given;AccountKey=a2V5;EndpointSuffix=core.windows.net";
        up = UpProcess.start(folder, Files.createDirectory(folder.resolve("allowed")),
                Map.of("lab/blobs-configured", connection, "CONSHELF_SECRET_BLOBS_IN_ENVIRONMENT", connection));
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    @BeforeEach
    void create(TestInfo test) {
        factory = new FactoryRest(up.url(), test.getTestMethod().orElseThrow().getName());
        factory.put("", "{\"location\":\"local\",\"identity\":{\"type\":\"SystemAssigned\"}}");
    }

    private static String wait(String seconds) {
        return "{\"name\":\"W\",\"type\":\"Wait\",\"typeProperties\":{\"waitTimeInSeconds\":" + seconds + "}}";
    }

    @Test
    void everyCallNamesItsApiVersion() {
        assertThat(factory.ask("GET", "", "", "").error()).startsWith("MissingApiVersionParameter: ");
        assertThat(factory.ask("GET", "", "api-version=2015-01-01", "").error()).startsWith("InvalidApiVersionParameter: ");
        assertThat(factory.ask("GET", "", "api-version=2017-03-01-preview", "").status()).isEqualTo(200);
    }

    @Test
    void aFactoryHasWhatTheServiceStates() {
        var body = factory.send("GET", "", "").body();
        assertThat(body.at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        assertThat(body.at("/identity/principalId").asText()).hasSize(36);
        assertThat(body.path("location").asText()).isEqualTo("local");
        var patched = factory.send("PATCH", "", "{\"tags\":{\"a\":\"b\"}}").body();
        assertThat(patched.at("/tags/a").asText()).isEqualTo("b");
        assertThat(patched.path("identity")).isEqualTo(body.path("identity"));
        assertThat(patched.at("/properties/createTime")).isEqualTo(body.at("/properties/createTime"));
        assertThat(factory.send("DELETE", "", "").status()).isEqualTo(200);
        assertThat(factory.send("DELETE", "", "").status()).isEqualTo(204);
        assertThat(factory.send("GET", "/pipelines", "").error()).startsWith("ResourceNotFound: ");
    }

    @Test
    void anIntegrationRuntimesUpdatesCanBeSet() {
        factory.put("/integrationRuntimes/own", "{\"properties\":{\"type\":\"SelfHosted\"}}");
        factory.put("/integrationRuntimes/azure", "{\"properties\":{\"type\":\"Managed\"}}");
        assertThat(factory.send("PATCH", "/integrationRuntimes/own", "{\"autoUpdate\":\"Off\",\"updateDelayOffset\":\"PT3H\"}").body().path("name").asText()).isEqualTo("own");
        assertThat(factory.send("PATCH", "/integrationRuntimes/own", "{\"nodes\":3}").error()).contains("'nodes'");
        assertThat(factory.send("PATCH", "/integrationRuntimes/azure", "{}").status()).isEqualTo(400);
        assertThat(factory.send("PATCH", "/integrationRuntimes/nobody", "{}").status()).isEqualTo(404);
    }

    @Test
    void aResourceIsChangedOnlyByThoseWhoKnowIt() {
        String etag = factory.put("/pipelines/p", "{\"properties\":{\"activities\":[],\"madeUp\":{\"a\":1.10}},\"beside\":true}").path("etag").asText();
        var read = factory.send("GET", "/pipelines/P", "");
        assertThat(read.body().at("/properties/madeUp/a").asText()).isEqualTo("1.10");
        assertThat(read.body().path("beside").asBoolean()).isTrue();
        assertThat(factory.send("GET", "/pipelines/p", "", "If-None-Match", "\"" + etag + "\"").status()).isEqualTo(304);
        assertThat(factory.send("PUT", "/pipelines/p", "{\"properties\":{\"activities\":[]}}", "If-Match", "other").status()).isEqualTo(412);
        var changed = factory.send("PUT", "/pipelines/p", "{\"properties\":{\"activities\":[]}}", "If-Match", etag);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.body().path("etag").asText()).isNotEqualTo(etag);
        assertThat(factory.send("PUT", "/pipelines/q", "{\"properties\":{}}", "If-Match", "*").status()).isEqualTo(412);
        assertThat(factory.send("DELETE", "/pipelines/p", "").status()).isEqualTo(200);
        assertThat(factory.send("DELETE", "/pipelines/p", "").status()).isEqualTo(204);
        assertThat(factory.send("GET", "/pipelines/p", "").error()).startsWith("EntityNotFound: ");
    }

    @Test
    void whatIsReferredToIsThereAndStays() {
        String dataset = "{\"properties\":{\"type\":\"AzureDataExplorerTable\",\"linkedServiceName\":{\"referenceName\":\"adx\",\"type\":\"LinkedServiceReference\"}}}";
        assertThat(factory.send("PUT", "/datasets/d", dataset).error())
                .isEqualTo("BadRequest: The document creation or update failed because of invalid reference 'adx'.");
        factory.put("/linkedservices/adx", "{\"properties\":{\"type\":\"AzureDataExplorer\"}}");
        factory.put("/datasets/d", dataset);
        assertThat(factory.send("DELETE", "/linkedservices/adx", "").error())
                .isEqualTo("BadRequest: The document cannot be deleted since it is referenced by d.");
    }

    @Test
    void secretsAreNotTold() {
        String secret = "{\"type\":\"SecureString\",\"value\":\"hidden1\"}";
        String put = factory.put("/linkedservices/s", """
                {"properties":{"type":"AzureBlobStorage","typeProperties":{
                 "connectionString":"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hidden2==",
                 "authHeaders":{"x-key":"hidden5"}, "sasUri":"https://a.blob.core.windows.net/?sv=1&sig=hidden3&se=2", "accountKey":"hidden4", "servicePrincipalKey":%s}}}""".formatted(secret)).toString();
        assertThat(put).doesNotContain("hidden").contains("AccountName=a");
        String sql = factory.put("/linkedservices/sql", """
                {"properties":{"type":"PostgreSql","typeProperties":{"connectionString":"Host=h;Password=\\"it's;a=hidden6\\"\\"hidden7\\"; User ID=u;Pwd='hidden8",
                 "madeUp":"a=b;BlobEndpoint=https://a.blob.core.windows.net/?sig=hidden9;AccountKey=hidden10"}}}""").toString();
        assertThat(sql).doesNotContain("hidden").contains("Host=h; User ID=u\"", "a=b;BlobEndpoint=https://a.blob.core.windows.net/\"");
        assertThat(factory.send("GET", "/linkedservices", "").body().toString()).doesNotContain("hidden");
    }

    @Test
    void whatIsReadAndPutBackKeepsItsSecrets() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            try (exchange) {
                asked.add(exchange.getRequestURI().getPath() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        web.start();
        try {
            String url = "http://127.0.0.1:" + web.getAddress().getPort();
            factory.put("/pipelines/p", """
                    {"properties":{"parameters":{"key":{"type":"SecureString","defaultValue":"hidden6"},"free":{"type":"String","defaultValue":"a"}},"activities":[
                     {"name":"Sized","type":"SetVariable","typeProperties":{"variableName":"n","value":"@string(length(pipeline().parameters.key))"}},
                     {"name":"All","type":"ForEach","typeProperties":{"items":"@createArray(1)","activities":[
                      {"name":"Asks","type":"WebActivity","typeProperties":{"method":"GET","url":"%s/x","authentication":
                       {"type":"Basic","username":"u","password":{"type":"SecureString","value":"hidden7"}}}}]}}],
                     "variables":{"n":{"type":"String"}}}}""".formatted(url));
            ObjectNode read = factory.send("GET", "/pipelines/p", "").body().deepCopy();
            assertThat(read.toString()).doesNotContain("hidden");

            ((ObjectNode) read.at("/properties/parameters/free")).put("defaultValue", "b");
            factory.put("/pipelines/p", read.toString());
            String run = factory.run("p", "{}");
            factory.awaitEnd(run);
            assertThat(factory.activity(run, "Sized").at("/output/value").asText()).as(factory.runOf(run).toString()).isEqualTo("7");
            String basic = Base64.getEncoder().encodeToString("u:hidden7".getBytes(StandardCharsets.UTF_8));
            assertThat(asked).containsExactly("/x Basic " + basic);

            // An activity that asks elsewhere does not take the password along.
            ((ObjectNode) read.at("/properties/activities/1/typeProperties/activities/0/typeProperties")).put("url", url + "/y");
            factory.put("/pipelines/p", read.toString());
            factory.awaitEnd(factory.run("p", "{}"));
            assertThat(asked.stream().filter(request -> request.startsWith("/y"))).noneMatch(request -> request.contains(basic));
        } finally {
            web.stop(0);
        }
    }

    @Test
    void aConnectionStringThatIsReadAndPutBackKeepsItsKey() {
        factory.put("/linkedservices/s", """
                {"properties":{"type":"AzureBlobStorage","typeProperties":{
                 "connectionString":"DefaultEndpointsProtocol=http;AccountName=keptkey;AccountKey=%s;BlobEndpoint=%s/keptkey"}}}"""
                .formatted(Azurite.KEY, up.url().replace("localhost", "127.0.0.1")));
        assertThat(factory.send("POST", "/linkedservices/s/testConnection", "{}").body().toString()).isEqualTo("{\"succeeded\":true}");
        String read = factory.send("GET", "/linkedservices/s", "").body().toString();
        assertThat(read).doesNotContain(Azurite.KEY);
        factory.put("/linkedservices/s", read);
        assertThat(factory.send("POST", "/linkedservices/s/testConnection", "{}").body().toString()).isEqualTo("{\"succeeded\":true}");
        factory.put("/linkedservices/s", read.replace("keptkey\"", "keptkey;\""));
        assertThat(factory.send("POST", "/linkedservices/s/testConnection", "{}").status()).as("another string has no key").isEqualTo(400);
    }

    @Test
    void secretsThatAreGivenToTheServiceReachRunsAndSteps() {
        factory.put("/linkedservices/vault", "{\"properties\":{\"type\":\"AzureKeyVault\",\"typeProperties\":{\"baseUrl\":\"https://lab.vault.azure.net\"}}}");
        for (String name : List.of("blobs-configured", "blobs-in-environment")) {
            factory.put("/linkedservices/s", """
                    {"properties":{"type":"AzureBlobStorage","typeProperties":{"connectionString":{"type":"AzureKeyVaultSecret","secretName":"%s",
                     "store":{"referenceName":"vault","type":"LinkedServiceReference"}}}}}""".formatted(name));
            factory.put("/datasets/d", """
                    {"properties":{"type":"Binary","linkedServiceName":{"referenceName":"s","type":"LinkedServiceReference"},
                     "typeProperties":{"location":{"type":"AzureBlobStorageLocation","container":"c"}}}}""");
            factory.pipeline("p", """
                    {"activities":[{"name":"G","type":"GetMetadata","typeProperties":{"dataset":{"referenceName":"d","type":"DatasetReference"},"fieldList":["exists"]}}]}""");
            String run = factory.run("p", "{}");
            assertThat(factory.awaitEnd(run).path("status").asText()).as(factory.activityRuns(run).toString()).isEqualTo("Succeeded");
            assertThat(factory.activity(run, "G").at("/output/exists").isBoolean()).isTrue();
            assertThat(factory.activityRuns(run).toString()).doesNotContain("AccountKey");
            assertThat(factory.send("POST", "/linkedservices/s/testConnection", "{}").body().path("succeeded").asBoolean()).isTrue();
        }
    }

    @Test
    void aBodyThatIsNoDefinitionIsRefusedWithItsPlace() {
        assertThat(factory.send("PUT", "/pipelines/p", "{\"properties\":\n{,}}").error()).contains("InvalidRequestContent", "line 2, column 2");
        assertThat(factory.send("PUT", "/pipelines/p", "{}").error()).contains("'properties'");
        assertThat(factory.send("PUT", "/datasets/d", "{\"properties\":{}}").error()).contains("'properties.type'");
        assertThat(factory.send("PUT", "/pipelines/a%3Cb", "{\"properties\":{}}").error()).contains("'a<b'");
        assertThat(factory.send("PUT", "/pipelines/p", "[".repeat(5_000)).status()).isEqualTo(400);
    }

    @Test
    void whatIsNotBuiltIsRefusedByName() {
        for (String operation : List.of("createDataFlowDebugSession", "getDataPlaneAccess", "integrationRuntimes/r/getStatus", "managedVirtualNetworks")) {
            var answer = factory.send("POST", "/" + operation, "{}");
            assertThat(answer.status()).as(operation).isEqualTo(501);
            assertThat(answer.error()).startsWith("NotSupported: '").contains("is not supported yet: ");
        }
        assertThat(factory.send("POST", "/madeUp", "{}").status()).isEqualTo(404);
    }

    @Test
    void aPipelineThatCannotRunIsRefusedWithEveryMistake() {
        factory.pipeline("p", "{\"activities\":[{\"name\":\"A\",\"type\":\"MadeUp\"},{\"name\":\"B\",\"type\":\"Wait\",\"typeProperties\":{}}]}");
        var refused = factory.send("POST", "/pipelines/p/createRun", "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains("ErrorCode=InvalidTemplate", "MadeUp");
        assertThat(refused.body().at("/error/details").size()).isEqualTo(2);
        assertThat(refused.body().at("/error/details/1/target").asText()).isEqualTo("pipeline/p: properties.activities[1].typeProperties.waitTimeInSeconds");
    }

    @Test
    void runsOfAPipelineWaitForOneAnotherInTheirOrder() {
        factory.pipeline("p", "{\"concurrency\":1,\"parameters\":{\"s\":{\"type\":\"int\"}},\"activities\":[" + wait("\"@pipeline().parameters.s\"") + "]}");
        String first = factory.run("p", "{\"s\":600}");
        String second = factory.run("p", "{\"s\":0}");
        String third = factory.run("p", "{\"s\":0}");
        assertThat(Eventually.holds(() -> factory.activity(first, "W").path("status").asText(), "InProgress"::equals)).isEqualTo("InProgress");
        assertThat(List.of(factory.status(first), factory.status(second), factory.status(third))).containsExactly("InProgress", "Queued", "Queued");
        assertThat(factory.send("POST", "/pipelineruns/" + second + "/cancel", "").status()).isEqualTo(200);
        assertThat(factory.awaitEnd(second).path("status").asText()).isEqualTo("Cancelled");
        assertThat(factory.status(third)).isEqualTo("Queued");
        factory.send("POST", "/pipelineruns/" + first + "/cancel", "");
        assertThat(factory.awaitEnd(first).path("status").asText()).isEqualTo("Cancelled");
        assertThat(factory.activity(first, "W").path("status").asText()).isEqualTo("Cancelled");
        assertThat(factory.awaitEnd(third).path("status").asText()).isEqualTo("Succeeded");
        assertThat(factory.send("POST", "/pipelineruns/" + third + "/cancel", "").error()).contains("has ended as Succeeded");
    }

    private String child(String parent) {
        return Eventually.holds(() -> {
            for (JsonNode run : factory.send("POST", "/queryPipelineRuns", FactoryRest.ALL_TIMES).body().path("value")) {
                if (run.at("/invokedBy/pipelineRunId").asText().equals(parent) && run.path("status").asText().equals("InProgress")) {
                    return run.path("runId").asText();
                }
            }
            return "";
        }, id -> !id.isEmpty());
    }

    @Test
    void aCancellationReachesAsFarAsItIsAskedTo() {
        factory.pipeline("inner", "{\"activities\":[" + wait("600") + "]}");
        factory.pipeline("outer", """
                {"activities":[{"name":"E","type":"ExecutePipeline","typeProperties":{"waitOnCompletion":true,
                 "pipeline":{"referenceName":"inner","type":"PipelineReference"}}}]}""");
        String alone = factory.run("outer", "{}");
        String survivor = child(alone);
        factory.ask("POST", "/pipelineruns/" + alone + "/cancel", "isRecursive=false&api-version=2018-06-01", "");
        assertThat(factory.awaitEnd(alone).path("status").asText()).isEqualTo("Cancelled");
        assertThat(factory.status(survivor)).isEqualTo("InProgress");
        String both = factory.run("outer", "{}");
        String taken = child(both);
        factory.ask("POST", "/pipelineruns/" + both + "/cancel", "isRecursive=true&api-version=2018-06-01", "");
        assertThat(factory.awaitEnd(both).path("status").asText()).isEqualTo("Cancelled");
        assertThat(factory.awaitEnd(taken).path("status").asText()).isEqualTo("Cancelled");
        factory.send("POST", "/pipelineruns/" + survivor + "/cancel", "");
        assertThat(factory.awaitEnd(survivor).path("status").asText()).isEqualTo("Cancelled");
    }

    @Test
    void queriesFilterOrderAndGoOnWhereTheyEnded() {
        factory.pipeline("p", "{\"activities\":[" + wait("0") + "]}");
        factory.pipeline("q", "{\"activities\":[]}");
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            runs.add(factory.run("p", "{}"));
            factory.awaitEnd(runs.getLast());
        }
        factory.awaitEnd(factory.run("q", "{}"));
        String ask = FactoryRest.ALL_TIMES.replace("}", ",\"filters\":[{\"operand\":\"PipelineName\",\"operator\":\"Equals\",\"values\":[\"p\"]},"
                + "{\"operand\":\"Status\",\"operator\":\"NotIn\",\"values\":[\"Failed\"]}],\"orderBy\":[{\"orderBy\":\"RunStart\",\"order\":\"ASC\"}]}");
        assertThat(factory.send("POST", "/queryPipelineRuns", ask).body().path("value").findValuesAsText("runId")).containsExactlyElementsOf(runs);
        assertThat(factory.send("POST", "/queryPipelineRuns", "{}").error()).contains("'lastUpdatedAfter' is required");
        assertThat(factory.send("POST", "/queryPipelineRuns", ask.replace("PipelineName", "MadeUp")).error()).contains("'MadeUp' is not an operand");
        assertThat(factory.ask("POST", "/pipelineruns/" + runs.getFirst() + "/queryActivityruns",
                "startTime=2020-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z&pipelineName=p&api-version=2018-06-01", "").body().path("value").size()).isEqualTo(1);
        // As the service's quickstart for scripts asks.
        assertThat(factory.ask("POST", "/pipelineruns/" + runs.getFirst() + "/queryActivityruns",
                "api-version=2018-06-01&startTime=2020-01-01&endTime=2100-01-01&pipelineName=p", "").body().path("value").size()).isEqualTo(1);
        assertThat(factory.send("POST", "/queryTriggerRuns", FactoryRest.ALL_TIMES).body().path("value").isEmpty()).isTrue();
    }

    @Test
    void aRunFromItsFailureTakesOverWhatWasDone() throws IOException {
        Path file = folder.resolve("allowed/rerun.csv");
        factory.put("/linkedservices/files", "{\"properties\":{\"type\":\"FileServer\",\"typeProperties\":{\"host\":\"" + folder.resolve("allowed") + "\"}}}");
        factory.put("/linkedservices/adx", "{\"properties\":{\"type\":\"AzureDataExplorer\",\"typeProperties\":{\"endpoint\":\"https://c.kusto.windows.net\",\"database\":\"Rerun\"}}}");
        factory.put("/datasets/csv", """
                {"properties":{"type":"DelimitedText","linkedServiceName":{"referenceName":"files","type":"LinkedServiceReference"},
                 "typeProperties":{"location":{"type":"FileServerLocation","fileName":"rerun.csv"},"columnDelimiter":",","escapeChar":"\\"","firstRowAsHeader":true}}}""");
        factory.pipeline("p", """
                {"variables":{"v":{"type":"String"}},"activities":[
                 {"name":"Make","type":"AzureDataExplorerCommand","linkedServiceName":{"referenceName":"adx","type":"LinkedServiceReference"},
                  "typeProperties":{"command":".set-or-append Marks <| print at = now()"}},
                 {"name":"Set","type":"SetVariable","dependsOn":[{"activity":"Make","dependencyConditions":["Succeeded"]}],
                  "typeProperties":{"variableName":"v","value":"@string(activity('Make').output.count)"}},
                 {"name":"Read","type":"Lookup","dependsOn":[{"activity":"Set","dependencyConditions":["Succeeded"]}],
                  "typeProperties":{"source":{"type":"DelimitedTextSource","storeSettings":{"type":"FileServerReadSettings"}},
                   "dataset":{"referenceName":"csv","type":"DatasetReference"}}},
                 {"name":"Fail","type":"IfCondition","dependsOn":[{"activity":"Read","dependencyConditions":["Succeeded"]}],
                  "typeProperties":{"expression":"@equals(variables('v'),'')","ifTrueActivities":[{"name":"F","type":"Fail","typeProperties":{"message":"empty","errorCode":"1"}}]}}]}""");
        String failed = factory.run("p", "{}");
        assertThat(factory.awaitEnd(failed).path("message").asText()).contains("Read", "does not exist");
        Files.writeString(file, "a\n1\n");
        String rerun = factory.run("p", "", "referencePipelineRunId=" + failed, "isRecovery=true", "startFromFailure=true");
        assertThat(factory.awaitEnd(rerun).path("status").asText()).as(factory.activityRuns(rerun).toString()).isEqualTo("Succeeded");
        assertThat(factory.activity(rerun, "Make").path("recoveryStatus").asText()).isEqualTo("Reused");
        assertThat(factory.activity(rerun, "Read").path("recoveryStatus").asText()).isEqualTo("None");
        assertThat(factory.runOf(rerun).path("runGroupId").asText()).isEqualTo(failed);
        assertThat(factory.runOf(failed).path("isLatest").asBoolean()).isFalse();
        assertThat(Rest.query(up.url(), "Rerun", "Marks | count")).contains("[[1]]");
        String again = factory.run("p", "", "referencePipelineRunId=" + rerun, "isRecovery=true", "startActivityName=Make");
        assertThat(factory.awaitEnd(again).path("status").asText()).isEqualTo("Succeeded");
        assertThat(Rest.query(up.url(), "Rerun", "Marks | count")).contains("[[2]]");
        assertThat(factory.ask("POST", "/pipelines/p/createRun", "isRecovery=true&api-version=2018-06-01", "").error()).contains("referencePipelineRunId");
    }

    @Test
    void aDefinitionReachesAllowedFoldersOnly() throws IOException {
        Path secret = Files.writeString(Files.createDirectory(folder.resolve("beside")).resolve("secret.csv"), "a\nhidden\n");
        Files.createSymbolicLink(folder.resolve("allowed/link"), secret.getParent());
        factory.put("/linkedservices/files", "{\"properties\":{\"type\":\"FileServer\",\"parameters\":{\"host\":{\"type\":\"String\"}},"
                + "\"typeProperties\":{\"host\":\"@{linkedService().host}\"}}}");
        factory.put("/datasets/csv", """
                {"properties":{"type":"DelimitedText","parameters":{"host":{"type":"String"}},
                 "linkedServiceName":{"referenceName":"files","type":"LinkedServiceReference","parameters":{"host":"@dataset().host"}},
                 "typeProperties":{"location":{"type":"FileServerLocation","fileName":"secret.csv"},"columnDelimiter":",","firstRowAsHeader":true}}}""");
        factory.pipeline("p", """
                {"parameters":{"host":{"type":"String"}},"activities":[{"name":"Read","type":"Lookup",
                 "typeProperties":{"source":{"type":"DelimitedTextSource","storeSettings":{"type":"FileServerReadSettings"}},
                  "dataset":{"referenceName":"csv","type":"DatasetReference","parameters":{"host":"@pipeline().parameters.host"}}}}]}""");
        for (String host : List.of(secret.getParent().toString(), "/", "../beside", folder.resolve("allowed/link").toString())) {
            String run = factory.run("p", "{\"host\":\"" + host + "\"}");
            assertThat(factory.awaitEnd(run).path("message").asText()).as(host).contains("allowedFolders").doesNotContain("hidden");
        }
    }

    @Test
    void aStartedTriggerIsLeftAloneUnlessItChanges() throws Exception {
        Path source = folder.resolve("timed");
        write(source.resolve("pipeline/p.json"), "{\"name\":\"p\",\"properties\":{\"activities\":[]}}");
        String trigger = "{\"name\":\"t\",\"properties\":{\"type\":\"ScheduleTrigger\",\"runtimeState\":\"Stopped\",\"typeProperties\":{\"recurrence\":{"
                + "\"frequency\":\"Year\",\"interval\":%d,\"startTime\":\"2200-01-01T00:00:00Z\"}},"
                + "\"pipelines\":[{\"pipelineReference\":{\"referenceName\":\"p\",\"type\":\"PipelineReference\"}}]}}";
        write(source.resolve("trigger/t.json"), trigger.formatted(1));
        var timed = new FactoryRest(up.url(), "timed", "conshelf");
        assertThat(publish(source, "timed").exitCode()).isZero();
        assertThat(timed.send("POST", "/triggers/t/start", "").status()).isEqualTo(200);

        var unchanged = publish(source, "timed");
        assertThat(unchanged.exitCode()).as(unchanged.output()).isZero();
        write(source.resolve("trigger/t.json"), trigger.formatted(2));
        var refused = publish(source, "timed");
        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
        assertThat(refused.output()).contains("the trigger 't' is started", "--restart-triggers");
        var restarted = publish(source, "timed", "--restart-triggers");
        assertThat(restarted.exitCode()).as(restarted.output()).isZero();
        var properties = timed.send("GET", "/triggers/t", "").body().path("properties");
        assertThat(properties.path("runtimeState").asText()).isEqualTo("Started");
        assertThat(properties.path("typeProperties").path("recurrence").path("interval").asInt()).isEqualTo(2);
        assertThat(timed.send("POST", "/triggers/t/stop", "").status()).isEqualTo(200);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Surroundings.Finished publish(Path source, String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of("pipeline", "publish", source.toString(), "--cluster", up.url(), "--as", name));
        arguments.addAll(List.of(more));
        return Surroundings.run(folder, Map.of(), JavaProcess.conshelf(arguments));
    }

    @Test
    void aFolderIsPublishedWholeAndAgain() {
        var published = new FactoryRest(up.url(), "published", "conshelf");
        for (int i = 0; i < 2; i++) {
            var finished = publish(Surroundings.root().resolve("examples/flights"), "published");
            assertThat(finished.exitCode()).as(finished.output()).isZero();
            assertThat(finished.output()).contains("/factories/published");
        }
        for (String kind : List.of("linkedservices", "datasets", "pipelines")) {
            assertThat(published.send("GET", "/" + kind, "").body().path("value")).as(kind).isNotEmpty();
        }
        // The check of a pipeline is the same: only the folder is not one that it may read.
        String run = published.run("LoadFlights", "{\"dataFolder\":\"" + folder.resolve("elsewhere") + "\"}");
        assertThat(Eventually.holds(() -> published.activityRuns(run).toString(), runs -> runs.contains("allowedFolders"))).contains("allowedFolders");
        published.send("POST", "/pipelineruns/" + run + "/cancel", "");
    }

    @Test
    void secureValuesAreMaskedEverywhere() {
        factory.pipeline("inner", """
                {"parameters":{"plain":{"type":"String"}},"activities":[{"name":"F","type":"Fail","typeProperties":{
                 "message":"@pipeline().parameters.plain","errorCode":"1"}}]}""");
        factory.pipeline("p", """
                {"parameters":{"key":{"type":"SecureString"}},"variables":{"v":{"type":"String"}},"runDimensions":{"d":"@pipeline().parameters.key"},"activities":[
                 {"name":"S","type":"SetVariable","policy":{"secureOutput":true},"typeProperties":{"variableName":"v","value":"@pipeline().parameters.key"}},
                 {"name":"E","type":"ExecutePipeline","dependsOn":[{"activity":"S","dependencyConditions":["Succeeded"]}],"typeProperties":{
                  "waitOnCompletion":true,"pipeline":{"referenceName":"inner","type":"PipelineReference"},
                  "parameters":{"plain":"@concat('is ', activity('S').output.value)"}}}]}""");
        String run = factory.run("p", "{\"key\":\"hidden-value\"}");
        assertThat(factory.awaitEnd(run).path("message").asText()).contains("is **********");
        assertThat(factory.activity(run, "S").path("output").isEmpty()).isTrue();
        assertThat(factory.activityRuns(run).toString() + factory.send("POST", "/queryPipelineRuns", FactoryRest.ALL_TIMES).body()).doesNotContain("hidden-value");
        assertThat(factory.ask("POST", "/pipelines/p/createRun", "referencePipelineRunId=" + run + "&api-version=2018-06-01", "").error())
                .contains("secure parameter 'key'");
    }

    @Test
    void aBackupHasRunsAndDefinitions() throws IOException {
        Path own = Files.createDirectory(folder.resolve("backed-up"));
        String run;
        try (UpProcess first = UpProcess.start(own, own.resolve("allowed"), "--data", own.resolve("data").toString())) {
            var lab = new FactoryRest(first.url(), "lab");
            lab.put("", "{\"location\":\"local\"}");
            lab.pipeline("short", "{\"activities\":[" + wait("0") + "]}");
            run = lab.run("short", "{}");
            lab.awaitEnd(run);
            assertThat(program("backup", own.resolve("allowed").resolve("backup").toString(), "--cluster", first.url())).isZero();
        }
        assertThat(program("restore", own.resolve("allowed").resolve("backup").toString(), "--data", own.resolve("restored").toString())).isZero();
        try (UpProcess second = UpProcess.start(own, own.resolve("allowed"), "--data", own.resolve("restored").toString())) {
            var lab = new FactoryRest(second.url(), "lab");
            assertThat(lab.send("GET", "/pipelines/short", "").status()).isEqualTo(200);
            assertThat(lab.status(run)).isEqualTo("Succeeded");
            assertThat(lab.activity(run, "W").path("status").asText()).isEqualTo("Succeeded");
        }
    }

    private static int program(String... arguments) {
        return Surroundings.run(folder, Map.of(), JavaProcess.conshelf(List.of(arguments))).exitCode();
    }

    @Test
    void runsAndDefinitionsOutliveACrash() throws IOException {
        Path own = Files.createDirectory(folder.resolve("crash"));
        String ended;
        String running;
        try (UpProcess first = UpProcess.start(own, own.resolve("allowed"), "--data", own.resolve("data").toString())) {
            var lab = new FactoryRest(first.url(), "lab");
            lab.put("", "{\"location\":\"local\"}");
            lab.pipeline("short", "{\"activities\":[" + wait("0") + "]}");
            lab.pipeline("long", "{\"activities\":[" + wait("600") + "]}");
            ended = lab.run("short", "{}");
            lab.awaitEnd(ended);
            running = lab.run("long", "{}");
            Eventually.holds(() -> lab.activity(running, "W").path("status").asText(), "InProgress"::equals);
            first.kill();
        }
        try (UpProcess second = UpProcess.start(own, own.resolve("allowed"), "--data", own.resolve("data").toString())) {
            var lab = new FactoryRest(second.url(), "lab");
            assertThat(lab.send("GET", "/pipelines", "").body().path("value").findValuesAsText("id")).hasSize(2);
            assertThat(lab.status(ended)).isEqualTo("Succeeded");
            assertThat(lab.activity(ended, "W").path("status").asText()).isEqualTo("Succeeded");
            assertThat(lab.runOf(running).path("status").asText()).isEqualTo("Failed");
            assertThat(lab.runOf(running).path("message").asText()).contains("interrupted");
            assertThat(lab.activity(running, "W").at("/error/errorCode").asText()).isEqualTo("ProcessEnded");
            String stopped = lab.run("long", "{}");
            Eventually.holds(() -> lab.status(stopped), "InProgress"::equals);
            second.stop();
            try (UpProcess third = UpProcess.start(own, own.resolve("allowed"), "--data", own.resolve("data").toString())) {
                assertThat(new FactoryRest(third.url(), "lab").runOf(stopped).path("message").asText()).contains("Conshelf was stopped");
            }
        }
    }
}
