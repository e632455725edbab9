package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Data Processor as a service: answers the management interface of `Microsoft.IoTOperationsDataProcessor` and runs the pipelines that are enabled.
public final class ProcessorService implements AutoCloseable {
    private static final String API_VERSION = "2023-10-04-preview";

    private final Operations operations = new Operations(ResourceId.PROVIDER);
    private final PipelineRuns runs;
    private final ProcessorResources resources;

    private ProcessorService(ServiceStore store, InstantSource clock) {
        ResourceTable<StoredResource> table = new ResourceTable<>(store, "resources", StoredResource::of);
        this.runs = new PipelineRuns(table, operations, clock);
        this.resources = new ProcessorResources(table, runs, operations, clock);
    }

    /// Reads what is stored. Nothing runs before [#started].
    public static ProcessorService open(ServiceStore store, InstantSource clock) {
        return new ProcessorService(store, clock);
    }

    /// Pipelines may start from now on; those that an earlier process left running go on.
    public void started(PipelineLauncher launcher) {
        runs.started(launcher);
    }

    /// Whether a request is for this service.
    public static boolean answers(String rawPath) {
        return Address.isOurs(rawPath);
    }

    public ManagementAnswer answer(ManagementRequest request) {
        try {
            Address address = Address.of(request.method(), request.rawPath());
            String version = request.parameter("api-version").orElseThrow(Refusal::noApiVersion);
            if (!version.equals(API_VERSION)) {
                throw Refusal.apiVersion(version, API_VERSION);
            }
            return switch (address) {
                case Address.OperationNames _ -> request.on(Map.of("GET", () -> ManagementAnswer.ok(operationNames())));
                case Address.Instances(String subscription, String group) -> request.on(Map.of("GET", () -> resources.list(request, id ->
                        id.kind() == Kind.INSTANCE && id.subscription().equalsIgnoreCase(subscription) && (group.isEmpty() || id.resourceGroup().equalsIgnoreCase(group)))));
                case Address.Operation(String subscription, String kind, String id) -> request.on(Map.of("GET", () ->
                        kind.equals("operationstatuses") ? operations.status(request, id) : operations.answer(request, subscription, id)));
                case Address.Inside(ResourceId instance, Kind kind) -> request.on(Map.of("GET", () -> resources.list(request, instance, kind)));
                case Address.One(ResourceId id) -> request.on(Map.of("PUT", () -> resources.put(request, id), "PATCH", () -> resources.patch(request, id),
                        "GET", () -> resources.get(request, id), "DELETE", () -> resources.delete(request, id),
                        "HEAD", () -> ManagementAnswer.empty(resources.isThere(id) ? 204 : 404)));
                case Address.Status(ResourceId id) -> request.on(Map.of("GET", () ->
                        ManagementAnswer.ok(PipelineStatus.of(resources.require(id), runs))));
            };
        } catch (Refusal refusal) {
            return refusal.answer();
        }
    }

    /// What the pipelines at work have done, in the text format of Prometheus.
    public String metrics() {
        return runs.metrics();
    }

    private static ObjectNode operationNames() {
        ObjectNode list = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = list.putArray("value");
        for (Kind kind : Kind.values()) {
            for (String verb : List.of("read", "write", "delete")) {
                value.addObject().put("name", kind.type() + "/" + verb).put("isDataAction", false).putObject("display").put("provider", "Data Processor")
                        .put("resource", kind.segment()).put("operation", verb).put("description", verb + " " + kind.segment());
            }
        }
        return list;
    }

    /// Ends what runs; it goes on when the service is opened again.
    @Override
    public void close() {
        runs.close();
    }
}
