package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.annotation.BodyParam;
import com.azure.core.annotation.Delete;
import com.azure.core.annotation.ExpectedResponses;
import com.azure.core.annotation.Get;
import com.azure.core.annotation.HeaderParam;
import com.azure.core.annotation.Headers;
import com.azure.core.annotation.Host;
import com.azure.core.annotation.HostParam;
import com.azure.core.annotation.Patch;
import com.azure.core.annotation.PathParam;
import com.azure.core.annotation.Post;
import com.azure.core.annotation.Put;
import com.azure.core.annotation.QueryParam;
import com.azure.core.annotation.ServiceInterface;
import com.azure.core.annotation.UnexpectedResponseExceptionType;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.policy.AddHeadersPolicy;
import com.azure.core.http.rest.Response;
import com.azure.core.http.rest.RestProxy;
import com.azure.core.management.exception.ManagementException;
import com.azure.core.management.polling.PollResult;
import com.azure.core.management.polling.PollerFactory;
import com.azure.core.management.serializer.SerializerFactory;
import com.azure.core.util.polling.LongRunningOperationStatus;
import com.azure.core.util.serializer.SerializerAdapter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// What the Java management client for Stream Analytics calls, with the statuses that it takes and its way to wait for operations: through the library that it
/// stands on. The client itself is in no registry that can be reached from here.
class StreamJavaCallsTest {
    private static final String SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
    private static final String VERSION = "2021-10-01-preview";
    private static final String JSON = "application/json";

    @TempDir
    Path folder;

    private UpProcess up;
    private HttpPipeline pipeline;
    private final SerializerAdapter serializer = SerializerFactory.createDefaultManagementSerializerAdapter();
    private Calls calls;

