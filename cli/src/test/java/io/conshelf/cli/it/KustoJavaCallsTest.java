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
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// What the Java management client for Azure Data Explorer calls, with the statuses that it takes and its way to wait for operations: through the library that it
/// stands on. The client itself is in no registry that can be reached from here.
class KustoJavaCallsTest {
    private static final String SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
    private static final String VERSION = "2024-04-13";
    private static final String JSON = "application/json";
    private static final String PROVIDER = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Kusto/";

    private Server server;
    private String url;
    private HttpPipeline pipeline;
    private final SerializerAdapter serializer = SerializerFactory.createDefaultManagementSerializerAdapter();
    private Calls calls;

    /// Bodies are JSON of any form: the client's models are not there.
    @Host("{endpoint}")
    @ServiceInterface(name = "KustoCalls")
    public interface Calls {
        @Headers({"Content-Type: application/json"})
        @Put(PROVIDER + "{path}")
        @ExpectedResponses({200, 201, 202})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> put(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam(value = "path", encoded = true) String path, @HeaderParam("If-None-Match") String noneMatch,
                @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Patch(PROVIDER + "{path}")
        @ExpectedResponses({200, 201, 202})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> patch(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam(value = "path", encoded = true) String path, @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Accept: application/json;q=0.9", "Content-Type: application/json"})
        @Delete(PROVIDER + "{path}")
        @ExpectedResponses({200, 202, 204})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Flux<ByteBuffer>>> delete(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam(value = "path", encoded = true) String path);

        @Headers({"Content-Type: application/json"})
        @Get(PROVIDER + "{path}")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> get(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam(value = "path", encoded = true) String path, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Post(PROVIDER + "{path}")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> post(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("g") String group, @PathParam(value = "path", encoded = true) String path, @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Post("/subscriptions/{s}/providers/Microsoft.Kusto/locations/{location}/checkNameAvailability")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> isFree(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @PathParam("s") String subscription,
                @PathParam("location") String location, @BodyParam(JSON) Object body, @HeaderParam("Accept") String accept);

        @Headers({"Content-Type: application/json"})
        @Get("/providers/Microsoft.Kusto/operations")
        @ExpectedResponses({200})
        @UnexpectedResponseExceptionType(ManagementException.class)
        Mono<Response<Object>> operations(@HostParam("endpoint") String host, @QueryParam("api-version") String version, @HeaderParam("Accept") String accept);
    }

    @BeforeEach
    void start() {
        server = Server.start(ServerConfig.local());
        url = "http://localhost:" + server.port();
        pipeline = new HttpPipelineBuilder().policies(new AddHeadersPolicy(new HttpHeaders().set(HttpHeaderName.AUTHORIZATION, "Bearer any"))).build();
        calls = RestProxy.create(Calls.class, pipeline, serializer);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// As the client waits for what an operation gives.
    private Object awaited(Mono<Response<Flux<ByteBuffer>>> begun) {
        var poller = PollerFactory.<Object, Object>create(serializer, pipeline, Object.class, Object.class, Duration.ofMillis(20), begun).getSyncPoller();
        LongRunningOperationStatus status = poller.waitForCompletion().getStatus();
        PollResult.Error error = poller.poll().getValue().getError();
        assertThat(status).as("%s", error == null ? "" : error.getMessage()).isEqualTo(LongRunningOperationStatus.SUCCESSFULLY_COMPLETED);
        return poller.getFinalResult();
    }

    private Object made(String path, Object body) {
        return awaited(calls.put(url, VERSION, SUBSCRIPTION, "lab", path, null, body, JSON));
    }

    private Object changed(String path, Object body) {
        return awaited(calls.patch(url, VERSION, SUBSCRIPTION, "lab", path, body, JSON));
    }

    private Object found(String path) {
        return calls.get(url, VERSION, SUBSCRIPTION, "lab", path, JSON).block().getValue();
    }

    private void deleted(String path) {
        awaited(calls.delete(url, VERSION, SUBSCRIPTION, "lab", path));
        assertThatThrownBy(() -> found(path)).isInstanceOfSatisfying(ManagementException.class, gone -> {
            assertThat(gone.getResponse().getStatusCode()).isEqualTo(404);
            assertThat(gone.getValue().getCode()).isEqualTo("ResourceNotFound");
        });
    }

    private Object free(String path, String name, String type) {
        return calls.post(url, VERSION, SUBSCRIPTION, "lab", path, Map.of("name", name, "type", type), JSON).block().getValue();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> properties(Object resource) {
        return (Map<String, Object>) ((Map<String, Object>) resource).get("properties");
    }

    @Test
    void aClusterItsDatabasesRolesAndConnectionsAreManagedByTheCallsOfTheJavaClient() {
        assertThat(calls.operations(url, VERSION, JSON).block().getValue().toString()).contains("Microsoft.Kusto/Clusters/write");
        Object name = Map.of("name", "javalab", "type", "Microsoft.Kusto/clusters");
        assertThat(calls.isFree(url, VERSION, SUBSCRIPTION, "eastus", name, JSON).block().getValue().toString()).contains("nameAvailable=true");

        Object stated = Map.of("location", "eastus", "sku", Map.of("name", "Standard_E2ads_v5", "capacity", 2, "tier", "Standard"),
                "properties", Map.of("enableStreamingIngest", true));
        assertThat(properties(made("clusters/javalab", stated))).containsEntry("provisioningState", "Succeeded").containsEntry("state", "Running").containsEntry("uri", url);
        assertThatThrownBy(() -> calls.put(url, VERSION, SUBSCRIPTION, "lab", "clusters/javalab", "*", stated, JSON).block())
                .isInstanceOfSatisfying(ManagementException.class, refused -> assertThat(refused.getResponse().getStatusCode()).isEqualTo(412));
        assertThat(calls.isFree(url, VERSION, SUBSCRIPTION, "eastus", name, JSON).block().getValue().toString()).contains("AlreadyExists");
        assertThat(properties(changed("clusters/javalab", Map.of("properties", Map.of("enableStreamingIngest", false))))).containsEntry("enableStreamingIngest", false);
        assertThat(properties(found("clusters/javalab"))).containsEntry("enableStreamingIngest", false);
        assertThat(properties(changed("clusters/javalab", Map.of("properties", Map.of("enableStreamingIngest", true))))).containsEntry("enableStreamingIngest", true);
        assertThat(found("clusters").toString()).contains("name=javalab");

        String database = "clusters/javalab/databases/FromJava";
        assertThat(free("clusters/javalab/checkNameAvailability", "FromJava", "Microsoft.Kusto/clusters/databases").toString()).contains("nameAvailable=true");
        assertThat(properties(made(database, Map.of("location", "eastus", "kind", "ReadWrite", "properties", Map.of("softDeletePeriod", "P31D")))))
                .containsEntry("softDeletePeriod", "P31D");
        assertThat(properties(changed(database, Map.of("kind", "ReadWrite", "properties", Map.of("softDeletePeriod", "P3D"))))).containsEntry("softDeletePeriod", "P3D");
        assertThat(found("clusters/javalab/databases").toString()).contains("javalab/FromJava");

        Object reader = Map.of("properties", Map.of("principalId", "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e", "principalType", "App", "role", "Viewer", "tenantId", "contoso.com"));
        assertThat(properties(made(database + "/principalAssignments/reader", reader))).containsEntry("role", "Viewer");
        assertThat(free(database + "/checkPrincipalAssignmentNameAvailability", "reader", "Microsoft.Kusto/clusters/databases/principalAssignments").toString())
                .contains("AlreadyExists");
        deleted(database + "/principalAssignments/reader");

        Object hub = Map.of("kind", "EventHub", "location", "eastus", "properties", Map.of("eventHubResourceId", "/subscriptions/s/x", "consumerGroup", "$Default"));
        assertThat(properties(made(database + "/dataConnections/hub", hub))).containsEntry("consumerGroup", "$Default");
        assertThat(found(database + "/dataConnections").toString()).contains("hub");
        deleted(database + "/dataConnections/hub");
        deleted(database);
        deleted("clusters/javalab");
    }
}