    /// Bodies are JSON of any form: the client's models are not there.
    @Host("{$host}")
    @ServiceInterface(name = "StreamAnalyticsCalls")
    public interface Calls {
        @Headers({"Content-Type: application/json"})
        @Put("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}")
        @ExpectedResponses({200, 201})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> createOrReplace(@HostParam("$host") String host, @HeaderParam("If-Match") String match,
                @HeaderParam("If-None-Match") String noneMatch, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam("job") String job, @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Patch("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> update(@HostParam("$host") String host, @HeaderParam("If-Match") String match, @QueryParam("api-version") String version,
                @PathParam("s") String subscription, @PathParam("g") String group, @PathParam("job") String job, @BodyParam(JSON) Object body,
                @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Get("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> get(@HostParam("$host") String host, @QueryParam("$expand") String expand, @QueryParam("api-version") String version,
                @PathParam("s") String subscription, @PathParam("g") String group, @PathParam("job") String job, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Get("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> list(@HostParam("$host") String host, @QueryParam("$expand") String expand, @QueryParam("api-version") String version,
                @PathParam("s") String subscription, @PathParam("g") String group, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Put("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}/{kind}/{name}")
        @ExpectedResponses({200, 201})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> part(@HostParam("$host") String host, @HeaderParam("If-Match") String match, @HeaderParam("If-None-Match") String noneMatch,
                @QueryParam("api-version") String version, @PathParam("s") String subscription, @PathParam("g") String group, @PathParam("job") String job,
                @PathParam("kind") String kind, @PathParam("name") String name, @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Post("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}/{kind}/{name}/test")
        @ExpectedResponses({200, 202})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> test(@HostParam("$host") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam("job") String job, @PathParam("kind") String kind, @PathParam("name") String name,
                @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Post("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}/{verb}")
        @ExpectedResponses({200, 202})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> begin(@HostParam("$host") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam("job") String job, @PathParam("verb") String verb, @BodyParam(JSON) Object body,
                @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Delete("/subscriptions/{s}/resourcegroups/{g}/providers/Microsoft.StreamAnalytics/streamingjobs/{job}")
        @ExpectedResponses({200, 202, 204})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> delete(@HostParam("$host") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam("job") String job, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Get("/subscriptions/{s}/providers/Microsoft.StreamAnalytics/locations/{location}/quotas")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> quotas(@HostParam("$host") String host, @PathParam("location") String location, @QueryParam("api-version") String version,
                @PathParam("s") String subscription, @HeaderParam("Accept") String accept);
    }

    @BeforeEach
    void start() throws IOException {
        up = UpProcess.start(folder, folder, "--database", "Lab");
        Rest.command(up.url(), "Lab", ".create table FromJava (Room:string, Celsius:real)");
        pipeline = new HttpPipelineBuilder().policies(new AddHeadersPolicy(new HttpHeaders().set(HttpHeaderName.AUTHORIZATION, "Bearer any"))).build();
        calls = RestProxy.create(Calls.class, pipeline, serializer);
    }

    @AfterEach
    void stop() {
        up.close();
    }

    /// As the client waits for what an operation gives.
    private Object awaited(Mono<Response<Flux<ByteBuffer>>> begun) {
        var poller = PollerFactory.<Object, Object>create(serializer, pipeline, Object.class, Object.class, Duration.ofMillis(50), begun).getSyncPoller();
        LongRunningOperationStatus status = poller.waitForCompletion().getStatus();
        PollResult.Error error = poller.poll().getValue().getError();
        assertThat(status).as("%s", error == null ? "" : error.getMessage()).isEqualTo(LongRunningOperationStatus.SUCCESSFULLY_COMPLETED);
        return poller.getFinalResult();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> properties(Object resource) {
        return (Map<String, Object>) ((Map<String, Object>) resource).get("properties");
    }

    @Test
    void aJobIsMadeStartedStoppedAndDeletedByTheCallsOfTheJavaClient() throws Exception {
        Object job = Map.of("location", "eastus", "tags", Map.of("a", "b"), "properties", Map.of("sku", Map.of("name", "Standard"), "eventsOutOfOrderPolicy", "Drop",
                "outputErrorPolicy", "Drop", "eventsOutOfOrderMaxDelayInSeconds", 5, "eventsLateArrivalMaxDelayInSeconds", 5, "dataLocale", "en-US",
                "compatibilityLevel", "1.2", "functions", java.util.List.of()));
        Object made = awaited(calls.createOrReplace(up.url(), null, "*", VERSION, SUBSCRIPTION, "lab", "java", job, JSON));
        assertThat(properties(made)).containsEntry("jobState", "Created").containsEntry("provisioningState", "Succeeded");
        assertThatThrownBy(() -> calls.createOrReplace(up.url(), null, "*", VERSION, SUBSCRIPTION, "lab", "java", job, JSON).block())
                .isInstanceOfSatisfying(ManagementException.class, refused -> assertThat(refused.getResponse().getStatusCode()).isEqualTo(412));

        part("inputs", "in", Map.of("type", "Stream", "datasource", Map.of("type", "Raw", "properties", Map.of("payload",
                "{\"room\": \"kitchen\", \"celsius\": 21.5}\n{\"room\": \"cellar\", \"celsius\": 12}")), "serialization", Map.of("type", "Json", "properties",
                Map.of("encoding", "UTF8"))));
        part("outputs", "out", Map.of("datasource", Map.of("type", "Microsoft.Kusto/clusters/databases", "properties", Map.of("cluster",
                "https://lab.westeurope.kusto.windows.net", "database", "Lab", "table", "FromJava", "authenticationMode", "Msi"))));
        part("transformations", "query", Map.of("streamingUnits", 1, "query", "SELECT room AS Room, CAST(celsius AS float) AS Celsius INTO out FROM [in]"));
        assertThat(awaited(calls.test(up.url(), VERSION, SUBSCRIPTION, "lab", "java", "outputs", "out", null, JSON)).toString()).contains("TestSucceeded");
        assertThat(properties(calls.update(up.url(), null, VERSION, SUBSCRIPTION, "lab", "java", Map.of("properties", Map.of("outputErrorPolicy", "Stop")), JSON).block()
                .getValue())).containsEntry("outputErrorPolicy", "Stop");
        assertThat(calls.list(up.url(), null, VERSION, SUBSCRIPTION, "lab", JSON).block().getValue().toString()).contains("name=java");
        assertThat(calls.quotas(up.url(), "eastus", VERSION, SUBSCRIPTION, JSON).block().getValue().toString()).contains("quotas");

        awaited(calls.begin(up.url(), VERSION, SUBSCRIPTION, "lab", "java", "start",
                Map.of("outputStartMode", "CustomTime", "outputStartTime", "2000-01-01T00:00:00Z"), JSON));
        Eventually.holds(() -> properties(calls.get(up.url(), "inputs,outputs", VERSION, SUBSCRIPTION, "lab", "java", JSON).block().getValue()).get("jobState"),
                "Stopped"::equals);
        Eventually.holds(() -> Rest.query(up.url(), "Lab", "FromJava | summarize strcat_array(array_sort_asc(make_list(Room)), ' ')").toString(),
                answer -> answer.contains("cellar kitchen"));
        awaited(calls.begin(up.url(), VERSION, SUBSCRIPTION, "lab", "java", "stop", null, JSON));
        awaited(calls.delete(up.url(), VERSION, SUBSCRIPTION, "lab", "java", JSON));
        assertThatThrownBy(() -> calls.get(up.url(), null, VERSION, SUBSCRIPTION, "lab", "java", JSON).block())
                .isInstanceOfSatisfying(ManagementException.class, gone -> {
                    assertThat(gone.getResponse().getStatusCode()).isEqualTo(404);
                    assertThat(gone.getValue().getCode()).isEqualTo("ResourceNotFound");
                });
    }

    private void part(String kind, String name, Map<String, Object> properties) {
        Object made = calls.part(up.url(), null, null, VERSION, SUBSCRIPTION, "lab", "java", kind, name, Map.of("properties", properties), JSON).block().getValue();
        assertThat(properties(made)).containsKey("etag");
    }
}
